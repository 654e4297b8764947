// `extend` with frames: each row goes on at once, with aggregates over the rows of its key that came before it. What the
// aggregates read of a row is kept once for all frames: in the order of arrival, and, for frames of a time, that order
// sorted by time. Rows that come in time order only move the frames' ends (frames.h); the frames of others are computed
// from the rows kept, or reached from where the frame stands.
//
// The frame of a row at t whose partition's watermark was w begins at max(t, w) - d, so that rows older than the
// operator's watermark - the longest d can go.
//
// Spec (generated): Pipeline (with `Eval ev`, in which failures stand), In, Out, Key,
//   Read: what calls read of a row, with `members`;  Calls: std::tuple of calls (frames.h, over Features<Spec>::Kept);
//   kMayFail: outputs, or adding a row, may fail;
//   static Key key(const In::Row&);
//   static void read(Pipeline&, const In&, int i, Read&);
//   static void outputs(Pipeline&, const In&, int i, const std::tuple<const Call::Accumulator*…>&, Out::Row&);
//   static void failed(Pipeline&, const In&, int i);   // routes the row and clears the failure
//   out, watermark.
#pragma once
#include <array>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/core/block.h"
#include "runtime/core/cold_table.h"
#include "runtime/core/frames.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/place.h"
#include "runtime/core/ran_out.h"
#include "runtime/core/ring.h"
#include "runtime/core/state_value.h"

namespace gress {

/// A row as calls see it; it speaks of its place as a block does.
template <class Read>
struct Arrived {
  Read read;
  Place place;
  std::int64_t time_of(int) const { return place.time; }
  std::uint64_t position_of(int) const { return place.position; }
};

/// The same, kept: what it holds is owned.
template <class Read>
class ArrivedHeld {
 public:
  ArrivedHeld() = default;
  ArrivedHeld(const Read& read, Place place) : arrived_{StateTraits<Read>::retain(read), place} {}
  ArrivedHeld(ArrivedHeld&& o) noexcept : arrived_(o.arrived_) { o.arrived_.read = Read{}; }
  ArrivedHeld& operator=(ArrivedHeld&& o) noexcept {
    std::swap(arrived_, o.arrived_);
    return *this;
  }
  ~ArrivedHeld() { StateTraits<Read>::release(arrived_.read); }
  const Arrived<Read>& get() const { return arrived_; }
  template <class Io>
  void archive(Io& io) { io(arrived_.read, arrived_.place); }

 private:
  Arrived<Read> arrived_{};
};

template <class Spec>
class Features {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;
  using Read = typename Spec::Read;
  using Calls = typename Spec::Calls;
  static constexpr std::size_t kCalls = std::tuple_size_v<Calls>;
  using Sizes = std::array<std::int64_t, kCalls>;
  static constexpr bool kBeyondMemory = is_beyond_memory<Key>;

  /// `sizes`: of each call's frame, microseconds or rows. `retain` in microseconds; kEndOfTime: for ever.
  Features(Pipeline& pipeline, std::int64_t retain, const Sizes& sizes)
      : pipeline_(pipeline), sizes_(at_least_one(sizes)), retain_(retain), longest_(longest(Over::span)), most_(longest(Over::rows)),
        expiry_(kOnlySpans && longest_ < retain ? longest_ : retain) {
    if constexpr (kBeyondMemory) table_.runs_out_by(expiry_);
  }

  void process(const In& in) {
    std::uint32_t entries[kBlock];
    if constexpr (kBeyondMemory) find(in, 0, entries);
    else prefetch(in);
    for (int i = 0; i < in.count; ++i) {
      const std::int64_t before = in.watermark_before(i);
      if (before > expiry_.next()) [[unlikely]] {
        expire(before);
        if constexpr (kBeyondMemory) find(in, i, entries);
      }
      if (before > watermark_) watermark_ = before;
      Arrived<Read> row{{}, {in.time_of(i), in.position_of(i)}};
      Spec::read(pipeline_, in, i, row.read);
      if (pipeline_.ev.failed) [[unlikely]] {
        Spec::failed(pipeline_, in, i);
        continue;
      }
      if constexpr (!kBeyondMemory) entries[i] = table_.find_or_add(Spec::key(in.rows[i]));
      step(in, i, entries[i], row);
    }
    forget_empty();
    flush(in.others);
  }

  void watermark(std::int64_t t) {
    if (expiry_.tell(t)) expire(t);
    flush(kEndOfTime);
    Spec::watermark(pipeline_, t);
  }

