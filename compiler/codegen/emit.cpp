#include "compiler/codegen/emit.h"

#include <algorithm>

#include "compiler/codegen/connector.h"
#include "compiler/codegen/sections.h"
#include "compiler/codegen/emit_foreign.h"
#include "compiler/codegen/expr.h"
#include "compiler/codegen/unit.h"
#include "dsl/check/expr_checker.h"

namespace gress::codegen {

using namespace dsl::checked;
using plan::NodeKind;

Unit::Unit(const plan::Plan& p, const dsl::SourceManager& s, const EmitOptions& o)
    : plan(p), program(*p.program), sources(s), options(o) {
  if (o.library) host.emplace(program);
  for (const char* taken : {"Prepared", "In", "Key", "Row", "State", "Text", "Bytes", "Uuid", "Decimal", "Opt", "List", "Map", "Block", "Eval", "Out", "Params", "Pipeline", "Record", "Op",
                            // what else generated code names without its namespace
                            "Absent", "AppendJoin", "Arena", "AsOfJoin", "CalendarCumulative", "CalendarSlices", "CalendarTumbling", "CalendarUnits", "CountForm",
                            "CountWindow", "Cumulative", "CumulativeSlices", "Distinct", "Emitter", "EnumNames", "Exchange", "Shared", "Expiry", "Global",
                            "Entered", "Held", "IntervalJoin", "JoinKind", "Keyed", "KeyTable", "Lane", "LatestRow", "LookupTable", "LookupTexts", "Members", "PanePlace", "Partials", "Place", "RecordSource", "RecordTable", "RecordText",
                            "RetainedJoin", "RevisedWindow", "Revision", "RollingAggregate", "RollingLatest", "RollingTop", "Scan", "Scanned", "SessionForm", "SessionWindow", "Slice", "SlicedWindow", "SliceStates",
                            "Sliding", "SlidingSlices", "SourceTime", "StateTraits", "Timers", "TopRows", "Tumbling", "UnionBlock", "UnionBlocks", "UnionRow", "Watermarks",
                            "WindowAggregate", "WindowJoin", "written_rows", "Zone"})
    type_names.reserve(taken);
  Names flows;
  for (const char* taken : {"runtime", "ev", "params", "counters"}) flows.reserve(taken);
  for (const plan::Flow& flow : plan.flows) flow_names.push_back(flows.fresh(flow.name));
  Names nodes;
  for (const plan::Node& node : plan.nodes) node_names.push_back(nodes.fresh(node.name + (node.kind == NodeKind::source ? "_source" : "")));
  for (const UserFunction& f : program.functions) function_names.push_back(global_names.take("fn_" + f.name));
  for (const UserAggregate& a : program.aggregates) aggregate_names.push_back(type_names.take("aggregate_" + a.name));
  for (const Test& test : program.tests)
    for (const TestStep& step : test.steps)
      if (const auto* expect = std::get_if<TestExpect>(&step.node)) expected.insert(expect->stream);
}

const std::string& Unit::source_name(std::uint32_t source) const {
  for (std::size_t i = 0; i != plan.nodes.size(); ++i)
    if (plan.nodes[i].kind == NodeKind::source && plan.nodes[i].source == source) return node_names[i];
  return node_names[0];
}

plan::FlowId Unit::flow_of_stream(std::uint32_t stream) const {
  for (plan::FlowId id = 0; id != plan.flows.size(); ++id)
    if (std::find(plan.flows[id].streams.begin(), plan.flows[id].streams.end(), stream) != plan.flows[id].streams.end()) return id;
  return plan::kNone;
}

bool Unit::by_clock(plan::NodeId id) const {
  const plan::Node& node = plan.nodes[id];
  if (node.steps.size() != 1) return false;
  const Window* w = plan::window_of(plan.stage(node.steps[0]));
  return w != nullptr && w->processing_time;
}

std::string Unit::in_block(plan::NodeId id) const {
  return by_clock(id) ? node_names[id] + "_in_block" : block_type(plan.nodes[id].in[0]);
}

namespace {

bool is_live(const plan::Flow& flow) { return flow.producer != plan::kNone || !flow.streams.empty(); }

bool is_declared(const Unit& u, const plan::Flow& flow) {
  if (flow.streams.empty()) return false;
  const StreamOrigin origin = u.program.streams[flow.streams[0]].origin;
  return origin == StreamOrigin::late || origin == StreamOrigin::invalid;
}

bool is_operator(NodeKind kind) {
  return kind != NodeKind::source && kind != NodeKind::sink && kind != NodeKind::chain && kind != NodeKind::merge;
}

void emit_node(Unit& u, plan::NodeId id) {
  const NodeKind kind = u.plan.nodes[id].kind;
  if (is_operator(kind)) {
    emit_entries(u, id);
    emit_exchanges(u, id);
  }
  if (is_operator(kind) || kind == NodeKind::source) u.section(id, u.node_names[id]);
  switch (kind) {
    case NodeKind::source: return emit_source(u, id);
    case NodeKind::chain: return emit_chain(u, id);
    case NodeKind::merge: return emit_merge(u, id);
    case NodeKind::window_aggregate:
    case NodeKind::session_aggregate:
    case NodeKind::count_aggregate:
    case NodeKind::global_aggregate:
    case NodeKind::window_top:
    case NodeKind::window_latest: return emit_window(u, id);
    case NodeKind::distinct: return emit_distinct(u, id);
    case NodeKind::scan: return emit_scan(u, id);
    case NodeKind::rolling_aggregate:
    case NodeKind::rolling_top:
    case NodeKind::rolling_latest: return emit_rolling(u, id);
    case NodeKind::interval_join: return emit_interval_join(u, id);
    case NodeKind::window_join: return emit_window_join(u, id);
    case NodeKind::retained_join: return emit_retained_join(u, id);
    case NodeKind::as_of_join: return emit_as_of_join(u, id);
    case NodeKind::retime: return emit_retime(u, id);
    case NodeKind::in_order: return emit_in_order(u, id);
    case NodeKind::changes: return emit_changes(u, id);
    case NodeKind::features: return emit_features(u, id);
    case NodeKind::sink: return emit_sink(u, id);
  }
}

/// `in.i64("limit", std::int64_t{60})`
std::string read_param(Unit& u, const Param& param) {
  const Type* type = param.type->plain();
  std::string otherwise;
  const bool absent = param.default_value != nullptr && param.type->is_optional();
  if (param.default_value != nullptr && !absent) otherwise = ", " + emit_expr(u, param.default_value, ExprEnv{});
  static const std::map<Kind, const char*> kReaders = {
      {Kind::boolean, "boolean"}, {Kind::i32, "i32"}, {Kind::i64, "i64"}, {Kind::f32, "f32"}, {Kind::f64, "f64"},
      {Kind::decimal, "decimal"}, {Kind::string, "text"}, {Kind::bytes, "bytes"}, {Kind::timestamp, "timestamp"},
      {Kind::duration, "duration"}, {Kind::uuid, "uuid"}};
  std::string read;
  if (type->kind == Kind::enumeration) {
    const std::string name = cpp_type(u, type);
    read = fmt::format("in.enumeration<{}>({}, EnumNames<{}>::names{})", name, literal(param.name), name, otherwise);
  } else {
    read = fmt::format("in.{}({}{})", kReaders.at(type->kind), literal(param.name), otherwise);
  }
  if (!param.type->is_optional()) return read;
  const std::string name = literal(param.name), optional = cpp_type(u, param.type);
  const std::string fallback = param.default_value != nullptr ? emit_expr(u, param.default_value, ExprEnv{}) : optional + "{}";
  const std::string given = fmt::format("in.given({}) ? {}({}) : {}", name, optional, read, fallback);
  if (type->kind == Kind::string || type->kind == Kind::bytes) return given;
  return fmt::format("in.left_empty({}) ? {}{{}} : {}", name, optional, given);
}

/// Settings that would have been refused while compiling are refused at start.
void print_requirement(Unit& u, Printer& p, const Requirement& r) {
  using Rule = Requirement::Rule;
  const std::string value = emit_expr(u, r.value, ExprEnv{});
  const std::string other = r.other != nullptr ? emit_expr(u, r.other, ExprEnv{}) : "";
  const std::string holds = r.rule == Rule::positive       ? value + " > 0"
                            : r.rule == Rule::not_negative ? value + " >= 0"
                            : r.rule == Rule::not_above    ? value + " <= " + other
                            : r.rule == Rule::computes     ? fmt::format("(static_cast<void>({}), true)", value)
                                                           : other + " <= 0 || " + value + " % " + other + " == 0";
  const std::string message = fmt::format("{} ({}, `{}`)", r.message, u.where(r.range), u.sources.text(r.range));
  p.line("in.require({}, ev, {});", holds, literal(message));
}

void print_params(Unit& u, Printer& p) {
  p.open("struct Params");
  for (const Param& param : u.program.params) p.line("{} {}{{}};", cpp_type(u, param.type), identifier(param.name));
  p.line("Params() = default;");
  if (u.host) p.line("explicit Params(const ::{}::Params& given, embedded::ParamCheck& in);", u.host->space());
  else p.line("explicit Params([[maybe_unused]] engine::ParamReader& in);");
  p.close(";");
  p.raw("/// As given at start; expressions read them from here.");
  p.line("{} Params params;", u.storage());
  p.raw("/// For initial values of states and defaults of fields, which hold no long text of their own.");
  p.line("{} Eval initial_ev;", u.storage());
  p.blank();
}

/// Behind the functions and globals that expressions name.
void print_read_params(Unit& u, Printer& p) {
  if (u.host) {
    print_host_params(u, p);
  } else {
    p.open("inline Params::Params([[maybe_unused]] engine::ParamReader& in)");
    p.line("[[maybe_unused]] Eval& ev = initial_ev;");
    for (const Param& param : u.program.params) p.line("{} = {};", identifier(param.name), read_param(u, param));
  }
  const OptionValue* const workers = u.for_workers ? plan::parallelism(u.program) : nullptr;
  if (!u.program.requirements.empty() || workers != nullptr) {
    p.line("if (!in.ok()) return;");
    p.line("[[maybe_unused]] const Params& params = *this;");
  }
  for (const Requirement& r : u.program.requirements) print_requirement(u, p, r);
  if (workers != nullptr) p.line("in.workers({});", workers->value != nullptr ? emit_expr(u, workers->value, ExprEnv{}) : "");
  p.close();
  p.blank();
}

void print_program_info(Unit& u, Printer& p) {
  if (!u.program.params.empty()) {
    p.line("constexpr engine::ParamInfo kParams[] = {{");
    for (const Param& param : u.program.params) {
      const std::string text = param.default_value == nullptr ? "" : std::string(u.sources.text(param.default_value->range));
      p.line("    {{{}, {}, {}, {}}},", literal(param.name), literal(dsl::to_string(param.type)),
             param.default_value == nullptr ? "nullptr" : literal(text), literal(param.doc));
    }
    p.line("}};");
  }
  p.open("constexpr engine::ProgramInfo kProgram");
  p.line(".name = {},", literal(u.program.name));
  p.line(".doc = {},", literal(u.program.doc));
  p.line(".source_file = {},", literal(u.options.source_name));
  p.line(".source_hash = GRESS_SOURCE_HASH,");
  p.line(".plan_hash = GRESS_PLAN_HASH,");
  p.line(".describe = {},", literal(u.options.describe_json));
  if (!u.program.params.empty()) p.line(".params = kParams,");
  if (u.for_workers) p.line(".for_workers = true,");
  if (u.durable) p.line(".checkpoint = {},", plan::checkpoint_interval(u.program));
  if (const std::string dir = plan::checkpoint_dir(u.program); u.durable && !dir.empty()) p.line(".checkpoint_dir = {},", literal(dir));
  if (u.beyond_memory) p.line(".state_memory = {},", plan::state_memory(u.program));
  if (u.cold_tables != 0) p.line(".cold_tables = {},", u.cold_tables);
  if (u.pages) p.line(".page = paging::begin,");
  if (u.durable) p.line(".state = {},", literal(state_json(u)));
  p.line(".cpu = GRESS_CPU,");
  p.close(";");
}

/// Flows of invalid rows, which end when everything else has.
std::vector<plan::FlowId> invalid_flows(const Unit& u) {
  std::vector<plan::FlowId> out;
  for (plan::FlowId id = 0; id != u.plan.flows.size(); ++id)
    if (!u.flow(id).streams.empty() && u.program.streams[u.flow(id).streams[0]].origin == StreamOrigin::invalid) out.push_back(id);
  return out;
}

bool is_rejected(const Unit& u, plan::FlowId id) {
  return std::ranges::any_of(u.program.sinks, [&](const Sink& sink) { return sink.rejected == u.flow(id).streams[0]; });
}

std::vector<std::string> source_names(const Unit& u) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i != u.plan.nodes.size(); ++i)
    if (u.plan.nodes[i].kind == NodeKind::source) out.push_back(u.node_names[i]);
  return out;
}

