// join S as n on a == n.b within 5m | window W | retain d | as_of t: the join of two streams.
#include <algorithm>
#include <set>

#include "dsl/check/stages/join_on.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

const char* word_of(JoinBound bound) {
  switch (bound) {
    case JoinBound::interval: return "within";
    case JoinBound::window: return "window";
    case JoinBound::retain: return "retain";
    case JoinBound::as_of: return "as_of";
  }
  return "";
}

class JoinChecker {
 public:
  JoinChecker(Chain& chain, const ast::Stage& stage, const ast::Join& node)
      : chain_(chain), c_(chain.c), stage_(stage), node_(node), duration_(c_.types().basic(Kind::duration)) {}

  void run() {
    join_.right = resolve_stream(c_, node_.right, "a table or stream to join");
    if (chain_.broken || !chain_.wants_no_key(stage_, "a join")) return;
    if (!bound()) return;
    if (join_.right == kNone || c_.broken[join_.right]) return chain_.give_up();
    take_right();
    join_.kind = join_kind(node_.kind);
    const ast::Name& name = node_.right.case_ ? *node_.right.case_ : node_.right.stream;
    join_.alias = node_.alias ? node_.alias->text : name.text;
    what_ = "a join by " + quote(word_of(join_.bound));
    if (!sides() || !clauses()) return;
    if (!check_alias(chain_, join_.alias, node_.alias ? node_.alias->range : node_.right.range, node_.kind)) return;
    On on;
    if (!node_.on || !check_on(chain_, *node_.on, join_.alias, record_, on)) return chain_.give_up();
    if (on.equalities.empty()) return no_equality();
    join_.equalities = std::move(on.equalities);
    join_.rest = on.rest;
    auto errors = c_.diagnostics.error_count();
    switch (join_.bound) {
      case JoinBound::interval: interval(); break;
      case JoinBound::window: window(); break;
      case JoinBound::retain: retain(); break;
      case JoinBound::as_of: as_of(); break;
    }
    late();
    if (chain_.broken || c_.diagnostics.error_count() != errors) return chain_.give_up();
    c_.program.streams[chain_.stream].joined.push_back(join_.right);
    add();
  }

 private:
  bool adds() const { return join_.kind != JoinKind::semi && join_.kind != JoinKind::anti; }

  /// Which of the four forms; false after a diagnostic.
  bool bound() {
    if (node_.within_low) join_.bound = JoinBound::interval;
    else if (node_.window) join_.bound = JoinBound::window;
    else if (node_.retain) join_.bound = JoinBound::retain;
    else if (node_.as_of) join_.bound = JoinBound::as_of;
    else {
      c_.report(Code::E0408, stage_.range, "a join of two streams without a bound keeps both for ever")
          .under("which rows belong together in time?")
          .help("add `within 5m`, `window tumbling(5m)`, `as_of time` or `retain 1d` (or `retain forever`, said aloud)");
      chain_.give_up();
      return false;
    }
    return true;
  }

  void take_right() {
    const Stream& s = c_.program.streams[join_.right];
    right_ = s.row;
    std::vector<RecordField> fields;
    for (auto& column : right_.columns) {
      column.wire = column.name;  // wire names are those of `stream x: T` alone
      fields.push_back({column.name, column.type, column.name, nullptr, column.doc});
    }
    record_ = c_.types().record(std::move(fields));
    right_upsert_ = s.kind == StreamKind::upsert;
    right_key_ = s.key;
    right_time_ = s.has_time;
  }

  // ---- what the sides have to be

  bool sides() {
    if (join_.bound != JoinBound::retain && !chain_.wants_append(stage_, what_)) return false;
    if (join_.bound != JoinBound::retain && join_.bound != JoinBound::as_of && right_upsert_) return refuse_right_upsert();
    const bool forever = node_.retain && !node_.retain->duration;
    return forever || (chain_.wants_time(stage_, what_) && right_has_time());
  }
  bool refuse_right_upsert() {
    auto& d = c_.report(Code::E0412, node_.right.range, what_ + " wants facts, and the rows of " + quote(right_name()) + " replace each other");
    d.under("an upsert stream");
    if (auto notes = c_.notes.find(join_.right); notes != c_.notes.end() && !notes->second.upsert_reason.empty())
      d.note("the rows are upserts: " + notes->second.upsert_reason);
    d.help("join its changes: `stream … = " + right_name() + " |> changes`");
    d.help("or join by `as_of`, which takes the row valid at a time, or by `retain`, which revises");
    chain_.give_up();
    return false;
  }
  bool right_has_time() {
    if (right_time_) return true;
    Chain right{c_, join_.right, chain_.scope};
    explain_no_time(c_, join_.right, right);
    auto& d = c_.report(Code::E0404, node_.right.range, what_ + " needs event time, and the rows of " + quote(right_name()) + " have none");
    d.under("which time?");
    if (!right.no_time_reason.empty()) d.at(right.no_time_range, right.no_time_reason);
    d.help("add the option `time: …` to the source, an expression that gives a row's timestamp");
    chain_.give_up();
    return false;
  }
  std::string right_name() const {
    return node_.right.stream.text + (node_.right.case_ ? "." + node_.right.case_->text : "");
  }

