// Tables of states in pages against std::unordered_map, for neighbouring and for scattered numbers.
#include "runtime/core/number_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "tests/runtime/operators/keys.h"

namespace gress {
namespace {

using test::NumberKey;

struct Count {
  std::int64_t n = 0;
  void clear() { n = 0; }
};
/// Small pages, and not moved as bytes.
struct Large {
  std::unique_ptr<std::int64_t> own;
  std::int64_t n = 0, filler[12]{};
  void clear() {
    own.reset();
    n = 0;
  }
};

struct Keys {
  const char* name;
  std::int64_t count, step;
};
std::ostream& operator<<(std::ostream& out, const Keys& keys) { return out << keys.name; }

class NumberTableTest : public testing::TestWithParam<Keys> {
 public:
  std::int64_t key(std::uint64_t random) const {
    const std::int64_t k = static_cast<std::int64_t>(random % static_cast<std::uint64_t>(GetParam().count));
    // Wraps around, so that all 64 bits are used.
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(k - GetParam().count / 2) * static_cast<std::uint64_t>(GetParam().step));
  }
};

template <class Value>
void compare(const NumberTableTest& test, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  NumberTable<NumberKey, Value> table;
  std::unordered_map<std::int64_t, std::int64_t> map;
  std::unordered_map<std::int64_t, std::uint32_t> numbers;
  for (int step = 0; step != 60'000; ++step) {
    const std::int64_t id = test.key(random());
    const std::uint64_t what = random() % 10'000;
    if (what < 6'000) {
      const std::uint32_t at = table.find_or_add({id});
      ASSERT_LT(at, table.end());
      ASSERT_TRUE(table[at].live);
      ASSERT_EQ(table[at].key.id, id);
      ASSERT_EQ(++table[at].value.n, ++map[id]) << "a new entry's value is cleared";
      ASSERT_EQ(numbers.try_emplace(id, at).first->second, at) << "numbers are stable";
    } else if (what < 9'999) {
      const std::uint32_t at = table.find({id});
      ASSERT_EQ(at != table.kNone, map.contains(id));
      if (at == table.kNone || random() % 2 == 0) continue;
      table.erase(at);
      map.erase(id);
      numbers.erase(id);
      ASSERT_EQ(table.find({id}), table.kNone);
    } else {
      if (random() % 2 == 0) {
        ASSERT_EQ(table.size(), map.size());
        continue;
      }
      table.clear();
      map.clear();
      numbers.clear();
      ASSERT_TRUE(table.empty());
    }
  }
  ASSERT_EQ(table.size(), map.size());
  std::size_t seen = 0;
  table.each([&](std::uint32_t at) {
    ++seen;
    EXPECT_EQ(table[at].value.n, map.at(table[at].key.id));
  });
  EXPECT_EQ(seen, map.size());
}

TEST_P(NumberTableTest, OneByOne) {
  for (std::uint32_t seed = 0; seed != 3; ++seed) compare<Count>(*this, seed);
}
TEST_P(NumberTableTest, LargeValues) { compare<Large>(*this, 7); }

/// As windows use it: batches, taking back, sweeping, and other tables' turn.
TEST_P(NumberTableTest, BatchesThatComeAndGo) {
  std::mt19937_64 random(5);
  NumberTable<NumberKey, Count> table;
  std::unordered_map<std::int64_t, std::int64_t> map;
  std::vector<std::vector<std::uint32_t>> entered;
  std::vector<std::uint32_t> numbers(100);
  std::vector<NumberKey> keys(100);
  for (int round = 0; round != 2'000; ++round) {
    for (auto& key : keys) key.id = this->key(random() % 300 + static_cast<std::uint64_t>(round) * 10);
    table.find_all(0, 100, [&](int i) { return keys[static_cast<std::size_t>(i)]; }, [](int i) { return i % 5 != 0; }, numbers.data());
    std::vector<std::uint32_t> added;
    for (std::size_t i = 0; i != keys.size(); ++i) {
      const bool known = map.contains(keys[i].id) || i % 5 != 0;
      bool later = false;  // a key that a later row of the batch adds may be found by an earlier one or not
      for (std::size_t j = 0; j != i && !known; ++j) later |= keys[j].id == keys[i].id;
      if (!later) { ASSERT_EQ(numbers[i] != table.kNone, known); }
      if (numbers[i] == table.kNone) continue;
      ASSERT_EQ(table[numbers[i]].key.id, keys[i].id);
      ++table[numbers[i]].value.n;
      ++map[keys[i].id];
      added.push_back(numbers[i]);
    }
    entered.push_back(std::move(added));
    if (entered.size() < 8) continue;
    for (const std::uint32_t at : entered.front()) {
      const std::int64_t id = table[at].key.id;
      const bool stays = --table[at].value.n != 0;
      if (--map[id] == 0) map.erase(id);
      table.keep_if(at, stays);
    }
    entered.erase(entered.begin());
    table.sweep();
    ASSERT_EQ(table.size(), map.size());
  }
  EXPECT_LT(table.end(), 200'000u) << "what has gone is used again";
}

INSTANTIATE_TEST_SUITE_P(Numbers, NumberTableTest,
                         testing::Values(Keys{"few", 40, 1}, Keys{"neighbours", 5'000, 1}, Keys{"many", 200'000, 1},
                                         Keys{"stepped", 20'000, 64}, Keys{"far", 20'000, 1 << 20},
                                         Keys{"everywhere", 50'000, static_cast<std::int64_t>(0x9e3779b97f4a7c15)}),
                         [](const auto& info) { return std::string(info.param.name); });

/// Mostly empty pages are given up: memory stays within a few times of what is used.
TEST(NumberTable, ScatteredNumbersDoNotTakeAPageEach) {
  NumberTable<NumberKey, Count> table;
  std::uint64_t x = 1;
  for (int i = 0; i != 100'000; ++i) table.find_or_add({static_cast<std::int64_t>(x = x * 6364136223846793005 + 1442695040888963407)});
  EXPECT_EQ(table.size(), 100'000u);
  EXPECT_LT(table.end(), 110'000u);
  table.clear();
  for (std::int64_t id = 0; id != 100'000; ++id) ASSERT_EQ(table.find_or_add({id}), id) << "a cleared table knows nothing of before";
}

struct Narrow {
  std::int8_t id{};
  static constexpr auto members = Members<&Narrow::id>{};
  bool operator==(const Narrow&) const = default;
};
TEST(NumberTable, NarrowNumbers) {
  NumberTable<Narrow, Count> table;
  for (int round = 0; round != 3; ++round)
    for (int id = -128; id != 128; ++id) ++table[table.find_or_add({static_cast<std::int8_t>(id)})].value.n;
  EXPECT_EQ(table.size(), 256u);
  table.each([&](std::uint32_t at) {
    EXPECT_EQ(table[at].value.n, 3);
    EXPECT_EQ(table.find(table[at].key), at);
  });
}

}  // namespace
}  // namespace gress