/// Operators that go by processing time hear from the clock, not from watermarks.
std::vector<std::string> clocked(const Unit& u) {
  std::vector<std::string> out;
  for (plan::NodeId id = 0; id != u.plan.nodes.size(); ++id)
    if (u.by_clock(id)) out.push_back(u.node_names[id]);
  return out;
}

/// `, a_exchange, b_exchange`: those that rows of failures reach, which end last, or all others.
std::string exchange_list(const Unit& u, bool of_failures) {
  std::string list;
  for (const Unit::ExchangeAt& x : u.exchanges)
    if (x.of_failures == of_failures) list += ", " + x.name;
  return list;
}

/// What a stage behind refused rows sends to `errors` comes to a flow that stands before theirs: one turn is not enough.
bool turns(const Unit& u) {
  const std::vector<plan::FlowId> flows = invalid_flows(u);
  return u.program.errors != dsl::checked::kNone && u.flow_of_stream(u.program.errors) != plan::kNone &&
         std::ranges::any_of(flows, [&](plan::FlowId id) { return is_rejected(u, id); });
}

void print_settle(Unit& u, Printer& p) {
  p.raw("/// Rows that failed go on.");
  p.open("void settle()");
  const std::vector<plan::FlowId> flows = invalid_flows(u);
  std::string any;
  for (const plan::FlowId id : flows) any += fmt::format("{}{}_out.count != 0", any.empty() ? "" : " || ", u.flow_names[id]);
  if (turns(u)) p.open("while ({})", any);
  for (const plan::FlowId id : flows) p.line("flush_{}();", u.flow_names[id]);
  if (turns(u)) p.close();
  p.close();
}

