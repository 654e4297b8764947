// `test` blocks: each a function that feeds a pipeline and looks at what its streams gave.
#include <algorithm>

#include "compiler/codegen/expr.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// Statements that set `TEXT` to the JSON text of a value.
void print_value_text(Unit& u, Printer& p, const std::string& into, const Type* type, const std::string& value) {
  Row row;
  row.columns.push_back({"v", type, "", ""});
  p.open("");
  p.line("gress::Out& out = scratch;");
  p.line("out.clear();");
  p.line("struct {{ {} v; }} r{{{}}};", cpp_type(u, type), value);
  print_json_row(u, p, row, plan::Uses(1, plan::Use{.whole = true, .present = false, .members = {}}), "r", false);
  // {"v":VALUE}
  p.line("{} = std::string(out.view().substr(5, out.view().size() - 6));", into);
  p.close();
}

void collector(Unit& u, std::uint32_t stream) {
  const plan::FlowId id = u.flow_of_stream(stream);
  const plan::Flow& flow = u.flow(id);
  const std::string& name = u.flow_names[id];
  u.members.line("testing::Collected collected_{};", name);
  u.members.line("gress::Out scratch_{};", name);
  Printer& p = u.methods;
  p.open("void collect_{}(const {}& in)", name, u.block_type(id));
  p.line("[[maybe_unused]] gress::Out& scratch = scratch_{};", name);
  p.open("for (int i = 0; i < in.count; ++i)");
  p.line("[[maybe_unused]] const auto& r_ = in.rows[i];");
  p.line("testing::Shown shown;");
  if (flow.meta.op) {
    p.line("shown.op = in.op[i];");
    p.line("shown.follows = i != 0;");
  }
  p.line("shown.columns.resize({});", flow.row.columns.size());
  for (std::size_t c = 0; c != flow.row.columns.size(); ++c)
    print_value_text(u, p, fmt::format("shown.columns[{}]", c), flow.row.columns[c].type, "r_." + identifier(flow.row.columns[c].name));
  p.line("collected_{}.rows.push_back(std::move(shown));", name);
  p.close();
  p.close();
  const Stream& s = u.program.streams[stream];
  std::string columns, key;
  for (const Column& c : flow.row.columns) columns += (columns.empty() ? "" : ", ") + literal(c.name);
  for (const Index k : s.key) key += (key.empty() ? "" : ", ") + std::to_string(k);
  u.starts.push_back(fmt::format("collected_{} = {{{}, {{{}}}, {}, {{{}}}, {{}}}};", name, literal(s.name), columns,
                                 flow.upsert, key));
}

/// Somebody reads the source.
bool runs(const Unit& u, std::uint32_t source) {
  return std::any_of(u.plan.nodes.begin(), u.plan.nodes.end(),
                     [&](const plan::Node& n) { return n.kind == plan::NodeKind::source && n.source == source; });
}

/// Rows of a changelog: lines with `_op`, as emit_changelog_source.cpp makes them for tests.
void feed_changes(Unit& u, Printer& p, const TestFeed& f, plan::FlowId id) {
  if (id == plan::kNone) return;
  const plan::Flow& flow = u.flow(id);
  const Source& source = u.program.sources[u.program.streams[f.stream].source];
  const std::string& name = u.source_name(u.program.streams[f.stream].source);
  const std::string row_type = name + "_line", op = identifier("_op");
  for (std::size_t i = 0; i != f.rows.size(); ++i) {
    p.open("");
    p.line("{} o{{}};", row_type);
    const bool deletes = i < f.ops.size() && f.ops[i] == "delete";
    p.line("o.{} = {}::{};", op, cpp_type(u, source.fed->fields[0].type), identifier(deletes ? "delete" : "upsert"));
    for (std::size_t c = 0; c != flow.uses.size(); ++c) {
      if (!flow.uses[c].any()) continue;
      ExprPtr value = source.type->fields[c].default_value;
      for (const auto& [column, given] : f.rows[i].fields)
        if (column == c) value = given;
      if (value == nullptr) continue;
      const dsl::checked::Column& column = flow.row.columns[c];
      p.line("const {} given_{} = {};", cpp_type(u, column.type), c, emit_expr(u, value, ExprEnv{}));
      p.line("o.{} = {};", identifier(column.name), convert_column(u, row_type, column, flow.uses[c], fmt::format("given_{}", c)));
    }
    p.line("pipeline.{}.feed(ev, o);", name);
    p.close();
  }
}

