#include "compiler/codegen/host.h"

#include <algorithm>
#include <cctype>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// `busy_by_area` → `BusyByArea`
std::string camel(std::string_view name) {
  std::string out;
  bool up = true;
  for (const char c : name) {
    if (c == '_' || c == '.') up = true;
    else out += up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c, up = false;
  }
  return out;
}

/// What the C library declares where a namespace of the program would stand, as far as programs may be called so.
constexpr std::string_view kOfC[] = {
    "abort", "abs", "accept", "access", "acos", "alarm", "asin", "atan", "atexit", "atoi", "bind", "bsearch", "calloc",
    "ceil", "clock", "close", "connect", "cos", "daylight", "difftime", "div", "dup", "environ", "exit", "exp", "fabs",
    "floor", "fmod", "fork", "free", "gamma", "getenv", "index", "j0", "j1", "jn", "kill", "labs", "ldexp", "link",
    "listen", "localtime", "log", "log10", "log2", "logb", "malloc", "mktime", "nice", "open", "pause", "perror", "pipe",
    "poll", "pow", "printf", "puts", "qsort", "raise", "rand", "random", "read", "realloc", "remove", "rename", "rewind",
    "rint", "round", "scanf", "select", "send", "signal", "sin", "sleep", "sqrt", "stat", "sync", "system", "tan", "time",
    "times", "timezone", "trunc", "truncate", "unlink", "wait", "write", "y0", "y1", "yn",
};

constexpr const char* kClasses[] = {"Pipeline", "Params", "State"};

/// Whether a header of the program has something else of this name, or a namespace of it with what stands in every pipeline's.
bool is_of_header(const Program& program, const std::string& name) {
  return program.taken_names.contains(name) ||
         std::ranges::any_of(kClasses, [&](const char* own) { return program.taken_names.contains(name + "::" + own); });
}

/// A namespace of its own: names of pipelines may be those of files.
std::string space_name(const Program& program) {
  const std::string_view name = program.name;
  std::string out;
  for (const char c : name) out += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ? c : '_';
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(0, "pipeline_");
  out = host_name(out);
  if (out == "std" || out == "gress" || out == "posix" || std::ranges::find(kOfC, out) != std::end(kOfC)) out += '_';
  while (is_of_header(program, out)) out += '_';
  return out;
}

void doc_line(Printer& p, const std::string& doc) {
  if (!doc.empty()) p.line("/// {}", comment(doc));
}

}  // namespace

Host::Host(const Program& program) : space_(space_name(program)) {
  for (const ForeignType& f : program.foreign_types) foreign_[f.type] = f.cpp;
  for (const char* taken : kClasses) names_.reserve(taken);
  const std::string own = space_ + "::";  // a namespace of a header's, which goes on here
  for (const std::string& taken : program.taken_names)
    if (taken.starts_with(own)) names_.reserve(taken.substr(own.size()));
  for (const char* taken : {"advance_to", "finish", "set_clock"}) methods_.reserve(taken);
}

std::string Host::type(const Type* t, bool within) {
  if (const auto found = foreign_.find(t); found != foreign_.end()) {
    wants_headers_ = true;
    return found->second;
  }
  const std::string in_space = within ? "" : "::" + space_ + "::";
  switch (t->kind) {
    case Kind::error:
    case Kind::null: return "std::optional<bool>";  // a column that is absent in every row
    case Kind::boolean: return "bool";
    case Kind::i32: return "std::int32_t";
    case Kind::i64: return "std::int64_t";
    case Kind::f32: return "float";
    case Kind::f64: return "double";
    case Kind::decimal: return "gress::embedded::Decimal";
    case Kind::string: return "std::string";
    case Kind::bytes: return "gress::embedded::Bytes";
    case Kind::timestamp: return "gress::embedded::Time";
    case Kind::duration: return "gress::embedded::Duration";
    case Kind::uuid: return "gress::embedded::Uuid";
    case Kind::enumeration: return in_space + enumeration(t);
    case Kind::record: return in_space + record(t);
    case Kind::list: return fmt::format("std::vector<{}>", type(t->elem, within));
    case Kind::map: return fmt::format("std::vector<std::pair<{}, {}>>", type(t->key, within), type(t->elem, within));
    case Kind::optional: return fmt::format("std::optional<{}>", type(t->elem, within));
  }
  return "";
}

std::string Host::method(const std::string& what, std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');  // sink orders.placed
  return methods_.take(what + name);
}

std::string Host::enumeration(const Type* t) {
  if (const auto found = enums_.find(t); found != enums_.end()) return found->second;
  const std::string name = names_.take(type_identifier(t->name));
  enums_[t] = name;
  doc_line(types_, t->doc);
  types_.open("enum class {} : std::uint{}_t", name, t->variants.size() <= 256 ? 8 : 16);
  for (const dsl::EnumVariant& v : t->variants) types_.line("{},{}", host_name(v.name), v.doc.empty() ? "" : "  // " + comment(v.doc));
  types_.close(";");
  types_.blank();
  named_.push_back({name, t, {}});
  return name;
}

