// `join … as_of at`: a left row gets the version of the right row that was valid at a time. It waits until the right
// watermark is greater than `at`, so that versions of that very instant count; the right side keeps versions by key.
//
// A version is seen by left rows whose `at` is neither before its time nor before its partition's watermark when it came:
// exactly those that had to wait for it. So nothing hangs on which side is read first, late right rows included. Of
// several the last by time counts, then by position. Changes of a changelog follow one another as they come: a late one
// is a version from its watermark on.
//
// Versions that no left row can need any more go: those before the last one that was there at the left watermark, less
// the most that an `at` has been before its row's time. A row that asks for an older time than that is late too.
//
// Spec (generated): as IntervalJoin's, without what belongs to `high` and to late right rows; kKind is not full, and
//   static constexpr bool kReach;     // of facts: a version has an end
//   static bool at(Pipeline&, const Left&, int i, std::int64_t&);     // false: failed and routed
//   static bool pair_failed(Pipeline&, const LeftRow&): for left_failed, since the row's block has gone
#pragma once
#include <algorithm>

#include "runtime/core/emitter.h"
#include "runtime/core/join.h"
#include "runtime/core/key_table.h"
#include "runtime/core/versions.h"
#include "runtime/core/waiting_rows.h"

namespace gress {

template <class Spec>
class AsOfJoin {
 public:
  using Left = typename Spec::Left;
  using Right = typename Spec::Right;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;
  using LeftRow = typename Spec::LeftRow;
  using RightRow = typename Spec::RightRow;

  /// `reach` in microseconds; kEndOfTime: a version is valid until the next.
  AsOfJoin(typename Spec::Pipeline& pipeline, std::int64_t reach) : emitter_(pipeline), reach_(reach) {}

  void left(const Left& in) {
    for (int i = 0; i != in.count; ++i) {
      const std::int64_t time = in.time_of(i);
      if (time < in.watermark_of(i)) {
        Spec::left_late(emitter_.pipeline(), in, i);
        continue;
      }
      Key key;
      const Keyed keyed = Spec::left_key(emitter_.pipeline(), in, i, key);
      std::int64_t at = 0;
      if (keyed == Keyed::failed || !Spec::at(emitter_.pipeline(), in, i, at)) continue;
      if (at == kEndOfTime) --at;  // which no watermark is greater than
      if (at < time && time - at > lag_) lag_ = time - at;
      const Stamp stamp{time, in.position_of(i)};
      if constexpr (Out::has(kWatermark)) emitter_.raise(output_watermark(in.watermark_before(i)));
      if (keyed == Keyed::absent) {
        give(Spec::left_row(in.rows[i]), nullptr, stamp);
      } else if (at >= right_watermark_) {
        waiting_.add({at, stamp.time, stamp.position}, key, Spec::left_row(in.rows[i]));
      } else if (const Version<RightRow>* v = version(keys_.find(key), at); v == nullptr && at < horizon_) {
        Spec::left_late(emitter_.pipeline(), in, i);
      } else {
        give(Spec::left_row(in.rows[i]), v, stamp);
      }
    }
    emitter_.flush();
  }

  void right(const Right& in) {
    for (int i = 0; i != in.count; ++i) {
      resolve(in.watermark_before(i));
      Key key;
      if constexpr (Right::has(kOp)) {
        if (in.op[i] == Op::retract) {
          const bool update = i + 1 < in.count && in.op[i + 1] == Op::insert;
          const Keyed old = Spec::right_key(emitter_.pipeline(), in, i, key);
          Key next;
          const Keyed fresh = update ? Spec::right_key(emitter_.pipeline(), in, i + 1, next) : Keyed::absent;
          // A row that stays with its key has a new version; else it leaves here, at the time of what takes it away.
          if (old == Keyed::present && !(fresh == Keyed::present && next == key)) {
            const int cause = update ? i + 1 : i;
            const std::int64_t t = in.time_of(cause), w = in.watermark_of(i);
            add(key, {RightRow{}, t > w ? t : w, w, 0, true});
          }
          if (fresh == Keyed::present) add(next, made(in, i + 1));
          i += update;
          continue;
        }
      }
      if (Spec::right_key(emitter_.pipeline(), in, i, key) == Keyed::present) add(key, made(in, i));
    }
    emitter_.flush();
  }

  void left_watermark(std::int64_t t) {
    if (t <= left_watermark_) return;
    left_watermark_ = t;
    if (kept() > most_kept_) most_kept_ = kept();
    emitter_.advance(output_watermark(t));
  }
  void right_watermark(std::int64_t t) {
    resolve(t);
    emitter_.advance(output_watermark(left_watermark_));
  }

