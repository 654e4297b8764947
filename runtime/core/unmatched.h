// The rows of a side of an outer join, until their time is over: who then has no partner is given alone, in the order
// of the ends, then of arrival.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/core/time.h"

namespace gress {

template <class Row>
class Unmatched {
 public:
  /// Number of the row, good until it is popped.
  std::uint32_t add(const Row& row, std::int64_t time, std::int64_t end, bool matched, bool keyed = true) {
    std::uint32_t n;
    if (free_.empty()) {
      n = static_cast<std::uint32_t>(rows_.size());
      rows_.push_back({row, time, matched, keyed});
    } else {
      n = free_.back();
      free_.pop_back();
      rows_[n] = {row, time, matched, keyed};
    }
    waiting_.push_back({end, sequence_++, n});
    std::push_heap(waiting_.begin(), waiting_.end(), later);
    return n;
  }
  /// One that an earlier run had added, as its number `sequence`.
  std::uint32_t restore(const Row& row, std::int64_t time, std::int64_t end, bool matched, bool keyed, std::uint64_t sequence) {
    const std::uint64_t next = std::exchange(sequence_, sequence);
    const std::uint32_t n = add(row, time, end, matched, keyed);
    sequence_ = next > sequence ? next : sequence + 1;
    return n;
  }
  /// Of the rows that are there, by their numbers, as what they were added (of others anything).
  std::vector<std::uint64_t> sequences() const {
    std::vector<std::uint64_t> out(rows_.size());
    for (const Waiting& w : waiting_) out[w.row] = w.sequence;
    return out;
  }
  bool is_matched(std::uint32_t n) const { return rows_[n].matched; }
  /// Rows that stand in no key's list: f(row, time, end, matched, sequence).
  template <class F>
  void each_without_key(F f) const {
    for (const Waiting& w : waiting_)
      if (const Kept& k = rows_[w.row]; !k.keyed) f(k.row, k.time, w.end, k.matched, w.sequence);
  }
  const Row& row(std::uint32_t n) const { return rows_[n].row; }
  void matched(std::uint32_t n) { rows_[n].matched = true; }

  /// A watermark greater than this has passed some row.
  std::int64_t next() const { return waiting_.empty() ? kEndOfTime : waiting_.front().end; }
  /// Time of the first row that a watermark has passed and that has no partner (matched ones before it go), kEndOfTime
  /// without one.
  std::int64_t ready(std::int64_t watermark) {
    while (!waiting_.empty() && watermark > waiting_.front().end) {
      const std::uint32_t n = waiting_.front().row;
      if (!rows_[n].matched) return rows_[n].time;
      remove();
    }
    return kEndOfTime;
  }
  /// Gives the row that ready() found: give(row, time).
  template <class Give>
  void pop(Give give) {
    const Kept& k = rows_[waiting_.front().row];
    give(k.row, k.time);
    remove();
  }
  std::size_t size() const { return waiting_.size(); }

 private:
  struct Kept {
    Row row;
    std::int64_t time;
    bool matched;
    bool keyed;  // it stands in the list of a key
  };
  struct Waiting {
    std::int64_t end;
    std::uint64_t sequence;
    std::uint32_t row;
  };
  static bool later(const Waiting& a, const Waiting& b) { return a.end != b.end ? a.end > b.end : a.sequence > b.sequence; }
  void remove() {
    free_.push_back(waiting_.front().row);
    std::pop_heap(waiting_.begin(), waiting_.end(), later);
    waiting_.pop_back();
  }

  std::vector<Kept> rows_;
  std::vector<std::uint32_t> free_;
  std::vector<Waiting> waiting_;
  std::uint64_t sequence_ = 0;
};

/// Where a join needs no such thing.
struct NoneUnmatched {};

/// The earliest time among rows whose ends a watermark has not passed. Rows in the order of their times wait in a queue,
/// the others in a heap.
class EarliestTime {
 public:
  void add(std::int64_t time, std::int64_t end) {
    if (queue_.size() == gone_ || time >= queue_.back().time) {
      queue_.push_back({time, end});
    } else {
      heap_.push_back({time, end});
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
    find_first();
  }
  /// kEndOfTime without such a row. Watermarks do not fall.
  std::int64_t time(std::int64_t watermark) {
    if (watermark > first_.end) [[unlikely]] drop(watermark);
    return first_.time;
  }

 private:
  struct Note {
    std::int64_t time, end;
  };
  static bool later(const Note& a, const Note& b) { return a.time > b.time; }

  void find_first() {
    first_ = queue_.size() == gone_ ? Note{kEndOfTime, kEndOfTime} : queue_[gone_];
    if (!heap_.empty() && heap_.front().time < first_.time) first_ = heap_.front();
  }
  [[gnu::noinline]] void drop(std::int64_t watermark) {
    while (gone_ != queue_.size() && watermark > queue_[gone_].end) ++gone_;
    if (gone_ * 2 >= queue_.size()) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(gone_));
      gone_ = 0;
    }
    while (!heap_.empty() && watermark > heap_.front().end) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
    }
    find_first();
  }

  std::vector<Note> queue_, heap_;
  std::size_t gone_ = 0;                // of the queue
  Note first_{kEndOfTime, kEndOfTime};  // the earliest of both
};

}  // namespace gress
