// Points that `gressc test --coverage` looks at. Without it none are made and nothing is printed.
#include "compiler/codegen/expr.h"

namespace gress::codegen {

using namespace dsl::checked;

std::string cover(Unit& u, dsl::Range range, const std::string& stream, const std::string& what) {
  if (!u.covering) return "";
  const auto position = u.sources.position(range);
  for (std::size_t i = 0; i != u.points.size(); ++i) {
    const Unit::Point& known = u.points[i];
    if (known.line == static_cast<int>(position.line) && known.column == static_cast<int>(position.column) && known.stream == stream && known.what == what)
      return fmt::format("cover({})", i);
  }
  u.points.push_back({static_cast<int>(position.line), static_cast<int>(position.column), stream, what});
  return fmt::format("cover({})", u.points.size() - 1);
}

std::string cover_branch(Unit& u, dsl::Range range, const std::string& what, const std::string& value) {
  const std::string call = cover(u, range, "", what);
  return call.empty() ? value : fmt::format("({}, {})", call, value);
}

void cover_flow(Unit& u, plan::FlowId id) {
  const plan::Flow& flow = u.flow(id);
  if (!u.covering || flow.producer == plan::kNone) return;
  const plan::Node& node = u.plan.nodes[flow.producer];
  if (node.kind == plan::NodeKind::chain || node.kind == plan::NodeKind::merge || node.kind == plan::NodeKind::sink) return;
  Printer& p = u.methods;
  const auto say = [&](const std::string& call) {
    if (!call.empty()) p.line("{};", call);
  };
  if (node.kind == plan::NodeKind::source) return say(cover(u, u.program.sources[node.source].range, u.program.sources[node.source].name, "a row of the source"));
  const Stage& stage = u.plan.stage(node.steps[0]);
  const std::string& stream = u.program.streams[node.stream].name;
  if (id == node.late || id == node.late_right)
    return say(cover(u, stage.range, stream, fmt::format("a late row goes to `{}`", u.program.streams[flow.streams[0]].name)));
  const StreamJoin* join = stage.as<StreamJoin>();
  const bool outer = join != nullptr && (join->kind == JoinKind::left || join->kind == JoinKind::full);
  if (!outer || !flow.uses.back().any()) return say(cover(u, stage.range, stream, fmt::format("a row comes out of `{}`", stage.word)));
  const std::string right = identifier(flow.row.columns.back().name);
  const std::string matched = cover(u, stage.range, stream, "`join` finds a match"), alone = cover(u, stage.range, stream, "`join` gives a row without a match");
  p.line("for (int i = 0; i < in.count; ++i) in.rows[i].{}.has ? {} : {};", right, matched, alone);
}

/// Late rows that nobody takes are counted; the counters are looked at when a test is over.
void print_late_coverage(Unit& u, Printer& p) {
  if (!u.options.coverage) return;
  u.covering = true;
  p.open("void cover_late() const");
  for (plan::NodeId id = 0; id != u.plan.nodes.size(); ++id) {
    const plan::Node& node = u.plan.nodes[id];
    if (node.steps.empty() || node.late != plan::kNone || u.by_clock(id)) continue;
    const Stage& stage = u.plan.stage(node.steps[0]);
    const Window* w = plan::window_of(stage);
    const StreamJoin* join = stage.as<StreamJoin>();
    const bool windowed = w != nullptr && w->kind != WindowKind::count && w->kind != WindowKind::global;
    const bool joined = join != nullptr && join->bound != JoinBound::retain;
    if (!windowed && !joined && stage.as<InOrder>() == nullptr) continue;
    p.line("if ({}_counters.late.get() != 0) {};", u.node_names[id],
           cover(u, stage.range, u.program.streams[node.stream].name, fmt::format("`{}` drops a late row", stage.word)));
  }
  p.close();
  u.covering = false;
}

std::string coverage_text(Unit& u) {
  if (!u.options.coverage) return "";
  Printer p;
  p.line("inline bool reached[{}];", u.points.empty() ? 1 : u.points.size());
  p.line("inline void cover(int point) {{ reached[point] = true; }}");
  return p.text();
}

}  // namespace gress::codegen