void feed(Unit& u, Printer& p, const TestFeed& f) {
  const bool table = f.table != kNone;
  const plan::FlowId id = table ? plan::kNone : u.flow_of_stream(f.stream);
  const Stream* stream = table ? nullptr : &u.program.streams[f.stream];
  const bool of_union = stream != nullptr && stream->union_case != kNone;
  const Type* record = table      ? u.program.tables[f.table].type
                       : of_union ? u.program.sources[stream->source].cases[stream->union_case].type
                                  : u.program.sources[stream->source].type;
  plan::Uses uses;
  std::string row_type;
  if (stream != nullptr && u.program.sources[stream->source].changes != ChangesKind::none) return feed_changes(u, p, f, id);
  if (table) {
    uses = u.plan.tables[f.table];
    row_type = u.table_row(f.table);
  } else if (id != plan::kNone) {
    uses = u.flow(id).uses;
    row_type = u.row_type(id);
  } else if (of_union && runs(u, stream->source)) {
    // Nobody reads the case, but its rows move the watermark.
    const SourceCase& c = u.program.sources[stream->source].cases[stream->union_case];
    uses.resize(record->fields.size());
    if (c.time != nullptr) plan::add_uses(u.program, c.time, uses);
    row_type = unread_row(u, stream->source, stream->union_case);
  } else {
    return;
  }
  for (const TestRow& row : f.rows) {
    p.open("");
    p.line("{} o{{}};", row_type);
    for (std::size_t c = 0; c != record->fields.size(); ++c) {
      if (!uses[c].any()) continue;
      ExprPtr value = record->fields[c].default_value;
      for (const auto& [column, given] : row.fields)
        if (column == c) value = given;
      if (value == nullptr) continue;
      const dsl::checked::Column column{record->fields[c].name, record->fields[c].type, "", ""};
      p.line("const {} given_{} = {};", cpp_type(u, column.type), c, emit_expr(u, value, ExprEnv{}));
      p.line("o.{} = {};", identifier(column.name), convert_column(u, row_type, column, uses[c], fmt::format("given_{}", c)));
    }
    if (table) p.line("pipeline.table_{}.add(o);", u.program.tables[f.table].name);
    else if (of_union) p.line("pipeline.{}.feed(ev, UnionRow{{&o, {}}});", u.source_name(stream->source), stream->union_case);
    else p.line("pipeline.{}.feed(ev, o);", u.source_name(u.program.streams[f.stream].source));
    p.close();
  }
}

void expect(Unit& u, Printer& p, const TestExpect& e) {
  const plan::FlowId id = u.flow_of_stream(e.stream);
  const plan::Flow& flow = u.flow(id);
  p.open("");
  p.line("testing::Expectation expected{{{}, {}, {}, {{}}}};", literal(u.where(e.range)), e.ordered, e.has_op);
  p.line("std::string text;");
  for (std::size_t i = 0; i != e.rows.size(); ++i) {
    p.line("expected.rows.emplace_back();");
    if (i < e.ops.size() && e.ops[i].has_value()) p.line("expected.rows.back().op = {};", literal(*e.ops[i]));
    for (const auto& [column, value] : e.rows[i].fields) {
      print_value_text(u, p, "text", flow.row.columns[column].type, emit_expr(u, value, ExprEnv{}));
      p.line("expected.rows.back().columns.emplace_back({}, text);", column);
    }
  }
  p.line("report.expect(pipeline.collected_{}, expected);", u.flow_names[id]);
  p.close();
}

void test(Unit& u, std::size_t number) {
  const Test& t = u.program.tests[number];
  Printer& p = u.definitions;
  p.line("// {}", comment(u.where(t.range)));
  p.open("inline void test_{}([[maybe_unused]] testing::Report& report)", number);
  p.line("Eval& ev = initial_ev;");
  p.line("[[maybe_unused]] gress::Out scratch;");
  p.line("Params given;");
  for (std::size_t i = 0; i != u.program.params.size(); ++i) {
    const Param& param = u.program.params[i];
    ExprPtr value = param.default_value;
    for (const auto& [index, with] : t.params)
      if (index == i) value = with;
    if (value != nullptr) p.line("given.{} = {};", identifier(param.name), emit_expr(u, value, ExprEnv{}));
  }
  p.line("engine::Runtime runtime;");
  p.line("const auto made = std::make_unique<Pipeline>(runtime, given);");
  p.line("Pipeline& pipeline = *made;");
  for (const TestStep& step : t.steps)
    if (const auto* f = std::get_if<TestFeed>(&step.node); f && f->table != kNone) feed(u, p, *f);
  p.line("pipeline.begin();");
  for (const TestStep& step : t.steps) {
    if (const auto* f = std::get_if<TestFeed>(&step.node); f && f->table == kNone) feed(u, p, *f);
    if (const auto* a = std::get_if<TestAdvance>(&step.node)) {
      if (!runs(u, a->source)) continue;
      p.open("");
      p.line("const std::int64_t to = {};", emit_expr(u, a->to, ExprEnv{}));
      p.line("pipeline.advance_clock(to);");
      p.line("pipeline.{}.advance(to);", u.source_name(a->source));
      p.close();
    }
  }
  p.line("pipeline.finish();");
  if (u.options.coverage) p.line("pipeline.cover_late();");
  for (const TestStep& step : t.steps)
    if (const auto* e = std::get_if<TestExpect>(&step.node)) expect(u, p, *e);
  p.close();
  p.blank();
}

}  // namespace

void emit_collectors(Unit& u) {
  for (const std::uint32_t stream : u.expected)
    if (u.flow_of_stream(stream) != plan::kNone) collector(u, stream);
}

void emit_tests(Unit& u) {
  for (std::size_t i = 0; i != u.program.tests.size(); ++i) test(u, i);
}

std::string test_main(Unit& u) {
  Printer p;
  p.open("int main(int argc, char** argv)");
  p.line("static constexpr gress::testing::Test kTests[] = {{");
  for (std::size_t i = 0; i != u.program.tests.size(); ++i)
    p.line("    {{{}, {}, &gress::program::test_{}}},", literal(u.program.tests[i].name), literal(u.where(u.program.tests[i].range)), i);
  p.line("}};");
  if (!u.points.empty()) {
    p.line("static constexpr gress::testing::Point kPoints[] = {{");
    for (const Unit::Point& point : u.points) p.line("    {{{}, {}, {}, {}}},", point.line, point.column, literal(point.stream), literal(point.what));
    p.line("}};");
  }
  p.line("return gress::testing::run_tests({{{}, kTests{}}}, argc, argv);", literal(u.options.source_name), u.points.empty() ? "" : ", kPoints, gress::program::reached");
  p.close();
  return p.text();
}

}  // namespace gress::codegen
