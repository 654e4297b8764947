// The C++ file in the making: what is known of it by all printers, and its sections in the order in which they stand.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/codegen/emit.h"
#include "compiler/codegen/host.h"
#include "compiler/codegen/text.h"
#include "compiler/plan/passes.h"

namespace gress::codegen {

using dsl::Kind;
using dsl::Type;
using dsl::checked::ExprPtr;

struct Unit {
  const plan::Plan& plan;
  const dsl::checked::Program& program;
  const dsl::SourceManager& sources;
  const EmitOptions& options;

  // sections
  Printer types;        // enums and records of the program
  Printer globals;      // regular expressions, time formats
  Printer functions;    // the program's functions and aggregates
  Printer rows;         // row types of flows, schemas of sources and tables
  Printer specs;        // what operators are instantiated with (declarations)
  Printer decoders;     // of sources and tables (declarations), and
  Printer decoding;     // their definitions, which a part of its own may hold
  Printer members{1};    // inside struct Pipeline
  Printer methods{1};    // inside struct Pipeline
  Printer failures{1};    // inside it too: cold methods that routes of failing rows need
  Printer definitions;  // after struct Pipeline

  /// Rows are given, by tests or a host program, and not read.
  bool given() const { return options.tests || host.has_value(); }

  /// The namespace of the program. In a library nothing in it is known to the linker: there may be others in the host.
  std::string_view opening() const { return host ? "namespace gress { namespace { namespace program {" : "namespace gress::program {"; }
  std::string_view closing() const { return host ? "}}}  // namespace gress::program" : "}  // namespace gress::program"; }

  /// Of what expressions read without being handed it.
  std::string_view storage() const { return host ? "thread_local" : "inline"; }

  // names
  std::map<std::string, std::string> records;       // shape key → struct
  std::map<const Type*, std::string> enums;
  Names type_names;                                  // structs and enums at namespace scope
  Names global_names;
  std::map<std::string, std::string> regexes;        // pattern → global
  std::map<std::string, std::string> time_formats;   // pattern → global
  std::map<std::string, std::string> zones;          // zone expression → global
  std::vector<std::string> flow_names;               // by flow: base identifier
  std::vector<std::string> node_names;               // by node
  std::vector<std::string> function_names, aggregate_names;
  std::map<std::string, std::string> time_parsers;   // pattern → function
  std::map<std::string, std::string> schemas;        // of records read whole
  std::set<plan::FlowId> failing_flows;              // with a fail_NAME method
  /// A table that is read again: its timer, and what then has to be done.
  struct Refresh {
    std::string timer;
    std::vector<std::string> statements;
  };
  std::vector<Refresh> refreshes;
  std::vector<std::string> loads;                    // statements that read tables
  std::vector<std::string> starts;                   // statements before the first row, behind those
  /// What is saved in checkpoints (sections.cpp).
  struct Section {
    plan::NodeId node;
    std::string name, suffix, member;  // suffix: of several of a node
  };
  std::vector<Section> sections;
  /// What joins keep of rows: left or right, its struct, its form.
  struct Kept {
    std::string role, in_code, form;
  };
  std::map<plan::NodeId, std::vector<Kept>> kept;
  std::vector<std::string> open;                     // statements that count what an early end drops
  struct ExchangeAt {
    plan::NodeId node;
    std::size_t input;
    std::string name;                                // its member
    bool of_failures;                                // rows of `invalid:` or `errors:` reach it
  };
  std::vector<ExchangeAt> exchanges;                 // by level: what one sends never comes to an earlier one
  std::set<std::uint32_t> expected;                  // streams that tests look at
  std::map<const dsl::checked::Stage*, std::string> join_indexes;
  /// Places whose coverage by tests is asked for (coverage.cpp).
  struct Point {
    int line, column;
    std::string stream, what;
  };
  std::vector<Point> points;
  bool durable = false;                              // the program says `checkpoint`
  bool beyond_memory = false;                        // the program says `state_memory`
  bool pages = false;                                // pages of some of its state go to disk
  int cold_tables = 0;                               // of it
  bool for_workers = false;                          // the program says `parallelism`, and not 1
  bool covering = false;                             // what is printed now belongs to the program, not to its tests
  std::optional<Host> host;                          // of a program that is built as a library
  std::set<plan::NodeId> rejecting_sinks;            // with a reject_NAME method

