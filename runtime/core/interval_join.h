// `join … within low..high`: pairs of rows of equal keys where low <= right time − left time <= high. A symmetric hash
// join: each row looks for its partners among the rows that the other side keeps, then is kept itself until the other
// side's watermark has passed its end, after which no partner can come. Both sides share one table, so that a row is
// hashed and looked up once, a whole block at a time.
//
// Spec (generated): Pipeline, Left, Right (blocks in), Out, Key, LeftRow, RightRow (what is kept of them),
//   kKind, kLeftText, kRightText (rows own memory), kComputedHigh, kRest (a further condition), kRestFails;
//   static Keyed left_key(Pipeline&, const Left&, int i, Key&), right_key: the equalities' side;
//   static bool high(Pipeline&, const Left&, int i, std::int64_t&): with kComputedHigh; false: the row failed;
//   static LeftRow left_row(const Left::Row&), right_row;
//   static bool rest(Pipeline&, const LeftRow&, const RightRow&), bool left_failed(Pipeline&, const Left&, int i),
//   right_failed: routes row i if the condition failed for it and another, which are then no pair;
//   static void pair(const LeftRow&, const RightRow&, Out::Row&), left_only(const LeftRow&, Out::Row&), right_only;
//   left_late, right_late (Pipeline&, block, int i), out, watermark;
//   kContest: of a side whose rows are asked  static bool in_sight(Pipeline&, const Key&, const Row&, std::uint32_t& entry),
//   `entry` being what is remembered of the key, kNone at first: false if the row never shows, whatever it is joined with.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/core/emitter.h"
#include "runtime/core/interval_join_state.h"
#include "runtime/core/join.h"
#include "runtime/core/kept_rows.h"
#include "runtime/core/key_rows.h"
#include "runtime/core/key_table.h"
#include "runtime/core/maybe.h"
#include "runtime/core/slab.h"
#include "runtime/core/unmatched.h"

namespace gress {

template <class Spec>
class IntervalJoin {
 public:
  using Left = typename Spec::Left;
  using Right = typename Spec::Right;
  using Key = typename Spec::Key;
  using LeftRow = typename Spec::LeftRow;
  using RightRow = typename Spec::RightRow;

  /// Bounds in microseconds; `high` does not count when each left row has its own.
  IntervalJoin(typename Spec::Pipeline& pipeline, std::int64_t low, std::int64_t high)
      : pipeline_(pipeline), emit_(pipeline), low_(low), high_(high) {}

  void left(const Left& in) {
    find(in, true, [&](int i, Key& key) { return in.time_of(i) < in.watermark_of(i) ? Keyed::late : Spec::left_key(pipeline_, in, i, key); });
    for (int i = 0; i != in.count; ++i) {
      const std::int64_t before = in.watermark_before(i);
      if constexpr (kOuterRight)
        if (before > right_alone_.next()) pass(before, right_watermark_);
      if (states_[i] == Keyed::present) [[likely]] {
        if (asked<true>(in, i)) take_left(in, i, before);
      } else if (states_[i] == Keyed::late) {
        Spec::left_late(pipeline_, in, i);
      } else if (states_[i] == Keyed::absent) {
        left_without_key(in, i, before);
      }
    }
    emit_.flush();
    for (int k = 0; k != waiting_; ++k) keep_left(in, waits_[k]);
    waiting_ = 0;
    sweep();
  }
  void right(const Right& in) {
    find(in, false, [&](int i, Key& key) { return in.time_of(i) < in.watermark_of(i) ? Keyed::late : Spec::right_key(pipeline_, in, i, key); });
    for (int i = 0; i != in.count; ++i) {
      const std::int64_t before = in.watermark_before(i);
      if constexpr (kOuterLeft)
        if (before > left_alone_.next()) pass(left_watermark_, before);
      if (states_[i] == Keyed::present) [[likely]] {
        if (asked<false>(in, i)) take_right(in, i, before);
      } else if (states_[i] == Keyed::late) {
        Spec::right_late(pipeline_, in, i);
      } else if (kOuterRight && states_[i] == Keyed::absent) {
        right_without_key(in, i, before);
      }
    }
    emit_.flush();
    for (int k = 0; k != waiting_; ++k) keep_right(in, waits_[k]);
    waiting_ = 0;
    sweep();
  }
  void left_watermark(std::int64_t t) {
    if (t > left_watermark_) move(t, right_watermark_);
  }
  void right_watermark(std::int64_t t) {
    if (t > right_watermark_) move(left_watermark_, t);
  }