  /// Clauses that do not go with the form.
  bool clauses() {
    if (join_.bound == JoinBound::as_of && join_.kind == JoinKind::full) {
      c_.report(Code::E0419, stage_.keyword, "a join by `as_of` cannot be `full`")
          .under("a version of the right side stays valid, matched or not")
          .help("use `left join`, which keeps every row of the left side");
      chain_.give_up();
      return false;
    }
    if (!node_.late_to) return true;
    const std::size_t names = node_.late_to->names.size();
    if (join_.bound == JoinBound::retain || (join_.bound == JoinBound::as_of && names > 1)) {
      c_.report(Code::E0422, node_.late_to->range, join_.bound == JoinBound::retain ? "no row is late for a join by `retain`"
                                                                                    : "no row of the right side is late for a join by `as_of`")
          .under("declares a stream that no row would reach")
          .help(join_.bound == JoinBound::retain ? "leave out `late_to`" : "name one stream, for the left side: `late_to " + node_.late_to->names[0].text + "`");
      chain_.give_up();
      return false;
    }
    if (!chain_.expanding.empty()) {
      c_.report(Code::E0422, node_.late_to->range, "`late_to` cannot stand in a stage definition")
          .under("each use would declare this stream again");
      chain_.give_up();
      return false;
    }
    return true;
  }
  void no_equality() {
    c_.report(Code::E0418, node_.on->range, "the condition has no equality between the row and " + quote(join_.alias))
        .under("every row would have to be compared with every other")
        .help("compare a field with one of " + quote(right_name()) + ": `a == " + join_.alias + ".b`; further conditions may follow by `and`");
    chain_.give_up();
  }

  // ---- the four bounds

  void interval() {
    const std::string what = "the bound of `within`";
    if (!node_.within_high) {
      join_.high = chain_.positive(*node_.within_low, duration_, what, true);
      Expr minus;
      minus.kind = ExprKind::negate;
      minus.type = duration_;
      minus.range = node_.within_low->range;
      minus.args = {join_.high};
      join_.low = join_.high->type->is(Kind::error) ? join_.high : c_.exprs->make(std::move(minus));
      return;
    }
    join_.low = chain_.setting(*node_.within_low, duration_, "the lower bound of `within`");
    Env env = chain_.env();
    env.hint = "the upper bound of `within` speaks of the left row";
    join_.high = chain_.check_as(*node_.within_high, env, duration_, "the upper bound of `within`");
    if (is_param_constant(join_.high))
      c_.require(Requirement::Rule::not_above, join_.low, join_.high, cover(node_.within_low->range, node_.within_high->range),
                 "the lower bound of `within` is above the upper one");
    const auto low = known(join_.low), high = known(join_.high);
    if (low && high && *low > *high)
      c_.report(Code::E0411, cover(node_.within_low->range, node_.within_high->range), "the lower bound of `within` is above the upper one")
          .under("no row lies between")
          .help("write the earlier bound first: `within -5m..5m`; bounds are the right row's time minus the left row's");
  }
  static std::optional<std::int64_t> known(ExprPtr e) {
    if (e->type->is(Kind::error)) return std::nullopt;
    auto value = constant_value(e);
    const auto* n = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    return n ? std::optional(*n) : std::nullopt;
  }

