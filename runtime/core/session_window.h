// Session windows: rows of a key at most `gap` apart; a row may join two sessions into one. A session ends `gap` after
// its last row, or at start + max. Revised sessions (`late`, early emit) retract what they said before.
//
// Lateness is judged from the row's own partition: it is not late when its own session [t, t + gap) is open, or when a
// session which rows of its own partition have made, and its partition's watermark has not closed, takes it in. Rows of no
// partition come in any order, so that what of a session is there when one comes counts for nothing.
//
// Spec as in sliced_window.h (merge is needed for joining sessions).
#pragma once
#include <memory>
#include <vector>

#include "runtime/core/emitter.h"
#include "runtime/core/few.h"
#include "runtime/core/number_table.h"
#include "runtime/core/revised_window.h"
#include "runtime/core/timers.h"

namespace gress {

struct SessionForm {
  std::int64_t gap;
  std::int64_t max = 0;  // 0: none
};

template <class Spec, bool Revised>
class SessionWindow {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Row = typename Out::Row;

  SessionWindow(Pipeline& pipeline, SessionForm form, Revision revision = {})
      : emitter_(pipeline), alone_(form.max != 0 && form.max < form.gap ? form.max : form.gap), form_(form), revision_(revision) {}

  void process(const In& in) {
    for (int i = 0; i < in.count;) {
      const std::int64_t before = in.watermark_before(i);
      if (before >= trigger_) [[unlikely]] close(before);
      i = add_segment(in, i);
    }
    emitter_.flush();
  }

  void watermark(std::int64_t t) {
    if (t == kEndOfTime) emitter_.end();
    if (t >= trigger_ || t == kEndOfTime) close(t);
    watermark_ = t > watermark_ ? t : watermark_;
    emitter_.advance(t == kEndOfTime ? t : add_saturated(t, -revision_.late));
  }

