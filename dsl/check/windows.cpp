// `window W(…)`: kinds, arguments, sizes, and what a window makes of the rows after it.
#include <algorithm>

#include "dsl/catalog/windows.h"
#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

constexpr WindowKind kKinds[] = {WindowKind::tumbling,   WindowKind::sliding, WindowKind::session,
                                 WindowKind::cumulative, WindowKind::count,   WindowKind::global};
WindowKind kind_of(const WindowInfo& info) { return kKinds[&info - windows().data()]; }

constexpr std::pair<std::string_view, CalendarUnit> kUnits[] = {
    {"hour", CalendarUnit::hour},   {"day", CalendarUnit::day},         {"week", CalendarUnit::week},
    {"month", CalendarUnit::month}, {"quarter", CalendarUnit::quarter}, {"year", CalendarUnit::year}};

/// Why an argument that other windows take makes no sense here; empty for none in particular.
std::string why_not(const WindowInfo& info, std::string_view arg) {
  if (kind_of(info) == WindowKind::global && (arg == "late" || arg == "late_to")) return "a global window ends with the input, so nothing is late for it";
  if (kind_of(info) == WindowKind::count && (arg == "late" || arg == "late_to")) return "a count window takes rows as they come, so nothing is late for it";
  if (kind_of(info) == WindowKind::session && arg == "offset") return "a session begins with its first row, wherever that is";
  if (arg == "zone") return "only `tumbling` and `cumulative` know calendar units and their zone";
  if (arg == "retain") return "its state ends with the window";
  return "";
}

class WindowChecker {
 public:
  WindowChecker(Chain& chain, const WrittenWindow& node, bool keyed)
      : chain_(chain), c_(chain.c), node_(node), keyed_(keyed), duration_(c_.types().basic(Kind::duration)) {}

  std::optional<Window> run() {
    info_ = find();
    if (!info_) return std::nullopt;
    w_.kind = kind_of(*info_);
    w_.range = node_.range;
    auto errors = c_.diagnostics.error_count();
    arguments();
    required();
    sizes();
    if (c_.diagnostics.error_count() != errors) return std::nullopt;
    return w_;
  }

 private:
  const WindowInfo* find() {
    for (const auto& i : windows())
      if (i.name == node_.name.text) return &i;
    auto& d = c_.report(Code::E0409, node_.name.range, "there is no window " + quote(node_.name.text));
    d.under("unknown window");
    if (const std::string_view hint = foreign_window_hint(node_.name.text); !hint.empty()) {
      d.help("here it is " + std::string(hint));
      return nullptr;
    }
    std::vector<std::string_view> candidates;
    for (const auto& i : windows()) candidates.push_back(i.name);
    suggest(d, node_.name.text, node_.name.range, candidates);
    d.note("there are `tumbling`, `sliding`, `session`, `cumulative`, `count` and `global`");
    return nullptr;
  }

  Diagnostic& bad(Range range, const std::string& message) { return c_.report(Code::E0410, range, message); }
  std::string arg_text(std::string_view arg) { return "the " + std::string(arg) + " of the window"; }

  void gap_unnamed(Range range) {
    gap_unnamed_ = true;
    bad(range, "the gap of a session is named").fix("name it", {range.file, range.begin, range.begin}, "gap: ");
  }

  void arguments() {
    bool first = true;
    for (const auto& arg : node_.args) {
      if (!arg.value) continue;
      if (!arg.name) {
        if (first && info_->sized) size(*arg.value);
        else if (w_.kind == WindowKind::session && first)
          gap_unnamed(arg.range);
        else
          bad(arg.range, quote(info_->name) + " takes no further size").under("not expected").note("such as " + quote(info_->form));
        first = false;
        continue;
      }
      first = false;
      const std::string& name = arg.name->text;
      if (std::ranges::find(info_->args, name) == info_->args.end()) {
        auto& d = bad(arg.name->range, quote(info_->name) + " takes no " + quote(name));
        d.under("unknown here");
        if (auto why = why_not(*info_, name); !why.empty()) d.note(why);
        else {
          suggest(d, name, arg.name->range, info_->args);
          std::string takes;
          for (const auto& known : info_->args) takes += (takes.empty() ? "" : ", ") + quote(std::string(known) + ":");
          if (d.fixes.empty() && !takes.empty()) d.note("it takes " + takes);
        }
        continue;
      }
      auto [at, fresh] = seen_.try_emplace(name, arg.name->range);
      if (!fresh) {
        c_.report(Code::E0208, arg.name->range, "the argument " + quote(name) + " is given twice").at(at->second, "first given here");
        continue;
      }
      named(name, *arg.value);
    }
  }