  Diagnostic& bad_window(const std::string& message) {
    return c_.report(Code::E0410, node_.window->range, message);
  }
  void window() {
    join_.window = check_window(chain_, *node_.window, true);
    if (!join_.window) return;
    const Window& w = *join_.window;
    if (w.kind != WindowKind::tumbling && w.kind != WindowKind::sliding && w.kind != WindowKind::session)
      bad_window("a join takes no " + quote(node_.window->name.text) + " window").under("not here").note("there are `tumbling`, `sliding` and `session`");
    else if (w.late || w.emit != EmitKind::on_close)
      bad_window(std::string("the window of a join takes no ") + (w.late ? "`late`" : "`emit`"))
          .under("its rows come once, when it closes")
          .help("to wait for rows longer, raise the sources' `watermark_delay`");
    else if (w.processing_time)
      bad_window("the window of a join goes by event time").under("no `time: processing` here");
    else if (late_in_window())
      bad_window("the window of a join takes no `late_to`")
          .under("late rows of which side?")
          .help("put it behind the window: `late_to LEFT, RIGHT`");
  }
  bool late_in_window() const {
    return std::any_of(node_.window->args.begin(), node_.window->args.end(), [](const auto& arg) { return arg.name && arg.name->text == "late_to"; });
  }

  void retain() {
    if (!node_.retain->duration) join_.retain.forever = true;
    else join_.retain.duration = chain_.positive(*node_.retain->duration, duration_, "`retain`");
  }

  void as_of() {
    join_.as_of = chain_.check_as(*node_.as_of, chain_.env(), c_.types().basic(Kind::timestamp), "`as_of`");
    if (node_.as_of_within && right_upsert_) {
      c_.report(Code::E0426, node_.as_of_within->range, "the versions of an upsert stream are valid until they are replaced")
          .under("`within` bounds the rows of an append stream")
          .help("leave out `within`; `retain` where " + quote(right_name()) + " is made lets its rows end");
    } else if (right_upsert_ && (right_key_.empty() || !whole_key(true))) {
      not_by_key();
    } else if (node_.as_of_within) {
      join_.reach = chain_.positive(*node_.as_of_within, duration_, "`within`", true);
    } else if (!right_upsert_) {
      auto& d = c_.report(Code::E0408, stage_.range, "a join by `as_of` with facts keeps the last row of each key for ever");
      d.under(quote(right_name()) + " is an append stream");
      d.help("say how old the row may be: `as_of … within 30m`");
      d.help("or join its versions: `stream … = " + right_name() + " |> key … |> latest retain 30d`");
    }
    warn_silent();
  }
  /// Of several keys that have a row each, none is "the row valid at the time".
  void not_by_key() {
    std::string key;
    for (std::size_t i = 0; i != right_key_.size(); ++i) {
      key += i == 0 ? "" : i + 1 == right_key_.size() ? " and " : ", ";
      key += quote(right_.columns[right_key_[i]].name);
    }
    auto& d = c_.report(Code::E0430, node_.on->range, "a join by `as_of` finds the row of a key of " + quote(right_name()) + ", and `on` does not name " +
                                                          (right_key_.empty() ? "one" : "all of it"));
    d.under("several rows may be valid at one time");
    if (right_key_.empty()) d.note("rows of " + quote(right_name()) + " have no key: the whole row tells them apart");
    else d.note("the key of " + quote(right_name()) + " is " + key);
    if (!right_key_.empty())
      d.help("compare the whole key, or make a stream with the key that is meant: `" + right_name() + " |> key … |> latest retain …`");
    d.help("a join by `retain` gives all rows that match, and revises them");
  }
  /// Left rows wait until the right side's watermark has passed them.
  void warn_silent() {
    std::set<Index> seen;
    const Source* silent = find_silent(join_.right, seen);
    if (!silent) return;
    c_.report(Code::W0402, node_.right.range, "the rows of the left side wait while " + quote(right_name()) + " is silent")
        .under("its watermark stands still without new rows")
        .at(silent->range, "the source " + quote(silent->name) + " has no `idle:`")
        .help("let a silent source move on: `idle: advance(1m)`, or `idle: 1m` if other sources feed it too");
  }
  const Source* find_silent(Index stream, std::set<Index>& seen) const {
    if (!seen.insert(stream).second) return nullptr;
    const Stream& s = c_.program.streams[stream];
    if (s.origin == StreamOrigin::source && s.source != kNone) {
      const Source& source = c_.program.sources[s.source];
      return source.ends() != connectors::Ends::always && source.idle == IdleKind::never ? &source : nullptr;
    }
    for (const auto* inputs : {&s.inputs, &s.joined})
      for (Index input : *inputs)
        if (const Source* found = find_silent(input, seen)) return found;
    return s.origin == StreamOrigin::late && s.late_stream != kNone ? find_silent(s.late_stream, seen) : nullptr;
  }

