// `time`: another event time, with watermarks a partition.
#include "compiler/codegen/connector.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// Calls f(id) for each `time` over rows of the source.
template <class F>
void each_retime(const Unit& u, std::uint32_t source, F f) {
  for (plan::NodeId id = 0; id != u.plan.nodes.size(); ++id)
    if (u.plan.nodes[id].kind == plan::NodeKind::retime && u.flow(u.plan.nodes[id].in[0]).source == source) f(id);
}

}  // namespace

void emit_retime(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec";
  const Stage& stage = u.plan.stage(node.steps[0]);
  const SetTime& set = *stage.as<SetTime>();
  const std::string& source = u.source_name(u.flow(node.in[0]).source);
  Printer& s = u.specs;
  s.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
  s.open("struct {}", spec);
  s.line("using Pipeline = program::Pipeline;");
  declare_numbering(u, s, u.program.sources[u.flow(node.in[0]).source]);
  s.line("using In = {};", u.block_type(node.in[0]));
  s.line("using Out = {};", u.block_type(node.out));
  s.line("static bool time(Pipeline& p, const In& in, int i, std::int64_t& t);");
  s.line("static void copy(const In& in, int i, Out::Row& o);");
  s.line("static std::uint32_t partitions(const Pipeline& p);");
  s.line("static Text partition_name(const Pipeline& p, std::uint32_t partition);");
  s.line("static std::uint32_t partition_number(const Pipeline& p, Text name);");
  s.line("static bool holds(const Pipeline& p, std::uint32_t partition);");
  s.line("static bool silent(const Pipeline& p, std::uint32_t partition);");
  s.line("static void out(Pipeline& p, Out& block);");
  s.line("static void watermark(Pipeline& p, std::int64_t t);");
  s.close(";");
  s.blank();

  Printer& p = u.definitions;
  ExprEnv env;
  env.row = columns_of(stage.in, "r");
  open_definition(u, "bool", spec, "time([[maybe_unused]] Pipeline& p, const In& in, int i, std::int64_t& t)");
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  p.line("t = {};", emit_expr(u, set.time, env));
  if (plan::may_fail(u.program, set.time)) {
    p.open("if (ev.failed) [[unlikely]]");
    p.line("p.{}", fail_statement(u, node.in[0], "in", "i", stage.range, true, u.program.streams[node.stream].name));
    p.line("return false;");
    p.close();
  }
  p.line("return true;");
  p.close();
  print_copy(u, node, spec);
  open_definition(u, "std::uint32_t", spec, "partitions(const Pipeline& p)");
  p.line("return p.{}.partitions();", source);
  p.close();
  open_definition(u, "Text", spec, "partition_name(const Pipeline& p, std::uint32_t partition)");
  p.line("return p.{}.partition_name(partition);", source);
  p.close();
  open_definition(u, "std::uint32_t", spec, "partition_number(const Pipeline& p, Text name)");
  p.line("return p.{}.partition_number(name);", source);
  p.close();
  open_definition(u, "bool", spec, "holds(const Pipeline& p, std::uint32_t partition)");
  p.line("return p.{}.holds(partition);", source);
  p.close();
  open_definition(u, "bool", spec, "silent(const Pipeline& p, std::uint32_t partition)");
  p.line("return p.{}.silent(partition);", source);
  p.close();
  print_outlets(u, node, spec, false);
  const bool shares = u.for_workers && u.program.sources[u.flow(node.in[0]).source].idle != IdleKind::never;
  u.members.line("gress::Retime<{}> {}{{*this, {}{}}};", spec, name, emit_option(u, set.delay, "0"),
                 shares ? fmt::format(", runtime.shared_watermark({}), runtime.worker()", literal(name)) : "");
}

bool is_retimed(const Unit& u, std::uint32_t source) {
  bool found = false;
  each_retime(u, source, [&](plan::NodeId) { found = true; });
  return found;
}

void print_partitions_changed(Unit& u, std::uint32_t source, const std::string& spec) {
  if (!is_retimed(u, source)) return;
  open_definition(u, "void", spec, "partitions_changed(Pipeline& p, std::uint32_t partition)");
  each_retime(u, source, [&](plan::NodeId id) { u.definitions.line("p.{}.changed(partition);", u.node_names[id]); });
  u.definitions.close();
}

}  // namespace gress::codegen
