// One side of a join whose result is revised: its rows with what is needed to take them back. Rows have numbers, their
// memory is used again; a row that left stays readable until release(), since results that show it are still on their way.
#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/core/hash.h"
#include "runtime/core/key_table.h"
#include "runtime/core/maybe.h"
#include "runtime/core/members.h"
#include "runtime/core/state_value.h"
#include "runtime/core/time.h"
#include "runtime/core/timers.h"

namespace gress {

/// What a changelog's retract has in common with the insert it takes back. `values`: hash of key and kept columns.
struct RowIdentity {
  std::int64_t time = 0;
  std::uint64_t position = 0;
  std::uint64_t values = 0;
  static constexpr auto members = Members<>{};
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::combine(fn::combine(fn::key_hash(time), fn::key_hash(position)), values); }
  friend bool operator==(const RowIdentity&, const RowIdentity&) = default;
};
template <>
struct StateTraits<RowIdentity> : PlainState<RowIdentity> {};

inline constexpr std::uint32_t kNoRow = 0xffffffff;

/// Rows of one key, in the order in which they came.
struct RowChain {
  std::uint32_t first = kNoRow, last = kNoRow, count = 0;
};

/// kRevised: rows may be taken back by identity. kJudged: rows know the watermark that they came with.
template <class Row, bool kRevised, bool kJudged>
class RetainedSide {
 public:
  struct Item {
    Row row{};                         // owned
    std::int64_t time = 0;             // event time
    std::int64_t since = 0;            // of its result row without a partner, while that is shown
    [[no_unique_address]] Maybe<std::int64_t, kJudged> watermark;
    std::uint64_t position = 0;
    std::uint64_t values = 0;          // of its identity
    std::uint32_t sequence = 0;        // number of arrival, from 1
    std::uint32_t key = kNoRow;        // entry of the key; kNoRow: part of it is absent
    std::uint32_t next = kNoRow, previous = kNoRow;
    std::uint32_t matches = 0;         // rows of the other side that match
    std::uint32_t twin = kNoRow;       // another row of the same identity
    std::int64_t noted = kEndOfTime;   // a timer stands for this number
    bool live = false;
  };

  ~RetainedSide() {
    release();
    if constexpr (!StateTraits<Row>::is_plain)
      for (std::uint32_t n = 0; n != used_; ++n) StateTraits<Row>::release((*this)[n].row);
  }
  RetainedSide() = default;
  RetainedSide(const RetainedSide&) = delete;
  RetainedSide& operator=(const RetainedSide&) = delete;

  Item& operator[](std::uint32_t n) { return chunks_[n >> kShift][n & (kRows - 1)]; }

  std::uint32_t add(const Row& row, const RowIdentity& identity) {
    std::uint32_t n;
    if (!free_.empty()) {
      n = free_.back();
      free_.pop_back();
    } else {
      n = used_++;
      if (n >> kShift == chunks_.size()) chunks_.push_back(std::make_unique<Item[]>(kRows));
    }
    Item& item = (*this)[n];
    item.row = StateTraits<Row>::retain(row);
    item.time = item.since = identity.time;
    item.position = identity.position;
    item.values = identity.values;
    item.sequence = ++sequence_;
    item.key = item.next = item.previous = item.twin = kNoRow;
    item.matches = 0;
    item.live = true;
    know(n, identity);
    ++size_;
    return n;
  }
  /// A row that an earlier run kept, by what save() wrote of it. It is not in a chain yet.
  std::uint32_t load(StateIn& in) {
    Row row{};
    RowIdentity identity;
    const std::uint32_t sequence = sequence_;
    in(row, identity.time, identity.position, identity.values);
    const std::uint32_t n = add(row, identity);
    StateTraits<Row>::release(row);
    in((*this)[n].since, (*this)[n].sequence, (*this)[n].matches);
    if constexpr (kJudged) in((*this)[n].watermark.value);
    sequence_ = sequence;
    return n;
  }
  void save(StateOut& out, std::uint32_t n) {
    const Item& item = (*this)[n];
    out(item.row, item.time, item.position, item.values, item.since, item.sequence, item.matches);
    if constexpr (kJudged) out(item.watermark.value);
  }
  /// How many rows there have been.
  std::uint32_t& arrivals() { return sequence_; }
  void know([[maybe_unused]] std::uint32_t n, [[maybe_unused]] const RowIdentity& identity) {
    if constexpr (kRevised) {
      std::uint32_t& first = identities_[identities_.find_or_add(identity)].value.first;
      (*this)[n].twin = std::exchange(first, n);
    }
  }
  /// The row that such an insert brought, kNoRow if it is not kept.
  std::uint32_t find(const RowIdentity& identity) const {
    const std::uint32_t e = identities_.find(identity);
    return e == identities_.kNone ? kNoRow : identities_[e].value.first;
  }
  /// The row is out of its chain. It stays readable until release().
  void erase(std::uint32_t n) {
    Item& item = (*this)[n];
    if constexpr (kRevised) {
      const std::uint32_t e = identities_.find({item.time, item.position, item.values});
      std::uint32_t* at = &identities_[e].value.first;
      while (*at != n) at = &(*this)[*at].twin;
      *at = item.twin;
      if (identities_[e].value.first == kNoRow) identities_.erase(e);
    }
    item.live = false;
    gone_.push_back(n);
    --size_;
  }
  void release() {
    for (const std::uint32_t n : gone_) {
      StateTraits<Row>::release((*this)[n].row);
      free_.push_back(n);
    }
    gone_.clear();
  }
  std::size_t size() const { return size_; }
  /// f(number) for each row.
  template <class F>
  void each(F f) {
    for (std::uint32_t n = 0; n != used_; ++n)
      if ((*this)[n].live) f(n);
  }

  void link(RowChain& chain, std::uint32_t n) {
    Item& item = (*this)[n];
    item.previous = chain.last;
    (chain.last == kNoRow ? chain.first : (*this)[chain.last].next) = n;
    chain.last = n;
    ++chain.count;
  }
  void unlink(RowChain& chain, std::uint32_t n) {
    Item& item = (*this)[n];
    (item.previous == kNoRow ? chain.first : (*this)[item.previous].next) = item.next;
    (item.next == kNoRow ? chain.last : (*this)[item.next].previous) = item.previous;
    --chain.count;
  }

  // ---- `retain`: a timer a number, at the end of its row or earlier
  void note(std::uint32_t n, std::int64_t end) {
    Item& item = (*this)[n];
    if (item.noted <= end) return;
    item.noted = end;
    timers_.push(end, n);
  }
  std::int64_t next_end() const { return timers_.next(); }
  /// The next row whose end has come, kNoRow if what was noted has gone meanwhile.
  std::uint32_t pop(std::int64_t retain) {
    const Timers::Note note = timers_.pop();
    Item& item = (*this)[note.entry];
    if (item.noted == note.at) item.noted = kEndOfTime;
    if (!item.live) return kNoRow;
    const std::int64_t end = add_saturated(item.time, retain);
    if (end <= note.at) return note.entry;
    this->note(note.entry, end);
    return kNoRow;
  }

 private:
  static constexpr int kShift = 8;
  static constexpr std::uint32_t kRows = 1u << kShift;
  struct First {
    std::uint32_t first = kNoRow;
    void clear() { first = kNoRow; }
  };

  std::vector<std::unique_ptr<Item[]>> chunks_;
  std::vector<std::uint32_t> free_, gone_;
  KeyTable<RowIdentity, First> identities_;
  Timers timers_;
  std::uint32_t used_ = 0, sequence_ = 0;
  std::size_t size_ = 0;
};

}  // namespace gress