  std::size_t open_windows() {
    std::size_t n = 0;
    table_.each([&](std::uint32_t e) { n += table_[e].value.open.size(); });
    return n;
  }

  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, watermark_, notes_));
    table_.save(changes, std::tuple{StatePart::entries});
  }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) value(emitter_, watermark_, notes_);
    else table_.load(key, value);
  }
  void loaded() {
    table_.loaded();
    table_.each([&](std::uint32_t n) { note(n, table_[n].value); });
  }

 private:
  /// What the rows of one partition have made of a session.
  struct Span {
    std::uint64_t partition = 0;
    std::int64_t first = 0, last = 0;
    template <class Io>
    void archive(Io& io) { io(partition, first, last); }
  };
  struct Nothing {};
  /// What a revised session remembers.
  struct Versions {
    std::vector<SaidRow<Out>> rows;  // last version
    std::int64_t count = 0;
    bool changed = false;
    template <class Io>
    void archive(Io& io) { io(rows, count, changed); }
  };
  struct Session {
    std::int64_t first = 0, last = 0;  // event times of its first and last row
    typename Spec::State state;
    std::uint64_t partition = 0;               // of all rows, if
    std::unique_ptr<std::vector<Span>> spans;  // there are none
    [[no_unique_address]] std::conditional_t<Revised, Versions, Nothing> versions;
    template <class Io>
    void archive(Io& io) {
      io(first, last, state, partition, spans);
      if constexpr (Revised) io(versions);
    }
  };
  struct Sessions {
    static constexpr bool kMovesAsBytes = !Revised && std::is_trivially_copyable_v<typename Spec::State>;
    Few<Session> open;                 // by time, apart
    std::int64_t noted = kEndOfTime;   // earliest note in timers_
    template <class Io>
    void archive(Io& io) { io(open); }
    void clear() {
      open.clear();
      noted = kEndOfTime;
    }
  };

  std::int64_t end_of(std::int64_t first, std::int64_t last) const {
    const std::int64_t end = add_saturated(last, form_.gap);
    if (form_.max == 0) return end;
    const std::int64_t most = add_saturated(first, form_.max);
    return end < most ? end : most;
  }
  std::int64_t end_of(const Session& s) const { return end_of(s.first, s.last); }
  bool closed(const Session& s) const { return end_of(s) <= watermark_; }
  /// Whether rows first..last and a..b may stand in one session.
  bool join(std::int64_t first, std::int64_t last, std::int64_t a, std::int64_t b) const {
    if (a > add_saturated(last, form_.gap) || first > add_saturated(b, form_.gap)) return false;
    if (form_.max == 0) return true;
    const std::int64_t from = first < a ? first : a, to = last > b ? last : b;
    return to < add_saturated(from, form_.max);
  }

  bool late(const Sessions* sessions, std::int64_t t, std::int64_t own, std::uint64_t partition) const {
    if (add_saturated(end_of(t, t), revision_.late) > own) return false;
    if (sessions == nullptr || (partition & kNoPartition) == kNoPartition) return true;
    bool late = true;
    for (const Session& s : sessions->open)
      each_span(s, [&](const Span& span) {
        if (span.partition == partition && join(span.first, span.last, t, t) &&
            add_saturated(end_of(span.first, span.last), revision_.late) > own)
          late = false;
      });
    return late;
  }

  /// Whether a row is late if no session takes it in.
  bool maybe_late(std::int64_t t, std::int64_t own) const { return add_saturated(end_of(t, t), revision_.late) <= own; }

  /// Adds rows from i on, at most up to the next close; returns where it ended.
  int add_segment(const In& in, int i) {
    if constexpr (!Revised && !requires { &Spec::sound; }) {
      const int end = plain_end(in, i);
      if (end != i) {
        add_plain(in, i, end);
        return end;
      }
    }
    const std::int64_t before = in.watermark_before(i);
    watermark_ = before > watermark_ ? before : watermark_;
    add(in, i);
    return i + 1;
  }

  /// End of the rows from i on before which nothing closes, not even a session that one of them begins, and none of which
  /// may be late.
  int plain_end(const In& in, int i) const {
    std::int64_t first_end = kEndOfTime, last_own = kStartOfTime;
    const auto take = [&](int k) {
      const std::int64_t end = add_saturated(in.time_of(k), alone_), own = in.watermark_of(k);
      first_end = end < first_end ? end : first_end;
      last_own = own > last_own ? own : last_own;
    };
    if (in.watermark_before(in.count - 1) < trigger_) {
      for (int k = i; k != in.count; ++k) take(k);
      if (last_own < first_end) return in.count;
    }
    first_end = kEndOfTime;
    last_own = kStartOfTime;
    for (int k = i; k != in.count; ++k) {
      take(k);
      if (last_own >= first_end || in.watermark_before(k) >= trigger_) return k;
    }
    return in.count;
  }

  /// First all entries, then the adding.
  void add_plain(const In& in, int i, int end) {
    std::uint32_t numbers[kBlock];
    table_.find_all(i, end, [&](int k) { return Spec::key(in.rows[k]); }, [](int) { return true; }, numbers);
    for (int k = i; k != end; ++k) {
      const std::int64_t t = in.time_of(k);
      const std::uint64_t partition = in.position_of(k) >> 48;
      Sessions& sessions = table_[numbers[k]].value;
      if (Session* s = lengthened(sessions, t, partition)) {
        Spec::add(emitter_.pipeline(), s->state, in, k);
      } else if (sessions.open.empty()) {
        Spec::add(emitter_.pipeline(), begin(sessions, 0, t, partition).state, in, k);
        note_at(numbers[k], end_of(t, t), sessions);
      } else {
        add(in, k);
      }
    }
    const std::int64_t before = in.watermark_before(end - 1);
    watermark_ = before > watermark_ ? before : watermark_;
  }

  [[gnu::noinline]] void add(const In& in, int i) {
    const std::int64_t t = in.time_of(i), own = in.watermark_of(i);
    const std::uint64_t partition = in.position_of(i) >> 48;
    const typename Spec::Key key = Spec::key(in.rows[i]);
    if (maybe_late(t, own)) [[unlikely]] {
      const std::uint32_t found = table_.find(key);
      if (late(found == decltype(table_)::kNone ? nullptr : &table_[found].value, t, own, partition)) {
        emitter_.flush();
        return Spec::late(emitter_.pipeline(), in, i);
      }
    }
    if constexpr (requires { &Spec::sound; }) {
      emitter_.flush();
      if (!Spec::sound(emitter_.pipeline(), in, i)) return;
    }
    const std::uint32_t number = table_.find_or_add(key);
    Sessions& sessions = table_[number].value;
    Session& s = session_for(sessions, t, partition);
    widen(s, {partition, t, t});
    Spec::add(emitter_.pipeline(), s.state, in, i);
    if constexpr (Revised) {
      ++s.versions.count;
      s.versions.changed = true;
    }
    merge_neighbours(sessions, s);
    if constexpr (Revised) {
      Session& joined = *find(sessions, t);
      if (closed(joined) || (revision_.on_count != 0 && joined.versions.count % revision_.on_count == 0)) version(number, joined);
    }
    note(number, sessions);
  }

  /// The key's only session, made of rows of one partition, if a row at `t` goes into it, is not before all others and so
  /// brings nothing forward. Most rows are such.
  Session* lengthened(Sessions& sessions, std::int64_t t, std::uint64_t partition) const {
    Session* s = sessions.open.only();
    if (s == nullptr || t < s->first || !join(s->first, s->last, t, t)) return nullptr;
    if (s->partition != partition || s->spans) return nullptr;
    s->last = t > s->last ? t : s->last;
    return s;
  }

  Session* find(Sessions& sessions, std::int64_t t) {
    for (Session& s : sessions.open)
      if (s.first <= t && t <= s.last) return &s;
    return nullptr;
  }

  Session& session_for(Sessions& sessions, std::int64_t t, std::uint64_t partition) {
    std::size_t at = 0;
    for (; at != sessions.open.size(); ++at) {
      Session& s = sessions.open[at];
      if (join(s.first, s.last, t, t)) return s;
      if (s.first > t) break;
    }
    return begin(sessions, at, t, partition);
  }
  Session& begin(Sessions& sessions, std::size_t at, std::int64_t t, std::uint64_t partition) {
    Session fresh;
    fresh.first = fresh.last = t;
    fresh.partition = partition;
    return sessions.open.insert(at, std::move(fresh));
  }

  template <class F>
  static void each_span(const Session& s, F f) {
    if (!s.spans) return f({s.partition, s.first, s.last});
    for (const Span& span : *s.spans) f(span);
  }

  /// Takes rows that belong to the session into it.
  void widen(Session& s, const Span& span) {
    const bool one = !s.spans && span.partition == s.partition && join(s.first, s.last, span.first, span.last);
    if (!one && !s.spans) s.spans.reset(new std::vector<Span>{{s.partition, s.first, s.last}});
    s.first = span.first < s.first ? span.first : s.first;
    s.last = span.last > s.last ? span.last : s.last;
    if (!one) add_span(*s.spans, span);
  }
  void add_span(std::vector<Span>& spans, const Span& span) {
    for (Span& other : spans)
      if (other.partition == span.partition && join(other.first, other.last, span.first, span.last)) {
        if (span.first < other.first) other.first = span.first;
        if (span.last > other.last) other.last = span.last;
        return;
      }
    spans.push_back(span);
  }

  void merge_neighbours(Sessions& sessions, Session& s) {
    std::size_t at = static_cast<std::size_t>(&s - sessions.open.begin());
    if (at + 1 < sessions.open.size()) merge(sessions, at);
    if (at > 0) merge(sessions, at - 1);
  }
  /// Joins sessions at and at + 1 if they have met.
  void merge(Sessions& sessions, std::size_t at) {
    Session& a = sessions.open[at];
    Session& b = sessions.open[at + 1];
    if (!join(a.first, a.last, b.first, b.last)) return;
    Spec::merge(emitter_.pipeline(), emitter_.ev, a.state, b.state);
    each_span(b, [&](const Span& span) { widen(a, span); });
    if constexpr (Revised) {
      a.versions.count += b.versions.count;
      a.versions.changed = true;
      for (auto& row : b.versions.rows) a.versions.rows.push_back(std::move(row));
    }
    sessions.open.erase(at + 1);
  }

  /// When something is next due for a session: its close, then (revised) its end for good, or an early version.
  std::int64_t due(const Session& s) const {
    const std::int64_t end = end_of(s);
    if constexpr (!Revised) return end;
    if (end <= watermark_) return add_saturated(end, revision_.late);
    if (revision_.every != 0 && changed(s) && watermark_ != kStartOfTime) {
      const std::int64_t tick = floor_to(watermark_, revision_.every, 0) + revision_.every;
      return tick < end ? tick : end;
    }
    return end;
  }

  void note(std::uint32_t number, Sessions& sessions) {
    std::int64_t at = kEndOfTime;
    for (const Session& s : sessions.open) {
      const std::int64_t d = due(s);
      if (d < at) at = d;
    }
    note_at(number, at, sessions);
  }
  void note_at(std::uint32_t number, std::int64_t at, Sessions& sessions) {
    if (at >= sessions.noted) return;
    sessions.noted = at;
    timers_.push(at, number, notes_++);
    if (at < trigger_) trigger_ = at;
  }

  [[gnu::noinline]] void close(std::int64_t t) {
    while (timers_.next() <= t && timers_.next() != kEndOfTime) {
      const Timers::Note n = timers_.pop();
      if (n.entry >= table_.end() || !table_[n.entry].live || table_[n.entry].value.noted != n.at) continue;
      Sessions& sessions = table_[n.entry].value;
      sessions.noted = kEndOfTime;
      watermark_ = n.at > watermark_ ? n.at : watermark_;
      for (std::size_t k = 0; k != sessions.open.size();) {
        Session& s = sessions.open[k];
        const std::int64_t end = end_of(s);
        if (changed(s) && (end <= n.at || (Revised && revision_.every != 0 && n.at % revision_.every == 0))) {
          emitter_.raise(add_saturated(window_row_time(end < n.at ? end : n.at), -revision_.late));
          version(n.entry, s);
        }
        if (add_saturated(end, revision_.late) <= n.at) {
          let_go();
          sessions.open.erase(k);
        } else {
          ++k;
        }
      }
      if (sessions.open.empty()) {
        table_.erase(n.entry);
      } else {
        table_.touch(n.entry);
        note(n.entry, sessions);
      }
    }
    if (t == kEndOfTime) finish();
    watermark_ = t;
    trigger_ = timers_.next();
  }

  /// Before states go that rows not handed on yet may view.
  void let_go() {
    if constexpr (!StateTraits<Row>::is_plain) emitter_.flush();
  }

  /// What a saturated end kept out of the timers.
  void finish() {
    table_.each([&](std::uint32_t e) {
      for (Session& s : table_[e].value.open)
        if (changed(s)) version(e, s);
    });
    emitter_.flush();
    table_.clear();
    timers_.clear();
  }

  void version(std::uint32_t number, Session& s) {
    const std::int64_t end = end_of(s), time = window_row_time(end);
    const int n = Spec::rows(s.state);
    if constexpr (!Revised) {
      for (int k = 0; k < n; ++k)
        if (Spec::result(emitter_.pipeline(), emitter_.ev, table_[number].key, s.state, k, s.first, end, emitter_.next())) emitter_.commit(time);
    } else {
      std::vector<SaidRow<Out>> fresh;
      auto& rows = s.versions.rows;
      for (int k = 0; k < n || k < static_cast<int>(rows.size()); ++k) {
        emitter_.reserve(2);
        if (k < static_cast<int>(rows.size())) {
          const SaidRow<Out>& said = rows[static_cast<std::size_t>(k)];
          emitter_.next() = said.get();
          emitter_.commit(said.stamp(), Op::retract);
        }
        if (k >= n) continue;
        Row& row = emitter_.next();
        if (!Spec::result(emitter_.pipeline(), emitter_.ev, table_[number].key, s.state, k, s.first, end, row)) continue;
        const Stamp stamp = emitter_.stamp(time);
        fresh.emplace_back(row, stamp);
        emitter_.commit(stamp);
      }
      emitter_.flush();
      rows = std::move(fresh);
      s.versions.changed = false;
    }
  }
  static bool changed(const Session& s) {
    if constexpr (Revised) return s.versions.changed;
    return true;
  }

  Emitter<Spec> emitter_;
  std::int64_t alone_;  // how long a session of one row lasts
  SessionForm form_;
  Revision revision_;
  StateTable<typename Spec::Key, Sessions> table_;
  Timers timers_;
  std::uint32_t notes_ = 0;  // orders those for one time as they came, whatever the numbers
  std::int64_t watermark_ = kStartOfTime;
  std::int64_t trigger_ = kEndOfTime;
};

}  // namespace gress
