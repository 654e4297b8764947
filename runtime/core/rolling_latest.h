// Rolling `latest` of facts: the last row of each key by (time, partition, offset). An older row changes nothing and
// gives no row. (Over upserts the row before may come back: rolling_top.h.)
//
// Spec (generated): Pipeline, In, Out, Key,
//   static constexpr bool kOld, kRetain;                        // as in rolling.h
//   static Key key(const In::Row&);
//   static void show(Pipeline&, const In::Row&, std::int64_t rank, Out::Row&);   // rank: of no meaning here
//   out, watermark.
#pragma once
#include "runtime/core/grouped_table.h"
#include "runtime/core/place.h"
#include "runtime/core/rolling.h"

namespace gress {

template <class Spec>
class RollingLatest {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Row = typename In::Row;
  static constexpr bool kBeyondMemory = is_beyond_memory<typename Spec::Key>;

  /// `retain` in microseconds; kEndOfTime: for ever.
  RollingLatest(typename Spec::Pipeline& pipeline, std::int64_t retain) : emitter_(pipeline), expiry_(retain) {
    if constexpr (kBeyondMemory && Spec::kRetain) table_.runs_out_by(expiry_);
  }

  void process(const In& in) {
    emitter_.set_others(in.others);
    std::uint32_t entries[kBlock];
    find(in, 0, entries);
    for (int i = 0; i < in.count; ++i) {
      if constexpr (Spec::kRetain) {
        if (in.watermark_before(i) > expiry_.next()) [[unlikely]] {
          expire(in.watermark_before(i));
          find(in, i, entries);
        }
      }
      step(in, i, entries[i]);
    }
    if constexpr (Spec::kRetain)
      if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    emitter_.flush();
  }

  void watermark(std::int64_t t) {
    if constexpr (Spec::kRetain) {
      emitter_.set_others(kEndOfTime);
      if (expiry_.tell(t)) expire(t);
      emitter_.flush();
    }
    Spec::watermark(emitter_.pipeline(), t);
  }

  std::size_t keys() const { return table_.size(); }

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
    changes.put(StatePart::rest, std::tie(emitter_, expiry_));
    table_.save(changes, std::tuple{StatePart::entries});
  }
  /// Its entries may be loaded by several threads.
  auto& apart()
    requires(!kBeyondMemory)
  {
    return table_;
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() == StatePart::entries && decltype(table_)::show_entry(key, value, to);
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(emitter_, expiry_);
      case StatePart::due: return pass_over_due<typename Spec::Key>(key);
      default: table_.load(key, value);
    }
  }
  void loaded() {
    table_.loaded();
    if constexpr (Spec::kRetain) ran_out_.all_loaded(expiry_, table_);
  }

 private:
  /// The row is needed again only as the old one of an update or delete.
  static constexpr bool kKeeps = Spec::kOld || Spec::kRetain;

  struct WithRow {
    static constexpr bool kRunsOut = Spec::kRetain;
    Place place;
    Held<Row> row;
    [[no_unique_address]] Born<Spec::kRetain> born;
    bool started = false;
    bool is_started() const { return started; }
    std::int64_t last_time() const { return place.time; }
    template <class Io>
    void archive(Io& io) {
      io(place, row, started);
      if constexpr (Spec::kRetain) io(born.value);
    }
    void clear() {
      started = false;
      row.clear();
    }
  };
  /// Before the first row the lowest place, which no row is before.
  struct OnlyPlace {
    Place place{kStartOfTime, 0};
    static constexpr auto members = Members<&OnlyPlace::place>{};
    void clear() { place = {kStartOfTime, 0}; }
  };
  using Kept = std::conditional_t<kKeeps, WithRow, OnlyPlace>;

  void find(const In& in, int from, std::uint32_t* entries) {
    table_.find_all(
        from, in.count, [&](int i) { return Spec::key(in.rows[i]); }, [](int) { return true; }, entries);
  }

  void step(const In& in, int i, std::uint32_t number) {
    Kept& s = table_[number].value;
    const Place place{in.time_of(i), in.position_of(i)};
    if constexpr (Spec::kRetain) {
      if (s.started && expiry_.expired(s.place.time, in.watermark_of(i))) [[unlikely]] {
        drop(s, add_saturated(s.place.time, expiry_.retain()));
        s.started = false;
      }
    }
    if (is_before(place, s)) return;
    emitter_.reserve(2);
    if constexpr (Spec::kOld) {
      if (s.started) {
        show(s.row.get(), emitter_.next());
        emitter_.commit({s.place.time, s.place.position}, in.watermark_of(i), Op::retract);
      }
    }
    Spec::show(emitter_.pipeline(), in.rows[i], 0, emitter_.next());
    emitter_.commit({place.time, place.position}, in.watermark_of(i), Op::insert);
    if constexpr (kKeeps) {
      s.row.assign(in.rows[i]);
      if (!s.started) {
        s.started = true;
        if constexpr (Spec::kRetain) ran_out_.came(s);
        expiry_.start(number, place.time);
      }
    }
    s.place = place;
  }
  static bool is_before(const Place& place, const Kept& s) {
    if constexpr (kKeeps)
      if (!s.started) return false;
    return place < s.place;
  }

  /// A row of the state that goes: the block's has text of its own.
  void show(const Row& row, typename Out::Row& o) {
    Spec::show(emitter_.pipeline(), row, 0, o);
    if constexpr (!StateTraits<typename Out::Row>::is_plain) o = fn::kept(emitter_.ev, o);
  }
  void drop(const Kept& s, std::int64_t at) {
    if constexpr (kKeeps) {
      show(s.row.get(), emitter_.next());
      emitter_.commit({s.place.time, s.place.position}, at + 1, Op::retract);
    }
  }
  void expire(std::int64_t t) {
    if constexpr (Spec::kRetain)
      ran_out_.pass(expiry_, t, table_, [&](std::uint32_t n, std::int64_t at) {
        drop(table_[n].value, at);
        table_.erase(n);
      });
  }

  Emitter<Spec> emitter_;
  BoundedExpiry<typename Spec::Key> expiry_;
  RanOut ran_out_;
  BoundedTable<typename Spec::Key, Kept, typename TableOf<typename Spec::Key, Kept>::type> table_;
};

}  // namespace gress