  auto beyond_memory()
    requires kBeyondMemory
  {
    return BeyondMemory{table_, std::tuple{StatePart::entries}};
  }

  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most)
    requires(!kBeyondMemory)
  {
    return table_.save_ahead(changes, std::tuple{StatePart::entries}, most);
  }
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, watermark_);
    table_.save(changes, std::tuple{StatePart::entries});
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(watermark_);
      case StatePart::due: return pass_over_due<Key>(key);
      default: table_.load(key, value);
    }
  }
  void loaded() {
    table_.loaded();
    table_.each([&](std::uint32_t n) {
      if (table_[n].value.started) expiry_.start(n, table_[n].value.last);
    });
  }

  std::size_t keys() const { return table_.size(); }
  /// Rows kept, of all keys.
  std::size_t rows() const {
    std::size_t n = 0;
    for (std::uint32_t e = 0; e != table_.end(); ++e)
      if (table_[e].live) n += table_[e].value.rows.size();
    return n;
  }

 private:
  template <std::size_t K>
  using Call = std::tuple_element_t<K, Calls>;
  template <class Indices>
  struct Tuples;
  template <std::size_t... K>
  struct Tuples<std::index_sequence<K...>> {
    using Frames = std::tuple<Frame<Call<K>, Spec::kMayFail>...>;
    using Values = std::tuple<const typename Call<K>::Accumulator*...>;
    using Scratch = std::tuple<typename Call<K>::Accumulator...>;
    static constexpr bool any(Over over) { return ((Call<K>::kOver == over) || ...); }
  };
  using All = std::make_index_sequence<kCalls>;
  static constexpr bool kSpans = Tuples<All>::any(Over::span);
  static constexpr bool kRows = Tuples<All>::any(Over::rows);
  static constexpr bool kOnlySpans = kSpans && !kRows && !Tuples<All>::any(Over::all);

  struct Timed {
    std::int64_t time = 0;
    std::uint64_t row = 0;  // its number in `rows`
    template <class Io>
    void archive(Io& io) { io(time, row); }
  };
  struct State {
    static constexpr bool kRunsOut = true;
    Ring<ArrivedHeld<Read>> rows;    // in the order of arrival
    Ring<Timed> by_time;             // of those that frames of a time may still count; equal times by arrival
    typename Tuples<All>::Frames frames;
    std::int64_t bound = kStartOfTime;  // up to which the frames of a time have moved on
    std::int64_t last = kStartOfTime;   // highest event time of its rows
    bool started = false;
    bool is_started() const { return started; }
    std::int64_t last_time() const { return last; }
    template <class Io>
    void archive(Io& io) { io(rows, by_time, frames, bound, last, started); }
    void clear() {
      rows.clear();
      by_time.clear();
      std::apply([](auto&... f) { (f.clear(), ...); }, frames);
      bound = last = kStartOfTime;
      started = false;
    }
  };

  /// Params may say anything.
  static Sizes at_least_one(Sizes sizes) {
    for (std::int64_t& n : sizes) n = n < 1 ? 1 : n;
    return sizes;
  }
  /// Calls body(std::integral_constant<std::size_t, K>) for each call.
  template <class Body>
  static void each(Body body) {
    [&]<std::size_t... K>(std::index_sequence<K...>) { (body(std::integral_constant<std::size_t, K>{}), ...); }(All{});
  }
  std::int64_t longest(Over over) const {
    std::int64_t n = 0;
    each([&](auto k) {
      if (Call<k>::kOver == over && sizes_[k] > n) n = sizes_[k];
    });
    return n;
  }
  static auto arrivals(State& s) {
    return [&s](std::uint64_t k) -> const Arrived<Read>& { return s.rows[k].get(); };
  }
  static auto in_time(State& s) {
    return [&s](std::uint64_t k) -> const Arrived<Read>& { return s.rows[s.by_time[k].row].get(); };
  }

  /// States of many keys lie far apart: those of a block's rows are fetched together, first they, then what they hold.
  void prefetch(const In& in) {
    if (table_.size() < 1024) return;
    std::uint32_t found[kBlock];
    for (int i = 0; i < in.count; ++i) {
      found[i] = table_.find(Spec::key(in.rows[i]));
      if (found[i] == KeyTable<Key, State>::kNone) continue;
      const char* state = reinterpret_cast<const char*>(&table_[found[i]].value);
      for (std::size_t at = 0; at < sizeof(State); at += 64) __builtin_prefetch(state + at, 1);
    }
    if constexpr (kSpans || kRows)
      for (int i = 0; i < in.count; ++i) {
        if (found[i] == KeyTable<Key, State>::kNone) continue;
        const State& s = table_[found[i]].value;
        s.rows.prefetch_ends();
        if constexpr (kSpans) s.by_time.prefetch_ends();
        std::apply([](const auto&... f) { (f.prefetch(), ...); }, s.frames);
      }
  }

  void find(const In& in, int from, std::uint32_t* entries) {
    table_.find_all(from, in.count, [&](int i) { return Spec::key(in.rows[i]); }, [](int) { return true; }, entries);
  }

  void step(const In& in, int i, std::uint32_t number, const Arrived<Read>& row) {
    State& s = table_[number].value;
    const std::int64_t t = row.place.time, own = in.watermark_of(i);
    if (s.started && retain_ != kEndOfTime && own > add_saturated(s.last, retain_)) [[unlikely]] {
      s.clear();
      s.started = true;  // its timer stands already
    }
    if constexpr (kSpans) forget_old(s);
    const bool ordered = t >= s.last && t >= s.bound && t >= own;
    move_on(s, t, ordered);

    typename Tuples<All>::Values values;
    Eval& ev = pipeline_.ev;
    std::size_t valued = 0;
    each([&](auto k) {
      if (ev.failed) return;
      std::get<k>(values) = this->template value<k>(s, row, own, ordered);
      valued += !ev.failed;
    });
    const int o = out_.count;
    if (!ev.failed) [[likely]] Spec::outputs(pipeline_, in, i, values, out_.rows[o]);
    const bool failed = ev.failed;
    if (failed) [[unlikely]] Spec::failed(pipeline_, in, i);
    if (kSpans && !ordered) put_back(s, row);
    if (failed) [[unlikely]] {
      each([&](auto k) {
        if (k < valued && !(Call<k>::kOver == Over::span && !ordered)) std::get<k>(s.frames).undo(ev, row);
      });
      if (!s.started) empty_.push_back(number);
      return;
    }
    keep(s, row, ordered);
    if (!s.started) {
      s.started = true;
      expiry_.start(number, t);
    }
    if (t > s.last) s.last = t;
    out_.take_lanes(o, in, i);
    if (++out_.count == kBlock) flush(in.others);
  }

  /// Rows that no frame of a time will count any more.
  void forget_old(State& s) {
    const std::int64_t horizon = this->horizon();
    while (!s.by_time.empty() && s.by_time.front().time < horizon) {
      const std::uint64_t first = s.by_time.begin();
      each([&](auto k) {
        if constexpr (Call<k>::kOver == Over::span) {
          auto& frame = std::get<k>(s.frames);
          if (frame.begin() == first) frame.begin_at(pipeline_.ev, first + 1, s.by_time.end(), in_time(s));
        }
      });
      s.by_time.pop_front();
    }
  }
  std::int64_t horizon() const { return watermark_ == kStartOfTime ? kStartOfTime : add_saturated(watermark_, -longest_); }

  /// Frames of a number of rows make room for this row, those of a time go on to it.
  void move_on(State& s, std::int64_t t, bool ordered) {
    if (kSpans && ordered) s.bound = t;
    each([&](auto k) {
      using C = Call<k>;
      auto& frame = std::get<k>(s.frames);
      if constexpr (C::kOver == Over::rows) {
        if constexpr (!C::kBefore) leave(s, frame, sizes_[k] - 1);
      } else if constexpr (C::kOver == Over::span) {
        if (!ordered) return;
        std::uint64_t begin = frame.begin();
        const std::int64_t from = add_saturated(t, -sizes_[k]);
        while (begin != s.by_time.end() && s.by_time[begin].time < from) ++begin;
        frame.begin_at(pipeline_.ev, begin, s.by_time.end(), in_time(s));
      }
    });
  }
  /// A frame of the last `n` rows.
  template <class F>
  void leave(State& s, F& frame, std::int64_t n) {
    if (static_cast<std::int64_t>(s.rows.end() - frame.begin()) > n)
      frame.begin_at(pipeline_.ev, s.rows.end() - static_cast<std::uint64_t>(n), s.rows.end(), arrivals(s));
  }

  template <std::size_t K>
  const typename Call<K>::Accumulator* value(State& s, const Arrived<Read>& row, std::int64_t own, bool ordered) {
    using C = Call<K>;
    Eval& ev = pipeline_.ev;
    auto& frame = std::get<K>(s.frames);
    auto& scratch = std::get<K>(scratch_);
    if constexpr (C::kOver == Over::span) {
      if (ordered) return frame.value(ev, scratch, row, s.by_time.end(), in_time(s));
      const std::int64_t t = row.place.time, from = add_saturated(t > own ? t : own, -sizes_[K]);
      const std::uint64_t begin = first_from(s, from), end = first_from(s, add_saturated(t, 1));
      if constexpr (std::decay_t<decltype(frame)>::kMoves)
        if (const auto* moved = frame.value_at(ev, row, begin, end, s.by_time.end(), in_time(s))) return moved;
      scratch.clear();
      if (begin < end) accumulate<C>(ev, scratch, begin, end, in_time(s));
      if constexpr (!C::kBefore)
        if (!ev.failed) C::add(ev, scratch, row);
      return &scratch;
    } else {
      return frame.value(ev, scratch, row, s.rows.end(), arrivals(s));
    }
  }
  void put_back(State& s, const Arrived<Read>& row) {
    each([&](auto k) {
      if constexpr (Call<k>::kOver == Over::span) {
        auto& frame = std::get<k>(s.frames);
        if constexpr (std::decay_t<decltype(frame)>::kMoves) frame.put_back(pipeline_.ev, row, s.by_time.end(), in_time(s));
      }
    });
  }
  /// The first of by_time whose time is `t` or later.
  static std::uint64_t first_from(const State& s, std::int64_t t) {
    std::uint64_t low = s.by_time.begin(), high = s.by_time.end();
    while (low != high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (s.by_time[middle].time < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// The row is one of those that come before the next.
  void keep(State& s, const Arrived<Read>& row, bool ordered) {
    const std::int64_t t = row.place.time;
    const bool timed = kSpans && t >= horizon();
    if constexpr (kSpans || kRows) {
      if (!kRows && !timed) return keep_frames(s, row, ordered, false);
      s.rows.push_back(ArrivedHeld<Read>(row.read, row.place));
    }
    keep_frames(s, row, ordered, timed);
    if constexpr (kSpans || kRows)
      while (static_cast<std::int64_t>(s.rows.size()) > most_ && (!kSpans || gone(s))) s.rows.pop_front();
  }
  /// The oldest row to arrive is in no frame of a time.
  bool gone(const State& s) const {
    return s.rows[s.rows.begin()].get().place.time < (s.by_time.empty() ? kEndOfTime : s.by_time[s.by_time.begin()].time);
  }
  void keep_frames(State& s, const Arrived<Read>& row, bool ordered, bool timed) {
    const std::int64_t t = row.place.time;
    std::uint64_t place = 0;
    if constexpr (kSpans) {
      if (timed) {
        place = ordered ? s.by_time.end() : first_from(s, add_saturated(t, 1));
        s.by_time.insert(place, {t, s.rows.end() - 1});
      }
    }
    Eval& ev = pipeline_.ev;
    each([&](auto k) {
      using C = Call<k>;
      auto& frame = std::get<k>(s.frames);
      if constexpr (C::kOver == Over::span) {
        if (ordered) frame.keep(ev, row, s.by_time.end(), in_time(s));
        else if (timed && t >= add_saturated(s.bound, -sizes_[k])) frame.insert(ev, row, place, s.by_time.end(), in_time(s));
        else if (timed) frame.shift();
      } else if constexpr (C::kOver == Over::rows) {
        frame.keep(ev, row, s.rows.end(), arrivals(s));
        if constexpr (C::kBefore) leave(s, frame, sizes_[k]);
      } else {
        frame.keep(ev, row, 0, arrivals(s));
      }
    });
  }

  void expire(std::int64_t t) {
    forget_empty();
    forget_run_out(expiry_, t, table_);
  }
  /// Keys of which no row was good go when no row of the block looks for them any more.
  void forget_empty() {
    if (empty_.empty()) [[likely]] return;
    for (const std::uint32_t n : empty_)
      if (table_[n].live && !table_[n].value.started) table_.erase(n);
    empty_.clear();
  }

  void flush(std::int64_t others) {
    if (out_.count == 0) return;
    out_.others = others;
    Spec::out(pipeline_, out_);
    out_.count = 0;
  }

  Pipeline& pipeline_;
  Sizes sizes_;
  std::int64_t retain_;
  std::int64_t longest_;  // frame of a time
  std::int64_t most_;     // rows of a frame
  BoundedExpiry<Key> expiry_;
  BoundedTable<Key, State> table_;
  GrowingArray<std::uint32_t> empty_;
  typename Tuples<All>::Scratch scratch_;
  std::int64_t watermark_ = kStartOfTime;  // of the operator, just before the row
  Out out_;
};

}  // namespace gress