  /// Rows kept now, those included whose time is over and that are dropped when their list is full.
  std::size_t kept() const { return kept_; }
  std::size_t most_kept() const { return most_kept_; }
  /// Bytes taken for rows and their lists.
  std::size_t memory() const { return left_kept_.memory() + right_kept_.memory() + left_pool_.memory() + right_pool_.memory(); }

  void save(StateChanges& changes) { IntervalJoinState<IntervalJoin, Spec>{*this}.save(changes); }
  void load(StateIn& key, StateIn& value) { IntervalJoinState<IntervalJoin, Spec>{*this}.load(key, value); }
  void loaded() {
    table_.loaded();
    sweep_at_ = kept_ * 2 + 4096;
  }

 private:
  friend IntervalJoinState<IntervalJoin, Spec>;
  static constexpr JoinKind kKind = Spec::kKind;
  static constexpr bool kPairs = kKind == JoinKind::inner || kKind == JoinKind::left || kKind == JoinKind::full;
  // Rows that are given alone when no partner came.
  static constexpr bool kOuterLeft = kKind == JoinKind::left || kKind == JoinKind::full || kKind == JoinKind::anti;
  static constexpr bool kOuterRight = kKind == JoinKind::full;
  static constexpr bool kHighs = Spec::kComputedHigh;
  static constexpr std::size_t kCached = 16 * 1024;  // rows; of more, what a block touches is fetched before

  // Small rows lie in the lists of their keys, which move as they grow; lists of large ones hold addresses.
  static constexpr std::size_t kSmall = 32;
  static constexpr bool kAsksLeft = Spec::kContest == Contest::left, kAsksRight = Spec::kContest == Contest::right;
  static constexpr bool kPlacesLeft = !kOuterLeft && (sizeof(LeftRow) > kSmall || (kAsksLeft && Spec::kLeftText));
  static constexpr bool kPlacesRight = !kOuterRight && (sizeof(RightRow) > kSmall || (kAsksRight && Spec::kRightText));
  static constexpr std::uint32_t kNone = 0xffffffff;

  using LeftItem = std::conditional_t<kOuterLeft, std::uint32_t, std::conditional_t<kPlacesLeft, const LeftRow*, LeftRow>>;
  using RightItem = std::conditional_t<kOuterRight, std::uint32_t, std::conditional_t<kPlacesRight, const RightRow*, RightRow>>;
  struct Lists {
    KeyRows<LeftItem, kHighs> left;
    KeyRows<RightItem, false> right;
    [[no_unique_address]] Maybe<std::uint32_t, kAsksRight> entry{};
    Lists() { clear(); }
    void clear() {
      if constexpr (kAsksRight) entry.value = kNone;
    }
  };

  // ---- rows that come

  /// States and entries of all rows of the block.
  template <class Block, class KeyOf>
  void find(const Block& in, bool from_left, KeyOf key_of) {
    for (int i = 0; i != in.count; ++i) {
      states_[i] = key_of(i, keys_[i]);
      if (states_[i] != Keyed::present) [[unlikely]] keys_[i] = Key{};
    }
    table_.find_all(
        0, in.count, [&](int i) -> const Key& { return keys_[i]; }, [&](int i) { return states_[i] == Keyed::present; }, entries_);
    if (kept_ > kCached) [[unlikely]] prefetch(in.count, from_left);
  }
  /// What the rows of a block look through in the other side's lists, and where they go to in those of their own.
  [[gnu::noinline]] void prefetch(int count, bool from_left) {
    for (int i = 0; i != count; ++i) {
      if (states_[i] != Keyed::present) continue;
      Lists& lists = table_[entries_[i]].value;
      if (from_left) {
        lists.left.prefetch_end();
        lists.right.prefetch();
      } else {
        lists.left.prefetch();
        lists.right.prefetch_end();
      }
    }
    if constexpr (kPlacesLeft) {
      if (from_left) return;
      for (int i = 0; i != count; ++i)
        if (states_[i] == Keyed::present && table_[entries_[i]].value.left.count() != 0)
          for (std::size_t at = 0; at < sizeof(LeftRow); at += 64)
            __builtin_prefetch(reinterpret_cast<const char*>(table_[entries_[i]].value.left.item(0)) + at);
    }
  }

