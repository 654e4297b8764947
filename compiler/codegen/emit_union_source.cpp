// A source of several row types: a struct a case, and a spec over all of them (runtime/core/union_blocks.h). Cases that
// nobody reads are there with the columns that their time is made of.
#include <algorithm>

#include "compiler/codegen/connector.h"
#include "compiler/codegen/expr.h"
#include "compiler/codegen/schema.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

struct Case {
  const SourceCase& of;
  plan::FlowId flow;  // kNone: nobody reads it
  std::string name;   // of its struct
  std::string row, block;
};

std::string texts(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& text : list) out += (out.empty() ? "" : ", ") + literal(text);
  return fmt::format("std::array<std::string_view, {}>{{{}}}", list.size(), out);
}

/// Cheap enough to be asked twice.
bool calls_nothing(ExprPtr e) {
  if (e->kind == ExprKind::call || e->kind == ExprKind::user_call || e->kind == ExprKind::foreign_call || !e->arms.empty()) return false;
  return std::all_of(e->args.begin(), e->args.end(), calls_nothing);
}

/// What every reader of a case does first with a row: a condition that cannot fail. nullptr: something else.
ExprPtr first_condition(const Unit& u, const Case& c) {
  if (c.flow == plan::kNone || u.flow(c.flow).consumers.size() != 1) return nullptr;
  const plan::Node& reader = u.plan.nodes[u.flow(c.flow).consumers[0]];
  if (reader.kind != plan::NodeKind::chain) return nullptr;
  const auto* filter = u.plan.stage(reader.steps[0]).as<Filter>();
  if (filter == nullptr || !calls_nothing(filter->condition) || plan::may_fail(u.program, filter->condition)) return nullptr;
  return filter->condition;
}

/// For connectors that make rows: rows that are not wanted need not be handed on, and of them only the columns that tell
/// so need be made.
void print_wanted(Unit& u, const Case& c, const Row& row) {
  const ExprPtr condition = first_condition(u, c);
  std::uint64_t columns = 0;
  if (condition != nullptr) {
    plan::Uses uses(c.of.type->fields.size());
    plan::add_uses(u.program, condition, uses);
    for (std::size_t k = 0; k != uses.size() && k < 64; ++k) columns |= std::uint64_t{uses[k].any()} << k;
  }
  u.specs.line("static constexpr std::uint64_t kWantedColumns = {};", columns);
  if (columns == 0) return;
  u.specs.line("static bool wanted([[maybe_unused]] Eval& ev, const Block::Row& row);");
  ExprEnv env;
  env.row = columns_of(row, "r");
  open_definition(u, "bool", c.name, "wanted([[maybe_unused]] Eval& ev, const Block::Row& r)");
  u.definitions.line("return {};", emit_expr(u, condition, env));
  u.definitions.close();
}

/// `timed`: its rows get their time here.
void print_case(Unit& u, const Source& source, const Case& c, bool timed) {
  plan::Uses uses(c.of.type->fields.size());
  const Row row = u.program.streams[c.of.stream].row;
  if (c.flow != plan::kNone) {
    uses = u.flow(c.flow).uses;
  } else {
    if (c.of.time != nullptr && timed) plan::add_uses(u.program, c.of.time, uses);
    print_row_struct(u, u.rows, c.row, row, uses);
  }
  print_schema(u, u.rows, c.name + "_schema", c.row, c.of.type, uses, {source.time_format, source.time_pattern, source.check_all, c.of.type->fields.size() - source.meta.size(), timed});
  u.rows.blank();

  Printer& s = u.specs;
  s.open("struct {}", c.name);
  s.line("using Block = {};", c.block);
  s.line("using Schema = {}_schema;", c.name);
  s.line("static constexpr std::string_view kTag = {};", literal(c.of.tag));
  s.line("static constexpr bool kRead = {};", c.flow != plan::kNone);
  if (timed) s.line("static void time([[maybe_unused]] Eval& ev, const Block::Row& row, std::int64_t& t);");
  else print_wanted(u, c, row);
  declare_message(u, s, source);
  s.line("static void out(Pipeline& p, const Block& block);");
  s.close(";");

  Printer& p = u.definitions;
  if (timed) {
    ExprEnv env;
    env.row = columns_of(row, "r");
    open_definition(u, "void", c.name, "time([[maybe_unused]] Eval& ev, [[maybe_unused]] const Block::Row& r, std::int64_t& t)");
    p.line("t = {};", c.of.time == nullptr ? "0" : emit_expr(u, c.of.time, env));
    p.close();
  }
  define_message(u, source, c.name, row, uses);
  open_definition(u, "void", c.name, "out([[maybe_unused]] Pipeline& p, [[maybe_unused]] const Block& block)");
  if (c.flow != plan::kNone) p.line("p.flow_{}(block);", u.flow_names[c.flow]);
  p.close();
}