  /// The rows that wait are saved all anew: they wait for the other side, which is as far or soon will be.
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, left_watermark_, right_watermark_, lag_, horizon_));
    keys_.save(changes, std::tuple{StatePart::entries});
    changes.erase_all(StatePart::more);
    std::uint64_t number = 0;
    waiting_.each([&](const auto& place, const Key& key, const LeftRow& row) {
      changes.put(StateOwner::of_key(key), std::tuple{StatePart::more, number++}, std::tie(place.at, place.time, place.position, key, row));
    });
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(emitter_, left_watermark_, right_watermark_, HighestOf{lag_}, HighestOf{horizon_});
      case StatePart::entries: versions_ += keys_[keys_.load(key, value)].value.size(); return;
      default: {
        key.get<std::uint64_t>();
        typename WaitingRows<Key, LeftRow>::Place place{};
        Key k{};
        LeftRow row{};
        value(place.at, place.time, place.position, k, row);
        waiting_.add(place, k, row);
        StateTraits<Key>::release(k);
        StateTraits<LeftRow>::release(row);
      }
    }
  }
  void loaded() {
    keys_.loaded();
    if (versions_ * 2 > sweep_at_) sweep_at_ = versions_ * 2;
  }

  /// Left rows that wait now, and versions.
  std::size_t kept() const { return waiting_.size() + versions_; }
  std::size_t most_kept() const { return most_kept_; }

 private:
  static constexpr std::size_t kSweep = 4096;  // versions at least between two sweeps

  static Version<RightRow> made(const Right& in, int i) {
    const std::int64_t time = in.time_of(i), watermark = in.watermark_of(i);
    if constexpr (Right::has(kOp))  // in the order of arrival
      return {Spec::right_row(in.rows[i]), time > watermark ? time : watermark, watermark, 0, false};
    else
      return {Spec::right_row(in.rows[i]), time, watermark, in.position_of(i), false};
  }
  void add(const Key& key, Version<RightRow> version) {
    Versions<RightRow>& list = keys_[keys_.find_or_add(key)].value;
    // A row that came later than it could be kept is forgotten with an earlier stamp than its own, from which on it is a version.
    if (Right::has(kOp) && version.deleted) version.time = std::max(version.time, list.seen());
    const std::size_t before = list.size();
    if (list.full()) prune(list);
    list.add(version);
    versions_ += list.size() - before;
    if (versions_ > sweep_at_) [[unlikely]] sweep();
  }
  void prune(Versions<RightRow>& list) {
    const std::int64_t from = std::min({add_saturated(left_watermark_, -lag_), waiting_.next(), right_watermark_});
    if (from > horizon_) horizon_ = from;
    if constexpr (Spec::kReach) list.drop_before(add_saturated(from, -reach_));
    else list.drop_replaced(from);
  }
  /// Keys of which nothing came for long are looked at when there are twice as many versions as were needed last.
  [[gnu::noinline]] void sweep() {
    emitter_.flush();
    versions_ = 0;
    for (std::uint32_t e = 0; e != keys_.end(); ++e) {
      if (!keys_[e].live) continue;
      Versions<RightRow>& list = keys_[e].value;
      prune(list);
      versions_ += list.size();
      if (list.size() == 0) keys_.erase(e);
    }
    sweep_at_ = versions_ * 2 < kSweep ? kSweep : versions_ * 2;
  }

  /// The version that a left row sees at a time, null if there is none (or it is a delete).
  const Version<RightRow>* version(std::uint32_t entry, std::int64_t at) const {
    if (entry == keys_.kNone) return nullptr;
    const Version<RightRow>* v = keys_[entry].value.at(at);
    if (v == nullptr || v->deleted) return nullptr;
    if (Spec::kReach && v->time < add_saturated(at, -reach_)) return nullptr;
    return v;
  }

  /// Gives the waiting rows whose time a right watermark has passed, in the order of their `at`.
  void resolve(std::int64_t t) {
    if (t <= right_watermark_) return;
    right_watermark_ = t;
    while (waiting_.next() < t) {
      auto row = waiting_.first();
      give(row.row, version(keys_.find(row.key), row.place.at), {row.place.time, row.place.position});
      waiting_.pop();
    }
    emitter_.flush();
    waiting_.release();
  }

  void give(const LeftRow& row, const Version<RightRow>* version, const Stamp& stamp) {
    bool matched = version != nullptr;
    if constexpr (Spec::kRest) {
      if (matched) matched = Spec::rest(emitter_.pipeline(), row, version->row);
      if (Spec::pair_failed(emitter_.pipeline(), row)) return;
    }
    if constexpr (Spec::kKind == JoinKind::inner || Spec::kKind == JoinKind::left) {
      if (matched) Spec::pair(row, version->row, emitter_.next());
      else if constexpr (Spec::kKind == JoinKind::left) Spec::left_only(row, emitter_.next());
      if (!matched && Spec::kKind == JoinKind::inner) return;
    } else {
      if (matched != (Spec::kKind == JoinKind::semi)) return;
      Spec::left_only(row, emitter_.next());
    }
    emitter_.commit(stamp);
  }
  std::int64_t output_watermark(std::int64_t left) { return std::min(left, waiting_.earliest()); }

  Emitter<Spec> emitter_;
  std::int64_t reach_;
  std::int64_t left_watermark_ = kStartOfTime, right_watermark_ = kStartOfTime;
  std::int64_t lag_ = 0;                    // the most that an `at` was before its row's time
  std::int64_t horizon_ = kStartOfTime;     // versions that no `at` from here on needs may have gone
  std::size_t versions_ = 0, sweep_at_ = kSweep;
  std::size_t most_kept_ = 0;
  KeyTable<Key, Versions<RightRow>> keys_;
  WaitingRows<Key, LeftRow> waiting_;
};

}  // namespace gress
