// Where rows go that fail: to their source's `invalid` as long as they are still its records, to the pipeline's
// `errors` afterwards.
#include "compiler/codegen/unit.h"

namespace gress::codegen {

namespace {

/// The row `i` of `in`, as JSON, in row_buffer.
void print_failed_row(Unit& u, const plan::Flow& flow) {
  u.failures.line("gress::Out& out = row_text();");
  u.failures.line("[[maybe_unused]] const auto& r = in.rows[i];");
  print_json_row(u, u.failures, flow.row, flow.uses, "r", false);
}

}  // namespace

std::string fail_statement(Unit& u, plan::FlowId in, const std::string& block, const std::string& i, dsl::Range where,
                           bool attached, const std::string& stream) {
  const plan::Flow& flow = u.flow(in);
  if (attached && flow.source != plan::kNone)
    return fmt::format("fail_{}_record({}.record[{}]);", u.source_name(flow.source), block, i);
  const std::string& name = u.flow_names[in];
  if (u.failing_flows.insert(in).second) {
    u.failures.open("[[gnu::cold, gnu::noinline]] void fail_{}(const {}& in, int i, std::string_view place)", name, u.block_type(in));
    // The old row of an update failed when it came; taking it back is no second failure.
    if (flow.meta.op) u.failures.line("if (in.op[i] == gress::Op::retract) return ev.clear();");
    print_failed_row(u, flow);
    u.failures.line("fail_row(place);");
    u.failures.close();
  }
  return fmt::format("fail_{}({}, {}, {});", name, block, i, literal(place(u, stream, where)));
}

std::string reject_statement(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const dsl::checked::Sink& sink = u.program.sinks[node.sink];
  if (sink.rejected == dsl::checked::kNone && !sink.rejected_ends) return fail_statement(u, node.in[0], "in", "i", sink.range, false, u.program.streams[sink.stream].name);
  const std::string& name = u.node_names[id];
  if (u.rejecting_sinks.insert(id).second) {
    const plan::Flow& flow = u.flow(node.in[0]);
    const plan::FlowId route = u.flow_of_stream(sink.rejected);
    u.failures.open("[[gnu::cold, gnu::noinline]] void reject_{}([[maybe_unused]] const {}& in, [[maybe_unused]] int i)", name, u.block_type(node.in[0]));
    const std::string where = fmt::format("sink `{}`, {}", sink.name, u.where(sink.range));
    if (sink.rejected_ends) {
      print_failed_row(u, flow);
      u.failures.line("engine::fail_row({}, ev.message, row_buffer.view());", literal(where));
      u.failures.close();
      return fmt::format("reject_{}(in, i);", name);
    }
    u.members.line("engine::OperatorCounters& {}_refused{{runtime.add_operator({}, {})}};", name, literal(sink.name + ": rejected"), u.sources.position(sink.range).line);
    // The old row of an update was refused, and counted, when it came.
    if (flow.meta.op) u.failures.line("if (in.op[i] == gress::Op::retract) return ev.clear();");
    u.failures.line("{}_refused.failed.add(1);", name);
    if (route != plan::kNone) {
      print_failed_row(u, flow);
      u.failures.line("push_{}(ev.arena.copy(row_buffer.view()), ev.arena.copy(ev.message), Text({}), {{}}, {{}}, {{}});", u.flow_names[route],
                      literal(where));
    }
    u.failures.line("ev.clear();");
    u.failures.close();
  }
  return fmt::format("reject_{}(in, i);", name);
}

std::string place(Unit& u, const std::string& stream, dsl::Range where) {
  return fmt::format("stream `{}`, {}", stream, u.where(where));
}

void emit_routes(Unit& u) {
  Printer& p = u.methods;
  p.line("gress::Out row_buffer;");
  p.open("gress::Out& row_text()");
  p.line("row_buffer.clear();");
  p.line("return row_buffer;");
  p.close();
  p.raw("/// Sends the row whose JSON stands in row_buffer, and why it failed in `ev`, to the pipeline's `errors`.");
  p.open("[[gnu::cold, gnu::noinline]] void fail_row(std::string_view place)");
  if (u.program.errors == dsl::checked::kNone) {
    p.line("engine::fail_row(place, ev.message, row_buffer.view());");
  } else {
    u.members.line("engine::OperatorCounters& errors_counters{{runtime.add_operator({})}};", literal(u.program.streams[u.program.errors].name));
    p.line("errors_counters.failed.add(1);");
    const plan::FlowId flow = u.flow_of_stream(u.program.errors);
    if (flow == plan::kNone) {
      p.line("static_cast<void>(place);");
    } else {
      p.line("push_{}(ev.arena.copy(row_buffer.view()), ev.arena.copy(ev.message), ev.arena.copy(place), {{}}, {{}}, {{}});", u.flow_names[flow]);
    }
    p.line("ev.clear();");
  }
  p.close();
  p.blank();
}

/// Rows that others put into a declared stream, one by one: late ones, invalid ones.
void emit_declared_flow(Unit& u, plan::FlowId id) {
  const std::string& name = u.flow_names[id];
  const plan::Flow& flow = u.flow(id);
  u.members.line("{} {}_out;", u.block_type(id), name);
  Printer& p = u.methods;
  p.open("void flush_{}()", name);
  p.line("if ({}_out.count == 0) return;", name);
  p.line("flow_{}({}_out);", name, name);
  p.line("{}_out.count = 0;", name);
  p.close();
  if (u.program.streams[flow.streams[0]].origin != dsl::checked::StreamOrigin::invalid) return;
  p.open("void push_{}([[maybe_unused]] Text text, [[maybe_unused]] Text error, [[maybe_unused]] Text source, "
         "[[maybe_unused]] Opt<std::int64_t> partition, [[maybe_unused]] Opt<std::int64_t> offset, [[maybe_unused]] Opt<Bytes> raw)", name);
  p.line("const int at = {}_out.count++;", name);
  p.line("[[maybe_unused]] auto& o = {}_out.rows[at];", name);
  static constexpr const char* kValues[] = {"text", "error", "source", "partition", "offset", "raw"};
  for (std::size_t c = 0; c != flow.row.columns.size(); ++c)
    for (const char* value : kValues)
      if (flow.uses[c].any() && flow.row.columns[c].name == value)
        p.line("o.{} = {};", identifier(flow.row.columns[c].name), value);
  if (flow.meta.time) p.line("{}_out.time[at] = kStartOfTime;", name);
  if (flow.meta.watermark) p.line("{}_out.watermark[at] = kStartOfTime;", name);
  if (flow.meta.position) p.line("{}_out.position[at] = 0;", name);
  p.line("if ({}_out.full()) flush_{}();", name, name);
  p.close();
  p.blank();
}

}  // namespace gress::codegen
