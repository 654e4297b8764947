// What is used of C++ headers: includes, bridges for their structs and enums, calls, aggregates.
#include "compiler/codegen/emit_foreign.h"

#include "compiler/codegen/as_read.h"
#include "compiler/codegen/expr.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// `static_cast<double>(foreign::Bridge<double>::in(ev, x))`: exactly of the C++ type, so that it chooses the overload.
std::string value_in(const std::string& cpp, const std::string& x) {
  return fmt::format("static_cast<{}>(foreign::Bridge<{}>::in(ev, {}))", cpp, cpp, x);
}

std::string values_in(const std::vector<std::string>& cpp, const std::vector<std::string>& args) {
  std::string list;
  for (std::size_t i = 0; i != args.size(); ++i) list += (i == 0 ? "" : ", ") + value_in(cpp[i], args[i]);
  return list;
}

constexpr const char* kForwarded = "std::forward<decltype(a)>(a)...";
/// The call stands where its values, of their C++ types, are there; they are forwarded to it.
std::string guarded(const std::string& name, const std::string& call, const std::string& values) {
  return fmt::format("foreign::guarded(ev, {}, [&]([[maybe_unused]] auto&&... a) {{ {} }}{}{})", literal(name), call,
                     values.empty() ? "" : ", ", values);
}

/// Whether the value is there whatever happened before: columns, literals and what is computed of them and cannot fail.
bool is_sound(const Unit& u, ExprPtr e) {
  if (e->kind == ExprKind::ref && e->scope != Scope::row && e->scope != Scope::right && e->scope != Scope::group)
    return false;
  for (ExprPtr arg : e->args)
    if (!is_sound(u, arg)) return false;
  for (const MatchArm& arm : e->arms)
    if (!is_sound(u, arm.value)) return false;
  return !plan::may_fail(u.program, e);
}

/// Structs may hold each other: first what there is, then how.
void declare_bridge(Unit& u, Printer& p, const ForeignType& f) {
  const std::string type = cpp_type(u, f.type);
  p.raw("template <>");
  if (f.type->is(Kind::enumeration)) {
    std::string constants;
    for (const dsl::EnumVariant& v : f.type->variants) constants += fmt::format(", {}::{}", f.cpp, v.name);
    p.line("struct gress::foreign::Bridge<{}> : EnumBridge<{}, gress::program::{}{}> {{}};", f.cpp, f.cpp, type, constants);
    return;
  }
  p.open("struct gress::foreign::Bridge<{}>", f.cpp);
  p.line("using Value = program::{};", type);
  p.line("template <class V>");
  p.line("static {} in(Eval& ev, const V& v);", f.cpp);
  p.line("static Value out(Eval& ev, const {}& v);", f.cpp);
  p.close(";");
}

void define_bridge(Printer& p, const ForeignType& f) {
  if (f.type->is(Kind::enumeration)) return;
  std::string in, out;
  for (std::size_t i = 0; i != f.cpp_fields.size(); ++i) {
    const std::string& name = f.type->fields[i].name;
    in += (i == 0 ? "" : ", ") + fmt::format(".{} = Bridge<{}>::in(ev, v.{})", name, f.cpp_fields[i], identifier(name));
    out += (i == 0 ? "" : ", ") + fmt::format("Bridge<{}>::out(ev, v.{})", f.cpp_fields[i], name);
  }
  p.line("template <class V>");
  p.line("{} gress::foreign::Bridge<{}>::in([[maybe_unused]] Eval& ev, const V& v) {{ return {{{}}}; }}", f.cpp, f.cpp,
         in);
  p.line(
      "inline auto gress::foreign::Bridge<{}>::out([[maybe_unused]] Eval& ev, const {}& v) -> Value {{ return {{{}}}; "
      "}}",
      f.cpp, f.cpp, out);
}

void check_as_read(Printer& p, const std::string& what, const std::string& argument) {
  p.line("static_assert(gress::foreign::as_read({}));  {}{}", argument, kAsRead, comment(what));
}

/// They were read by Clang, and what builds may be another compiler, to which macros say something else: whatever generated code
/// rests on is asked of it.
void check_what_was_read(const Unit& u, Printer& p) {
  for (const ForeignFunction& f : u.program.foreign_functions)
    if (!f.deleted) check_as_read(p, "the function `" + f.name + "`", f.pointer);
  for (const ForeignType& f : u.program.foreign_types) {
    const std::string what = "the type `" + f.cpp.substr(2) + "`";
    for (std::size_t i = 0; i != f.cpp_fields.size(); ++i) {
      const std::string member = f.cpp + "::" + f.type->fields[i].name;
      check_as_read(p, what, fmt::format("std::type_identity<{}>(), std::type_identity<decltype({})>()", f.cpp_fields[i], member));
      if (i != 0) check_as_read(p, what, fmt::format("offsetof({0}, {1}), offsetof({0}, {2})", f.cpp, f.type->fields[i - 1].name, f.type->fields[i].name));
    }
  }
  for (const UserAggregate& a : u.program.aggregates)
    if (a.foreign)
      for (const std::string& pointer : a.foreign->pointers) check_as_read(p, "the aggregate `" + a.name + "`", pointer);
}

}  // namespace

void include_headers(const Unit& u, Printer& p) {
  if (u.program.headers.empty()) return;
  p.raw("#include \"runtime/core/foreign.h\"");
  // Paths that hold quotes or backslashes were refused.
  for (const std::string& header : u.program.headers) p.line("#include \"{}\"", header);
  for (const std::string& macro : u.program.header_macros) p.line("#undef {}", macro);
  check_what_was_read(u, p);
}