  [[gnu::always_inline]] void take_left(const Left& in, int i, std::int64_t before) {
    std::int64_t high = high_;
    if constexpr (kHighs)
      if (!Spec::high(pipeline_, in, i, high)) [[unlikely]] return;
    const std::int64_t t = in.time_of(i), end = end_of(t, high);
    Lists& lists = table_[entries_[i]].value;
    const LeftRow row = Spec::left_row(in.rows[i]);
    bool matched = false;
    const std::int64_t from = add_saturated(t, low_);
    if (lists.right.any_match(from, end, 0)) {
      emit_.raise(output(before, right_watermark_));
      for (std::uint32_t k = lists.right.next_match(0, from, end, 0); k != lists.right.count();
           k = lists.right.next_match(k + 1, from, end, 0)) {
        const RightRow& other = right_row(lists.right.item(k));
        if constexpr (Spec::kRest) {
          const bool holds = Spec::rest(pipeline_, row, other);
          if constexpr (Spec::kRestFails)
            if (Spec::left_failed(pipeline_, in, i)) [[unlikely]] continue;
          if (!holds) continue;
        }
        matched = true;
        if constexpr (kOuterRight) right_alone_.matched(lists.right.item(k));
        if constexpr (!kPairs) break;
        else give_pair(row, other, t);
      }
    }
    if constexpr (kKind == JoinKind::semi)
      if (matched) return give_left(row, t);
    if constexpr (kKind == JoinKind::anti)
      if (matched) return;
    if (right_watermark_ > end) {  // no partner can come any more
      if constexpr (kOuterLeft)
        if (!matched) {
          emit_.raise(output(before, right_watermark_));
          give_left(row, t);
        }
      return;
    }
    if constexpr (kOuterLeft) add(lists.left, t, end, left_alone_.add(keep<Spec::kLeftText>(left_kept_, row, end), t, end, matched), true);
    else if constexpr (kAsksLeft) waits_[waiting_++] = i;
    else if constexpr (kPlacesLeft) add(lists.left, t, end, left_kept_.place(row, end), true);
    else add(lists.left, t, end, keep<Spec::kLeftText>(left_kept_, row, end), true);
    if constexpr (kHighs) earliest_.add(t, end);
  }

  [[gnu::always_inline]] void take_right(const Right& in, int i, std::int64_t before) {
    const std::int64_t t = in.time_of(i), end = end_of(t, -low_);
    const std::int64_t from = kHighs ? kStartOfTime : add_saturated(t, -high_);
    Lists& lists = table_[entries_[i]].value;
    const RightRow row = Spec::right_row(in.rows[i]);
    bool matched = false;
    if (lists.left.any_match(from, end, t)) {
      emit_.raise(output(left_watermark_, before));
      std::uint32_t k = lists.left.next_match(0, from, end, t);
      while (k != lists.left.count()) {
        const LeftRow& other = left_row(lists.left.item(k));
        if constexpr (Spec::kRest) {
          bool holds = Spec::rest(pipeline_, other, row);
          if constexpr (Spec::kRestFails)
            if (Spec::right_failed(pipeline_, in, i)) [[unlikely]] holds = false;
          if (!holds) {
            k = lists.left.next_match(k + 1, from, end, t);
            continue;
          }
        }
        matched = true;
        if constexpr (kOuterLeft) left_alone_.matched(lists.left.item(k));
        if constexpr (kPairs) give_pair(other, row, lists.left.time(k));
        if constexpr (kKind == JoinKind::semi) give_left(other, lists.left.time(k));
        if constexpr (kPairs) {
          ++k;
        } else {
          // It has been given, or never will be.
          lists.left.erase(k);
          --kept_;
        }
        k = lists.left.next_match(k, from, end, t);
      }
    }
    if (left_watermark_ > end) {
      if constexpr (kOuterRight)
        if (!matched) give_right(row, t);
      return;
    }
    if constexpr (kOuterRight) add(lists.right, t, end, right_alone_.add(keep<Spec::kRightText>(right_kept_, row, end), t, end, matched), false);
    else if constexpr (kAsksRight) waits_[waiting_++] = i;
    else if constexpr (kPlacesRight) add(lists.right, t, end, right_kept_.place(row, end), false);
    else add(lists.right, t, end, keep<Spec::kRightText>(right_kept_, row, end), false);
  }