/// Where records of an unknown tag go, unless that is where invalid ones go.
void define_unknown(Unit& u, const Source& source, const std::string& spec) {
  if (source.unknown == UnknownTag::invalid) return;
  Printer& p = u.definitions;
  open_definition(u, "void", spec, "unknown([[maybe_unused]] Pipeline& p, [[maybe_unused]] const Record& record, [[maybe_unused]] std::string_view error)");
  const plan::FlowId route = source.unknown == UnknownTag::route ? u.flow_of_stream(source.unknown_to) : plan::kNone;
  if (route != plan::kNone) {
    p.line("const RecordText text = record_text(p.ev, record.bytes);");
    p.line("p.push_{}(text.text, p.ev.arena.copy(error), Text(kName), record.partition, record.offset, text.raw);", u.flow_names[route]);
  }
  p.close();
}

}  // namespace

std::string unread_row(const Unit& u, std::uint32_t source, std::size_t which) {
  return fmt::format("{}_{}_row", u.source_name(source), u.program.sources[source].cases[which].name);
}

void emit_union_source(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const Source& source = u.program.sources[node.source];
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec";
  const auto position = u.sources.position(source.range);
  u.specs.line("// {} {}", comment(u.where(source.range)), comment(u.sources.text(source.range)));
  const connectors::ConnectorInfo& connector = *source.info;
  const bool by_rows = u.given() || connector.cases.empty();  // else the connector makes blocks itself
  std::vector<Case> cases;
  std::string list;
  bool has_time = false;
  for (std::size_t i = 0; i != source.cases.size(); ++i) {
    const plan::FlowId flow = node.cases[i];
    const std::string struct_name = fmt::format("{}_{}", name, source.cases[i].name);
    const std::string row = flow != plan::kNone ? u.row_type(flow) : unread_row(u, node.source, i);
    const std::string block = flow != plan::kNone ? u.block_type(flow) : fmt::format("gress::Block<{}, 0, true>", row);
    cases.push_back({source.cases[i], flow, struct_name, row, block});
    has_time = has_time || source.cases[i].time != nullptr;
    list += (i == 0 ? "" : ", ") + struct_name;
    print_case(u, source, cases.back(), by_rows);
  }

  Printer& s = u.specs;
  s.open("struct {}", spec);
  s.line("using Pipeline = program::Pipeline;");
  s.line("using Cases = std::tuple<{}>;", list);
  s.line("using Block = UnionBlock<Cases>;");
  declare_source(u, s, source, has_time);
  s.line("static constexpr bool kInterleaved = {};", node.interleaved);
  s.line("static constexpr auto kTagPath = {};", texts(source.tag_path));
  s.line("static constexpr auto kContentPath = {};", texts(source.content_path));
  if (by_rows) s.line("static void time(Eval& ev, const UnionRow& row, std::int64_t& t) {{ union_time<Cases>(ev, row, t); }}");
  s.line("static void invalid(Pipeline& p, const Record& record, std::string_view error);");
  if (source.unknown != UnknownTag::invalid) s.line("static void unknown(Pipeline& p, const Record& record, std::string_view error);");
  s.line("static void out(Pipeline& p, const Block& block);");
  s.line("static void watermark(Pipeline& p, std::int64_t t);");
  declare_pushed(u, s, source);
  declare_message(u, s, source);
  if (is_retimed(u, node.source)) s.line("static void partitions_changed(Pipeline& p, std::uint32_t partition);");
  declare_pieces(u, id);
  s.close(";");
  s.blank();

  define_invalid(u, source, spec);
  define_unknown(u, source, spec);
  if (gives_meta(u, source)) {
    open_definition(u, "void", spec, "meta(Block::Row& o, const Message& message)");
    u.definitions.line("union_meta<Cases>(o, message);");
    u.definitions.close();
  }
  if (by_rows) {
    open_definition(u, "void", spec, "out(Pipeline& p, const Block& block)");
    u.definitions.line("p.{}_cases.out(p, block);", name);
    u.definitions.close();
    u.members.line("UnionBlocks<{}> {}_cases;", spec, name);
  }
  open_definition(u, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
  for (const Case& c : cases)
    if (c.flow != plan::kNone) u.definitions.line("p.watermark_{}(t);", u.flow_names[c.flow]);
  u.definitions.close();

  define_pieces(u, id, spec);
  print_partitions_changed(u, node.source, spec);
  print_failed_record(u, name);
  const std::string time = source_time(u, source);
  if (u.host) {
    emit_pushed(u, id, time);
  } else if (u.options.tests) {
    u.members.line("testing::TestSource<{}> {}{{*this, {}}};", spec, name, time);
  } else if (connector.cases.empty()) {
    u.members.line("RecordSource<{}, {}, {}> {}{{*this, runtime, {}, {}, {}{}}};", spec, connector.input_class,
                   print_decoder(u, name, fmt::format("decode::JsonUnionDecoder<{}, kBlock>", spec)), name, make_input(u, node), time, emit_option(u, source.rate, "0.0"),
                   pieces_argument(u, id));
  } else {
    u.members.line("{}<{}> {}{{*this, runtime, {}{}, {}, {}, {}}};", connector.input_class, spec, name, literal(source.name),
                   connector_arguments(u, *source.info, connectors::kOnSource, source.options), position.line, time,
                   emit_option(u, source.rate, "0.0"));
  }
}

}  // namespace gress::codegen