  void size(const ast::Expr& value) {
    size_range_ = value.range;
    if (w_.kind == WindowKind::count) {
      w_.size = chain_.positive(value, c_.types().basic(Kind::i64), arg_text("size"));
      return;
    }
    if (const std::string* name = bare_name(value)) {
      bool param = chain_.scope->names.params.contains(*name);
      if (chain_.params)
        for (const auto& p : *chain_.params) param |= p.name == *name;
      for (const auto& [word, unit] : kUnits) {
        if (param || word != *name) continue;
        if (w_.kind == WindowKind::sliding) {
          bad(value.range, "`sliding` takes no calendar units").under("a duration is wanted").help("such as `1d`");
          w_.size = c_.error_expr(value.range);
        }
        w_.unit = unit;
        return;
      }
      if (!param && w_.kind != WindowKind::sliding && chain_.row.find(*name) < 0 && !c_.calls_unknown(value)) {
        unknown_unit(*name, value.range);
        return;
      }
    }
    w_.size = chain_.positive(value, duration_, arg_text("size"));
  }

  void unknown_unit(const std::string& name, Range range) {
    auto& d = bad(range, "there is no calendar unit and no param " + quote(name));
    std::vector<std::string_view> candidates;
    std::string list;
    for (const auto& [word, unit] : kUnits) {
      candidates.push_back(word);
      list += (list.empty() ? "" : ", ") + quote(word);
    }
    for (const auto& [param, index] : chain_.scope->names.params) candidates.push_back(param);
    d.under("unknown size").note("calendar units are " + list + "; other sizes are durations, such as `14d`");
    suggest(d, name, range, candidates);
    w_.size = c_.error_expr(range);
  }

  void named(const std::string& name, const ast::Expr& value) {
    if (name == "every") {
      every_range_ = value.range;
      const Type* type = w_.kind == WindowKind::count ? c_.types().basic(Kind::i64) : duration_;
      w_.every = chain_.positive(value, type, arg_text("step"));
    } else if (name == "gap") {
      w_.gap = chain_.positive(value, duration_, arg_text("gap"));
    } else if (name == "max") {
      every_range_ = value.range;
      w_.max = chain_.positive(value, duration_, "the longest length of the window");
    } else if (name == "zone") {
      zone_range_ = value.range;
      w_.zone = chain_.setting(value, c_.types().basic(Kind::string), arg_text("zone"));
      if (w_.zone && !w_.zone->type->is(Kind::error))
        check_zone(w_.zone, [&](Code code, Range range, std::string text) -> Diagnostic& { return c_.report(code, range, std::move(text)); });
    } else if (name == "offset") {
      offset_range_ = value.range;
      w_.offset = chain_.setting(value, duration_, arg_text("offset"));
    } else if (name == "late") {
      w_.late = chain_.positive(value, duration_, "`late`", true);
    } else if (name == "late_to") {
      late_to(value);
    } else if (name == "emit") {
      emit(value);
    } else if (name == "time") {
      time(value);
    } else if (name == "retain") {
      retain_range_ = value.range;
      if (const std::string* word = bare_name(value); word && *word == "forever") w_.retain_forever = true;
      else w_.retain = chain_.positive(value, duration_, "`retain`");
    }
  }

  void late_to(const ast::Expr& value) {
    const std::string* name = bare_name(value);
    if (!name) {
      bad(value.range, "`late_to` takes the name of a stream").under("declares a stream, such as `late_to: too_late`");
      return;
    }
    // Within a stage definition every use would declare the same stream.
    if (!chain_.expanding.empty()) {
      c_.report(Code::E0422, value.range, "`late_to` cannot stand in a stage definition")
          .under("each use would declare this stream again");
      return;
    }
    auto at = c_.main().items.find(*name);
    if (at != c_.main().items.end() && at->second.kind == ItemKind::route && at->second.range == bare(value).range)
      w_.late_to = at->second.index;  // else a duplicate, reported when names were collected
  }

