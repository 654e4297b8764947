// Test blocks: rows fed and expected, as values of the columns they name.
#include <algorithm>

#include "dsl/check/program.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

/// A column that rows of a test may give.
struct Target { std::string name; const Type* type; bool optional; };

class TestChecker {
 public:
  TestChecker(Context& c, const ast::TestDecl& decl) : c_(c) {
    test_.name = decl.name;
    test_.range = decl.name_range;
    for (const auto& s : decl.steps) {
      range_ = s.range;
      std::visit([&](const auto& node) { step(node); }, s.node);
    }
  }
  Test take() { return std::move(test_); }

 private:
  Diagnostic& bad(Range range, const std::string& message) { return c_.report(Code::E0217, range, message); }

  /// Rows are written out: nothing but literals, enums, functions and the program's params.
  ExprPtr value(const ast::Expr& e, const Type* type, const std::string& what) {
    Env env;
    env.hint = "rows of a test are constants";
    return c_.setting(e, env, type, what);
  }

  void step(const ast::TestParam& p) {
    auto at = c_.main().items.find(p.name.text);
    if (at == c_.main().items.end() || at->second.kind != ItemKind::param || at->second.index == kNone) {
      if (at != c_.main().items.end() && at->second.kind == ItemKind::param) return;
      auto& d = bad(p.name.range, "there is no param " + quote(p.name.text));
      d.under("unknown param");
      std::vector<std::string_view> candidates;
      for (const auto& param : c_.program.params) candidates.push_back(param.name);
      suggest(d, p.name.text, p.name.range, candidates);
      return;
    }
    if (!p.value) return;
    Index i = at->second.index;
    ExprPtr v = value(*p.value, c_.program.params[i].type, "the param " + quote(p.name.text));
    for (const auto& [other, unused] : test_.params)
      if (other == i) bad(p.name.range, "the param " + quote(p.name.text) + " is set twice").under("set again");
    test_.params.emplace_back(i, v);
  }

  /// The source at the head of a chain of streams; empty where it is not plain to see.
  std::string source_of(const Declared& stream) const {
    const Declared* d = &stream;
    for (std::size_t steps = 0; d->kind == ItemKind::stream && d->item && steps != c_.main().items.size(); ++steps) {
      const auto& from = d->item->as<ast::StreamDecl>()->from;
      if (from.streams.size() != 1) return "";
      const ast::StreamRef& ref = from.streams[0];
      const auto at = c_.main().items.find(ref.stream.text);
      if (at == c_.main().items.end()) return "";
      d = &at->second;
      if (d->kind == ItemKind::source) return ref.stream.text + (ref.case_ ? "." + ref.case_->text : "");
    }
    return "";
  }

  void step(const ast::Feed& feed) {
    TestFeed out;
    out.range = range_;
    std::vector<Target> targets;
    auto at = c_.main().items.find(feed.stream.stream.text);
    const Declared* d = at == c_.main().items.end() ? nullptr : &at->second;
    const Type* type = nullptr;
    if (d && d->kind == ItemKind::table && d->index != kNone) {
      out.table = d->index;
      type = c_.program.tables[d->index].type;
    } else if (d && d->union_source != kNone) {
      out.stream = resolve_case(c_, d->union_source, feed.stream);
      if (out.stream == kNone || c_.broken[out.stream]) return;
      type = c_.program.sources[d->union_source].cases[c_.program.streams[out.stream].union_case].type;
    } else if (d && d->kind == ItemKind::source && d->index != kNone) {
      out.stream = d->index;
      if (c_.broken[d->index]) return;
      type = c_.program.sources[c_.program.streams[d->index].source].type;
      if (feed.stream.case_) {
        bad(feed.stream.range, "the rows of " + quote(d->item->as<ast::SourceDecl>()->name.text) + " have no cases");
        return;
      }
    } else {
      if (d && (d->kind == ItemKind::source || d->kind == ItemKind::table)) return;
      auto& report = bad(feed.stream.range, "rows are fed to sources and tables, and " + quote(feed.stream.stream.text) + (d ? " is " + a_word(d->kind) : std::string(" is neither")));
      report.under("cannot be fed");
      std::vector<std::string_view> candidates;
      for (const auto& [name, other] : c_.main().items)
        if (other.kind == ItemKind::source || other.kind == ItemKind::table) candidates.push_back(name);
      if (!d) suggest(report, feed.stream.stream.text, feed.stream.stream.range, candidates);
      else if (const std::string from = source_of(*d); !from.empty()) report.help("feed what it is made of: `feed " + from + " [ … ]`");
      return;
    }
    if (!type->is(Kind::record)) return;
    for (const auto& f : type->fields) targets.push_back({f.name, f.type, f.type->is_optional() || f.default_value});
    const Source* changes = out.stream == kNone ? nullptr : &c_.program.sources[c_.program.streams[out.stream].source];
    if (changes && changes->changes == ChangesKind::none) changes = nullptr;
    for (const auto& r : feed.rows) {
      std::optional<std::string> op;
      std::vector<Target> wanted = targets;
      // A delete needs its key alone.
      if (changes && is_delete(*r))
        for (std::size_t i = 0; i < wanted.size(); ++i)
          if (std::find(changes->key.begin(), changes->key.end(), static_cast<Index>(i)) == changes->key.end()) wanted[i].optional = true;
      if (auto row = test_row(*r, wanted, true, changes ? &op : nullptr)) {
        out.rows.push_back(std::move(*row));
        out.ops.push_back(std::move(op));
      }
    }
    test_.steps.push_back({std::move(out)});
  }

