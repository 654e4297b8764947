// Keys whose time ends together give their last rows in the order in which they came, wherever their entries stand: numbers
// of entries are given again, the last one first, and after a restart in another order.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/core/count_window.h"
#include "runtime/core/scan.h"
#include "tests/runtime/operators/keys.h"

namespace gress::test {
namespace {

constexpr std::int64_t kRetain = 10;

struct Row {
  std::int64_t key = 0;
};
struct Key : NumberKey {
  static constexpr auto members = NumberKey::members;
  static constexpr bool kDurable = true;
};
struct Seen {
  std::vector<std::int64_t> keys;
};
struct Spec {
  using Pipeline = Seen;
  using In = Block<Row, kTime | kWatermark>;
  using Out = Block<Row, kTime>;
  using Key = test::Key;
  static Key key(const Row& row) { return {{row.key}}; }
  static void out(Seen& seen, Out& block) {
    for (int i = 0; i != block.count; ++i) seen.keys.push_back(block.rows[i].key);
  }
  static void watermark(Seen&, std::int64_t) {}
};
struct Rows {
  std::int64_t n = 0;
  static constexpr auto members = Members<&Rows::n>{};
  void clear() { n = 0; }
};

struct ScanSpec : Spec {
  static constexpr bool kThenEmit = true;
  using State = Rows;
  static Scanned step(Seen&, State& s, const In&, int, Row&) {
    ++s.n;
    return Scanned::quiet;
  }
  static bool then_emit(Seen&, Eval&, const Key& key, const State&, Row& row) {
    row.key = key.id;
    return true;
  }
};
struct LastWords {
  using Operator = Scan<ScanSpec>;
  static std::unique_ptr<Operator> make(Seen& seen) { return std::make_unique<Operator>(seen, kRetain); }
};

struct CountSpec : Spec {
  using State = Rows;
  static void add(Seen&, State& s, const In&, int) { ++s.n; }
  static void merge(Seen&, Eval&, State& s, const State& other) { s.n += other.n; }
  static int rows(const State&) { return 1; }
  static bool result(Seen&, Eval&, const Key& key, const State&, int, std::int64_t, std::int64_t, Row& row) {
    row.key = key.id;
    return true;
  }
};
struct Windows {
  using Operator = CountWindow<CountSpec>;
  static std::unique_ptr<Operator> make(Seen& seen) { return std::make_unique<Operator>(seen, CountForm{3, 3, kRetain}); }
};

template <class Operator>
void restart(Operator& before, Operator& now) {
  StateChanges changes;
  before.save(changes);
  std::map<std::string, std::string> stored;
  changes.each([&](StateChanges::Kind kind, std::string_view key, std::string_view value) {
    if (kind == StateChanges::Kind::put) stored[std::string(key)] = value;
  });
  for (const auto& [key, value] : stored) {
    StateIn k(key), v(value);
    v.get<StateOwner>();
    now.load(k, v);
  }
  now.loaded();
}

/// 1 and 2 run out, and give their numbers back; 3 to 6 end together, by time or with all the input.
template <class Kind>
std::vector<std::int64_t> ended(bool restarts, std::int64_t end) {
  Seen seen;
  auto op = Kind::make(seen);
  const auto rows = [&](std::initializer_list<std::int64_t> keys, std::int64_t time) {
    Spec::In in;
    for (const std::int64_t key : keys) {
      in.rows[in.count] = {key};
      in.time[in.count] = time;
      in.watermark[in.count++] = time;
    }
    op->process(in);
  };
  rows({1, 2}, 0);
  op->watermark(kRetain + 1);
  rows({3, 4}, 20);
  if (restarts) {
    auto again = Kind::make(seen);
    restart(*op, *again);
    op = std::move(again);
  }
  rows({6, 5}, 20);
  op->watermark(end);
  return seen.keys;
}

template <class Kind>
class RunsOut : public testing::Test {};
using Kinds = testing::Types<LastWords, Windows>;
TYPED_TEST_SUITE(RunsOut, Kinds);

TYPED_TEST(RunsOut, by_time) {
  for (const bool restarts : {false, true})
    EXPECT_EQ(ended<TypeParam>(restarts, 20 + kRetain + 1), (std::vector<std::int64_t>{1, 2, 3, 4, 6, 5})) << restarts;
}
/// A result's watermark hangs on its last row, however far the input is, and is not below what the output was told: one of a
/// row that was on time is on time.
TEST(CountWindow, results_are_judged_by_their_last_row) {
  struct Judged {
    std::int64_t time, watermark;
    auto operator<=>(const Judged&) const = default;
  };
  struct Results {
    std::vector<Judged> rows;
    std::int64_t told = kStartOfTime;
    bool wrong = false;
  };
  struct ResultSpec {
    using Pipeline = Results;
    using In = Spec::In;
    using Out = Block<Row, kTime | kWatermark>;
    using Key = test::Key;
    using State = Rows;
    static Key key(const Row& row) { return {{row.key}}; }
    static void add(Results&, State& s, const In&, int) { ++s.n; }
    static void merge(Results&, Eval&, State& s, const State& other) { s.n += other.n; }
    static int rows(const State&) { return 1; }
    static bool result(Results&, Eval&, const Key&, const State&, int, std::int64_t, std::int64_t, Row&) { return true; }
    static void out(Results& p, Out& block) {
      for (int i = 0; i != block.count; ++i) {
        p.rows.push_back({block.time[i], block.watermark[i]});
        p.wrong |= block.watermark[i] < p.told;
      }
    }
    static void watermark(Results& p, std::int64_t t) { p.told = t; }
  };
  struct Came {
    std::int64_t key, time, watermark;
  };
  // Two partitions: one whose watermark is 10 behind its rows, one that is far behind. A pair; rows that wait, the last of
  // them before the latest; a row that is late.
  const std::vector<Came> fast{{1, 100, 90}, {1, 101, 91}, {2, 105, 95}, {2, 106, 95},
                               {2, 97, 96},  {3, 107, 97}, {3, 108, 97}, {3, 80, 98}};
  const std::vector<Came> slow{{4, 60, 60}, {4, 61, 61}, {5, 62, 62}};
  const std::vector<Judged> expected{{61, 51}, {62, 62}, {80, 88}, {97, 97}, {101, 81}, {106, 85}, {108, 87}};
  for (const bool slow_first : {false, true}) {
    Results results;
    CountWindow<ResultSpec> op(results, CountForm{3, 2, kRetain});
    const auto feed = [&](const std::vector<Came>& rows) {
      ResultSpec::In in;
      for (const Came& row : rows) {
        in.rows[in.count] = {row.key};
        in.time[in.count] = row.time;
        in.watermark[in.count++] = row.watermark;
      }
      in.others = slow_first ? kEndOfTime : 60;
      op.process(in);
    };
    feed(slow_first ? slow : fast);
    op.watermark(60);
    feed(slow_first ? fast : slow);
    for (std::int64_t t = 61; t != 150; ++t) op.watermark(t);
    op.watermark(kEndOfTime);
    std::sort(results.rows.begin(), results.rows.end());
    EXPECT_EQ(results.rows, expected) << slow_first;
    EXPECT_FALSE(results.wrong) << slow_first;
    EXPECT_EQ(results.told, kEndOfTime);
  }
}

TEST(CountWindow, ends_with_the_input_in_order) {
  for (const bool restarts : {false, true})
    EXPECT_EQ(ended<Windows>(restarts, kEndOfTime), (std::vector<std::int64_t>{1, 2, 3, 4, 6, 5})) << restarts;
}

}  // namespace
}  // namespace gress::test
