// A pipeline as a library: what its host pushes and takes, its params, and the functions of the header.
#include "compiler/codegen/connector.h"
#include "compiler/codegen/expr.h"
#include "compiler/codegen/host.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// `inline void NAME(ev, given, o)`: a row of the program from one of the host's, as far as it is used.
void define_row(Unit& u, const std::string& name, const Type* record, const std::string& row_type, const std::vector<Column>& columns,
                const plan::Uses& uses) {
  Printer& p = u.definitions;
  p.open("inline void {}([[maybe_unused]] Eval& ev, [[maybe_unused]] const {}& given, [[maybe_unused]] {}& o)", name, u.host->type(record), row_type);
  for (std::size_t c = 0; c != columns.size(); ++c) {
    if (!uses[c].any()) continue;
    p.line("const auto given_{} = foreign::Bridge<{}>::out(ev, given.{});", c, u.host->type(columns[c].type), host_name(columns[c].name));
    p.line("o.{} = {};", identifier(columns[c].name), convert_column(u, row_type, columns[c], uses[c], fmt::format("given_{}", c)));
  }
  p.close();
}

std::vector<Column> columns_of(const Type* record) {
  std::vector<Column> columns;
  for (const dsl::RecordField& f : record->fields) columns.push_back({f.name, f.type, f.wire, f.doc});
  return columns;
}

/// `inline void METHOD(p, rows)`, and its place in the header. `statements` make row n of the block, `o`, of `rows[i]`.
void define_push(Unit& u, const std::string& what, const std::string& name, const std::string& doc, const Type* record, const std::string& source,
                 const std::vector<std::string>& statements) {
  const std::string method = u.host->method(what, name);
  Printer& p = u.definitions;
  p.open("inline void host_{}(Pipeline& p, std::span<const {}> given)", method, u.host->type(record));
  p.open("p.{}.push(given.size(), [&](Eval& ev, std::size_t i, [[maybe_unused]] int n, auto& o)", source);
  for (const std::string& statement : statements) p.raw(statement);
  p.close(");");
  p.close();
  p.blank();
  u.host->pushes.push_back({method, u.host->type(record, true), doc});
}

void push_rows(Unit& u, const plan::Node& node, const std::string& name) {
  const Source& source = u.program.sources[node.source];
  const plan::Flow& flow = u.flow(node.out);
  define_row(u, name + "_given", source.type, u.row_type(node.out), columns_of(source.type), flow.uses);
  define_push(u, "push_", source.name, fmt::format("Rows of source `{}`, in their order.", source.name), source.type, name,
              {fmt::format("{}_given(ev, given[i], o);", name)});
}

void push_cases(Unit& u, const plan::Node& node, const std::string& name) {
  const Source& source = u.program.sources[node.source];
  for (std::size_t i = 0; i != source.cases.size(); ++i) {
    const SourceCase& c = source.cases[i];
    const bool read = node.cases[i] != plan::kNone;
    plan::Uses uses(c.type->fields.size());
    if (read) uses = u.flow(node.cases[i]).uses;
    else if (c.time != nullptr) plan::add_uses(u.program, c.time, uses);  // its rows move the watermark
    const std::string row_type = read ? u.row_type(node.cases[i]) : unread_row(u, node.source, i), made = fmt::format("{}_{}_made", name, c.name);
    define_row(u, made + "_of", c.type, row_type, columns_of(c.type), uses);
    u.members.line("{} {}[kBlock];", row_type, made);
    define_push(u, "push_", source.name + "_" + c.name, fmt::format("Rows of source `{}`, case `{}`.", source.name, c.name), c.type, name,
                {fmt::format("p.{}[n] = {{}};", made), fmt::format("{}_of(ev, given[i], p.{}[n]);", made, made),
                 fmt::format("o = UnionRow{{&p.{}[n], {}}};", made, i)});
  }
}

/// Upserts and deletes of rows by their key.
void push_changes(Unit& u, const plan::Node& node, const std::string& name) {
  const Source& source = u.program.sources[node.source];
  const plan::Flow& flow = u.flow(node.out);
  define_row(u, name + "_given", source.type, name + "_line", columns_of(source.type), flow.uses);
  const std::string op = cpp_type(u, source.fed->fields[0].type);
  for (const bool deletes : {false, true})
    define_push(u, deletes ? "erase_" : "push_", source.name,
                deletes ? fmt::format("Deletes the rows of source `{}` that have these rows' keys.", source.name)
                        : fmt::format("Rows of source `{}`, each in place of the one that has its key.", source.name),
                source.type, name,
                {fmt::format("o.{} = {}::{};", identifier("_op"), op, identifier(deletes ? "delete" : "upsert")),
                 fmt::format("{}_given(ev, given[i], o);", name)});
}

}  // namespace

void declare_pushed(const Unit& u, Printer& spec, const Source& source) {
  if (u.host) spec.line("static constexpr bool kRefuses = {};", source.invalid == dsl::checked::kNone);
}