  /// An absent key matches nothing: only outer joins give the row, when its time is over.
  void left_without_key(const Left& in, int i, std::int64_t before) {
    if constexpr (kOuterLeft) {
      std::int64_t high = high_;
      if constexpr (kHighs)
        if (!Spec::high(pipeline_, in, i, high)) return;
      const std::int64_t t = in.time_of(i), end = end_of(t, high);
      const LeftRow row = Spec::left_row(in.rows[i]);
      if (right_watermark_ > end) {
        emit_.raise(output(before, right_watermark_));
        return give_left(row, t);
      }
      left_alone_.add(keep<Spec::kLeftText>(left_kept_, row, end), t, end, false, false);
      if constexpr (kHighs) earliest_.add(t, end);
    }
  }
  void right_without_key(const Right& in, int i, std::int64_t) {
    if constexpr (kOuterRight) {
      const std::int64_t t = in.time_of(i), end = end_of(t, -low_);
      const RightRow row = Spec::right_row(in.rows[i]);
      if (left_watermark_ > end) return give_right(row, t);
      right_alone_.add(keep<Spec::kRightText>(right_kept_, row, end), t, end, false, false);
    }
  }

  // ---- rows that are asked whether they may come in sight

  template <bool kLeft, class Row>
  bool in_sight(std::uint32_t number, const Row& row) {
    auto& entry = table_[number];
    std::uint32_t unknown = kNone;
    if constexpr (kLeft) return Spec::in_sight(pipeline_, entry.key, row, unknown);
    else return Spec::in_sight(pipeline_, entry.key, row, entry.value.entry.value);
  }
  template <bool kLeft, class In>
  bool asked([[maybe_unused]] const In& in, [[maybe_unused]] int i) {
    if constexpr (kLeft && kAsksLeft) return in_sight<true>(entries_[i], Spec::left_row(in.rows[i]));
    else if constexpr (!kLeft && kAsksRight) return in_sight<false>(entries_[i], Spec::right_row(in.rows[i]));
    else return true;
  }
  /// Rows of the block that are to be kept are asked again when what they were joined with has come in sight.
  void keep_left([[maybe_unused]] const Left& in, [[maybe_unused]] int i) {
    if constexpr (kAsksLeft) {
      const LeftRow row = Spec::left_row(in.rows[i]);
      if (!in_sight<true>(entries_[i], row)) return;
      std::int64_t high = high_;
      if constexpr (kHighs) static_cast<void>(Spec::high(pipeline_, in, i, high));  // it did not fail
      const std::int64_t t = in.time_of(i), end = end_of(t, high);
      add_asked<true>(table_[entries_[i]].value.left, t, end, row, entries_[i]);
      if constexpr (kHighs) earliest_.add(t, end);
    }
  }
  void keep_right([[maybe_unused]] const Right& in, [[maybe_unused]] int i) {
    if constexpr (kAsksRight) {
      const RightRow row = Spec::right_row(in.rows[i]);
      if (!in_sight<false>(entries_[i], row)) return;
      const std::int64_t t = in.time_of(i);
      add_asked<false>(table_[entries_[i]].value.right, t, end_of(t, -low_), row, entries_[i]);
    }
  }
  /// What came before and has been outdone gives its room back.
  template <bool kLeft, class List, class Row>
  void add_asked(List& list, std::int64_t t, std::int64_t end, const Row& row, std::uint32_t number) {
    if (list.full())
      kept_ -= list.drop_items([&](const auto& item) { return !in_sight<kLeft>(number, kept_row<kLeft>(item)); }, gone<kLeft>());
    if constexpr (kLeft ? kPlacesLeft : kPlacesRight) add(list, t, end, place_piece(row), kLeft);
    else add(list, t, end, row, kLeft);
  }
  template <bool kLeft, class Item>
  static const auto& kept_row(const Item& item) {
    if constexpr (kLeft ? kPlacesLeft : kPlacesRight) return *item;
    else return item;
  }
  /// The row and its text in one piece, which is given back when it goes.
  template <class Row>
  const Row* place_piece(const Row& row) {
    char* const piece = static_cast<char*>(pieces_.take(sizeof(Row) + fn::bytes_beside(row)));
    fn::MemoryBeside beside{piece + sizeof(Row)};
    return ::new (piece) Row(fn::copy_into(beside, row));
  }
  /// What is done with an item that goes.
  template <bool kLeft>
  auto gone() {
    if constexpr (kLeft ? kAsksLeft && kPlacesLeft : kAsksRight && kPlacesRight)
      return [this](const auto& item) {
        const std::size_t bytes = sizeof(*item) + fn::bytes_beside(*item);
        pieces_.give(const_cast<void*>(static_cast<const void*>(item)), bytes);
      };
    else return nullptr;
  }

