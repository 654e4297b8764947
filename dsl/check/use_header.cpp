// `use "geo.hpp" { fn distance, type Point, aggregate Mean }`: what C++ headers declare becomes types, functions and
// aggregates of the program. What a header declares has been read before (foreign.h).
#include <algorithm>
#include <filesystem>
#include <optional>

#include "dsl/check/foreign_connectors.h"
#include "dsl/check/foreign_types.h"

namespace gress::dsl {

bool foreign::is_kind(const std::string& kind) {
  for (const char* known : {"fn", "type", "aggregate", "source", "sink"})
    if (kind == known) return true;
  return false;
}

bool foreign::is_header(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".hpp" || extension == ".h" || extension == ".hh";
}

namespace detail {
namespace {

using namespace checked;
using Form = foreign::Type::Form;

std::string path_from_main(const Context& c, const std::string& path) {
  const auto main = std::filesystem::path(c.sources.file(c.files.front()->file->id).name()).parent_path();
  const auto relative = std::filesystem::path(path).lexically_relative(main.empty() ? "." : main);
  return relative.empty() ? path : relative.string();
}

/// Where it was not found, the item is there for its uses to stay quiet.
void declare_unknown(Context& c, FileScope& scope, const ast::Used& used) {
  Declared d;
  d.kind = ItemKind::foreign;
  d.home = &scope;
  declare_used(c, scope, used, d);
  c.unknown_used.insert(used.alias ? used.alias->text : used.name.text);
}

void report_missing(Context& c, const ast::UseDecl& use, const ast::Used& used, const foreign::Item& item) {
  if (!item.scopes.empty()) {
    std::string list;
    for (const auto& scope : item.scopes) list += (list.empty() ? "`" : ", `") + scope + "`";
    c.report(Code::E0213, used.name.range, quote(use.path) + " declares several " + quote(used.name.text))
        .under("which one?")
        .note("they are " + list)
        .help("name one of them outside of all namespaces of the header: `using " + item.scopes.front() + ";`");
    return;
  }
  if (item.another) {
    c.report(Code::E0214, used.range, quote(used.name.text) + " is not the " + used.kind + " that is asked for")
        .under("something else has this name")
        .at(*item.another, "declared here")
        .note("of a C++ header `fn` is a function, `type` a struct or an enum, `aggregate`, `source` and `sink` a class");
    return;
  }
  auto& d = c.report(Code::E0213, used.name.range,
                     quote(use.path) + " declares no " + used.kind + " " + quote(used.name.text));
  d.under("not found there");
  const std::vector<std::string_view> names(item.names.begin(), item.names.end());
  suggest(d, used.name.text, used.name.range, names);
}

void report_broken(Context& c, const ast::UseDecl& use, const foreign::Header& header) {
  auto& d = c.report(Code::E0220, use.path_range, "the header " + quote(use.path) + " does not compile");
  d.under("used here");
  bool absent = false;
  for (const auto& error : header.errors) {
    if (error.range)
      d.at(*error.range, error.message);
    else
      d.note(error.message);
    if (error.message.ends_with("file not found")) absent = true;
  }
  if (absent) d.help("a header finds others beside itself, beside the program, and in the folders of `--include`");
}

void report_problems(Context& c, Range used, const std::vector<foreign::Problem>& problems) {
  auto& d = c.report(problems[0].of_type ? Code::E0221 : Code::E0222, used, problems[0].message);
  d.under("asked for here");
  std::vector<std::string> helps;  // each once
  for (const foreign::Problem& problem : problems) {
    d.at(problem.range, problem.label);
    if (&problem != &problems[0]) d.note(problem.message);
    if (!problem.help.empty() && std::find(helps.begin(), helps.end(), problem.help) == helps.end()) d.help(helps.emplace_back(problem.help));
  }
}

/// And the other way.
bool total_out(const foreign::Type& type) {
  switch (type.form) {
    case Form::boolean:
    case Form::i32:
    case Form::i64:
    case Form::f32:
    case Form::f64:
      return true;
    case Form::time:
    case Form::duration:
      return type.exact;
    case Form::optional:
      return total_out(type.of[0]);
    default:
      return false;
  }
}

std::string param_name(const foreign::Param& param, std::size_t i) {
  return param.name.empty() ? "arg" + std::to_string(i + 1) : param.name;
}

/// Of two overloads whose parameters are the same here: the one whose own are what the runtime has.
bool is_nearer(const ForeignFunction& a, const ForeignFunction& b) {
  const auto near = [](const std::string& cpp) { return cpp == "long" || cpp == "std::string_view"; };
  return std::count_if(a.cpp_params.begin(), a.cpp_params.end(), near) >
         std::count_if(b.cpp_params.begin(), b.cpp_params.end(), near);
}

bool same_params(const ForeignFunction& a, const ForeignFunction& b) {
  return std::equal(a.params.begin(), a.params.end(), b.params.begin(), b.params.end(),
                    [](const auto& x, const auto& y) { return same_shape(x.type, y.type); });
}

void add_functions(Context& c, FileScope& scope, const std::string& name, const Declared& d) {
  struct Candidate {
    ForeignFunction made;
    const foreign::Function* from;
  };
  std::vector<Candidate> candidates;
  bool others = d.foreign->others;  // overloads that C++ knows and the program does not
  std::optional<Mapping> unknown;
  Range place{};
  for (const foreign::Function& f : d.foreign->functions) {
    Mapping mapping(c);
    ForeignFunction made;
    made.name = name;
    made.doc = f.doc;
    made.range = f.range;
    made.cpp = f.cpp;
    made.pointer = f.pointer;
    made.deleted = f.is_deleted;
    made.result = mapping.map(f.result);
    for (const foreign::Param& p : f.params) {
      const Type* type = mapping.map(p.type);
      if (!p.optional) made.required = made.params.size() + 1;
      made.params.push_back({param_name(p, made.params.size()), type});
      made.cpp_params.push_back(p.type.cpp);
      made.args_may_fail = made.args_may_fail || !total_in(c, p.type);
    }
    made.may_throw = !f.is_noexcept;
    made.may_fail = made.may_throw || made.args_may_fail || !total_out(f.result);
    if (!mapping.unknown.empty()) {
      unknown.emplace(mapping);
      place = f.range;
      others = true;
      continue;
    }
    const auto twin = std::find_if(candidates.begin(), candidates.end(),
                                   [&](const Candidate& one) { return same_params(one.made, made); });
    if (twin == candidates.end())
      candidates.push_back({std::move(made), &f});
    else if (others = true; is_nearer(made, twin->made))
      *twin = {std::move(made), &f};
  }
  auto& overloads = scope.names.foreign[name];
  for (auto& [made, from] : candidates) {
    if (others) {  // C++ might choose one of those: it is told which one is meant. A pointer knows no defaults.
      made.cpp = from->pointer;
      made.required = made.params.size();
    }
    overloads.push_back(static_cast<Index>(c.program.foreign_functions.size()));
    c.program.foreign_functions.push_back(std::move(made));
  }
  if (!overloads.empty()) return;
  scope.names.foreign.erase(name);
  c.unknown_used.insert(name);
  if (unknown) report_unknown(c, d.range, name, *unknown, place);
}

void add_aggregate(Context& c, FileScope& scope, const std::string& name, Declared& d) {
  const foreign::Aggregate& a = *d.foreign->aggregate;
  Mapping mapping(c);
  UserAggregate made;
  made.name = unique_name(c.program.aggregates, name);
  made.doc = a.doc;
  made.range = a.range;
  ForeignClass foreign;
  foreign.cpp = a.cpp;
  foreign.archives = a.saved == foreign::Aggregate::Saved::archive;
  foreign.saved = a.saved != foreign::Aggregate::Saved::no;
  foreign.form = a.form;
  foreign.pointers = {a.add.pointer, a.result.pointer, a.merge_pointer};
  if (a.retract) foreign.pointers.push_back(a.retract->pointer);
  foreign.used = d.range;
  foreign.add_throws = !a.add.is_noexcept;
  foreign.merge_throws = !a.merge_noexcept;
  foreign.result_throws = !a.result.is_noexcept;
  foreign.retract_throws = a.retract && !a.retract->is_noexcept;
  foreign.add_fails = foreign.add_throws || foreign.retract_throws;
  for (const foreign::Param& p : a.add.params) {
    const Type* type = mapping.map(p.type);
    made.params.push_back({param_name(p, made.params.size()), type});
    foreign.cpp_params.push_back(p.type.cpp);
    foreign.add_fails = foreign.add_fails || !mapping.unknown.empty() || !total_in(c, p.type);
  }
  made.result_type = mapping.map(a.result.result);
  foreign.result_fails = foreign.result_throws || !total_out(a.result.result);
  made.has_retract = a.retract.has_value();
  made.foreign = std::move(foreign);
  if (!mapping.unknown.empty()) {
    report_unknown(c, d.range, name, mapping, a.range);
    c.unknown_used.insert(name);
    return;
  }
  d.index = static_cast<Index>(c.program.aggregates.size());
  scope.names.aggregates[name] = d.index;
  c.program.aggregates.push_back(std::move(made));
}

}  // namespace

void use_header(Context& c, FileScope& scope, const ast::UseDecl& use) {
  const std::string path = used_path(c.sources, scope.file->id, use.path);
  const auto header = c.headers.find(path);
  const std::string included = path_from_main(c, path);
  if (std::any_of(included.begin(), included.end(),
                  [](char b) { return b == '"' || b == '\\' || static_cast<unsigned char>(b) < ' '; })) {
    c.report(Code::E0212, use.path_range, "cannot use " + quote(use.path))
        .under("C++ cannot name such a file")
        .help("a header's path holds no quotes and no backslashes");
  } else if (header != c.headers.end() && !header->second.errors.empty()) {
    report_broken(c, use, header->second);
  } else if (header != c.headers.end()) {
    if (!header->second.problems.empty()) report_problems(c, use.path_range, header->second.problems);
    if (std::find(c.program.headers.begin(), c.program.headers.end(), included) == c.program.headers.end())
      c.program.headers.push_back(included);
    c.program.header_macros.insert(header->second.macros.begin(), header->second.macros.end());
    c.program.taken_names.insert(header->second.taken.begin(), header->second.taken.end());
    for (const auto& used : use.used) {
      const foreign::Item* item = header->second.find(used.kind, used.name.text);
      if (item == nullptr) {
        c.report(Code::E0214, used.range, "a C++ header has no " + used.kind)
            .under("not in a header")
            .help("of a header `fn`, `type` (a struct or an enum), `aggregate`, `source` and `sink` can be used");
      } else if (item->missing) {
        report_missing(c, use, used, *item);
      } else if (!item->problems.empty()) {
        report_problems(c, used.range, item->problems);
        if (!item->broken.empty()) c.foreign_types.emplace(item->broken, nullptr);  // what speaks of it stays quiet
      } else {
        Declared d;
        d.home = &scope;
        d.foreign = item;
        d.kind = item->aggregate                 ? ItemKind::aggregate
                 : item->connector               ? ItemKind::connector
                 : !item->named                  ? ItemKind::function
                 : item->named->variants.empty() ? ItemKind::type
                                                 : ItemKind::enum_;
        declare_used(c, scope, used, d);
        if (scope.main && (d.kind == ItemKind::function || d.kind == ItemKind::aggregate))
          c.hiding.push_back(used.alias ? *used.alias : used.name);
        continue;
      }
      declare_unknown(c, scope, used);
    }
    return;
  }
  for (const auto& used : use.used) declare_unknown(c, scope, used);
}

void declare_foreign_types(Context& c) {
  struct Pending {
    Type* type;
    const foreign::Named* named;
    Range used;
    std::string name;
  };
  std::vector<Pending> all;
  for (auto& scope : c.files)
    for (auto& [name, d] : scope->items) {
      if (d.foreign == nullptr || !d.foreign->named) continue;
      const foreign::Named& named = *d.foreign->named;
      auto [at, fresh] = c.foreign_types.try_emplace(named.cpp, nullptr);
      if (fresh) {
        at->second = c.types().declare(named.variants.empty() ? Kind::record : Kind::enumeration, name, named.range);
        at->second->doc = named.doc;
        c.program.types.push_back(at->second);
        all.push_back({at->second, &named, d.range, name});
      }
      d.type = at->second;
    }
  for (const Pending& p : all) {
    ForeignType made{p.type, p.named->cpp, {}};
    for (const auto& v : p.named->variants) p.type->variants.push_back({v.name, v.name, v.doc});
    for (const auto& f : p.named->fields) {
      Mapping mapping(c);
      if (f.name.starts_with('_'))
        c.report(Code::E0209, p.used, "the name " + quote(f.name) + " is reserved")
            .under("asked for here")
            .at(f.range, "names beginning with `_` belong to the language");
      p.type->fields.push_back({f.name, mapping.map(f.type), f.name, nullptr, f.doc});
      made.cpp_fields.push_back(f.type.cpp);
      if (!mapping.unknown.empty()) report_unknown(c, p.used, p.name, mapping, f.range);
    }
    c.program.foreign_types.push_back(std::move(made));
  }
}

void declare_foreign_functions(Context& c) {
  for (const ast::Name& name : c.hiding) c.exprs->warn_if_hides_builtin(name);
  for (auto& scope : c.files)
    for (auto& [name, d] : scope->items) {
      if (d.foreign == nullptr || d.foreign->named) continue;
      if (d.foreign->aggregate)
        add_aggregate(c, *scope, name, d);
      else if (d.foreign->connector)
        add_connector(c, name, d);
      else
        add_functions(c, *scope, name, d);
    }
}

}  // namespace detail
}  // namespace gress::dsl
