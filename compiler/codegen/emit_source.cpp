// Sources and tables: their schemas, and the runtime's readers instantiated with them.
#include "compiler/codegen/connector.h"
#include "compiler/codegen/emit_foreign.h"
#include "compiler/codegen/expr.h"
#include "compiler/codegen/schema.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

std::string path_of(Unit& u, const std::vector<OptionValue>& options) {
  for (const OptionValue& o : options)
    if (o.name == "path" && o.value != nullptr) return emit_expr(u, o.value, ExprEnv{}) + ".view()";
  return "\"-\"";
}

}  // namespace

void emit_source(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  if (!node.cases.empty()) return emit_union_source(u, id);
  const Source& source = u.program.sources[node.source];
  if (source.changes != ChangesKind::none) return emit_changelog_source(u, id);
  const plan::Flow& flow = u.flow(node.out);
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec", schema = name + "_schema";
  if (source.foreign == nullptr && !u.host) print_schema(u, u.rows, schema, u.row_type(node.out), source.type, flow.uses,
               {source.time_format, source.time_pattern, source.check_all, source.type->fields.size() - source.meta.size()});
  u.rows.blank();

  Printer& s = u.specs;
  s.line("// {} {}", comment(u.where(source.range)), comment(u.sources.text(source.range)));
  s.open("struct {}", spec);
  s.line("using Pipeline = program::Pipeline;");
  s.line("using Block = {};", u.block_type(node.out));
  declare_source(u, s, source, source.time != nullptr);
  s.line("static void time([[maybe_unused]] Eval& ev, const Block::Row& row, std::int64_t& t);");
  s.line("static void invalid(Pipeline& p, const Record& record, std::string_view error);");
  s.line("static void out(Pipeline& p, const Block& block);");
  s.line("static void watermark(Pipeline& p, std::int64_t t);");
  declare_message(u, s, source);
  declare_given_row(u, s, source);
  declare_pushed(u, s, source);
  if (is_retimed(u, node.source)) s.line("static void partitions_changed(Pipeline& p, std::uint32_t partition);");
  declare_pieces(u, id);
  s.close(";");
  s.blank();

  Printer& p = u.definitions;
  ExprEnv env;
  env.row = columns_of(flow.row, "r");
  open_definition(u, "void", spec, "time([[maybe_unused]] Eval& ev, [[maybe_unused]] const Block::Row& r, std::int64_t& t)");
  p.line("t = {};", source.time == nullptr ? "0" : emit_expr(u, source.time, env));
  p.close();
  define_invalid(u, source, spec);
  define_message(u, source, spec, flow.row, flow.uses);
  define_given_row(u, source, spec, flow);
  open_definition(u, "void", spec, "out(Pipeline& p, const Block& block)");
  p.line("p.flow_{}(block);", u.flow_names[node.out]);
  p.close();
  open_definition(u, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
  p.line("p.watermark_{}(t);", u.flow_names[node.out]);
  p.close();

  define_pieces(u, id, spec);
  print_partitions_changed(u, node.source, spec);
  print_failed_record(u, name);
  const std::string time = source_time(u, source);
  if (u.host) return emit_pushed(u, id, time);
  if (u.options.tests) {
    u.members.line("testing::TestSource<{}> {}{{*this, {}}};", spec, name, time);
    return;
  }
  if (source.foreign != nullptr) {
    u.members.line("{};", make_foreign_source(u, node, name, spec, time));
    return;
  }
  u.members.line("RecordSource<{}, {}, {}> {}{{*this, runtime, {}, {}, {}{}}};", spec, source.info->input_class,
                 print_decoder(u, name, source_decoder(source, schema)), name, make_input(u, node), time, emit_option(u, source.rate, "0.0"), pieces_argument(u, id));
}

namespace {

/// The texts of a flow's numbered column, from the rows of the table that decide them.
void number_texts(Unit& u, plan::FlowId id, const Table& table, const std::string& row) {
  const plan::Flow& flow = u.flow(id);
  ExprEnv env;
  env.row.assign(u.plan.stage(flow.numbered->made).in.columns.size(), "t");
  u.members.line("LookupTexts {};", u.texts_of(id));
  u.starts.push_back(fmt::format("{}.build(table_{}.rows, [&]([[maybe_unused]] const {}& t) {{ return {}; }});", u.texts_of(id), table.name, row,
                                 emit_expr(u, flow.numbered->text, env)));
}

/// Finds the rows of the table by the join's equalities.
void emit_index(Unit& u, const Stage& stage) {
  const TableJoin& join = *stage.as<TableJoin>();
  const Table& table = u.program.tables[join.table];
  const std::string row = u.table_row(join.table), &name = u.join_indexes.at(&stage);
  std::vector<KeyPart> parts;
  ExprEnv env;
  for (const dsl::RecordField& f : table.type->fields) env.right.push_back("t." + identifier(f.name));
  std::string body;
  for (std::size_t i = 0; i != join.equalities.size(); ++i) {
    const ExprPtr right = join.equalities[i].right;
    parts.push_back({fmt::format("part_{}", i), join.equalities[i].left->type->plain()});
    const std::string value = emit_expr(u, right, env);
    if (right->type->is_optional()) {
      body += fmt::format("const auto part_{} = {}; if (!part_{}.has) return false; key.part_{} = part_{}.value; ", i, value, i, i, i);
    } else {
      body += fmt::format("key.part_{} = {}; ", i, value);
    }
  }
  print_key_struct(u, u.specs, name + "_key", parts);
  u.members.line("LookupTable<{}_key, {}> {};", name, row, name);
  u.starts.push_back(fmt::format("{}.build(table_{}.rows, [&]([[maybe_unused]] const {}& t, {}_key& key) {{ {}return !ev.failed; }});", name,
                                 table.name, row, name, body));
}

}  // namespace

void emit_tables(Unit& u) {
  std::vector<bool> used(u.program.tables.size(), false);
  std::vector<const Stage*> joins;
  for (std::size_t i = 0; i != u.plan.nodes.size(); ++i)
    for (const plan::Step step : u.plan.nodes[i].steps) {
      const Stage& stage = u.plan.stage(step);
      const TableJoin* join = stage.as<TableJoin>();
      if (join == nullptr) continue;
      used[join->table] = true;
      u.join_indexes[&stage] = u.global_names.take("lookup_" + u.program.streams[step.stream].name + "_by_" + u.program.tables[join->table].name);
      joins.push_back(&stage);
    }
  std::map<std::size_t, std::size_t> refreshed;  // table → its place in refreshes
  for (std::size_t t = 0; t != used.size(); ++t) {
    if (!used[t]) continue;
    const std::size_t first_load = u.loads.size(), first_start = u.starts.size();
    const Table& table = u.program.tables[t];
    const std::string name = "table_" + table.name, row = u.table_row(t);
    plan::Uses uses = u.plan.tables[t];
    bool whole = true;
    for (const plan::Use& use : uses) whole = whole && use.whole;
    dsl::checked::Row columns;
    for (const dsl::RecordField& f : table.type->fields) columns.columns.push_back({f.name, f.type, f.wire, f.doc});
    if (whole) u.rows.line("using {} = {};", row, cpp_type(u, table.type));
    else print_row_struct(u, u.rows, row, columns, uses);
    print_schema(u, u.rows, name + "_schema", row, table.type, uses, {table.time_format, table.time_pattern, false});
    u.members.line("RecordTable<{}> {};", row, name);
    const std::string path = table.connector == "stdin" ? "\"-\"" : path_of(u, table.options);
    const auto position = u.sources.position(table.range);
    u.loads.push_back(fmt::format("{}.load<{}>(runtime, {}, {}, {});", name, print_decoder(u, name, decoder_base(table.format, name + "_schema", true)), literal(table.name), path, position.line));
    if (!table.key.empty()) {
      print_key_struct(u, u.specs, name + "_key", key_parts(columns, table.key));
      u.starts.push_back(fmt::format("{}.unique<{}_key>({}, {}, [](const {}& r) {{ return {}; }});", name, name, literal(table.name), path, row,
                                     key_value(name + "_key", columns, table.key, "r")));
    }
    if (table.refresh == nullptr || u.options.tests) continue;
    refreshed[t] = u.refreshes.size();
    u.members.line("engine::Every {}_refresh{{{}}};", name, emit_option(u, table.refresh, "0"));
    u.refreshes.push_back({name + "_refresh", {u.loads.begin() + static_cast<std::ptrdiff_t>(first_load), u.loads.end()}});
    u.refreshes.back().statements.insert(u.refreshes.back().statements.end(), u.starts.begin() + static_cast<std::ptrdiff_t>(first_start), u.starts.end());
  }
  for (const Stage* join : joins) {
    const std::size_t before = u.starts.size();
    const std::uint32_t table = join->as<TableJoin>()->table;
    if (!join->as<TableJoin>()->equalities.empty()) emit_index(u, *join);
    for (plan::FlowId id = 0; id != u.plan.flows.size(); ++id)
      if (const auto& numbered = u.flow(id).numbered; numbered && &u.plan.stage(numbered->join) == join) number_texts(u, id, u.program.tables[table], u.table_row(table));
    if (const auto again = refreshed.find(table); again != refreshed.end())
      u.refreshes[again->second].statements.insert(u.refreshes[again->second].statements.end(), u.starts.begin() + static_cast<std::ptrdiff_t>(before), u.starts.end());
  }
}

}  // namespace gress::codegen