void emit_pushed(Unit& u, plan::NodeId id, const std::string& time) {
  const plan::Node& node = u.plan.nodes[id];
  const Source& source = u.program.sources[node.source];
  const std::string& name = u.node_names[id];
  u.members.line("embedded::PushSource<{}_spec> {}{{*this, {}}};", name, name, time);
  if (!node.cases.empty()) push_cases(u, node, name);
  else if (source.changes != ChangesKind::none) push_changes(u, node, name);
  else push_rows(u, node, name);
  bool has_time = source.time != nullptr;
  for (const SourceCase& c : source.cases) has_time = has_time || c.time != nullptr;
  if (has_time) u.host->advances.push_back({u.host->method("advance_", source.name), source.name, name});
}

void emit_taken(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const Sink& sink = u.program.sinks[node.sink];
  const plan::Flow& flow = u.flow(node.in[0]);
  const std::string& name = u.node_names[id];
  const bool with_op = flow.upsert && !sink.ignore_deletes;
  const std::string row = u.host->sink_row(sink, flow.row, with_op), type = fmt::format("::{}::{}", u.host->space(), row);
  u.members.line("std::vector<{}> {}_rows;", type, name);
  Printer& p = u.methods;
  p.open("void {}(const {}& in)", name, u.block_type(node.in[0]));
  p.open("for (int i = 0; i < in.count; ++i)");
  p.line("const auto& r = in.rows[i];");
  if (flow.upsert) {
    p.line("const bool retracted = in.op[i] == gress::Op::retract;");
    if (sink.ignore_deletes) p.line("if (retracted) continue;");
    else p.line("if (retracted && i + 1 < in.count && in.op[i + 1] == gress::Op::insert && {}_same_key(r, in.rows[i + 1])) continue;", name);
  }
  p.line("{}_rows.push_back(foreign::Bridge<{}>::in(ev, r));", name, type);
  if (with_op) p.line("if (retracted) {}_rows.back()._op = embedded::Op::erase;", name);
  p.close();
  p.close();
  p.blank();
  u.host->takes.push_back({u.host->method("take_", sink.name), row,
                           fmt::format("What has come to sink `{}` since the last call{}.", sink.name, with_op ? ": rows in place of those of their keys, and deletes" : ""), name + "_rows"});
}

void print_host_params(Unit& u, Printer& p) {
  p.open("inline Params::Params([[maybe_unused]] const ::{}::Params& given, embedded::ParamCheck& in)", u.host->space());
  p.line("[[maybe_unused]] Eval& ev = in.ev;");
  for (const Param& param : u.program.params) {
    const std::string name = literal(param.name), field = host_name(param.name), to = identifier(param.name);
    p.line("if (given.{}) {} = in.value({}, *given.{});", field, to, name, field);
    if (param.default_value != nullptr) p.line("else {} = {};", to, emit_expr(u, param.default_value, ExprEnv{}));
    else if (!param.type->is_optional()) p.line("else in.missing({});", name);
  }
}

void print_prepared(Unit& u, Printer& p) {
  p.raw("/// What expressions read is, on each thread, that of the pipeline which is at work there.");
  p.open("struct Prepared");
  p.line("Params own;");
  for (const auto& [text, name] : u.zones) p.line("const fn::Zone* own_{} = nullptr;", name);
  p.open("explicit Prepared(const Params& given) : own(given)");
  p.line("enter();");
  p.line("[[maybe_unused]] Eval& ev = initial_ev;");
  for (const auto& [text, name] : u.zones) p.line("{} = own_{} = &engine::load_zone({});", name, name, text);
  p.close();
  p.open("void enter() const");
  p.line("params = own;");
  for (const auto& [text, name] : u.zones) p.line("{} = own_{};", name, name);
  p.close();
  p.close(";");
  p.line("thread_local const Prepared* at_work = nullptr;");
  p.open("struct Entered");
  p.line("const Prepared* const before = at_work;");
  p.line("Entered() = default;");
  p.line("explicit Entered(const Prepared& prepared) {{ prepared.enter(); at_work = &prepared; }}");
  p.line("~Entered() {{ if (before != nullptr) before->enter(); at_work = before; }}");
  p.close(";");
  p.blank();
}

void print_host_calls(Unit& u, Printer& p) {
  p.line("bool own_clock_ = true;");
  p.raw("/// At the beginning of each call.");
  p.open("void enter()");
  p.line("ev.clear();");
  p.line("ev.arena.reset();");
  for (const Unit::Refresh& r : u.refreshes) {
    p.open("if ({}.due(runtime))", r.timer);
    for (const std::string& statement : r.statements) p.raw(statement);
    p.close();
  }
  p.line("if (own_clock_) advance_clock(runtime.now());");
  p.close();
}