  /// When no partner can come any more: a watermark is greater.
  static std::int64_t end_of(std::int64_t t, std::int64_t d) { return std::min(add_saturated(t, d), kEndOfTime - 1); }

  template <bool kText, class Row>
  static Row keep(KeptRows& kept, const Row& row, std::int64_t end) {
    if constexpr (kText) return kept.keep(row, end);
    else return row;
  }
  template <class List, class Item>
  void add(List& list, std::int64_t t, std::int64_t end, const Item& item, bool left) {
    if (list.full()) [[unlikely]] make_room(list, left);
    list.add(t, end, item);
    if (end < soonest_) soonest_ = end;
    ++kept_;
  }
  /// Rows whose time is over go; if that is not the half of them, the list grows.
  template <class List>
  [[gnu::noinline]] void make_room(List& list, bool left) {
    const std::uint32_t before = list.count();
    if (any_over()) kept_ -= left ? drop_left(list) : drop_right(list);
    if (list.count() * 2 >= before) list.grow(left ? left_pool_ : right_pool_);
  }
  template <class List>
  std::uint32_t drop_left(List& list) {
    const std::int64_t w = right_watermark_, high = high_;
    return list.drop([&](std::int64_t t, std::int64_t end) { return w > (kHighs ? end : end_of(t, high)); }, gone<true>());
  }
  template <class List>
  std::uint32_t drop_right(List& list) {
    const std::int64_t w = left_watermark_, low = low_;
    return list.drop([&](std::int64_t t, std::int64_t) { return w > end_of(t, -low); }, gone<false>());
  }

  const LeftRow& left_row(LeftItem& item) {
    if constexpr (kOuterLeft) return left_alone_.row(item);
    else if constexpr (kPlacesLeft) return *item;
    else return item;
  }
  const RightRow& right_row(RightItem& item) {
    if constexpr (kOuterRight) return right_alone_.row(item);
    else if constexpr (kPlacesRight) return *item;
    else return item;
  }

  // ---- rows that go

  void give_pair(const LeftRow& l, const RightRow& r, std::int64_t t) {
    Spec::pair(l, r, emit_.next());
    emit_.commit(t);
  }
  void give_left(const LeftRow& l, std::int64_t t) {
    Spec::left_only(l, emit_.next());
    emit_.commit(t);
  }
  void give_right(const RightRow& r, std::int64_t t) {
    Spec::right_only(r, emit_.next());
    emit_.commit(t);
  }

  /// No row with an earlier time can come out when the sides' watermarks are these (and what they pass was given).
  std::int64_t output(std::int64_t left, std::int64_t right) {
    std::int64_t w = left;
    if constexpr (kOuterRight) w = std::min({w, add_saturated(left, low_), right});
    if constexpr (kHighs) return std::min(w, earliest_.time(right));
    return std::min(w, add_saturated(right, -high_));
  }

