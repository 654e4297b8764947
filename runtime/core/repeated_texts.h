// Long texts of kept rows that come again and again (addresses of pages, names of channels): each is kept once, and rows
// hold its number. Which columns are worth it shows by itself: one whose texts are mostly new is no longer asked about.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "runtime/core/arena.h"
#include "runtime/core/hash.h"

namespace gress {

class RepeatedTexts {
 public:
  /// What a column has shown so far; `on`: its texts are looked up.
  struct Column {
    std::uint32_t seen = 0, fresh = 0;
    bool on = true;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// Number of a long text, kNone if it is to stand in its row. While `column.on` only.
  std::uint32_t number(Column& column, const Text& text) {
    const std::uint64_t hash = fn::key_hash(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & mask_;
    ++column.seen;
    for (; slots_[at].number != kNone; at = (at + 1) & mask_)
      if (slots_[at].tag == tag && same(texts_[slots_[at].number], text)) [[likely]] return slots_[at].number;
    return add(column, text, at, tag);
  }
  const Text& operator[](std::uint32_t number) const { return texts_[number]; }

 private:
  static constexpr std::uint32_t kMost = 16384;  // texts of a column; more would not stay in the caches
  struct Slot {
    std::uint32_t number = kNone, tag = 0;
  };

  static bool same(const Text& a, const Text& b) { return a.hi() == b.hi() && std::memcmp(a.data(), b.data(), a.size()) == 0; }

  [[gnu::noinline]] std::uint32_t add(Column& column, const Text& text, std::size_t at, std::uint32_t tag) {
    if (++column.fresh > 8192 + column.seen / 8) column.on = false;
    if (column.fresh > kMost) return kNone;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    texts_.push_back(bytes_.copy(text));
    slots_[at] = {number, tag};
    if (texts_.size() * 2 > slots_.size()) grow();
    return number;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 4);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& s : old) {
      if (s.number == kNone) continue;
      std::size_t at = fn::key_hash(texts_[s.number]) & mask_;
      while (slots_[at].number != kNone) at = (at + 1) & mask_;
      slots_[at] = s;
    }
  }

  std::vector<Text> texts_;  // long ones
  std::vector<Slot> slots_ = std::vector<Slot>(64);
  std::size_t mask_ = 63;
  Arena bytes_;
};

}  // namespace gress
