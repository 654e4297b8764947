// `retain d`: a key is forgotten when a watermark is greater than its last row's time + d. Before a row its key is
// judged by the row's own partition; keys that stay silent by the operator's watermark, through timers.
#pragma once
#include <algorithm>
#include <vector>

#include "runtime/core/time.h"
#include "runtime/core/timers.h"

namespace gress {

class Expiry {
 public:
  /// `retain` in microseconds; kEndOfTime: for ever.
  explicit Expiry(std::int64_t retain) : retain_(retain) {}

  bool forever() const { return retain_ == kEndOfTime; }
  std::int64_t retain() const { return retain_; }
  bool expired(std::int64_t last, std::int64_t watermark) const {
    return !forever() && watermark > add_saturated(last, retain_);
  }
  /// A new key, or one that was forgotten and came back.
  void start(std::uint32_t entry, std::int64_t last) {
    if (!forever()) timers_.push(add_saturated(last, retain_), entry);
  }
  /// Calls expire(entry, time it ran out) in order for all that a watermark `t` has passed; last(entry) is the time of
  /// the entry's last row, kEndOfTime if it is gone.
  template <class Last, class Expire>
  void pass(std::int64_t t, Last last, Expire expire) {
    while (timers_.next() < t) {
      const Timers::Note n = timers_.pop();
      const std::int64_t row = last(n.entry);
      if (row == kEndOfTime) continue;
      const std::int64_t at = add_saturated(row, retain_);
      if (at > n.at) {
        timers_.push(at, n.entry);
        continue;
      }
      expire(n.entry, at);
    }
  }
  std::int64_t next() const { return timers_.next(); }

  /// The operator's watermark is `t`: whether keys run out by it. None does when all has ended.
  bool tell(std::int64_t t) {
    if (t == kEndOfTime) return false;
    told_ = t;
    return t > timers_.next();
  }
  /// Behind a block: whether keys have run out whose rows came later than that watermark.
  bool overdue() const { return told_ > timers_.next(); }
  std::int64_t told() const { return told_; }
  /// In checkpoints: who has told it does not tell it again after a restart. Timers are made of the entries.
  template <class Io>
  void archive(Io& io) { io(told_); }

 protected:
  std::int64_t retain_;
  std::int64_t told_ = kStartOfTime;
  Timers timers_;
};

/// Of a table whose entries need not all be in memory (cold_table.h). The numbers of those that left go to others, and their
/// timers stay: of an entry that number's earliest counts.
class ColdExpiry : public Expiry {
 public:
  using Expiry::Expiry;

  void start(std::uint32_t entry, std::int64_t last) {
    if (!forever()) note(add_saturated(last, retain_), entry);
  }
  /// As Expiry's, of entries in memory.
  template <class Last, class Expire>
  void pass(std::int64_t t, Last last, Expire expire) {
    while (timers_.next() < t) {
      const Timers::Note n = timers_.pop();
      if (n.at != noted_[n.entry]) continue;
      noted_[n.entry] = kEndOfTime;
      const std::int64_t row = last(n.entry);
      if (row == kEndOfTime) continue;
      const std::int64_t at = add_saturated(row, retain_);
      if (at > n.at) note(at, n.entry);
      else expire(n.entry, at);
    }
  }
  std::int64_t next() const { return std::min(timers_.next(), on_disk_); }
  bool tell(std::int64_t t) { return Expiry::tell(t) || (t != kEndOfTime && t > on_disk_); }
  bool overdue() const { return told_ > next(); }

  /// The earliest time at which an entry on disk runs out, or earlier.
  std::int64_t on_disk() const { return on_disk_; }
  void set_on_disk(std::int64_t at) { on_disk_ = at; }

 private:
  void note(std::int64_t at, std::uint32_t entry) {
    if (entry >= noted_.size()) noted_.resize(entry + 1, kEndOfTime);
    if (at >= noted_[entry]) return;
    noted_[entry] = at;
    timers_.push(at, entry);
  }

  std::vector<std::int64_t> noted_;  // by entry: the timer that counts
  std::int64_t on_disk_ = kEndOfTime;
};

}  // namespace gress