  Unit(const plan::Plan& p, const dsl::SourceManager& s, const EmitOptions& o);

  /// A member of struct Pipeline that holds state of the node; `suffix`: of several.
  void section(plan::NodeId id, const std::string& member, const std::string& suffix = "");
  const plan::Flow& flow(plan::FlowId id) const { return plan.flows[id]; }
  /// `name:line` of a range, without folders, for messages of the running program.
  std::string where(dsl::Range r) const {
    const std::string full = sources.where(r);
    return full.substr(full.find_last_of('/') + 1);
  }
  /// `#line` to where a range begins.
  void say_line(Printer& p, dsl::Range r) const {
    const std::string& name = sources.file(r.file).name();
    p.line_directive(sources.position(r).line, name.substr(name.find_last_of('/') + 1));
  }
  const std::string& source_name(std::uint32_t source) const;   // of the source's node
  /// The flow of a checked stream, none if it is not computed.
  plan::FlowId flow_of_stream(std::uint32_t stream) const;
  /// Index of the table that a join stage looks in.
  const std::string& join_index(const dsl::checked::Stage& s) const { return join_indexes.at(&s); }
  std::string row_type(plan::FlowId id) const { return flow_names[id] + "_row"; }
  std::string table_row(std::size_t table) const { return "row_of_table_" + program.tables[table].name; }
  /// Block that an operator takes: its flow's, or a copy that carries the clock's time.
  std::string in_block(plan::NodeId id) const;
  bool by_clock(plan::NodeId id) const;
  /// Whether rows of an operator's input come through an exchange when there are several workers.
  bool exchanged(plan::NodeId id, std::size_t input) const;
  /// Whether several workers may share a file of the source.
  bool in_pieces(plan::NodeId id) const { return for_workers && !exchanges.empty() && plan.nodes[id].in_pieces; }
  /// `NODE`, of joins `NODE_left`, `NODE_right`.
  std::string input_name(plan::NodeId id, std::size_t input) const;
  /// Whether its rows stand where a decoder put them.
  bool borrows_rows(const plan::Flow& flow) const {
    return flow.producer != plan::kNone && plan.nodes[flow.producer].kind == plan::NodeKind::source &&
           program.sources[plan.nodes[flow.producer].source].changes == dsl::checked::ChangesKind::none;
  }
  std::string block_type(plan::FlowId id) const { return flow_names[id] + "_block"; }
  /// What numbers a column of the flow's rows.
  std::string texts_of(plan::FlowId id) const { return flow_names[id] + "_texts"; }
};

// types_cpp.cpp
/// C++ type of a value read whole.
std::string cpp_type(Unit&, const Type*);
/// Of a column that holds numbers of texts.
const Type* number_type();
/// Prints the struct of a row type: its columns as far as they are used. Records of which only members are read get a
/// struct of their own, `NAME_column`.
void print_row_struct(Unit&, Printer&, const std::string& name, const dsl::checked::Row&, const plan::Uses&);
/// C++ type of such a column.
std::string column_type(Unit&, const std::string& row_struct, const dsl::checked::Column&, const plan::Use&);
/// Expression that gives a column of that type from a C++ expression of at least its members.
std::string convert_column(Unit&, const std::string& row_struct, const dsl::checked::Column&, const plan::Use&,
                           const std::string& from);
/// `static constexpr auto members = Members<…>{};` for a struct.
std::string members_line(const std::string& name, const std::vector<std::string>& members);
/// Whether values of the type hold no memory of their own beyond themselves (no text, lists, maps).
bool is_flat(const Type*);

// sections.cpp: nothing without `checkpoint`
/// `archive(io)` of a struct of state; of the aggregates of a stage, which come and go.
void print_archive(const Unit&, Printer&, const std::vector<std::string>& members, bool aggregates = false);
/// By what name a struct of rows is known to what makes rows of another version of the program fit it.
void print_role(const Unit&, Printer&, const std::string& name);
void print_sections(const Unit&, Printer&);

// print_row.cpp: a row as text
/// Statements that print the members of `row` (used columns of a row struct) as one JSON object into `Out& out`.
/// `wires`: the columns' wire names instead of their own. `first`: text that goes before the first member.
void print_json_row(Unit&, Printer&, const dsl::checked::Row&, const plan::Uses&, const std::string& row, bool wires,
                    const std::string& first = "");
void print_csv_row(Unit&, Printer&, const dsl::checked::Row&, const std::string& row, const std::string& first = "");

// coverage.cpp: what `gressc test --coverage` counts; nothing without it
/// `cover(7)`, a point of its own; empty when nothing is counted.
std::string cover(Unit&, dsl::Range, const std::string& stream, const std::string& what);
/// The value of a branch, which notes that it was taken.
std::string cover_branch(Unit&, dsl::Range, const std::string& what, const std::string& value);
/// At the head of a flow's method: what a row that comes by says of the node it comes from.
void cover_flow(Unit&, plan::FlowId);
void print_late_coverage(Unit&, Printer&);
std::string coverage_text(Unit&);

// route.cpp: where rows that fail go
/// A statement that routes row `i` of block `in` of the flow, with why it failed in `ev`, and clears the failure.
/// `attached`: the row is still its source's record, if the flow is.
std::string fail_statement(Unit&, plan::FlowId in, const std::string& block, const std::string& i, dsl::Range where,
                           bool attached, const std::string& stream);
/// The same of row i of `in` that a sink's target has refused, why says `ev`.
std::string reject_statement(Unit&, plan::NodeId sink);
/// "stream `x`, file.gress:28"
std::string place(Unit&, const std::string& stream, dsl::Range where);
void emit_routes(Unit&);
void emit_declared_flow(Unit&, plan::FlowId);

// emit_*.cpp, one a kind of node
void emit_functions(Unit&);
void emit_flow(Unit&, plan::FlowId);
void emit_source(Unit&, plan::NodeId);
void emit_union_source(Unit&, plan::NodeId);
void emit_changelog_source(Unit&, plan::NodeId);
/// Struct of the rows of a case that nobody reads: the columns of its time.
std::string unread_row(const Unit&, std::uint32_t source, std::size_t which);
void emit_chain(Unit&, plan::NodeId);
/// Before an operator that goes by processing time: rows get the clock's time.
void emit_clock(Unit&, plan::NodeId);
/// Methods enter_INPUT(block) and advance_INPUT(t) of each input of an operator.
void emit_entries(Unit&, plan::NodeId);

// emit_exchange.cpp
/// Fills Unit::exchanges; before anything is printed.
void find_exchanges(Unit&);
void emit_exchanges(Unit&, plan::NodeId);
void print_shared(const Unit&, Printer&);
void print_receive(const Unit&, Printer&);
void emit_merge(Unit&, plan::NodeId);
void emit_window(Unit&, plan::NodeId);
void emit_distinct(Unit&, plan::NodeId);
void emit_scan(Unit&, plan::NodeId);
void emit_rolling(Unit&, plan::NodeId);
void emit_interval_join(Unit&, plan::NodeId);
void emit_window_join(Unit&, plan::NodeId);
void emit_retained_join(Unit&, plan::NodeId);
void emit_as_of_join(Unit&, plan::NodeId);
void emit_retime(Unit&, plan::NodeId);
/// Whether rows of the source get another time by a `time` stage; that must be told when a partition ends.
bool is_retimed(const Unit&, std::uint32_t source);
/// Defines the source's SPEC::partitions_changed then.
void print_partitions_changed(Unit&, std::uint32_t source, const std::string& spec);
void emit_in_order(Unit&, plan::NodeId);
void emit_changes(Unit&, plan::NodeId);
void emit_features(Unit&, plan::NodeId);
void emit_sink(Unit&, plan::NodeId);
void emit_tables(Unit&);
/// Methods that keep the rows of streams which tests look at.
void emit_collectors(Unit&);
void emit_tests(Unit&);
std::string test_main(Unit&);

}  // namespace gress::codegen
