// `in_order`: rows held until the watermark has passed them.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_in_order(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec";
  const Stage& stage = u.plan.stage(node.steps[0]);
  Printer& s = u.specs;
  s.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
  s.open("struct {}", spec);
  s.line("using Pipeline = program::Pipeline;");
  s.line("using In = {};", u.block_type(node.in[0]));
  s.line("using Out = {};", u.block_type(node.out));
  s.line("static void copy(const In& in, int i, Out::Row& o);");
  s.line("static void late(Pipeline& p, const In& in, int i);");
  s.line("static void out(Pipeline& p, Out& block);");
  s.line("static void watermark(Pipeline& p, std::int64_t t);");
  s.close(";");
  s.blank();
  print_copy(u, node, spec);
  print_outlets(u, node, spec, true);
  u.members.line("gress::InOrder<{}> {}{{*this}};", spec, name);
  u.open.push_back(fmt::format("{}_counters.held.set(static_cast<std::int64_t>({}.held()));", name, name));
}

}  // namespace gress::codegen
