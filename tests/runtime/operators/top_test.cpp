#include "runtime/core/top.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace gress {
namespace {

struct Row {
  Text name{};
  std::int64_t v{};
  static constexpr auto members = Members<&Row::name, &Row::v>{};
};
/// By v, descending.
struct Order {
  std::int64_t v{};
  static constexpr auto members = Members<&Order::v>{};
  static int compare(const Order& a, const Order& b) { return a.v > b.v ? -1 : a.v < b.v ? 1 : 0; }
};
struct Given {
  std::string name;
  std::int64_t v;
  Place place;
};

std::vector<Given> random_rows(std::mt19937& random, int count) {
  std::vector<Given> out;
  for (int i = 0; i != count; ++i)
    out.push_back({"a name that is not held inline " + std::to_string(i), static_cast<std::int64_t>(random() % 6),
                   {static_cast<std::int64_t>(random() % 5) - 2, static_cast<std::uint64_t>(i)}});
  return out;
}

TEST(TopRows, AgainstSorting) {
  std::mt19937 random(1);
  for (int round = 0; round != 2'000; ++round) {
    const std::vector<Given> given = random_rows(random, static_cast<int>(random() % 30));
    const std::int64_t count = static_cast<std::int64_t>(random() % 8);
    const bool ties = random() % 2 == 0;
    TopRows<Row, Order> one, parts[3], merged;
    std::string room;
    for (const Given& g : given) {
      room = g.name;  // what is kept must not point here
      one.add({g.v}, {Text(room), g.v}, g.place, count, ties);
      parts[random() % 3].add({g.v}, {Text(room), g.v}, g.place, count, ties);
    }
    room.assign(room.size(), '#');
    for (const auto& part : parts) merged.merge(part, count, ties);

    std::vector<Given> sorted = given;
    std::sort(sorted.begin(), sorted.end(), [](const Given& a, const Given& b) { return a.v != b.v ? a.v > b.v : a.place < b.place; });
    std::size_t kept = std::min(sorted.size(), static_cast<std::size_t>(count));
    if (ties && kept != 0)
      while (kept < sorted.size() && sorted[kept].v == sorted[kept - 1].v) ++kept;
    for (const TopRows<Row, Order>* top : {&one, &merged}) {
      ASSERT_EQ(top->size(), static_cast<int>(kept)) << "round " << round;
      for (int k = 0; k != static_cast<int>(kept); ++k) {
        const Given& want = sorted[static_cast<std::size_t>(k)];
        ASSERT_EQ(top->row(k).name.view(), want.name);
        const auto better = std::count_if(sorted.begin(), sorted.end(), [&](const Given& g) { return g.v > want.v; });
        ASSERT_EQ(top->rank(k, ties), ties ? better + 1 : k + 1);
      }
    }
  }
}

TEST(LatestRow, LaterPlaceWins) {
  std::mt19937 random(2);
  for (int round = 0; round != 1'000; ++round) {
    const std::vector<Given> given = random_rows(random, 1 + static_cast<int>(random() % 10));
    LatestRow<Row> one, left, right;
    const Given* want = nullptr;
    for (const Given& g : given) {
      std::string room = g.name;
      one.add({Text(room), g.v}, g.place);
      (random() % 2 == 0 ? left : right).add({Text(room), g.v}, g.place);
      if (want == nullptr || want->place < g.place) want = &g;
    }
    left.merge(right);
    for (const LatestRow<Row>* latest : {&one, &left}) {
      ASSERT_EQ(latest->size(), 1);
      ASSERT_EQ(latest->row().name.view(), want->name);
    }
    LatestRow<Row> moved = std::move(one);
    ASSERT_EQ(moved.row().name.view(), want->name);
    moved.clear();
    ASSERT_EQ(moved.size(), 0);
  }
}

}  // namespace
}  // namespace gress
