#include "runtime/core/lookup_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/runtime/operators/keys.h"

namespace gress {
namespace {

using test::CrowdedKey;
using test::NumberKey;

struct Row {
  std::int64_t id;
  bool present;
};

template <class Key>
void compare(std::uint32_t seed, int count, std::int64_t ids) {
  std::mt19937 random(seed);
  GrowingArray<Row> rows;
  std::map<std::int64_t, std::vector<std::uint32_t>> expected;
  for (int i = 0; i != count; ++i) {
    const Row row{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(ids)) - ids / 2, random() % 10 != 0};
    if (row.present) expected[row.id].push_back(static_cast<std::uint32_t>(i));
    rows.push_back(row);
  }
  LookupTable<Key, Row> table;
  table.build(rows, [](const Row& row, Key& key) {
    key.id = row.id;
    return row.present;
  });
  for (std::int64_t id = -ids; id <= ids; ++id) {
    std::vector<std::uint32_t> found;
    for (std::uint32_t at = table.find({id}); at != table.kNone; at = table.next(at)) {
      ASSERT_EQ(table.row(at).id, id);
      found.push_back(at);
    }
    ASSERT_EQ(found, expected.contains(id) ? expected[id] : std::vector<std::uint32_t>{}) << "in the order of the file";
  }
  std::vector<std::uint32_t> all(static_cast<std::size_t>(2 * ids));
  table.find_all(static_cast<int>(all.size()), all.data(), [&](int i) {
    Key key{};
    key.id = i - ids;
    return key;
  });
  for (std::size_t i = 0; i != all.size(); ++i) ASSERT_EQ(all[i], table.find({static_cast<std::int64_t>(i) - ids}));
}

TEST(LookupTable, AgainstAMap) {
  for (std::uint32_t seed = 0; seed != 30; ++seed) compare<NumberKey>(seed, 1'000, seed < 15 ? 100 : 100'000);
}
TEST(LookupTable, KeysThatHashAlike) {
  for (std::uint32_t seed = 0; seed != 30; ++seed) compare<CrowdedKey>(seed, 200, 60);
}
TEST(LookupTable, Empty) { compare<NumberKey>(1, 0, 10); }

}  // namespace
}  // namespace gress