void emit_bridges(Unit& u) {
  if (u.program.foreign_types.empty()) return;
  u.types.raw(u.closing());
  for (const ForeignType& f : u.program.foreign_types) declare_bridge(u, u.types, f);
  for (const ForeignType& f : u.program.foreign_types) define_bridge(u.types, f);
  u.types.raw(u.opening());
}

std::string foreign_call(Unit& u, ExprPtr e, const std::vector<std::string>& args) {
  const ForeignFunction& f = u.program.foreign_functions[e->index];
  bool sound = !f.may_throw && !f.args_may_fail;
  for (ExprPtr arg : e->args) sound = sound && is_sound(u, arg);
  const std::string values = values_in(f.cpp_params, args);
  if (sound) return fmt::format("foreign::out(ev, {}({}))", f.cpp, values);
  return guarded(f.name, fmt::format("return foreign::out(ev, {}({}));", f.cpp, kForwarded), values);
}

namespace {

/// `::x::Ticks::Options{.path = …}`: those that are given.
std::string options_in(Unit& u, const ForeignConnector& c, const std::vector<OptionValue>& given) {
  std::string list;
  for (const ForeignConnector::Option& o : c.options)
    for (const OptionValue& value : given)
      if (value.name == o.name)
        list += fmt::format("{}.{} = {}", list.empty() ? "" : ", ", o.name, value_in(o.cpp, emit_expr(u, value.value, ExprEnv{})));
  return fmt::format("{}{{{}}}", c.options_cpp.empty() ? "foreign::NoOptions" : c.options_cpp, list);
}

}  // namespace

void declare_given_row(const Unit& u, Printer& s, const Source& source) {
  if (source.foreign == nullptr || u.host) return;
  s.line("static void row([[maybe_unused]] Eval& ev, [[maybe_unused]] const {}& given, [[maybe_unused]] Block::Row& o);", source.foreign->cpp_row);
}

void define_given_row(Unit& u, const Source& source, const std::string& spec, const plan::Flow& flow) {
  if (source.foreign == nullptr || u.host) return;
  const ForeignConnector& c = *source.foreign;
  Printer& p = u.definitions;
  open_definition(u, "void", spec, fmt::format("row([[maybe_unused]] Eval& ev, [[maybe_unused]] const {}& given, [[maybe_unused]] Block::Row& o)", c.cpp_row));
  for (std::size_t i = 0; i != c.row->fields.size(); ++i)
    if (flow.uses[i].any())
      p.line("o.{} = foreign::Bridge<{}>::out(ev, given.{});", identifier(flow.row.columns[i].name), c.cpp_fields[i], c.row->fields[i].name);
  p.close();
}

std::string make_foreign_source(Unit& u, const plan::Node& node, const std::string& name, const std::string& spec, const std::string& time) {
  const Source& source = u.program.sources[node.source];
  return fmt::format("foreign::ForeignSource<{}, {}> {}{{*this, runtime, {}, {}, {}, {}, {}{}}}", spec, source.foreign->cpp, name,
                     literal(source.foreign->cpp.substr(2)), options_in(u, *source.foreign, source.options), u.sources.position(source.range).line, time,
                     emit_option(u, source.rate, "0.0"), u.for_workers && plan::at_first(u.plan, node) ? ", Take::first" : "");
}

std::string make_foreign_writer(Unit& u, const Sink& sink, const std::string& name) {
  return fmt::format("foreign::ForeignWriter<{}> {}_to{{runtime, {}, {}, {}, {}, {}}}", sink.foreign->cpp, name, literal(sink.name),
                     literal(sink.foreign->cpp.substr(2)), options_in(u, *sink.foreign, sink.options), u.durable, u.sources.position(sink.range).line);
}

void emit_foreign_aggregate(Unit& u, const UserAggregate& a, const std::string& name) {
  const ForeignClass& c = *a.foreign;
  Printer& p = u.functions;
  p.open("struct {}", name);
  p.line("static constexpr bool invertible = {};", a.has_retract);
  p.line("static constexpr bool exact_inverse = false;");
  p.line("static constexpr bool add_can_fail = {};", c.add_fails);
  p.line("foreign::Kept<{}, {}> held;", c.cpp, c.archives);
  std::string params;
  std::vector<std::string> args;
  for (std::size_t i = 0; i != a.params.size(); ++i) {
    args.push_back(fmt::format("a{}", i));
    params += fmt::format(", const {}& {}", cpp_type(u, a.params[i].type), args.back());
  }
  const std::string values = values_in(c.cpp_params, args);
  const auto update = [&](const char* ours, const char* theirs, bool throws) {
    const std::string call = fmt::format("held.value.{}({})", theirs, c.add_fails ? kForwarded : values);
    p.line("void {}([[maybe_unused]] Eval& ev{}) {{ {}; }}", ours, params,
           throws || c.add_fails ? guarded(a.name + "." + theirs, call + ";", values) : call);
  };
  update("add", "add", c.add_throws);
  if (a.has_retract) update("remove", "retract", c.retract_throws);
  p.line("void merge([[maybe_unused]] Eval& ev, const {}& other) {{ {}; }}", name,
         c.merge_throws ? guarded(a.name + ".merge", "held.value.merge(other.held.value);", "")
                        : "held.value.merge(other.held.value)");
  p.line("{} result([[maybe_unused]] Eval& ev) const {{ return {}; }}", cpp_type(u, a.result_type),
         c.result_throws ? guarded(a.name + ".result", "return foreign::out(ev, held.value.result());", "")
                         : "foreign::out(ev, held.value.result())");
  p.line("void clear() {{ held = {{}}; }}");
  print_archive(u, p, {"held"});
  p.close(";");
  p.blank();
}

}  // namespace gress::codegen
