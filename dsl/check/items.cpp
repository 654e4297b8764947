// Names of every file, and params.
#include <algorithm>

#include "dsl/check/program.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

class Collector {
 public:
  Collector(Context& c, FileScope& scope) : c_(c), scope_(scope) {}

  void run() {
    for (const auto& item : scope_.file->items) std::visit([&](const auto& node) { add(item, node); }, item.node);
    if (!scope_.main) return;  // of used files only what can be used counts
    for (const auto& item : scope_.file->items) {
      if (const auto* stream = item.as<ast::StreamDecl>()) routes(item, stream->stages);
      else if (const auto* source = item.as<ast::SourceDecl>()) {
        option_route(&item, source->options, "invalid", {"fail"});
        option_route(&item, source->options, "unknown", {"invalid", "skip"});
      } else if (const auto* sink = item.as<ast::SinkDecl>()) {
        option_route(&item, sink->options, "rejected", {"fail"});
        window_route(item, sink->options);
      } else if (const auto* split = item.as<ast::SplitDecl>()) {
        for (const auto& route : split->routes)
          if (route.name) add_route(*route.name, &item, false);
      }
    }
    if (scope_.file->pipeline)
      option_route(nullptr, scope_.file->pipeline->options, "errors", {"fail"});
  }

 private:
  void declare(ItemKind kind, const ast::Name& name, const ast::Item& item) {
    if (name.text.empty()) return;  // the parser has reported it
    if (name.text.starts_with('_'))
      c_.report(Code::E0209, name.range, "the name " + quote(name.text) + " is reserved")
          .under("names beginning with `_` belong to the language");
    Declared d;
    d.kind = kind;
    d.range = name.range;
    d.item = &item;
    d.home = &scope_;
    auto [at, fresh] = scope_.items.try_emplace(name.text, d);
    if (!fresh) duplicate(name, kind, at->second);
  }
  void duplicate(const ast::Name& name, ItemKind kind, const Declared& first) {
    c_.report(Code::E0201, name.range, "the name " + quote(name.text) + " is given twice")
        .under(std::string("this ") + word(kind) + " has the name of another item")
        .at(first.range, std::string("the ") + word(first.kind) + " of that name");
  }

  void add(const ast::Item& i, const ast::Param& x) { declare(ItemKind::param, x.name, i); }
  void add(const ast::Item& i, const ast::TypeDecl& x) { declare(ItemKind::type, x.name, i); }
  void add(const ast::Item& i, const ast::EnumDecl& x) { declare(ItemKind::enum_, x.name, i); }
  void add(const ast::Item& i, const ast::UnionDecl& x) { declare(ItemKind::union_, x.name, i); }
  void add(const ast::Item& i, const ast::FnDecl& x) { declare(ItemKind::function, x.name, i); }
  void add(const ast::Item& i, const ast::AggregateDecl& x) { declare(ItemKind::aggregate, x.name, i); }
  void add(const ast::Item&, const ast::UseDecl&) {}
  void add(const ast::Item& i, const ast::SourceDecl& x) { declare(ItemKind::source, x.name, i); }
  void add(const ast::Item& i, const ast::TableDecl& x) { declare(ItemKind::table, x.name, i); }
  void add(const ast::Item& i, const ast::StreamDecl& x) { declare(ItemKind::stream, x.name, i); }
  void add(const ast::Item&, const ast::SinkDecl&) {}
  void add(const ast::Item&, const ast::SplitDecl&) {}
  void add(const ast::Item& i, const ast::StageDecl& x) { declare(ItemKind::stage, x.name, i); }
  void add(const ast::Item&, const ast::TestDecl&) {}