  void step(const ast::Advance& advance) {
    auto at = c_.main().items.find(advance.source.text);
    if (at == c_.main().items.end() || at->second.kind != ItemKind::source) {
      auto& d = bad(advance.source.range, "`advance` moves the watermark of a source, and " + quote(advance.source.text) + " is none");
      d.under("no source");
      std::vector<std::string_view> candidates;
      for (const auto& s : c_.program.sources) candidates.push_back(s.name);
      suggest(d, advance.source.text, advance.source.range, candidates);
      return;
    }
    if ((at->second.index == kNone && at->second.union_source == kNone) || !advance.to) return;
    Index source = at->second.union_source != kNone ? at->second.union_source : c_.program.streams[at->second.index].source;
    ExprPtr to = value(*advance.to, c_.types().basic(Kind::timestamp), "the time of `advance`");
    auto known = to->type->is(Kind::error) ? std::nullopt : constant_value(to);
    if (const auto* t = known ? std::get_if<std::int64_t>(&*known) : nullptr) {
      auto [last, fresh] = advanced_.try_emplace(source, *t);
      if (!fresh && *t < last->second) bad(advance.to->range, "a watermark does not go back").under("earlier than the `advance` before");
      last->second = *t;
    }
    test_.steps.push_back({TestAdvance{source, to, range_}});
  }

  void step(const ast::Expect& expect) {
    ast::StreamRef ref;
    ref.stream = expect.stream;
    ref.range = expect.stream.range;
    Index stream = resolve_stream(c_, ref, "a stream");
    if (stream == kNone || c_.broken[stream]) return;
    TestExpect out;
    out.stream = stream;
    out.ordered = expect.ordered;
    out.has_op = false;
    out.range = range_;
    std::vector<Target> targets;
    for (const auto& column : c_.program.streams[stream].row.columns) targets.push_back({column.name, column.type, true});
    const bool upsert = c_.program.streams[stream].kind == StreamKind::upsert;
    for (const auto& r : expect.rows) {
      std::optional<std::string> op;
      auto row = test_row(*r, targets, false, &op);
      if (!row) continue;
      if (op) out.has_op = true;
      if (op && !upsert) {
        bad(r->range, "the rows of " + quote(expect.stream.text) + " are facts, without `_op`").under("`_op` speaks of upsert streams");
        return;
      }
      out.ops.push_back(std::move(op));
      out.rows.push_back(std::move(*row));
    }
    test_.steps.push_back({std::move(out)});
  }

  static bool is_delete(const ast::Expr& e) {
    const auto* record = bare(e).as<ast::Record>();
    if (!record) return false;
    for (const auto& entry : record->entries) {
      const auto* text = entry.value && entry.field_name() == "_op" ? bare(*entry.value).as<ast::String>() : nullptr;
      if (text && text->parts.size() == 1 && !text->parts[0].expr && text->parts[0].text == "delete") return true;
    }
    return false;
  }

  /// The fields of a row by column; nothing after a diagnostic. `op` takes `_op`.
  std::optional<TestRow> test_row(const ast::Expr& e, const std::vector<Target>& targets, bool complete, std::optional<std::string>* op) {
    const auto* record = bare(e).as<ast::Record>();
    if (!record) {
      if (!bare(e).as<ast::Error>()) bad(e.range, "a row is written `{ name: value, … }`").under("no record");
      return std::nullopt;
    }
    TestRow row;
    row.range = e.range;
    std::map<std::string, Range> seen;
    for (const auto& entry : record->entries) {
      if (!entry.value) continue;
      std::string name = entry.field_name();
      Range range = entry.name ? entry.name->range : entry.range;
      auto [at, fresh] = seen.try_emplace(name, range);
      if (!fresh) {
        c_.report(Code::E0208, range, "the field " + quote(name) + " is given twice").at(at->second, "first given here");
        continue;
      }
      if (op && name == "_op") {
        const auto* text = bare(*entry.value).as<ast::String>();
        std::string word = text && text->parts.size() == 1 && !text->parts[0].expr ? text->parts[0].text : "";
        if (word != "upsert" && word != "delete") bad(entry.value->range, "`_op` is `\"upsert\"` or `\"delete\"`").under("neither");
        else *op = word;
        continue;
      }
      std::size_t i = 0;
      while (i < targets.size() && targets[i].name != name) ++i;
      if (i == targets.size()) {
        auto& d = bad(range, "the row has no field " + quote(name));
        d.under("unknown field");
        std::vector<std::string_view> candidates;
        for (const auto& t : targets) candidates.push_back(t.name);
        suggest(d, name, range, candidates);
        continue;
      }
      row.fields.emplace_back(static_cast<Index>(i), value(*entry.value, targets[i].type, "the field " + quote(name)));
    }
    if (complete) {
      std::string missing;
      for (const auto& t : targets)
        if (!t.optional && !seen.contains(t.name) && !t.type->is(Kind::error)) missing += (missing.empty() ? "" : ", ") + quote(t.name);
      if (!missing.empty()) bad(e.range, "the fed row lacks " + missing).under("fields without a default cannot be left out");
    }
    return row;
  }

  Context& c_;
  Test test_;
  Range range_{};
  std::map<Index, std::int64_t> advanced_;
};

}  // namespace

void check_tests(Context& c) {
  std::map<std::string, Range> names;
  for (const auto& item : c.main().file->items) {
    const auto* decl = item.as<ast::TestDecl>();
    if (!decl) continue;
    auto [at, fresh] = names.try_emplace(decl->name, decl->name_range);
    if (!fresh)
      c.report(Code::E0201, decl->name_range, "two tests are named \"" + decl->name + "\"").at(at->second, "the first");
    c.program.tests.push_back(TestChecker(c, *decl).take());
  }
}

}  // namespace gress::dsl::detail