void print_step(Unit& u, Printer& p) {
  if (turns(u)) print_settle(u, p);
  std::string sources;
  for (const std::string& name : source_names(u)) sources += ", " + name;
  p.open("engine::Step step()");
  p.line("ev.arena.reset();");
  for (const Unit::Refresh& r : u.refreshes) {
    p.open("if ({}.due(runtime))", r.timer);
    for (const std::string& statement : r.statements) p.raw(statement);
    p.close();
  }
  if (!u.for_workers) {
    p.line("const engine::Step result = step_lowest(ev{});", sources);
  } else if (u.exchanges.empty()) {
    p.line("const engine::Step result = step_held(runtime, ev{});", sources);
  } else {
    p.line("const bool several = runtime.workers() != 1;");
    p.line("const bool received = several && receive(0);");
    p.raw("// What was sent before a stop still arrives.");
    p.line("engine::Step result = step_held(runtime, ev{});", sources);
    if (const std::string before = exchange_list(u, false); !before.empty())
      p.line("if (several) result = step_exchanges(result, received{});", before);
  }
  if (const std::vector<std::string> operators = clocked(u); !operators.empty()) {
    p.open("if (result != engine::Step::done{})", u.for_workers ? " && runtime.pausing() == 0" : "");
    p.line("const std::int64_t now = clock.now(runtime);");
    for (const std::string& name : operators) p.line("{}.watermark(now);", name);
    p.line("if (result == engine::Step::idle) clock.wake(runtime);");
    p.close();
  }
  // In the order of the streams: what sinks of one refuse is in a later one.
  const std::vector<plan::FlowId> invalid = invalid_flows(u);
  std::string end;
  const bool in_turns = turns(u);
  if (in_turns) p.line("settle();");
  for (const plan::FlowId id : invalid) {
    if (!in_turns) p.line("flush_{}();", u.flow_names[id]);
    end += fmt::format("{}watermark_{}(kEndOfTime); ", end.empty() || in_turns ? "" : fmt::format("flush_{}(); ", u.flow_names[id]), u.flow_names[id]);
    if (in_turns) end += "settle(); ";
  }
  if (!end.empty()) p.line("if (result == engine::Step::done{}) {{ {}}}", u.exchanges.empty() ? "" : " && !(several && runtime.stopping())", end);
  if (const std::string behind = exchange_list(u, true); !behind.empty()) {
    p.line("if (several) result = step_exchanges(result, received{});", behind);
    if (in_turns) p.line("settle();");
    else
      for (const plan::FlowId id : invalid)
        if (is_rejected(u, id)) p.line("flush_{}();", u.flow_names[id]);
  }
  p.line("return result;");
  p.close();
  p.blank();
}