  void emit(const ast::Expr& value) {
    const ast::Expr& e = bare(value);
    const std::string* word = bare_name(e);
    if (word && *word == "on_close") return;
    const auto* call = e.as<ast::Call>();
    const std::string* name = call ? bare_name(*call->callee) : nullptr;
    if (name && call->args.size() == 1 && call->args[0].value && !call->args[0].name) {
      if (*name == "every") {
        w_.emit = EmitKind::every;
        w_.emit_every = chain_.positive(*call->args[0].value, duration_, "the time between versions");
        return;
      }
      if (*name == "on_count") {
        w_.emit = EmitKind::on_count;
        w_.emit_every = chain_.positive(*call->args[0].value, c_.types().basic(Kind::i64), "the rows between versions");
        return;
      }
    }
    bad(value.range, "`emit` takes `on_close`, `every(10s)` or `on_count(1000)`").under("not one of them");
  }

  void time(const ast::Expr& value) {
    const std::string* word = bare_name(value);
    if (word && *word == "processing") {
      if (w_.kind == WindowKind::count || w_.kind == WindowKind::global)
        bad(value.range, quote(info_->name) + " does not go by time").under("means nothing here");
      w_.processing_time = true;
      return;
    }
    bad(value.range, "`time` of a window takes `processing`").under("not expected").note("without it windows go by event time");
  }

  void required() {
    auto missing = [&](std::string_view what) {
      if (gap_unnamed_) return;
      bad(node_.range, quote(info_->name) + " needs " + std::string(what)).under("missing").help("such as " + quote(info_->form));
    };
    if (info_->sized && !w_.size && w_.unit == CalendarUnit::none) missing("a size");
    if ((w_.kind == WindowKind::sliding || w_.kind == WindowKind::cumulative) && !w_.every) missing("`every:`");
    if (w_.kind == WindowKind::session && !w_.gap) missing("`gap:`");
    bool retained = w_.retain || w_.retain_forever;
    if (w_.kind == WindowKind::count && !retained)
      c_.report(Code::E0408, node_.range, "`count` keeps the rows of each key until there are enough, which may be never")
          .under("keeps state for ever")
          .help("add `retain: 7d` to forget keys that fall silent, or say `retain: forever`");
    if (w_.kind == WindowKind::global && keyed_ && !retained)
      c_.report(Code::E0408, node_.range, "`global()` after `key` keeps a state for each key that ever came")
          .under("keeps state for ever")
          .help("add `retain: 7d` to let silent keys go, or say `retain: forever`");
    if (w_.kind == WindowKind::global && !keyed_ && retained)
      bad(retain_range_, "`retain` of `global()` speaks of keys, and there is no `key`").under("nothing to forget");
    for (std::string_view late : {"late", "late_to"}) {
      const auto at = seen_.find(std::string(late));
      if (w_.processing_time && at != seen_.end())
        bad(at->second, quote(late) + " means nothing in a window by processing time").under("nothing is late here")
            .note("a row falls into the window that is open when it comes, whatever its own time");
    }
    if (w_.zone && w_.unit == CalendarUnit::none)
      bad(zone_range_, "a zone goes with a calendar unit, and the size here is a duration")
          .under("changes nothing for a window of fixed length")
          .help("write `" + std::string(info_->name) + "(day, zone: …)` for local days of 23 to 25 hours");
    if (w_.offset && w_.unit != CalendarUnit::none)
      bad(offset_range_, "an offset goes with a size of fixed length, not with a calendar unit").under("no offset here");
  }

  static const std::int64_t* known(const std::optional<Value>& v) { return v ? std::get_if<std::int64_t>(&*v) : nullptr; }
  static std::optional<Value> value_of(ExprPtr e) {
    return e && !e->type->is(Kind::error) ? constant_value(e) : std::nullopt;
  }

