// How the state of an interval join is saved, and made again: a key's rows of both sides whose time is not over, and rows
// of outer sides that have no key.
#pragma once
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <vector>

#include "runtime/core/state_changes.h"
#include "runtime/core/state_value.h"
#include "runtime/core/unmatched.h"

namespace gress {

template <class Join, class Spec>
class IntervalJoinState {
 public:
  explicit IntervalJoinState(Join& join) : join_(join) {}

  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(join_.emit_, join_.left_watermark_, join_.right_watermark_));
    std::vector<std::uint64_t> left, right;
    if constexpr (Join::kOuterLeft) left = join_.left_alone_.sequences();
    if constexpr (Join::kOuterRight) right = join_.right_alone_.sequences();
    join_.table_.save(changes, std::tuple{StatePart::entries}, [&](auto& lists) { return SavedLists<std::remove_reference_t<decltype(lists)>>{join_, lists, left, right}; });
    save_alone<true>(changes, kLeftAlone);
    save_alone<false>(changes, kRightAlone);
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(join_.emit_, join_.left_watermark_, join_.right_watermark_);
      case StatePart::entries:
        join_.table_.load(key, value, [&](auto& lists) {
          load_list<true>(lists, value);
          load_list<false>(lists, value);
        });
        return;
      case kLeftAlone: return load_alone<true>(key, value);
      default: return load_alone<false>(key, value);
    }
  }

 private:
  static constexpr StatePart kLeftAlone = StatePart::more, kRightAlone = StatePart::outer;

  template <bool kLeft>
  struct Side {
    using Row = std::conditional_t<kLeft, typename Join::LeftRow, typename Join::RightRow>;
    static constexpr bool kOuter = kLeft ? Join::kOuterLeft : Join::kOuterRight;
    static constexpr bool kPlaces = kLeft ? Join::kPlacesLeft : Join::kPlacesRight;
    static constexpr bool kAsks = kLeft ? Join::kAsksLeft : Join::kAsksRight;
    static constexpr bool kText = kLeft ? Spec::kLeftText : Spec::kRightText;
    static auto& list(auto& lists) {
      if constexpr (kLeft) return lists.left;
      else return lists.right;
    }
    static auto& alone(Join& join) {
      if constexpr (kLeft) return join.left_alone_;
      else return join.right_alone_;
    }
    static auto& kept(Join& join) { return kLeft ? join.left_kept_ : join.right_kept_; }
    static const Row& row(Join& join, auto& lists, std::uint32_t i) {
      if constexpr (kLeft) return join.left_row(lists.left.item(i));
      else return join.right_row(lists.right.item(i));
    }
    static std::int64_t end(const Join& join, auto& lists, std::uint32_t i) {
      if constexpr (kLeft && Join::kHighs) return lists.left.end(i);
      else return join.end_of(list(lists).time(i), kLeft ? join.high_ : -join.low_);
    }
    /// What a row's end must not be behind, for a partner to come yet.
    static std::int64_t passed(const Join& join) { return kLeft ? join.right_watermark_ : join.left_watermark_; }
  };

  template <class Lists>
  struct SavedLists {
    Join& join;
    Lists& lists;
    const std::vector<std::uint64_t>& left_sequences;
    const std::vector<std::uint64_t>& right_sequences;
    void archive(StateOut& out) {
      save<true>(out, left_sequences);
      save<false>(out, right_sequences);
    }
    template <bool kLeft>
    void save(StateOut& out, [[maybe_unused]] const std::vector<std::uint64_t>& sequences) {
      using S = Side<kLeft>;
      auto& list = S::list(lists);
      const auto stays = [&](std::uint32_t i) { return S::passed(join) <= S::end(join, lists, i); };
      std::uint64_t n = 0;
      for (std::uint32_t i = 0; i != list.count(); ++i) n += stays(i);
      out.count(n);
      for (std::uint32_t i = 0; i != list.count(); ++i) {
        if (!stays(i)) continue;
        out(list.time(i), S::end(join, lists, i), S::row(join, lists, i));
        if constexpr (S::kOuter) out(S::alone(join).is_matched(list.item(i)), sequences[list.item(i)]);
      }
    }
  };

  /// A key that fell silent was saved with rows whose time is over since: those have been given.
  template <bool kLeft>
  void load_list(auto& lists, StateIn& in) {
    using S = Side<kLeft>;
    auto& list = S::list(lists);
    for (std::uint64_t left = in.count(); left != 0; --left) {
      const auto t = in.get<std::int64_t>(), end = in.get<std::int64_t>();
      auto row = in.get<typename S::Row>();
      [[maybe_unused]] bool matched = false;
      [[maybe_unused]] std::uint64_t sequence = 0;
      if constexpr (S::kOuter) in(matched, sequence);
      if (S::passed(join_) <= end) {
        if constexpr (S::kOuter) join_.add(list, t, end, restore<kLeft>(row, t, end, matched, true, sequence), kLeft);
        else if constexpr (S::kPlaces && S::kAsks) join_.add(list, t, end, join_.place_piece(row), kLeft);
        else if constexpr (S::kPlaces) join_.add(list, t, end, S::kept(join_).place(row, end), kLeft);
        else join_.add(list, t, end, join_.template keep<S::kText>(S::kept(join_), row, end), kLeft);
        if constexpr (kLeft && Join::kHighs) join_.earliest_.add(t, end);
      }
      StateTraits<typename S::Row>::release(row);
    }
  }

  /// A row of an outer side.
  template <bool kLeft>
  auto restore(const typename Side<kLeft>::Row& row, std::int64_t time, std::int64_t end, bool matched, bool keyed, std::uint64_t sequence) {
    using S = Side<kLeft>;
    return S::alone(join_).restore(join_.template keep<S::kText>(S::kept(join_), row, end), time, end, matched, keyed, sequence);
  }

  template <bool kLeft>
  void save_alone([[maybe_unused]] StateChanges& changes, [[maybe_unused]] StatePart part) {
    if constexpr (Side<kLeft>::kOuter) {
      changes.erase_all(part);
      std::uint64_t number = 0;
      Side<kLeft>::alone(join_).each_without_key([&](const auto& row, std::int64_t time, std::int64_t end, bool matched, std::uint64_t sequence) {
        changes.put(StateOwner::first(), std::tuple{part, number++}, std::tie(sequence, time, end, matched, row));
      });
    }
  }
  template <bool kLeft>
  void load_alone([[maybe_unused]] StateIn& key, [[maybe_unused]] StateIn& in) {
    using S = Side<kLeft>;
    if constexpr (S::kOuter) {
      key.get<std::uint64_t>();
      const auto sequence = in.get<std::uint64_t>();
      const auto time = in.get<std::int64_t>(), end = in.get<std::int64_t>();
      const bool matched = in.get<bool>();
      auto row = in.get<typename S::Row>();
      restore<kLeft>(row, time, end, matched, false, sequence);
      if constexpr (kLeft && Join::kHighs) join_.earliest_.add(time, end);
      StateTraits<typename S::Row>::release(row);
    }
  }

  Join& join_;
};

}  // namespace gress
