// A flow: the struct of its rows, the block in which they stand, and the calls that hand a block to its consumers.
#include <algorithm>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

namespace {

std::string meta_bits(const plan::Plan& plan, plan::FlowId id) {
  const plan::Meta& m = plan.flows[id].meta;
  std::string bits;
  const auto add = [&](bool on, const char* name) {
    if (on) bits += (bits.empty() ? "" : " | ") + std::string(name);
  };
  add(m.time, "kTime");
  add(m.watermark, "kWatermark");
  add(m.position, "kPosition");
  add(m.record, "kRecord");
  add(m.op, "kOp");
  add(m.pair, "kPair");
  const auto over = [&](const plan::Reordering& r) { return std::ranges::find(r.over, id) != r.over.end(); };
  add(std::ranges::any_of(plan.reorderings, over), "kTurn");
  return bits.empty() ? "0" : bits;
}

/// Which of the inputs of a merge or join a flow is.
std::size_t input_index(const plan::Node& node, plan::FlowId flow, std::size_t occurrence) {
  for (std::size_t i = 0; i != node.in.size(); ++i)
    if (node.in[i] == flow && occurrence-- == 0) return i;
  return 0;
}

/// How a block of an input reaches its operator, and how a watermark does.
std::vector<std::string> entry(Unit& u, plan::NodeId id, const std::string& call) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  if (u.by_clock(id)) return {name + "_by_clock(in);"};
  std::vector<std::string> out{fmt::format("{}.{};", name, call)};
  for (const plan::FlowId late : {node.late, node.late_right})
    if (late != plan::kNone) out.push_back(fmt::format("flush_{}();", u.flow_names[late]));
  return out;
}
std::string advance(Unit& u, plan::NodeId id, std::size_t input) {
  const std::string& name = u.node_names[id];
  if (u.by_clock(id)) return fmt::format("if (t == kEndOfTime) {}.watermark(t);", name);
  if (u.plan.nodes[id].in.size() == 1) return fmt::format("{}.watermark(t);", name);
  return fmt::format("{}.{}_watermark(t);", name, input == 0 ? "left" : "right");
}

}  // namespace

void emit_flow(Unit& u, plan::FlowId id) {
  const plan::Flow& flow = u.flow(id);
  const std::string& name = u.flow_names[id];
  dsl::checked::Row row = flow.row;
  if (flow.numbered) row.columns[flow.numbered->column].type = number_type();
  print_row_struct(u, u.rows, u.row_type(id), row, flow.uses);
  u.rows.line("using {} = Block<{}, {}{}>;", u.block_type(id), u.row_type(id), meta_bits(u.plan, id),
              u.borrows_rows(flow) ? ", true" : "");
  u.rows.blank();

  u.methods.open("void flow_{}(const {}& in)", name, u.block_type(id));
  cover_flow(u, id);
  std::string all;
  std::map<plan::NodeId, std::size_t> seen;
  for (const plan::NodeId consumer : flow.consumers) {
    const plan::Node& node = u.plan.nodes[consumer];
    const std::string& to = u.node_names[consumer];
    switch (node.kind) {
      case plan::NodeKind::chain:
        u.methods.line("{}(in);", to);
        all += fmt::format("watermark_{}(t); ", u.flow_names[node.out]);
        break;
      case plan::NodeKind::merge: {
        const std::size_t input = input_index(node, id, seen[consumer]++);
        u.methods.line("{}_from_{}(in);", to, input);
        all += fmt::format("{}_watermark({}, t); ", to, input);
        break;
      }
      case plan::NodeKind::sink:
        if (u.options.tests) break;
        u.methods.line("{}(in);", to);
        if (u.host) break;
        if (node.late != plan::kNone) u.methods.line("flush_{}();", u.flow_names[node.late]);
        if (u.program.sinks[node.sink].window) all += fmt::format("{}_watermark(t); ", to);
        break;
      default: {
        const std::size_t input = input_index(node, id, seen[consumer]++);
        const std::string name = u.input_name(consumer, input);
        if (u.exchanged(consumer, input)) {
          u.methods.line("if (runtime.workers() == 1) enter_{}(in); else {}_exchange.send(in);", name, name);
          all += fmt::format("{}_exchange.raise(t); ", name);
        } else {
          u.methods.line("enter_{}(in);", name);
          all += fmt::format("advance_{}(t); ", name);
        }
        break;
      }
    }
  }
  for (const Tap& tap : u.options.taps)
    for (const std::uint32_t s : flow.streams)
      if (s == tap.stream) u.methods.line("tap_{}(in);", name);
  if (u.options.tests)
    for (const std::uint32_t s : flow.streams)
      if (u.expected.contains(s)) u.methods.line("collect_{}(in);", name);
  if (flow.consumers.empty()) u.methods.line("static_cast<void>(in);");
  u.methods.close();
  u.methods.line("void watermark_{}(std::int64_t{}) {{ {}}}", name, all.empty() ? "" : " t", all);
  u.methods.blank();
}