  void sizes() {
    auto size_value = value_of(w_.size), every_value = value_of(w_.every), gap_value = value_of(w_.gap), max_value = value_of(w_.max);
    const auto *size = known(size_value), *every = known(every_value), *gap = known(gap_value), *max = known(max_value);
    if (size && every && w_.kind == WindowKind::sliding && *every > *size)
      c_.report(Code::E0411, every_range_, "the step of the window is longer than the window")
          .under("rows between two windows would be in none")
          .at(size_range_, "the size");
    if (size && every && w_.kind == WindowKind::count && *every > *size)
      c_.report(Code::E0411, every_range_, "the step of the window is longer than the window")
          .under("rows between two windows would be in none")
          .at(size_range_, "the size");
    if (size && every && w_.kind == WindowKind::cumulative && *size % *every != 0)
      c_.report(Code::E0411, every_range_, "the size of a cumulative window is a multiple of its step")
          .under("does not divide the size")
          .at(size_range_, "the size");
    using Rule = Requirement::Rule;
    if (w_.kind == WindowKind::sliding || w_.kind == WindowKind::count)
      c_.require(Rule::not_above, w_.every, w_.size, every_range_, "the step of the window is longer than the window");
    if (w_.kind == WindowKind::cumulative && w_.unit == CalendarUnit::none)
      c_.require(Rule::multiple, w_.size, w_.every, every_range_, "the size of a cumulative window is a multiple of its step");
    c_.require(Rule::not_above, w_.gap, w_.max, every_range_, "the longest length of a session is shorter than its gap");
    if (gap && max && *max < *gap)
      c_.report(Code::E0411, every_range_, "the longest length of a session is shorter than its gap").under("no session could last its gap");
  }

  Chain& chain_;
  Context& c_;
  const WrittenWindow& node_;
  bool keyed_;
  const Type* duration_;
  const WindowInfo* info_ = nullptr;
  Window w_;
  std::map<std::string, Range> seen_;
  bool gap_unnamed_ = false;  // and said so
  Range size_range_{}, every_range_{}, zone_range_{}, offset_range_{}, retain_range_{};
};

}  // namespace

std::optional<Window> check_window(Chain& chain, const WrittenWindow& node, bool keyed) {
  return WindowChecker(chain, node, keyed).run();
}
std::optional<Window> check_window(Chain& chain, const ast::Window& node, bool keyed) {
  return check_window(chain, WrittenWindow{node.name, node.args, node.range}, keyed);
}

bool has_bounds(const Window& w) { return w.kind != WindowKind::count && w.kind != WindowKind::global; }

void set_window_kind(Chain& chain, const Window& w, std::vector<Index> key, const std::string& word) {
  auto late = w.late ? constant_value(w.late) : std::nullopt;
  const auto* micros = late ? std::get_if<std::int64_t>(&*late) : nullptr;
  const bool revised = w.late && !(micros && *micros == 0);
  if (revised || w.emit != EmitKind::on_close) {
    chain.kind = StreamKind::upsert;
    chain.upsert_key = std::move(key);
    chain.upsert_reason = "a windowed `" + word + "` with " + (revised ? "`late:`" : "`emit:`") + " gives a window again when it changes";
  } else {
    chain.kind = StreamKind::append;
    chain.upsert_key.clear();
  }
  if (w.kind == WindowKind::global) {
    chain.has_time = false;
    chain.no_time_reason = "rows of a global window have no event time";
    chain.no_time_range = w.range;
  } else if (w.kind != WindowKind::count) {
    chain.has_time = true;
  }
}

Row with_bounds(Chain& chain, const Window& w, Row row) {
  if (!has_bounds(w)) return row;
  const Type* timestamp = chain.c.types().basic(Kind::timestamp);
  for (const char* name : {"window_start", "window_end"}) {
    int at = row.find(name);
    if (at >= 0) row.columns[static_cast<std::size_t>(at)].type = timestamp;
    else row.columns.push_back({name, timestamp, name, ""});
  }
  return row;
}

// ---------------------------------------------------------------- the stage

void check_window_stage(Chain& chain, const ast::Stage& stage, const ast::WindowStage& node) {
  if (chain.window_open) {
    chain.c.report(Code::E0403, chain.window_range, "the window is never closed")
        .under("opened here")
        .at(stage.range, "another window begins")
        .help("close it by `aggregate { … }`, `top n by …` or `latest` first");
    return chain.give_up();
  }
  if (!chain.wants_append(stage, "a window")) return;
  chain.note_ended_key(stage);
  auto window = check_window(chain, node.window, chain.key.has_value());
  if (!window) return chain.give_up();
  const bool timed = window->kind != WindowKind::count && window->kind != WindowKind::global;
  if (timed && !window->processing_time && !chain.wants_time(stage, "the window " + quote(node.window.name.text))) return;
  if (window->retain && !chain.wants_time(stage, "`retain` of a window")) return;
  chain.window = std::move(window);
  chain.window_range = stage.range;
  chain.window_open = true;
}

}  // namespace gress::dsl::detail