/// Where rows are given, the input ends when whoever gives them says so.
void print_finish(Unit& u, Printer& p) {
  print_settle(u, p);
  p.open("void finish()");
  for (const std::string& name : source_names(u)) p.line("{}.finish();", name);
  p.line("settle();");
  // What the last watermark of one flow makes may go to the next.
  for (const plan::FlowId id : invalid_flows(u)) {
    if (!turns(u)) p.line("flush_{}();", u.flow_names[id]);
    p.line("watermark_{}(kEndOfTime);", u.flow_names[id]);
    if (turns(u)) p.line("settle();");
  }
  p.close();
  p.open("void advance_clock(std::int64_t t)");
  p.line("ev.now = std::max(ev.now, t);");
  if (const std::vector<std::string> operators = clocked(u); !operators.empty()) {
    p.line("if (t <= clock.at) return;");
    p.line("clock.at = t;");
    for (const std::string& name : operators) p.line("{}.watermark(t);", name);
  }
  p.close();
  print_late_coverage(u, p);
  p.blank();
}

/// Params and zones are set before anything is made that reads them.
void print_shared_params(Unit& u, Printer& p) {
  p.raw("/// Sets what expressions read, before anything is made that reads it.");
  p.open("struct Prepared");
  p.open("explicit Prepared(const Params& given)");
  p.line("params = given;");
  p.line("[[maybe_unused]] Eval& ev = initial_ev;");
  for (const auto& [text, name] : u.zones) p.line("{} = &engine::load_zone({});", name, text);
  p.close();
  p.close(";");
  p.blank();
}

