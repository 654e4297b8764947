// The dataflow plan: what runs, over which columns. A flat list of nodes in an order in which producers come before
// consumers, joined by flows. A flow is a place where rows stand in blocks (small enough for L1); stateless stages
// between two flows are fused into one chain node; a stateful operator, a source and a sink are nodes of their own.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/check/checked.h"

namespace gress::plan {

using NodeId = std::uint32_t;
using FlowId = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;

enum class NodeKind : std::uint8_t {
#define GRESS_NODE(id, name, doc) id,
#include "compiler/plan/nodes.def"
#undef GRESS_NODE
};
const char* name(NodeKind);

/// What is read of a value: all of it, or only some members of a record. Nothing is read of an unmentioned one.
struct Use {
  bool whole = false;
  bool present = false;              // of T?: only whether it is there
  std::map<std::uint32_t, Use> members;  // of a list, within a chain: elements that are read by a written index

  bool any() const { return whole || present || !members.empty(); }
  void add(const Use&);
};
/// By column of a row.
using Uses = std::vector<Use>;

/// What each row of a flow carries beside its columns; only what a consumer needs is kept and computed.
struct Meta {
  bool time = false;       // event time
  bool watermark = false;  // of the row's own partition, just before it
  bool position = false;   // partition and offset, for ties
  bool record = false;     // index of the source's record in the current block, for invalid rows
  bool op = false;         // rows of an upsert stream: insert or retract
  bool pair = false;       // of a join that keeps its rows for ever: the numbers of the two that a row was made of
};

/// Which worker a row of a flow is at.
struct Spread {
  enum class How : std::uint8_t {
    anywhere,  // its source's partition, or piece of one, decides
    by_key,    // the owner of its key
    one,       // worker 0
    first,     // worker 0 for the sake of an ordered sink: what others make of them need not be there
  };
  How how = How::anywhere;
  std::vector<std::uint32_t> columns;  // by_key: the key, in this order
};

/// How the rows of an input come to the worker that has their state.
enum class Routing : std::uint8_t {
  stay,    // they are there
  by_key,  // exchanged, to the owner of the operator's key
  to_one,  // exchanged, to worker 0
};

/// Whether rows that are exchanged are added up by key and pane before.
enum class Combining : std::uint8_t {
  no,
  always,
  sampled,  // where it turns out that enough rows come to a key
};

/// Of which side of a join a row is asked, before it is kept, whether it may come in sight in the `top` that reads it.
enum class Contest : std::uint8_t { none, left, right };

/// A stage of a checked stream.
struct Step {
  std::uint32_t stream, stage;
};

/// A column of text that hangs on the row of a lookup table alone: rows carry the number that the table gave the text.
struct Numbered {
  std::uint32_t column;
  Step join, made;             // of the chain that makes the rows
  dsl::checked::ExprPtr text;  // over the input of `made`
};

struct Flow {
  std::string name;                  // identifier in generated code, from the program's names
  dsl::checked::Row row;             // all columns, as checked
  Uses uses;                         // by column: what its consumers read
  Meta meta;
  bool upsert = false;
  Spread spread;
  bool old_rows = false;             // upsert: some consumer needs the old row of an update, not only the new one
  bool has_time = false;             // the stream has event time
  std::uint32_t source = kNone;      // rows are still records of this source (before any keyed stage or merge)
  std::vector<std::uint32_t> streams;  // checked streams whose result this is
  std::optional<Numbered> numbered;
  NodeId producer = kNone;
  std::vector<NodeId> consumers;
};

struct Node {
  NodeKind kind;
  std::string name;                  // identifier in generated code
  std::vector<FlowId> in;            // one; several for merge; left and right for joins (one flow twice for a self-join)
  FlowId out = kNone;                // none for sinks
  std::vector<FlowId> cases;         // source of a union, instead of `out`: by case, kNone where nobody reads it
  Contest contest = Contest::none;   // join
  bool interleaved = false;          // rows of two cases reach one operator: they go on in the order of the records
  FlowId late = kNone;               // route of late rows, when declared
  FlowId late_right = kNone;         // of a join
  std::uint32_t stream = kNone;      // checked stream the node belongs to
  std::vector<Step> steps;           // chain: its stages in order; operators: the one stage
  std::vector<Uses> after;           // chain: what is read of the row after each step
  std::vector<Routing> routing;      // operators: by input
  Combining combining = Combining::no;
  Spread at;                         // keyed operators: by which of its columns a state is where it is; anywhere: by its key
  bool in_pieces = false;            // source: its bytes are records one behind the other, and all that its rows meet before
                                     // exchanges has no state, so that any worker may take any piece of a file
  std::uint32_t ordered_for = kNone; // sink whose rows' order keeps the node at worker 0
  std::uint32_t source = kNone, sink = kNone;
  std::vector<std::string> notes;    // decisions worth showing: "2 of 5 columns read", "slices of 1h shared by 6 windows"
};

/// Rows of several workers, which the exchange before an operator puts into the order that they had at an earlier one.
struct Reordering {
  NodeId from, at;             // the operators behind the two
  std::vector<FlowId> over;    // flows from the one to the other, the inputs of both among them
};

struct Plan {
  const dsl::checked::Program* program = nullptr;
  std::vector<Flow> flows;
  std::vector<Node> nodes;
  std::vector<Uses> tables;          // by table: what joins read of its rows
  std::vector<Reordering> reorderings;
  /// Where rows of an operator's input are put in order; null: nowhere.
  const Reordering* reordered(NodeId at) const;
  const dsl::checked::Stage& stage(Step s) const { return program->streams[s.stream].stages[s.stage]; }
};

/// What a plan is made for beside the sinks.
struct PlanOptions {
  /// Streams (indices of checked streams) that are computed although no sink reads them: for taps and tests.
  std::vector<std::uint32_t> also;
  /// Sources get their rows from tests: times are computed from them whatever the connector.
  bool rows_given = false;
};
Plan make_plan(const dsl::checked::Program&, const PlanOptions& options = {});

enum class PrintFormat : std::uint8_t { text, json, dot, mermaid };
/// What the program says of its workers, `auto` being the word; null when it is compiled for one: it does not say, or says 1.
const dsl::checked::OptionValue* parallelism(const dsl::checked::Program&);
/// Columns of the row that say where a row of the sink goes, where that is by row; without the bounds of a window.
std::vector<std::uint32_t> where_columns(const dsl::checked::Program&, const dsl::checked::Sink&);
/// The first worker reads all partitions of the source, if there are several.
bool at_first(const Plan&, const Node& source);
/// Microseconds between two checkpoints; 0: none are taken.
std::int64_t checkpoint_interval(const dsl::checked::Program&);
/// Bytes that state may take; 0: what it needs.
std::int64_t state_memory(const dsl::checked::Program&);
/// Whether entries of the node's state go to disk when they are too many.
bool goes_beyond_memory(const Plan&, const Node&);
/// Whether the program bounds its state and the node keeps some that is not in such entries: pages of it do then.
bool goes_by_pages(const Plan&, const Node&);
/// Where they go; empty: not said.
std::string checkpoint_dir(const dsl::checked::Program&);
/// Whether the sink's rows are committed together with the checkpoint that they belong to.
bool in_transactions(const dsl::checked::Program&, const dsl::checked::Sink&);
/// What holds of the rows of a sink when the program ends in any way and is started again.
struct Delivery {
  std::string guarantee;  // exactly_once, at_least_once or none
  std::string why;
};
Delivery delivery(const Plan&, NodeId sink);
/// As running programs speak of an operator or a chain: "visits: filter, select".
std::string title(const Plan&, const Node&);
std::string print(const Plan&, const dsl::SourceManager&, PrintFormat);

}  // namespace gress::plan
