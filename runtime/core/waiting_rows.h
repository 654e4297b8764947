// Rows that wait for a watermark to pass a time of theirs, with their keys; they go in the order of that time, then of
// event time and position. A row that went stays readable until release().
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/core/state_value.h"
#include "runtime/core/time.h"
#include "runtime/core/timers.h"

namespace gress {

template <class Key, class Row>
class WaitingRows {
 public:
  struct Place {
    std::int64_t at;    // waits for a watermark greater than this
    std::int64_t time;  // event time
    std::uint64_t position;
  };
  struct First {
    const Place& place;
    const Key& key;
    const Row& row;
  };

  WaitingRows() = default;
  WaitingRows(const WaitingRows&) = delete;
  WaitingRows& operator=(const WaitingRows&) = delete;
  ~WaitingRows() {
    for (const Note& n : heap_) gone_.push_back(n.row);
    release();
  }

  void add(const Place& place, const Key& key, const Row& row) {
    std::uint32_t n;
    if (free_.empty()) {
      n = static_cast<std::uint32_t>(rows_.size());
      rows_.emplace_back();
    } else {
      n = free_.back();
      free_.pop_back();
    }
    rows_[n] = {StateTraits<Key>::retain(key), StateTraits<Row>::retain(row), place.time};
    heap_.push_back({place, n});
    std::push_heap(heap_.begin(), heap_.end(), later);
    if (place.at != place.time && !by_time_) {
      by_time_ = true;
      for (const Note& note : heap_) times_.push(note.place.time, note.row);
    } else if (by_time_) {
      times_.push(place.time, n);
    }
  }
  /// A watermark greater than this lets a row go; kEndOfTime without rows.
  std::int64_t next() const { return heap_.empty() ? kEndOfTime : heap_.front().place.at; }
  First first() const {
    const Note& n = heap_.front();
    return {n.place, rows_[n.row].key, rows_[n.row].row};
  }
  void pop() {
    const std::uint32_t n = heap_.front().row;
    rows_[n].time = kStartOfTime;
    gone_.push_back(n);
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
  }
  void release() {
    for (const std::uint32_t n : gone_) {
      StateTraits<Key>::release(rows_[n].key);
      StateTraits<Row>::release(rows_[n].row);
      free_.push_back(n);
    }
    gone_.clear();
  }
  /// The rows that wait, in no order: f(place, key, row).
  template <class F>
  void each(F f) const {
    for (const Note& n : heap_) f(n.place, rows_[n.row].key, rows_[n.row].row);
  }
  /// The earliest event time among the rows, kEndOfTime without rows.
  std::int64_t earliest() {
    if (!by_time_) return next();
    while (times_.next() != kEndOfTime) {
      const Timers::Note n = times_.pop();
      if (rows_[n.entry].time != n.at) continue;  // it went; or another of the same time has its number
      times_.push(n.at, n.entry);
      return n.at;
    }
    return kEndOfTime;
  }
  std::size_t size() const { return heap_.size(); }

 private:
  struct Kept {
    Key key{};
    Row row{};
    std::int64_t time = kStartOfTime;  // event time, as long as it waits
  };
  struct Note {
    Place place;
    std::uint32_t row;
  };
  static bool later(const Note& a, const Note& b) {
    if (a.place.at != b.place.at) return a.place.at > b.place.at;
    return a.place.time != b.place.time ? a.place.time > b.place.time : a.place.position > b.place.position;
  }

  std::vector<Kept> rows_;
  std::vector<std::uint32_t> free_, gone_;
  std::vector<Note> heap_;
  Timers times_;          // of event times, once one differs from what is waited for
  bool by_time_ = false;
};

}  // namespace gress