void print_pipeline(Unit& u, Printer& p) {
  if (u.host) print_prepared(u, p);
  else print_shared_params(u, p);
  print_shared(u, p);
  p.open("struct Pipeline");
  p.line("using Params = program::Params;");
  if (!u.exchanges.empty()) p.line("using Shared = program::Shared;");
  // In tests too, so that ties end there as they do when it runs.
  if (plan::parallelism(u.program) != nullptr) p.line("static constexpr bool kSeveral = true;  // workers, perhaps");
  p.line("Prepared prepared;");
  p.line("engine::Runtime& runtime;");
  if (!u.exchanges.empty()) p.line("Shared& shared;");
  p.line("Eval ev;");
  if (!clocked(u).empty()) p.line("{} clock;", u.given() ? "engine::GivenClock" : "engine::Clock");
  p.blank();
  for (std::size_t i = 0; i != u.plan.nodes.size(); ++i) {
    const plan::Node& node = u.plan.nodes[i];
    if (!is_operator(node.kind) && node.kind != NodeKind::chain) continue;
    const bool chain = node.kind == NodeKind::chain;
    p.line("engine::{}& {}_counters{{runtime.add_{}({}, {})}};", chain ? "Counted" : "OperatorCounters", u.node_names[i], chain ? "stage" : "operator",
           literal(plan::title(u.plan, node)), u.sources.position(u.plan.stage(node.steps[0]).range).line);
  }
  p.text_block(u.members.text());
  if (u.exchanges.empty())
    p.open("Pipeline(engine::Runtime& engine_runtime, const Params& given) : prepared(given), runtime(engine_runtime)");
  else
    p.open("Pipeline(engine::Runtime& engine_runtime, const Params& given, Shared& between) : prepared(given), runtime(engine_runtime), shared(between)");
  if (!u.options.tests) {
    for (const std::string& statement : u.loads) p.raw(statement);
    p.line("begin();");
  }
  p.close();
  p.blank();
  p.open("void begin()");
  for (const std::string& statement : u.starts) p.raw(statement);
  p.close();
  if (!u.open.empty()) {
    p.open("void count_open()");
    for (const std::string& statement : u.open) p.raw(statement);
    p.close();
  }
  p.blank();
  print_sections(u, p);
  u.given() ? print_finish(u, p) : print_step(u, p);
  if (u.host) print_host_calls(u, p);
  print_receive(u, p);
  p.text_block(u.methods.text());
  p.text_block(u.failures.text());
  p.close(";");
  p.blank();
}
void print_tap(Unit& u, const Tap& tap) {
  const plan::FlowId id = u.flow_of_stream(tap.stream);
  if (id == plan::kNone) return;
  const std::string& name = u.flow_names[id];
  const plan::Flow& flow = u.flow(id);
  // To standard error: standard output may be a sink's.
  u.members.line("file::FileWriter tap_{}_to{{runtime, {}, \"/dev/stderr\"}};", name, literal("tap of " + u.program.streams[tap.stream].name));
  u.members.line("std::int64_t tap_{}_left = {};", name, tap.limit < 0 ? INT64_MAX : tap.limit);
  Printer& p = u.methods;
  p.open("void tap_{}(const {}& in)", name, u.block_type(id));
  p.open("for (int i = 0; i < in.count && tap_{}_left > 0; ++i, --tap_{}_left)", name, name);
  p.line("gress::Out& out = tap_{}_to.out();", name);
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  p.line("out.write(\"{{\");");
  if (flow.meta.op) p.line("if (in.op[i] == gress::Op::retract) out.write(\"\\\"_op\\\":\\\"retract\\\",\"); else out.write(\"\\\"_op\\\":\\\"insert\\\",\");");
  if (flow.meta.time) {
    p.line("out.write(\"\\\"_time\\\":\");");
    p.line("fn::json_timestamp(out, in.time[i]);");
    p.line("out.write(\",\\\"_watermark\\\":\");");
    p.line("const std::int64_t w = in.watermark[i];");
    p.line("if (w == kStartOfTime || w == kEndOfTime) out.write(\"null\"); else fn::json_timestamp(out, w);");
    p.line("out.write(\",\");");
  }
  p.line("out.write(\"\\\"row\\\":\");");
  print_json_row(u, p, flow.row, flow.uses, "r", false);
  p.line("out.write(\"}}\\n\");");
  p.line("tap_{}_to.rows(1);", name);
  p.close();
  p.line("tap_{}_to.flush_if();", name);
  p.close();
}

