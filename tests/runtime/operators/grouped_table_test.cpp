// Composite keys in a table that splits itself by a part of them, against std::map; and the slab that it stands in.
#include "runtime/core/grouped_table.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <string>

namespace gress {
namespace {

struct Value {
  std::int64_t sum = 0;
  void clear() { sum = 0; }
};

/// A part with values that come together (`near`), and one that is scattered.
template <class Near>
struct Pair {
  std::int64_t far = 0;
  Near near{};
  static constexpr auto members = Members<&Pair::far, &Pair::near>{};
  friend bool operator==(const Pair&, const Pair&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::combine(fn::key_hash(far), fn::key_hash(near)); }
};

std::string name(std::int64_t n) { return "a name longer than fifteen bytes, number " + std::to_string(n); }
template <class Near>
Near near_of(std::int64_t, std::string& text) {
  return Text(text);
}
template <>
std::int64_t near_of<std::int64_t>(std::int64_t n, std::string&) {
  return n;
}

/// `wide`: how many near values are in use at a time; 0: each key has one of its own.
template <class Near>
bool run(int rounds, std::int64_t wide, bool erases) {
  using Key = Pair<Near>;
  GroupedTable<Key, Value> table;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> expected;
  std::mt19937_64 random(7);
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  for (int round = 0; round != rounds; ++round) {
    constexpr int kRows = 100;
    std::int64_t far[kRows], near[kRows];
    std::string texts[kRows];
    Key keys[kRows];
    std::uint32_t numbers[kRows];
    for (int i = 0; i != kRows; ++i) {
      near[i] = wide == 0 ? std::int64_t{round} * kRows + i : round / 10 + below(static_cast<std::uint64_t>(wide));
      far[i] = i % 4 == 0 && i != 0 ? far[i - 1] : below(1 << 20);
      if (i % 4 == 0 && i != 0) near[i] = near[i - 1];  // the same key again, most often new in this batch
      texts[i] = name(near[i]);
      keys[i] = {far[i], near_of<Near>(near[i], texts[i])};
    }
    const auto adds = [&](int i) { return i % 8 != 3; };
    table.find_all(0, kRows, [&](int i) { return keys[i]; }, adds, numbers);
    for (int i = 0; i != kRows; ++i) {
      const std::pair key{far[i], near[i]};
      if (!adds(i) && expected.count(key) == 0) {
        EXPECT_EQ(numbers[i], table.kNone);
        continue;
      }
      EXPECT_NE(numbers[i], table.kNone);
      if (numbers[i] == table.kNone) return false;
      EXPECT_TRUE(table[numbers[i]].key == keys[i]);
      EXPECT_EQ(table[numbers[i]].value.sum, expected[key]);
      expected[key] += i + 1;
      table[numbers[i]].value.sum += i + 1;
    }
    if (erases && round % 3 == 0)
      for (int i = 0; i != kRows; i += 2) {
        const std::pair key{far[i], near[i]};
        if (expected.erase(key) != 0) table.erase(numbers[i]);
      }
    EXPECT_EQ(table.size(), expected.size());
  }
  // All that is there, once more, and nothing else.
  for (const auto& [key, sum] : expected) {
    std::string text = name(key.second);
    const Key one{key.first, near_of<Near>(key.second, text)};
    std::uint32_t number;
    table.find_all(0, 1, [&](int) { return one; }, [](int) { return false; }, &number);
    EXPECT_NE(number, table.kNone);
    if (number == table.kNone) return false;
    EXPECT_EQ(table[number].value.sum, sum);
  }
  return table.grouped();
}

TEST(GroupedTable, SplitsByThePartThatComesTogether) {
  EXPECT_TRUE(run<std::int64_t>(600, 300, false));
  EXPECT_TRUE(run<std::int64_t>(600, 300, true));
  EXPECT_TRUE(run<Text>(600, 300, true));
}
TEST(GroupedTable, StaysWholeWhereNoPartHelps) {
  EXPECT_FALSE(run<std::int64_t>(400, 0, true));
  EXPECT_FALSE(run<std::int64_t>(400, 2, false));  // two values: groups as large as the table
  EXPECT_FALSE(run<Text>(20, 300, true));          // small
}

TEST(Slab, PiecesAreApartAndUsedAgain) {
  struct Piece {
    char* at;
    std::size_t bytes;
    char mark;
  };
  Slab slab;
  std::vector<Piece> pieces;
  std::mt19937_64 random(3);
  for (int round = 0; round != 20000; ++round) {
    if (random() % 3 != 0 || pieces.empty()) {
      const std::size_t bytes = 1 + random() % (round % 50 == 0 ? 3'000'000 : round % 5 == 0 ? 20'000 : 700);
      Piece p{static_cast<char*>(slab.take(bytes)), bytes, static_cast<char>(random())};
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(p.at) % 16, 0u);
      std::memset(p.at, p.mark, bytes);
      pieces.push_back(p);
    } else {
      std::swap(pieces[random() % pieces.size()], pieces.back());
      const Piece p = pieces.back();
      pieces.pop_back();
      for (std::size_t i = 0; i < p.bytes; i += p.bytes < 1000 ? 1 : 97) ASSERT_EQ(p.at[i], p.mark);
      slab.give(p.at, p.bytes);
    }
  }
  void* last = slab.take(1000);
  slab.give(last, 1000);
  EXPECT_EQ(slab.take(1000), last);
  for (std::size_t bytes = 1; bytes < 100'000; bytes += bytes / 7 + 1) {
    void* piece = slab.take(bytes);
    slab.give(piece, bytes);
    EXPECT_EQ(slab.take(bytes), piece);
  }
}

}  // namespace
}  // namespace gress
