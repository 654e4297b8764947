// Sinks of files whose paths are by row (runtime/connectors/file/files_writer.h): the path of each row, and their window.
#include <algorithm>

#include "compiler/codegen/connector.h"
#include "compiler/codegen/expr.h"
#include "compiler/codegen/spec.h"
#include "compiler/codegen/window_form.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/functions.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

const OptionValue& path_of(Unit& u, const Sink& sink) {
  return *std::ranges::find_if(sink.options, [&](const OptionValue& o) { return by_row(u, o); });
}

/// Times in a pattern of the program are text of the program.
bool is_pattern(ExprPtr e) {
  return e->kind == ExprKind::call && e->fn->name == "format_time" && e->args[1]->kind == ExprKind::literal;
}

/// Values of the row are written so that they cannot leave their place.
std::string path_text(Unit& u, ExprPtr e, const ExprEnv& env) {
  if (!by_row(u, e) || is_pattern(e)) return emit_expr(u, e, env);
  if (e->kind != ExprKind::concat) return fmt::format("file::path_value(ev, {})", emit_expr(u, e, env));
  std::string parts;
  for (const ExprPtr part : e->args) parts += ", " + path_text(u, part, env);
  return fmt::format("fn::concat(ev{})", parts);
}

/// What all paths begin with.
std::string beginning(Unit& u, ExprPtr path) {
  std::string parts;
  if (path->kind == ExprKind::concat)
    for (const ExprPtr part : path->args) {
      if (by_row(u, part)) break;
      parts += ", " + emit_expr(u, part, ExprEnv{});
    }
  return parts.empty() ? "" : fmt::format("fn::concat(ev{}).view()", parts);
}

}  // namespace

std::string files_arguments(Unit& u, const plan::Node& node, const std::string& header) {
  const Sink& sink = u.program.sinks[node.sink];
  const ExprPtr path = path_of(u, sink).value;
  std::string said(u.sources.text(path->range));
  if (said.size() > 1 && said.front() == '"') said = said.substr(1, said.size() - 2);
  std::string out = ".target = " + literal(said) + ", .program = " + literal(u.program.name);
  if (const std::string begin = beginning(u, path); !begin.empty()) out += ", .begin = " + begin;
  if (!header.empty()) out += ", .header = " + literal(header);
  if (sink.window) out += ", .windows = true";
  if (u.durable) out += ", .durable = true";
  return out;
}

void declare_files(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const Sink& sink = u.program.sinks[node.sink];
  const std::string& name = u.node_names[id];
  if (!sink.window) return;
  u.section(id, name + "_to");
  const WindowForm window{u, *sink.window};
  u.members.line("engine::OperatorCounters& {}_counters{{runtime.add_operator({}, {})}};", name, literal(sink.name + ": window"),
                 u.sources.position(sink.window->range).line);
  u.members.line("{} {}_window{{{}}};", window.geometry(), name, window.form());
  u.members.line("std::int64_t {0}_start = 0, {0}_end = 0;  // of the window of the last row", name);

  const std::string spec = name + "_spec";
  u.specs.open("struct {}", spec);
  u.specs.line("using In = {};", u.block_type(node.in[0]));
  u.specs.line("static void late(Pipeline& p, const In& in, int i);");
  u.specs.close(";");
  open_definition(u, "void", spec, "late(Pipeline& p, const In& in, int i)");
  print_late_row(u, node, node.in[0], node.late);
  u.definitions.close();

  Printer& p = u.methods;
  p.open("void {}_watermark(std::int64_t t)", name);
  p.line("if (t < {}_to.boundary()) return;", name);
  p.line("std::int64_t next = kEndOfTime;");
  p.line("if (t != kEndOfTime) {}_window.windows(t, [&](std::int64_t, std::int64_t end) {{ next = end; }});", name);
  p.line("{}_to.close(t, next);", name);
  if (node.late != plan::kNone) p.line("if (t == kEndOfTime) watermark_{}(t);", u.flow_names[node.late]);
  p.close();
}

void print_file_path(Unit& u, Printer& p, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const Sink& sink = u.program.sinks[node.sink];
  const Row seen = row_of_options(u.program, sink);
  const std::string& name = u.node_names[id];
  const ExprPtr path = path_of(u, sink).value;
  ExprEnv env;
  env.row = columns_of(seen, "r");
  std::string end;
  if (sink.window) {
    env.row[static_cast<std::size_t>(seen.find("window_start"))] = name + "_start";
    env.row[static_cast<std::size_t>(seen.find("window_end"))] = name + "_end";
    end = ", " + name + "_end";
    p.line("const std::int64_t t = in.time_of(i);");
    p.open("if (t < {0}_start || t >= {0}_end)", name);
    p.line("{0}_window.windows(t, [&](std::int64_t start, std::int64_t end) {{ {0}_start = start, {0}_end = end; }});", name);
    p.close();
    p.open("if ({0}_end <= in.watermark_of(i) || {0}_end <= {0}_to.mark()) [[unlikely]]", name);
    p.line("{}_spec::late(*this, in, i);", name);
    p.line("continue;");
    p.close();
  }
  const bool once = sink.window && plan::where_columns(u.program, sink).empty();
  if (once) p.open("if (!{0}_to.continues({0}_end)) [[unlikely]]", name);
  p.line("const Text path = {};", path_text(u, path, env));
  const auto fails = [&](const std::string& condition, const std::string& statement) {
    p.open("if ({}) [[unlikely]]", condition);
    p.line("{}", statement);
    p.line("continue;");
    p.close();
  };
  if (plan::may_fail(u.program, path))
    fails("ev.failed", fail_statement(u, node.in[0], "in", "i", sink.range, false, u.program.streams[sink.stream].name));
  fails(fmt::format("!{}_to.path(ev, path.view(){})", name, end), reject_statement(u, id));
  if (once) p.close();
}

}  // namespace gress::codegen