/// The file's name without folders and ending.
std::string program_file(const std::string& name) {
  const std::size_t slash = name.find_last_of('/');
  const std::string base = slash == std::string::npos ? name : name.substr(slash + 1);
  return base.substr(0, base.find_last_of('.'));
}

}  // namespace

Emitted emit_cpp(const plan::Plan& plan, const dsl::SourceManager& sources, const EmitOptions& options) {
  Unit u(plan, sources, options);
  u.durable = !u.given() && plan::checkpoint_interval(u.program) != 0;
  u.beyond_memory = u.durable && plan::state_memory(u.program) != 0;
  u.pages = u.durable && std::ranges::any_of(plan.nodes, [&](const plan::Node& node) { return plan::goes_by_pages(plan, node); });
  u.for_workers = !u.given() && plan::parallelism(u.program) != nullptr;
  find_exchanges(u);
  for (const Type* type : u.program.types) cpp_type(u, type);
  emit_bridges(u);
  u.covering = options.coverage;
  emit_functions(u);
  emit_tables(u);
  for (plan::FlowId id = 0; id != plan.flows.size(); ++id)
    if (is_live(plan.flows[id])) emit_flow(u, id);
  for (plan::FlowId id = 0; id != plan.flows.size(); ++id)
    if (is_live(plan.flows[id]) && is_declared(u, plan.flows[id])) emit_declared_flow(u, id);
  emit_routes(u);
  // Sources last: they are made after all that their rows reach, and tables are read before the first row.
  for (plan::NodeId id = 0; id != plan.nodes.size(); ++id)
    if (plan.nodes[id].kind != NodeKind::source && !(options.tests && plan.nodes[id].kind == NodeKind::sink)) emit_node(u, id);
  for (plan::NodeId id = 0; id != plan.nodes.size(); ++id)
    if (plan.nodes[id].kind == NodeKind::source) emit_node(u, id);
  for (const Tap& tap : options.taps) print_tap(u, tap);
  u.covering = false;
  if (options.tests) {
    emit_collectors(u);
    emit_tests(u);
  }

  Printer params, read_params, pipeline, info;
  print_params(u, params);
  print_read_params(u, read_params);
  print_pipeline(u, pipeline);
  print_program_info(u, info);

  Printer p;
  p.line("// Generated by gressc from {}. Changes are lost when it is generated again.", comment(options.source_name));
  p.raw("#include \"runtime/core/pch.h\"");
  include_connectors(u, p);
  if (options.tests) {
    p.raw("#include \"runtime/testing/test_run.h\"");
    p.raw("#include \"runtime/testing/test_source.h\"");
  }
  if (u.host) {
    p.raw("#include \"runtime/embedded/bridges.h\"");
    p.raw("#include \"runtime/embedded/push_source.h\"");
  }
  if (u.given()) p.raw("#include \"runtime/engine/given_clock.h\"");
  include_headers(u, p);  // behind the runtime's, which their macros do not reach; nor do they reach what follows
  p.blank();
  p.raw("#ifndef GRESS_CPU");
  p.raw("#define GRESS_CPU \"\"");
  p.raw("#endif");
  p.raw("#ifndef GRESS_PART");
  p.raw("#define GRESS_PART 0");
  p.raw("#endif");
  p.raw("#ifndef GRESS_SOURCE_HASH");
  p.raw("#define GRESS_SOURCE_HASH \"\"");
  p.raw("#endif");
  p.raw("#ifndef GRESS_PLAN_HASH");
  p.raw("#define GRESS_PLAN_HASH \"\"");
  p.raw("#endif");
  const std::string declared = u.host ? host_declarations(u) : "", bridges = u.host ? host_bridges(u) : "";
  if (u.host) p.raw(declared);
  // Within the runtime's own namespace: what users' headers declare outside of namespaces hides none of its names.
  p.raw(u.opening());
  p.raw("struct Pipeline;");
  p.blank();
  if (const std::string text = coverage_text(u); !text.empty()) p.raw(text);
  p.raw(u.types.text());
  if (u.host) p.raw(bridges);
  p.raw(params.text());
  for (const auto& [text, name] : u.zones) p.line("{} const fn::Zone* {} = nullptr;", u.storage(), name);
  p.raw(u.globals.text());
  p.raw(u.functions.text());
  p.raw(read_params.text());
  p.raw(u.rows.text());
  p.raw(u.specs.text());
  const bool parts = !u.decoding.empty() && !u.host;
  if (parts) {
    p.raw(u.decoders.text());
    p.raw("#if GRESS_PART != 2");
    p.raw(u.decoding.text());
    p.raw("#endif");
    p.raw("#if GRESS_PART != 1");
  } else if (u.host) {
    p.raw(u.decoders.text());
    p.raw(u.decoding.text());
  }
  p.raw(pipeline.text());
  p.raw(u.definitions.text());
  if (!u.host) p.raw(info.text());
  if (parts) p.raw("#endif");
  p.raw(u.closing());
  p.blank();
  if (parts) p.raw("#if GRESS_PART != 1");
  if (u.host)
    p.raw(host_definitions(u));
  else if (options.tests)
    p.raw(test_main(u));
  else
    p.line("int main(int argc, char** argv) {{ return gress::engine::run<gress::program::Pipeline>(gress::program::kProgram, argc, argv); }}");
  if (parts) p.raw("#endif");
  Emitted emitted{finish_lines(p.text(), program_file(options.source_name) + ".cpp"), parts ? 2 : 1, {}, section_places(u), u.host ? host_header(u, declared) : ""};
  if (u.durable) emitted.state = state_json(u);
  emitted.pages = u.pages;
  return emitted;
}

}  // namespace gress::codegen
