#include "runtime/core/key_table.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/runtime/operators/keys.h"

namespace gress {
namespace {

using namespace test;

struct Count {
  std::int64_t n = 0;
  void clear() { n = 0; }
};

template <class Key>
Key make_key(std::int64_t id, std::string& room) {
  if constexpr (std::is_same_v<Key, TextKey>) {
    // Short and long texts; the long ones lie in memory that is overwritten after the call.
    room = id % 2 == 0 ? "k" + std::to_string(id) : "a rather long key, number " + std::to_string(id);
    return {Text(room)};
  } else if constexpr (std::is_same_v<Key, DenseKey>) {
    return {static_cast<std::uint8_t>(id)};
  } else {
    Key key;
    key.id = id;
    return key;
  }
}

/// Random finds, additions, erasures and clearings, compared with std::unordered_map after each.
template <class Key>
void compare_with_map(std::uint32_t seed, std::int64_t ids, int steps) {
  std::mt19937 random(seed);
  KeyTable<Key, Count> table;
  std::unordered_map<std::int64_t, std::int64_t> map;
  std::string room;
  for (int step = 0; step != steps; ++step) {
    const std::int64_t id = std::uniform_int_distribution<std::int64_t>(0, ids - 1)(random);
    const Key key = make_key<Key>(id, room);
    const unsigned what = random() % 1000;
    if (what < 600) {
      const std::uint32_t at = table.find_or_add(key);
      ASSERT_LT(at, table.end());
      ASSERT_TRUE(table[at].live);
      ASSERT_TRUE(table[at].key == key);
      ASSERT_EQ(++table[at].value.n, ++map[id]) << "a new entry's value is cleared";
    } else if (what < 999) {
      const std::uint32_t at = table.find(key);
      ASSERT_EQ(at != table.kNone, map.contains(id));
      if (at != table.kNone) {
        ASSERT_EQ(table[at].value.n, map[id]);
        table.erase(at);
        map.erase(id);
        ASSERT_EQ(table.find(key), table.kNone);
      }
    } else if (random() % 10 == 0) {
      table.clear();
      map.clear();
    }
    room.assign(room.size(), '#');
    ASSERT_EQ(table.size(), map.size());
  }
  std::size_t live = 0;
  for (std::uint32_t i = 0; i != table.end(); ++i) live += table[i].live;
  EXPECT_EQ(live, map.size());
  for (const auto& [id, n] : map) {
    const std::uint32_t at = table.find(make_key<Key>(id, room));
    ASSERT_NE(at, table.kNone) << id;
    EXPECT_EQ(table[at].value.n, n);
  }
}

TEST(KeyTable, RandomNumbers) {
  for (std::uint32_t seed = 0; seed != 20; ++seed) compare_with_map<NumberKey>(seed, seed < 10 ? 40 : 5'000, 20'000);
}
/// Numbers of which many share their low bits, and so might share a place in their lines of the index.
TEST(KeyTable, RandomSteppedNumbers) {
  for (const std::int64_t step : {16, 100, 1 << 20}) {
    std::mt19937 random(static_cast<std::uint32_t>(step));
    KeyTable<NumberKey, Count> table;
    std::unordered_map<std::int64_t, std::int64_t> map;
    for (int i = 0; i != 50'000; ++i) {
      const std::int64_t id = static_cast<std::int64_t>(random() % 3'000) * step - 1'000;
      if (random() % 3 != 0) {
        ASSERT_EQ(++table[table.find_or_add({id})].value.n, ++map[id]);
      } else if (const std::uint32_t at = table.find({id}); at != table.kNone) {
        table.erase(at);
        map.erase(id);
      }
      ASSERT_EQ(table.size(), map.size());
    }
    for (const auto& [id, n] : map) ASSERT_EQ(table[table.find({id})].value.n, n);
  }
}
TEST(KeyTable, RandomCrowded) {
  for (std::uint32_t seed = 0; seed != 50; ++seed) compare_with_map<CrowdedKey>(seed, 4 + seed, 5'000);
}
TEST(KeyTable, RandomTexts) {
  for (std::uint32_t seed = 0; seed != 20; ++seed) compare_with_map<TextKey>(seed, seed < 10 ? 40 : 2'000, 20'000);
}
TEST(KeyTable, RandomDense) {
  for (std::uint32_t seed = 0; seed != 10; ++seed) compare_with_map<DenseKey>(seed, 200, 10'000);
}

TEST(KeyTable, EntriesKeepTheOrderOfArrival) {
  KeyTable<NumberKey, Count> table;
  for (std::int64_t id = 0; id != 100'000; ++id) ASSERT_EQ(table.find_or_add({id * 7919 - 50'000}), id);
  for (std::uint32_t i = 0; i != table.end(); ++i) ASSERT_EQ(table[i].key.id, std::int64_t{i} * 7919 - 50'000);
}

TEST(KeyTable, ErasedNumbersAreUsedAgain) {
  KeyTable<NumberKey, Count> table;
  for (std::int64_t round = 0; round != 1'000; ++round) {
    for (std::int64_t id = 0; id != 10; ++id) table.find_or_add({round * 10 + id});
    for (std::uint32_t at = 0; at != table.end(); ++at)
      if (table[at].live) table.erase(at);
  }
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.end(), 10u);
}

TEST(KeyTable, EmptyTableFindsNothing) {
  KeyTable<NumberKey, Count> numbers;
  EXPECT_EQ(numbers.find({1}), numbers.kNone);
  KeyTable<DenseKey, Count> dense;
  EXPECT_EQ(dense.find({1}), dense.kNone);
  numbers.clear();
  EXPECT_EQ(numbers.size(), 0u);
}

TEST(KeyTable, MovesLeaveNothingTwice) {
  std::string room = "a text that is longer than fifteen bytes";
  KeyTable<TextKey, Count> first;
  first[first.find_or_add({Text(room)})].value.n = 3;
  KeyTable<TextKey, Count> second = std::move(first);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[second.find({Text(room)})].value.n, 3);
}

/// Known and new keys, some of them twice in a batch; those that are not to be added have none.
template <class Key>
void find_many(std::uint32_t seed, std::int64_t ids) {
  std::mt19937 random(seed);
  KeyTable<Key, Count> table;
  std::string room;
  std::unordered_map<std::int64_t, std::uint32_t> numbers;
  for (int batch = 0; batch != 40; ++batch) {
    std::vector<std::int64_t> wanted(100);
    for (std::int64_t& id : wanted) id = std::uniform_int_distribution<std::int64_t>(0, ids - 1)(random);
    const auto adds = [&](int i) { return i % 3 != 0; };
    std::vector<std::uint32_t> found(wanted.size());
    table.find_all(0, static_cast<int>(wanted.size()), [&](int i) { return make_key<Key>(wanted[static_cast<std::size_t>(i)], room); }, adds, found.data());
    for (std::size_t i = 0; i != wanted.size(); ++i) {
      const bool known = numbers.contains(wanted[i]);
      if (!known && adds(static_cast<int>(i))) numbers[wanted[i]] = found[i];
      ASSERT_EQ(found[i], numbers.contains(wanted[i]) ? numbers[wanted[i]] : table.kNone) << "batch " << batch << ", row " << i;
    }
  }
  for (const auto& [id, number] : numbers) ASSERT_EQ(table.find(make_key<Key>(id, room)), number);
}
TEST(KeyTable, ManyKeysAtOnce) {
  for (std::uint32_t seed = 0; seed != 20; ++seed) {
    find_many<NumberKey>(seed, 3'000);
    find_many<CrowdedKey>(seed, 60);
    find_many<TextKey>(seed, 500);
    find_many<DenseKey>(seed, 200);
  }
}

}  // namespace
}  // namespace gress
