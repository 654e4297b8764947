#include "dsl/check/program.h"

#include <filesystem>

#include "dsl/check/walk.h"

namespace gress::dsl {
namespace detail {

using namespace checked;

const char* word(ItemKind kind) {
  switch (kind) {
    case ItemKind::param: return "param";
    case ItemKind::type: return "type";
    case ItemKind::enum_: return "enum";
    case ItemKind::union_: return "union";
    case ItemKind::function: return "fn";
    case ItemKind::aggregate: return "aggregate";
    case ItemKind::connector: return "C++ source or sink";
    case ItemKind::source: return "source";
    case ItemKind::table: return "table";
    case ItemKind::stream:
    case ItemKind::route: return "stream";
    case ItemKind::stage: return "stage";
    case ItemKind::foreign: return "C++ item";
  }
  return "item";
}

std::string a_word(ItemKind kind) {
  std::string w = word(kind);
  return (std::string_view("aeiou").find(w[0]) != std::string_view::npos && kind != ItemKind::union_ ? "an " : "a ") + w;
}

std::string quote(std::string_view name) { return "`" + std::string(name) + "`"; }

void suggest(Diagnostic& d, std::string_view name, Range range, std::span<const std::string_view> candidates) {
  auto near = nearest(name, candidates);
  if (near.empty()) return;
  d.fix("did you mean " + quote(near) + "?", range, std::string(near));
}

std::string line_of(const Context& c, Range range) { return std::to_string(c.sources.position(range).line); }

Row row_of(const Type* record) {
  Row row;
  // Wire names belong to the type where it is read; a row of its own has them only as `stream x: T`.
  for (const auto& f : record->fields) row.columns.push_back({f.name, f.type, f.name, f.doc});
  return row;
}

Diagnostic& Context::later(Code code, Range range, const std::string& what) {
  return report(code, range, what + " is part of the language and not built yet").under("not built yet");
}

Index Context::add_stream(std::string name, std::string doc, Range range, StreamOrigin origin) {
  Stream stream;
  stream.name = std::move(name);
  stream.doc = std::move(doc);
  stream.range = range;
  stream.origin = origin;
  program.streams.push_back(std::move(stream));
  broken.push_back(false);
  stream_items.push_back(nullptr);
  progress.push_back(Progress::untouched);
  return static_cast<Index>(program.streams.size() - 1);
}

bool Context::calls_unknown(const ast::Expr& expr) const {
  if (unknown_used.empty()) return false;
  bool found = false;
  walk(expr, [&](const ast::Expr& e) {
    const auto* n = e.as<ast::NameRef>();
    found |= n && unknown_used.contains(n->name);
  });
  return found;
}

ExprPtr Context::error_expr(Range range) {
  Expr e;
  e.type = types().error();
  e.range = range;
  return exprs->make(std::move(e));
}

ExprPtr Context::check(const ast::Expr& expr, const Env& env, const Type* expected) {
  if (calls_unknown(expr)) return error_expr(expr.range);
  return exprs->check(expr, env, expected);
}

ExprPtr Context::check_as(const ast::Expr& expr, const Env& env, const Type* to, std::string_view what) {
  if (calls_unknown(expr)) return error_expr(expr.range);
  return exprs->check_as(expr, env, to, what);
}

ExprPtr Context::setting(const ast::Expr& expr, const Env& env, const Type* to, const std::string& what) {
  ExprPtr e = check_as(expr, env, to, what);
  if (!e->type->is(Kind::error) && !is_param_constant(e)) {
    report(Code::E0413, expr.range, what + " must be constant or made of params").under("depends on the row");
    return error_expr(expr.range);
  }
  return e;
}

ExprPtr Context::positive(const ast::Expr& expr, const Env& env, const Type* to, const std::string& what,
                          bool zero_allowed) {
  ExprPtr e = setting(expr, env, to, what);
  if (!e->type->is(Kind::error)) require_positive(e, expr.range, what, zero_allowed);
  return e;
}

bool Context::require_positive(ExprPtr value, Range range, const std::string& what, bool zero_allowed) {
  using Rule = checked::Requirement::Rule;
  const std::string message = what + (zero_allowed ? " must not be negative" : " must be more than zero");
  const auto known = constant_value(value);
  if (!known) {
    require(zero_allowed ? Rule::not_negative : Rule::positive, value, nullptr, range, message);
    return true;
  }
  const auto* n = std::get_if<std::int64_t>(&*known);
  const auto* d = std::get_if<double>(&*known);
  if ((n == nullptr || *n > 0 || (*n == 0 && zero_allowed)) && (d == nullptr || *d > 0)) return true;
  report(Code::E0411, range, message).under((n != nullptr ? *n == 0 : *d == 0) ? "zero" : "negative");
  return false;
}

void Context::require(checked::Requirement::Rule rule, ExprPtr value, ExprPtr other, Range range, std::string message) {
  if (value == nullptr || value->type->is(Kind::error)) return;
  const bool two = rule == checked::Requirement::Rule::not_above || rule == checked::Requirement::Rule::multiple;
  if (two && (other == nullptr || other->type->is(Kind::error))) return;
  if (constant_value(value) && (!two || constant_value(other))) return;
  program.requirements.push_back({rule, value, other, std::move(message), range});
}

bool Context::default_names_param(const ast::Expr& expr, const std::string& what) {
  bool found = false;
  walk(expr, [&](const ast::Expr& e) {
    const auto* n = e.as<ast::NameRef>();
    auto at = n ? main().items.find(n->name) : main().items.end();
    if (found || at == main().items.end() || at->second.kind != ItemKind::param) return;
    found = true;
    report(Code::E0211, e.range, what + " is not constant")
        .under(quote(n->name) + " is given at start")
        .at(at->second.range, "the param");
  });
  return found;
}

void Context::check_column_name(std::string_view name, Range range) {
  if (name.starts_with('_')) {
    report(Code::E0209, range, "the name " + quote(name) + " is reserved")
        .under("names beginning with `_` belong to the language");
    return;
  }
  auto at = main().items.find(name);
  if (at != main().items.end() && at->second.kind == ItemKind::param)
    report(Code::E0205, range, quote(name) + " is a field of this row and a param of the program")
        .under("the field")
        .at(at->second.range, "the param")
        .help("rename one of them, so that an expression can mean only one thing");
}

}  // namespace detail

checked::Program check(const SourceManager& sources, std::span<const ast::File* const> files, Diagnostics& diagnostics,
                       const Catalog& catalog, const foreign::Headers& headers) {
  checked::Program program;
  program.type_table = std::make_shared<TypeTable>();
  if (files.empty()) return program;

  detail::Context c{sources, diagnostics, catalog, program, {}, nullptr, headers, {}, {}, {}, {}, {}, {}, {}, {}};
  for (const auto* file : files) {
    c.files.push_back(std::make_unique<detail::FileScope>());
    c.files.back()->file = file;
    c.files.back()->main = file == files.front();
  }
  const ast::File& main = *files.front();
  program.name = main.pipeline ? main.pipeline->name.text
                               : std::filesystem::path(sources.file(main.id).name()).stem().string();
  if (main.pipeline) program.doc = main.pipeline->doc;

  // Items first, so that their order in the text does not matter; then what expressions need (types, params,
  // functions), then rows from the sources on.
  detail::collect_items(c);
  detail::link_uses(c);
  c.exprs = std::make_unique<ExprChecker>(program, sources, diagnostics, c.main().names);
  detail::declare_types(c);
  detail::declare_unions(c);
  detail::check_params(c);
  detail::check_functions(c);
  detail::check_sources(c);
  detail::check_pipeline(c);
  detail::check_streams(c);
  detail::check_sinks(c);
  detail::check_standard_streams(c);
  detail::check_renamed(c);
  detail::check_delivery(c);
  detail::check_tests(c);
  detail::finish(c);
  return program;
}

checked::Program check(const SourceManager& sources, const std::vector<std::unique_ptr<ast::File>>& files,
                       Diagnostics& diagnostics, const Catalog& catalog, const foreign::Headers& headers) {
  std::vector<const ast::File*> pointers;
  for (const auto& file : files) pointers.push_back(file.get());
  return check(sources, pointers, diagnostics, catalog, headers);
}

}  // namespace gress::dsl

int gress::dsl::checked::Row::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == name) return static_cast<int>(i);
  return -1;
}