std::string Host::record(const Type* t) {
  if (const auto found = records_.find(t); found != records_.end()) return found->second;
  const std::string name = names_.take(type_identifier(t->name.empty() ? "Record" : t->name));
  records_[t] = name;
  Named named{name, t, {}};
  for (const dsl::RecordField& f : t->fields) named.fields.emplace_back(f.name, f.type);
  print_struct(name, t->doc, t->fields, false);
  named_.push_back(std::move(named));
  return name;
}

std::string Host::sink_row(const Sink& sink, const Row& row, bool with_op) {
  Named named{names_.take(type_identifier(camel(sink.name) + "Row")), nullptr, {}, with_op};
  std::vector<dsl::RecordField> fields;
  for (const Column& c : row.columns) {
    named.fields.emplace_back(c.name, c.type);
    fields.push_back({c.name, c.type, "", nullptr, c.doc});
  }
  print_struct(named.name, "Of sink `" + sink.name + "`.", fields, with_op);
  named_.push_back(named);
  return named.name;
}

void Host::print_struct(const std::string& name, const std::string& doc, const std::vector<dsl::RecordField>& fields, bool with_op) {
  std::vector<std::string> types;
  for (const dsl::RecordField& f : fields) types.push_back(type(f.type, true));  // printed before this one
  doc_line(types_, doc);
  types_.open("struct {}", name);
  if (with_op) types_.line("gress::embedded::Op _op{{}};");
  for (std::size_t i = 0; i != fields.size(); ++i) {
    doc_line(types_, fields[i].doc);
    types_.line("{} {}{{}};", types[i], host_name(fields[i].name));
  }
  types_.close(";");
  types_.blank();
}

std::string host_header(const Unit& u, const std::string& declarations) {
  Printer p;
  p.line("// Generated by gressc from {}. How to use it: docs/embedding.md.", comment(u.options.source_name));
  p.raw("#pragma once");
  for (const char* header : {"cstdint", "memory", "optional", "span", "string", "utility", "vector"}) p.line("#include <{}>", header);
  p.blank();
  p.raw("#include \"runtime/embedded/embedded.h\"");
  if (u.host->wants_headers())
    for (const std::string& header : u.program.headers) p.line("#include \"{}\"", header);
  p.blank();
  return p.text() + declarations;
}

std::string host_declarations(Unit& u) {
  Host& host = *u.host;
  Printer params{1};
  for (const Param& param : u.program.params) {
    if (!param.doc.empty()) params.line("/// {}", comment(param.doc));
    const std::string otherwise = param.default_value != nullptr  ? "  // default: " + comment(u.sources.text(param.default_value->range))
                                  : param.type->is_optional() ? ""
                                                              : "  // must be given";
    params.line("std::optional<{}> {}{{}};{}", host.type(param.type->plain(), true), host_name(param.name), otherwise);
  }

  Printer p;
  p.line("namespace {} {{", host.space());
  p.blank();
  p.raw(host.types());
  p.raw("/// What is not given has the default of the program.");
  p.open("struct Params");
  p.text_block(params.text());
  p.close(";");
  p.blank();
  doc_line(p, u.program.doc);
  p.raw("/// Functions throw gress::embedded::Error and nothing else. One thread at a time.");
  p.open("class Pipeline");
  p.text_block(" public:\n");
  p.line("explicit Pipeline(const Params& params = {{}});");
  p.line("~Pipeline();");
  p.line("Pipeline(Pipeline&&) noexcept;");
  p.line("Pipeline& operator=(Pipeline&&) noexcept;");
  p.blank();
  for (const Host::Push& push : host.pushes) {
    p.line("/// {}", push.doc);
    p.line("void {}(std::span<const {}> rows);", push.method, push.row);
    p.line("void {}(const {}& row) {{ {}(std::span(&row, 1)); }}", push.method, push.row, push.method);
  }
  p.blank();
  for (const Host::Advance& advance : host.advances) {
    p.line("/// No row of source `{}` from before `to` comes any more: what waited for it is done.", advance.source);
    p.line("void {}(gress::embedded::Time to);", advance.method);
  }
  p.raw("/// The same of all sources.");
  p.line("void advance_to(gress::embedded::Time to);");
  p.raw("/// Processing time. Until this is called it is the machine's clock, looked at in each call.");
  p.line("void set_clock(gress::embedded::Time now);");
  p.raw("/// All input has ended: what was still open is given out. Rows can be taken after it, nothing else.");
  p.line("void finish();");
  p.blank();
  for (const Host::Take& take : host.takes) {
    p.line("/// {}", take.doc);
    p.line("std::vector<{}> {}();", take.row, take.method);
  }
  p.blank();
  p.text_block(" private:\n");
  p.line("struct State;");
  p.line("State& state(const char* function) const;");
  p.line("std::unique_ptr<State> state_;");
  p.close(";");
  p.blank();
  p.line("}}  // namespace {}", host.space());
  return p.text();
}

}  // namespace gress::codegen
