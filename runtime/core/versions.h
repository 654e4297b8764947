// The versions of one key's row, in the order of their times, and which of them was valid when.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/core/state_value.h"
#include "runtime/core/time.h"

namespace gress {

template <class Row>
struct Version {
  Row row{};
  std::int64_t time = 0;       // valid from then on
  std::int64_t seen = 0;       // watermark of its partition when it came: earlier questions were answered without it
  std::uint64_t position = 0;  // of equal times the higher counts, then the one that came later
  bool deleted = false;
  template <class Io>
  void archive(Io& io) { io(row, time, seen, position, deleted); }
};

/// Rows are owned.
template <class Row>
class Versions {
 public:
  Versions() = default;
  Versions(Versions&& o) noexcept : list_(std::move(o.list_)) { o.list_.clear(); }
  Versions& operator=(Versions&& o) noexcept {
    list_.swap(o.list_);
    return *this;
  }
  ~Versions() { release(list_.size()); }
  void clear() { drop(list_.size()); }

  template <class Io>
  void archive(Io& io) { io(list_); }
  std::size_t size() const { return list_.size(); }
  bool full() const { return list_.size() == list_.capacity(); }

  void add(Version<Row> v) {
    v.row = StateTraits<Row>::retain(v.row);
    auto at = list_.end();
    while (at != list_.begin() && before(v, at[-1])) --at;
    list_.insert(at, v);
  }
  /// The highest watermark that one came with.
  std::int64_t seen() const {
    std::int64_t highest = kStartOfTime;
    for (const Version<Row>& v : list_) highest = std::max(highest, v.seen);
    return highest;
  }
  /// The last version with a time not after `t`, of those that were seen by then; null without one.
  const Version<Row>* at(std::int64_t t) const {
    auto v = std::upper_bound(list_.begin(), list_.end(), t, [](std::int64_t x, const Version<Row>& y) { return x < y.time; });
    while (v != list_.begin())
      if ((--v)->seen <= t) return &*v;
    return nullptr;
  }
  /// Forgets what at(t) and later does not need.
  void drop_replaced(std::int64_t t) {
    const Version<Row>* v = at(t);
    if (v != nullptr) drop(static_cast<std::size_t>(v - list_.data()) + v->deleted);
  }
  /// Forgets what is older than `t`.
  void drop_before(std::int64_t t) {
    std::size_t n = 0;
    while (n != list_.size() && list_[n].time < t) ++n;
    drop(n);
  }

 private:
  static bool before(const Version<Row>& a, const Version<Row>& b) {
    return a.time != b.time ? a.time < b.time : a.position < b.position;
  }
  void release(std::size_t n) {
    for (std::size_t i = 0; i != n; ++i) StateTraits<Row>::release(list_[i].row);
  }
  void drop(std::size_t n) {
    if (n == 0) return;
    release(n);
    list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(n));
  }
  std::vector<Version<Row>> list_;
};

}  // namespace gress