  /// Gives the rows that stayed alone and whose time is over, in the order of their times; the output's watermark
  /// follows them, so that what comes after does not depend on how far one step of a watermark went.
  void pass(std::int64_t left, std::int64_t right) {
    const std::int64_t bound = kHighs ? kStartOfTime : output(left, right);
    while (true) {
      const std::int64_t l = left_alone_.ready(right);
      std::int64_t r = kEndOfTime;
      if constexpr (kOuterRight) r = right_alone_.ready(left);
      if (l == kEndOfTime && r == kEndOfTime) break;
      const std::int64_t t = std::min(l, r);
      emit_.raise(std::min(t, bound));
      if (l <= r) {
        left_alone_.pop([&](const LeftRow& row, std::int64_t time) { give_left(row, time); });
      } else if constexpr (kOuterRight) {
        right_alone_.pop([&](const RightRow& row, std::int64_t time) { give_right(row, time); });
      }
    }
  }

  void move(std::int64_t left, std::int64_t right) {
    if (output(left, right) == kEndOfTime) emit_.end();
    if constexpr (kOuterLeft) pass(left, right);
    // One side's rows wait for nobody any more when the other has ended.
    if ((left == kEndOfTime && left_watermark_ != left) || (right == kEndOfTime && right_watermark_ != right)) sweep_at_ = 0;
    left_watermark_ = left;
    right_watermark_ = right;
    if (kept_ > most_kept_) most_kept_ = kept_;
    emit_.advance(output(left, right));
    if constexpr (Spec::kLeftText || kPlacesLeft) left_kept_.expire(right);
    if constexpr (Spec::kRightText || kPlacesRight) right_kept_.expire(left);
    sweep();
  }

  /// Keys that fell silent keep rows whose time is over: all lists are looked through once in so many rows.
  void sweep() {
    if (kept_ < sweep_at_) [[likely]] return;
    if (left_watermark_ == kEndOfTime && right_watermark_ == kEndOfTime) {
      if (kept_ > most_kept_) most_kept_ = kept_;
      table_ = {};
      kept_ = 0;
      return;
    }
    if (any_over()) sweep_all();
    else sweep_at_ = kept_ * 2 + 4096;
  }
  /// Whether the time of any row may be over: not before the first watermark that gets so far.
  bool any_over() const { return std::max(left_watermark_, right_watermark_) > soonest_; }
  [[gnu::noinline]] void sweep_all() {
    if (kept_ > most_kept_) most_kept_ = kept_;
    for (std::uint32_t n = 0; n != table_.end(); ++n) {
      if (!table_[n].live) continue;
      Lists& lists = table_[n].value;
      if (lists.left.count() != 0) kept_ -= drop_left(lists.left);
      if (lists.right.count() != 0) kept_ -= drop_right(lists.right);
      if (lists.left.count() == 0) lists.left.release(left_pool_);
      if (lists.right.count() == 0) lists.right.release(right_pool_);
      if (lists.left.count() + lists.right.count() == 0) table_.erase(n);
    }
    sweep_at_ = kept_ * 2 + 4096;
  }

  typename Spec::Pipeline& pipeline_;
  Emitter<Spec> emit_;
  const std::int64_t low_, high_;
  std::int64_t left_watermark_ = kStartOfTime, right_watermark_ = kStartOfTime;
  std::int64_t soonest_ = kEndOfTime;  // first end of all rows that ever were kept
  KeyTable<Key, Lists> table_;
  PiecePool left_pool_{KeyRows<LeftItem, kHighs>::kUnit}, right_pool_{KeyRows<RightItem, false>::kUnit};
  KeptRows left_kept_, right_kept_;
  Slab pieces_;  // of rows that are asked
  [[no_unique_address]] std::conditional_t<kOuterLeft, Unmatched<LeftRow>, NoneUnmatched> left_alone_;
  [[no_unique_address]] std::conditional_t<kOuterRight, Unmatched<RightRow>, NoneUnmatched> right_alone_;
  [[no_unique_address]] std::conditional_t<kHighs, EarliestTime, NoneUnmatched> earliest_;
  std::size_t kept_ = 0, most_kept_ = 0, sweep_at_ = 4096;
  Key keys_[kBlock];
  Keyed states_[kBlock];
  std::uint32_t entries_[kBlock];
  int waits_[kAsksLeft || kAsksRight ? kBlock : 1];  // rows of the block that may be kept
  int waiting_ = 0;
};

}  // namespace gress
