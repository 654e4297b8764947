// `use "x.gress" { fn f, type T as U }`: names of other files become names of this one.
#include <filesystem>

#include "dsl/check/program.h"

namespace gress::dsl::detail {
namespace {

FileScope* find_file(Context& c, const std::string& path) {
  std::error_code error;
  for (auto& scope : c.files) {
    const std::string& name = c.sources.file(scope->file->id).name();
    if (name == path || std::filesystem::equivalent(name, path, error)) return scope.get();
  }
  return nullptr;
}

/// Schema files and others: refused, but their names are known, so that their uses stay quiet.
void use_other(Context& c, FileScope& scope, const ast::UseDecl& use) {
  std::string extension = std::filesystem::path(use.path).extension().string();
  if (extension == ".avsc" || extension == ".proto" || extension == ".json") {
    c.later(Code::E0931, use.path_range, "`use` of a schema file");
  } else {
    c.report(Code::E0212, use.path_range, "cannot use " + quote(use.path))
        .under("not a `.gress` file")
        .help("used files end in `.gress` or, of C++, in `.hpp`, `.hh` or `.h` (later also `.avsc`, `.proto`, `.schema.json`)");
  }
  for (const auto& used : use.used) {
    Declared d;
    d.kind = ItemKind::foreign;
    d.home = &scope;
    declare_used(c, scope, used, d);
    c.unknown_used.insert(used.alias ? used.alias->text : used.name.text);
  }
}

void use_gress(Context& c, FileScope& scope, const ast::UseDecl& use) {
  FileScope* from = find_file(c, used_path(c.sources, scope.file->id, use.path));
  for (const auto& used : use.used) {
    Declared d;
    d.home = &scope;
    d.kind = ItemKind::foreign;
    if (!from) {  // the loader has reported it
      declare_used(c, scope, used, d);
      c.unknown_used.insert(used.alias ? used.alias->text : used.name.text);
      continue;
    }
    auto at = from->items.find(used.name.text);
    bool usable = at != from->items.end() && !at->second.target && at->second.item;
    if (usable) {
      switch (at->second.kind) {
        case ItemKind::type:
        case ItemKind::enum_:
        case ItemKind::union_:
        case ItemKind::function:
        case ItemKind::aggregate:
        case ItemKind::stage: break;
        default: usable = false;
      }
    }
    if (!usable) {
      auto& report = c.report(Code::E0213, used.name.range, quote(use.path) + " declares no " + used.kind + " " + quote(used.name.text));
      report.under("not found there");
      if (at != from->items.end())
        report.note(at->second.target || at->second.foreign ? "it is itself used there from another file; use it from that one"
                                      : "it is " + a_word(at->second.kind) + " there; only types, enums, unions, functions, aggregates and stages can be used");
      std::vector<std::string_view> candidates;
      for (const auto& [name, other] : from->items)
        if (!other.target && word(other.kind) == used.kind) candidates.push_back(name);
      suggest(report, used.name.text, used.name.range, candidates);
      declare_used(c, scope, used, d);
      c.unknown_used.insert(used.alias ? used.alias->text : used.name.text);
      continue;
    }
    if (used.kind != word(at->second.kind))
      c.report(Code::E0214, used.range, quote(used.name.text) + " is " + a_word(at->second.kind) + ", not the " + used.kind + " that is asked for")
          .under(std::string("should be `") + word(at->second.kind) + " " + used.name.text + "`")
          .at(at->second.range, "declared here");
    d.kind = at->second.kind;
    d.item = at->second.item;
    d.target = &at->second;
    declare_used(c, scope, used, d);
  }
}

}  // namespace

Declared& declare_used(Context& c, FileScope& scope, const ast::Used& used, Declared d) {
  const ast::Name& as = used.alias ? *used.alias : used.name;
  d.range = as.range;
  auto [at, fresh] = scope.items.try_emplace(as.text, d);
  // Of what was not found the one finding is enough.
  if (!fresh && d.kind != ItemKind::foreign)
    c.report(Code::E0201, as.range, "the name " + quote(as.text) + " is given twice")
        .under("used under a name that is taken")
        .at(at->second.range, std::string("the ") + word(at->second.kind) + " of that name")
        .help("give it another name: `" + used.kind + " " + used.name.text + " as …`");
  return at->second;
}

void link_uses(Context& c) {
  for (auto& scope : c.files)
    for (const auto& item : scope->file->items) {
      const auto* use = item.as<ast::UseDecl>();
      if (!use) continue;
      if (std::filesystem::path(use->path).extension() == ".gress") use_gress(c, *scope, *use);
      else if (foreign::is_header(use->path)) use_header(c, *scope, *use);
      else use_other(c, *scope, *use);
    }
}

}  // namespace gress::dsl::detail