std::string host_bridges(Unit& u) {
  Printer p;
  p.raw(u.closing());
  const std::string space = "::" + u.host->space() + "::";
  for (const Host::Named& named : u.host->named()) {
    const std::string host = space + named.name;
    if (named.type != nullptr && named.type->is(Kind::enumeration)) {
      std::string constants;
      for (const dsl::EnumVariant& v : named.type->variants) constants += fmt::format(", {}::{}", host, host_name(v.name));
      p.raw("template <>");
      p.line("struct gress::foreign::Bridge<{}> : EnumBridge<{}, gress::program::{}{}> {{}};", host, host, cpp_type(u, named.type), constants);
      continue;
    }
    p.raw("template <>");
    p.open("struct gress::foreign::Bridge<{}>", host);
    std::string in = named.with_op ? "{}" : "", out;
    for (const auto& [name, type] : named.fields) {
      const std::string bridge = fmt::format("Bridge<{}>", u.host->type(type));
      in += fmt::format("{}{}::in(ev, v.{})", in.empty() ? "" : ", ", bridge, identifier(name));
      out += fmt::format("{}{}::out(ev, v.{})", out.empty() ? "" : ", ", bridge, host_name(name));
    }
    p.line("template <class V>");
    p.line("static {} in([[maybe_unused]] Eval& ev, [[maybe_unused]] const V& v) {{ return {{{}}}; }}", host, in);
    if (named.type != nullptr) {
      p.line("using Value = program::{};", cpp_type(u, named.type));
      p.line("static Value out([[maybe_unused]] Eval& ev, [[maybe_unused]] const {}& v) {{ return {{{}}}; }}", host, out);
    }
    p.close(";");
  }
  p.raw(u.opening());
  return p.text();
}

std::string host_definitions(Unit& u) {
  const std::string& space = u.host->space();
  const std::string pipeline = literal(u.program.name);
  Printer p;
  p.line("namespace {} {{", space);
  p.blank();
  p.open("struct Pipeline::State");
  p.line("gress::embedded::Calls calls{{{}}};", pipeline);
  p.line("gress::embedded::ParamCheck check{{{}}};", pipeline);
  p.line("gress::engine::Runtime runtime;");
  p.line("std::unique_ptr<gress::program::Pipeline> program;");
  p.open("explicit State(const Params& given)");
  p.open("calls.run(\"Pipeline()\", [&]");
  p.line("const gress::program::Entered entered;");
  p.line("const gress::program::Params params(given, check);");
  p.line("check.done();");
  p.line("program = std::make_unique<gress::program::Pipeline>(runtime, params);");
  p.close(");");
  p.close();
  p.line("template <class Call>");
  p.open("void run(const char* function, Call call, bool own_clock = true)");
  p.open("calls.run(function, [&]");
  p.line("const gress::program::Entered entered(program->prepared);");
  p.line("if (!own_clock) program->own_clock_ = false;");
  p.line("program->enter();");
  p.line("call(*program);");
  p.close(");");
  p.close();
  p.line("template <class Rows>");
  p.open("Rows take(const char* function, Rows gress::program::Pipeline::*rows)");
  p.line("return calls.take(function, [&] {{ return std::exchange((*program).*rows, {{}}); }});");
  p.close();
  p.close(";");
  p.blank();
  p.line("Pipeline::Pipeline(const Params& params) : state_(std::make_unique<State>(params)) {{}}");
  p.line("Pipeline::~Pipeline() = default;");
  p.line("Pipeline::Pipeline(Pipeline&&) noexcept = default;");
  p.line("Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;");
  p.open("Pipeline::State& Pipeline::state(const char* function) const");
  p.line("if (!state_) gress::embedded::moved_away({}, function);", pipeline);
  p.line("return *state_;");
  p.close();
  for (const Host::Push& push : u.host->pushes)
    p.line("void Pipeline::{}(std::span<const {}> rows) {{ state(\"{}\").run(\"{}\", [&](auto& p) {{ gress::program::host_{}(p, rows); }}); }}",
           push.method, push.row, push.method, push.method, push.method);
  std::string all;
  const auto advance = [&](const std::string& method, const std::string& statements) {
    p.line("void Pipeline::{}(gress::embedded::Time to) {{ state(\"{}\").run(\"{}\", [&]([[maybe_unused]] auto& p) {{ [[maybe_unused]] const std::int64_t t = gress::embedded::micros({}, \"{}\", to); {}p.settle(); }}); }}",
           method, method, method, pipeline, method, statements);
  };
  for (const Host::Advance& a : u.host->advances) {
    const std::string one = fmt::format("p.{}.advance(t); ", a.member);
    all += one;
    advance(a.method, one);
  }
  advance("advance_to", all);
  p.open("void Pipeline::set_clock(gress::embedded::Time now)");
  p.line("const std::int64_t t = gress::embedded::micros({}, \"set_clock\", now);", pipeline);
  p.line("state(\"set_clock\").run(\"set_clock\", [&](auto& p) {{ p.advance_clock(t); p.settle(); }}, false);");
  p.close();
  p.line("void Pipeline::finish() {{ state(\"finish\").run(\"finish\", [&](auto& p) {{ p.finish(); state_->calls.finished(); }}); }}");
  for (const Host::Take& take : u.host->takes)
    p.line("std::vector<{}> Pipeline::{}() {{ return state(\"{}\").take(\"{}\", &gress::program::Pipeline::{}); }}", take.row, take.method, take.method, take.method, take.from);
  p.blank();
  p.line("}}  // namespace {}", space);
  return p.text();
}

}  // namespace gress::codegen