  // ---- streams declared where rows are sent; `producer`: null for the pipeline
  void add_route(const ast::Name& name, const ast::Item* producer, bool invalid, bool late_of_sink = false) {
    if (name.text.empty()) return;
    Declared d;
    d.kind = ItemKind::route;
    d.range = name.range;
    d.home = &scope_;
    d.producer = producer;
    d.invalid_route = invalid;
    d.late_of_sink = late_of_sink;
    auto [at, fresh] = scope_.items.try_emplace(name.text, d);
    if (fresh) return;
    const Declared& first = at->second;
    if (invalid && first.kind == ItemKind::route && first.invalid_route) return;
    if (first.kind == ItemKind::route) {
      c_.report(Code::E0422, name.range, "the stream " + quote(name.text) + " is declared twice")
          .under("other rows would go there too")
          .at(first.range, "declared here")
          .note("only `invalid:`, `errors:` and `rejected:` may share a stream; each `late_to`, and each route of a `split`, has its own");
    } else {
      duplicate(name, ItemKind::route, first);
    }
  }
  void option_route(const ast::Item* item, const std::optional<ast::Options>& options, std::string_view option,
                    std::initializer_list<std::string_view> words) {
    if (!options) return;
    for (const auto& entry : options->entries) {
      if (!entry.name || entry.name->text != option || !entry.value) continue;
      const std::string* name = bare_name(*entry.value);
      if (!name || std::find(words.begin(), words.end(), *name) != words.end()) continue;
      add_route({*name, bare(*entry.value).range}, item, true);
    }
  }
  /// `window: tumbling(1m, late_to: NAME)` of a sink.
  void window_route(const ast::Item& item, const std::optional<ast::Options>& options) {
    if (!options) return;
    for (const auto& entry : options->entries) {
      const auto* window = entry.field_name() == "window" && entry.value ? entry.value->as<ast::Call>() : nullptr;
      if (!window) continue;
      for (const auto& arg : window->args)
        if (const std::string* name = arg.name && arg.name->text == "late_to" && arg.value ? bare_name(*arg.value) : nullptr)
          add_route({*name, bare(*arg.value).range}, &item, false, true);
    }
  }
  void routes(const ast::Item& item, const std::vector<ast::Stage>& stages) {
    auto late_to = [&](const std::optional<ast::LateTo>& late) {
      if (late)
        for (const auto& name : late->names) add_route(name, &item, false);
    };
    for (const auto& stage : stages) {
      const ast::Window* window = nullptr;
      if (const auto* w = stage.as<ast::WindowStage>()) window = &w->window;
      if (const auto* j = stage.as<ast::Join>()) {
        late_to(j->late_to);
        if (j->window) window = &*j->window;
      }
      if (const auto* o = stage.as<ast::InOrder>()) late_to(o->late_to);
      if (const auto* m = stage.as<ast::Pattern>()) late_to(m->late_to);
      if (!window) continue;
      for (const auto& arg : window->args) {
        if (!arg.name || arg.name->text != "late_to" || !arg.value) continue;
        if (const std::string* name = bare_name(*arg.value)) add_route({*name, bare(*arg.value).range}, &item, false);
      }
    }
  }

  Context& c_;
  FileScope& scope_;
};

}  // namespace

void collect_items(Context& c) {
  for (auto& scope : c.files) Collector(c, *scope).run();
}

void check_params(Context& c) {
  FileScope& scope = c.main();
  for (const auto& item : scope.file->items) {
    const auto* decl = item.as<ast::Param>();
    if (!decl) continue;
    auto at = scope.items.find(decl->name.text);
    if (at == scope.items.end() || at->second.item != &item) continue;  // a duplicate
    Param param;
    param.name = decl->name.text;
    param.doc = item.doc;
    param.range = decl->name.range;
    param.type = c.resolve_type(*decl->type, scope);
    switch (param.type->plain()->kind) {
      case Kind::list:
      case Kind::map:
      case Kind::record:
        c.report(Code::E0210, decl->type->range, "a param cannot be of type " + quote(to_string(param.type)))
            .under("not a type that can be given at start")
            .note("params are scalars (`bool`, numbers, `string`, `bytes`, `timestamp`, `duration`, `uuid`) or enums, which may be absent: `T?`")
            .help("several values as one text: `param x: string`, and `split(x, \",\")` where they are used");
        param.type = c.types().error();
        break;
      default: break;
    }
    // The default sees neither params nor rows: its environment has no names beside types and functions.
    if (decl->init) {
      Env env;
      env.hint = "the default of a param sees no params";
      const std::string what = "the default of " + quote(param.name);
      const bool named = c.default_names_param(*decl->init, what);
      ExprPtr value = named ? c.error_expr(decl->init->range) : c.check_as(*decl->init, env, param.type, what);
      if (!value->type->is(Kind::error) && !is_constant(value)) {
        c.report(Code::E0211, decl->init->range, what + " is not constant")
            .under("must be known while compiling");
        value = c.error_expr(decl->init->range);
      }
      param.default_value = value;
    }
    at->second.index = static_cast<Index>(c.program.params.size());
    scope.names.params[param.name] = at->second.index;
    c.program.params.push_back(std::move(param));
  }
}

}  // namespace gress::dsl::detail