  /// Late rows leave as they came to the join: the left ones as the chain's rows, the right ones as the right stream's.
  void late() {
    if (!node_.late_to) return;
    Index* to[] = {&join_.late_left, &join_.late_right};
    for (std::size_t i = 0; i < std::min<std::size_t>(node_.late_to->names.size(), 2); ++i) {
      const ast::Name& name = node_.late_to->names[i];
      auto at = c_.main().items.find(name.text);
      if (at == c_.main().items.end() || at->second.kind != ItemKind::route || at->second.range != name.range) continue;  // a duplicate
      *to[i] = at->second.index;
      if (*to[i] == kNone) continue;
      Stream& late = c_.program.streams[*to[i]];
      late.row = i == 0 ? chain_.row : right_;
      late.late_stream = chain_.stream;
      late.late_stage = static_cast<Index>(chain_.stages.size());
      late.late_right = i == 1;
      late.has_time = true;
    }
  }

  // ---- the rows behind it

  void add() {
    Row out = chain_.row;
    if (join_.kind == JoinKind::full) {
      for (auto& column : out.columns) column.type = c_.types().optional(column.type);
      chain_.facts = {};
    }
    if (join_.window) out = with_bounds(chain_, *join_.window, std::move(out));
    if (adds() && out.find(join_.alias) >= 0) {
      c_.report(Code::E0417, node_.alias ? node_.alias->range : node_.right.range, "the window has a field " + quote(join_.alias) + ", and so has the join")
          .under("two fields of one name")
          .help("name the joined row by `as`");
      return chain_.give_up();
    }
    if (adds()) {
      const bool optional = join_.kind == JoinKind::left || join_.kind == JoinKind::full;
      const std::string& doc = c_.program.streams[join_.right].doc;
      out.columns.push_back({join_.alias, optional ? c_.types().optional(record_) : record_, join_.alias, doc});
    }
    const bool left_upsert = chain_.kind == StreamKind::upsert;
    std::vector<Index> key = one_match() && left_upsert && join_.kind != JoinKind::full ? chain_.upsert_key : std::vector<Index>{};
    const bool retained = join_.bound == JoinBound::retain;
    const bool facts = !left_upsert && !right_upsert_ && (join_.kind == JoinKind::inner || join_.kind == JoinKind::semi);
    const bool both_times = chain_.has_time && right_time_;
    chain_.push(stage_, join_, std::move(out));
    if (join_.window) {
      chain_.facts.forget(Scope::row, "window_start");
      chain_.facts.forget(Scope::row, "window_end");
    }
    chain_.has_time = both_times;
    if (!both_times && chain_.no_time_reason.empty()) explain_no_time(c_, join_.right, chain_);
    chain_.kind = retained && !facts ? StreamKind::upsert : StreamKind::append;
    chain_.upsert_key = retained && !facts ? std::move(key) : std::vector<Index>{};
    if (retained && !facts)
      chain_.upsert_reason = left_upsert || right_upsert_ ? "a join by `retain` follows the rows of its sides, which replace each other"
                                                          : "a `" + std::string(c_.sources.text(stage_.keyword)) + "` join by `retain` gives a row again when matches come";
  }
  /// No left row has two matches: the equalities hold the right side's whole key (semi and anti give a row once anyway).
  bool one_match() const {
    if (!adds()) return true;
    return right_upsert_ && !right_key_.empty() && whole_key();
  }
  /// Without conversions by which different values stay different.
  static ExprPtr one_to_one(ExprPtr e) {
    while (e->kind == ExprKind::convert && (e->conversion == Conversion::wrap || e->conversion == Conversion::widen || e->conversion == Conversion::reshape))
      e = e->args[0];
    return e;
  }
  /// `by_windows`: rows of one key but of several windows follow each other in time, and the later one takes over.
  bool whole_key(bool by_windows = false) const {
    return std::all_of(right_key_.begin(), right_key_.end(), [&](Index k) {
      if (const std::string& name = right_.columns[k].name; by_windows && (name == "window_start" || name == "window_end")) return true;
      return std::any_of(join_.equalities.begin(), join_.equalities.end(), [&](const Equality& e) {
        const ExprPtr right = one_to_one(e.right);
        return right->kind == ExprKind::ref && right->scope == Scope::right && right->index == k;
      });
    });
  }

  Chain& chain_;
  Context& c_;
  const ast::Stage& stage_;
  const ast::Join& node_;
  const Type* duration_;
  StreamJoin join_;
  std::string what_;
  // of the right side
  Row right_;
  const Type* record_ = nullptr;
  bool right_upsert_ = false, right_time_ = false;
  std::vector<Index> right_key_;
};

}  // namespace

void check_stream_join(Chain& chain, const ast::Stage& stage, const ast::Join& join) { JoinChecker(chain, stage, join).run(); }

}  // namespace gress::dsl::detail