void emit_entries(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  for (std::size_t k = 0; k != node.in.size(); ++k) {
    const std::string input = u.input_name(id, k), here = fmt::format("const engine::At here(runtime.presence(), {}_counters);", u.node_names[id]);
    u.methods.open("void enter_{}(const {}& in)", input, u.block_type(node.in[k]));
    u.methods.raw(here);
    const char* call = node.in.size() == 1 ? "process(in)" : k == 0 ? "left(in)" : "right(in)";
    for (const std::string& statement : entry(u, id, call)) u.methods.raw(statement);
    u.methods.close();
    if (u.for_workers && node.combining != plan::Combining::no) {
      const std::string& name = u.node_names[id];
      u.methods.open("void merge_{}(const {}& in, const Partials<{}_state>& partials)", input, u.block_type(node.in[k]), name);
      u.methods.raw(here);
      for (const std::string& statement : entry(u, id, "merge(in, partials)")) u.methods.raw(statement);
      u.methods.close();
    }
    u.methods.open("void advance_{}(std::int64_t t)", input);
    u.methods.raw(here);
    u.methods.raw(advance(u, id, k));
    u.methods.close();
    u.methods.blank();
  }
}

void emit_clock(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  u.specs.line("using {} = Block<{}, kTime | kWatermark | kPosition>;", u.in_block(id), u.row_type(node.in[0]));
  u.members.line("{} {}_in;", u.in_block(id), name);
  Printer& p = u.methods;
  p.open("void {}_by_clock(const {}& in)", name, u.block_type(node.in[0]));
  p.line("const std::int64_t now = clock.now(runtime);");
  p.line("{}& out = {}_in;", u.in_block(id), name);
  p.open("for (int i = 0; i < in.count; ++i)");
  p.line("out.rows[i] = in.rows[i];");
  p.line("out.time[i] = out.watermark[i] = now;");
  p.line("out.position[i] = {}_position++;", name);
  p.close();
  p.line("out.count = in.count;");
  p.line("{}.process(out);", name);
  p.close();
  u.members.line("std::uint64_t {}_position = 0;", name);
  u.section(id, name + "_position", ".position");
  u.members.blank();
}

void emit_merge(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const plan::Flow& out = u.flow(node.out);
  const std::string block = u.flow_names[node.out] + "_out";
  u.members.line("{} {};", u.block_type(node.out), block);
  u.members.line("Watermarks<{}> {}_inputs;", node.in.size(), name);
  u.section(id, name + "_inputs");
  for (std::size_t k = 0; k != node.in.size(); ++k) {
    u.methods.open("void {}_from_{}(const {}& in)", name, k, u.block_type(node.in[k]));
    u.methods.line("{}& out = {};", u.block_type(node.out), block);
    u.methods.line("const std::int64_t others = {}_inputs.lowest_but({});", name, k);
    u.methods.line("out.others = in.others < others ? in.others : others;");
    u.methods.open("for (int i = 0; i < in.count; ++i)");
    u.methods.line("[[maybe_unused]] const auto& r = in.rows[i];");
    u.methods.line("[[maybe_unused]] auto& o = out.rows[i];");
    for (std::size_t c = 0; c != out.row.columns.size(); ++c) {
      if (!out.uses[c].any()) continue;
      const std::string column = identifier(out.row.columns[c].name);
      u.methods.line("o.{} = {};", column,
                     convert_column(u, u.row_type(node.out), out.row.columns[c], out.uses[c],
                                    "r." + identifier(u.flow(node.in[k]).row.columns[c].name)));
    }
    u.methods.line("out.take_lanes(i, in, i);");
    u.methods.close();
    u.methods.line("out.count = in.count;");
    u.methods.line("flow_{}(out);", u.flow_names[node.out]);
    u.methods.line("out.count = 0;");
    u.methods.close();
  }
  u.methods.open("void {}_watermark(int input, std::int64_t t)", name);
  u.methods.line("if ({}_inputs.raise(input, t)) watermark_{}({}_inputs.lowest());", name, u.flow_names[node.out], name);
  u.methods.close();
  u.methods.blank();
}

}  // namespace gress::codegen
