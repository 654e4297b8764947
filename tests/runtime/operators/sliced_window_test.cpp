// Sliding and cumulative windows by slices against their definition: each window's rows of a key, one by one.
#include "runtime/core/sliced_window.h"

#include <map>

#include "runtime/core/maybe.h"
#include "two_sides.h"

namespace gress::test {
namespace {

struct ResultRow {
  std::int64_t key, start, end, count, sum, least, greatest;
  auto operator<=>(const ResultRow&) const = default;
};
/// With the text of the greatest, which the block does not own.
struct ShownRow {
  ResultRow result;
  Text text;
};
using ResultBlock = Block<ShownRow, kTime | kWatermark>;

struct Results {
  std::vector<ResultRow> rows;
  std::vector<std::int64_t> late;
  std::int64_t watermark = kStartOfTime, merges = 0;
};

/// All that the forms of states can tell; least and greatest cannot be taken back, and exact states are plain numbers.
template <SliceStates kForm>
struct Spec {
  using Pipeline = Results;
  using In = SideBlock;
  using Out = ResultBlock;
  using Key = typename JoinSpec<JoinKind::inner, false>::Key;
  struct State {
    std::int64_t count = 0, sum = 0, least = kEndOfTime, greatest = kStartOfTime;
    [[no_unique_address]] Maybe<Held<Text>, kForm != SliceStates::exact> text{};  // of the greatest
    void clear() {
      count = sum = 0;
      least = kEndOfTime;
      greatest = kStartOfTime;
    }
  };
  static constexpr SliceStates kStates = kForm;

  static Key key(const SideRow& r) { return {r.key}; }
  static void add(Results&, State& s, const In& in, int i) {
    const std::int64_t id = in.rows[i].id;
    ++s.count;
    s.sum += id;
    s.least = std::min(s.least, id);
    if (id < s.greatest) return;
    s.greatest = id;
    if constexpr (kForm != SliceStates::exact) s.text.value.assign(in.rows[i].text);
  }
  static void merge(Results& p, Eval&, State& s, const State& other) {
    ++p.merges;
    s.count += other.count;
    s.sum += other.sum;
    s.least = std::min(s.least, other.least);
    if (other.greatest < s.greatest) return;
    s.greatest = other.greatest;
    if constexpr (kForm != SliceStates::exact) s.text.value.assign(other.text.value.get());
  }
  static void unmerge(Results&, Eval&, State& s, const State& other) {
    s.count -= other.count;
    s.sum -= other.sum;
  }
  static int rows(const State&) { return 1; }
  static bool result(Results&, Eval&, const Key& key, const State& s, int, std::int64_t start, std::int64_t end, ShownRow& o) {
    o.result = {key.id, start, end, s.count, s.sum, 0, 0};
    if constexpr (kForm != SliceStates::exact) {
      o.result.least = s.least;
      o.result.greatest = s.greatest;
      o.text = s.text.value.get();
    }
    return true;
  }
  static void late(Results& p, const In& in, int i) { p.late.push_back(in.rows[i].id); }
  static void out(Results& p, ResultBlock& block) {
    for (int i = 0; i != block.count; ++i) {
      EXPECT_GE(block.time[i], block.watermark[i]);
      EXPECT_GE(block.time[i], p.watermark);
      const ResultRow& row = block.rows[i].result;
      if (kForm != SliceStates::exact) { EXPECT_EQ(block.rows[i].text.view(), text_of(row.greatest)) << "the rows before the block goes"; }
      if (!p.rows.empty()) { EXPECT_GE(row.end, p.rows.back().end) << "windows come in order"; }
      p.rows.push_back(row);
    }
  }
  static void watermark(Results& p, std::int64_t t) { p.watermark = t; }
};

/// Times shifted below zero, and far apart in a few places.
void spread(Side& side, std::int64_t gap) {
  const auto moved = [&](std::int64_t t) { return t == kStartOfTime ? t : t - 2'000 + floor_to(t, 300, 0) / 300 * gap; };
  for (Partition& p : side.partitions)
    for (Given& g : p.rows) {
      g.time = moved(g.time);
      g.watermark = moved(g.watermark);
    }
}

template <class Operator>
void run(std::mt19937& random, Operator& op, Side& side) {
  SideBlock block;
  std::vector<std::string> texts;
  while (side.watermark() != kEndOfTime) {
    hand_over(random, side, block, texts);
    op.process(block);
    for (std::string& text : texts) std::fill(text.begin(), text.end(), '?');
    op.watermark(side.watermark());
  }
}

template <SliceStates kForm, class Slices>
void check(unsigned seed, const Shape& shape, std::int64_t gap, Slices slices) {
  std::mt19937 random(seed);
  Side side = make_side(random, shape, 0);
  spread(side, gap);
  Results results;
  SlicedWindow<Spec<kForm>, Slices> op(results, slices);
  run(random, op, side);

  std::map<std::pair<std::int64_t, std::int64_t>, ResultRow> windows;  // by end and key
  std::vector<std::int64_t> late;
  for (const Given& g : side.all()) {
    bool any = false, all = false;
    for (std::int64_t end = slices.next_end(g.time); slices.start_of(end) <= g.time; end = slices.next_end(end)) {
      all = true;
      if (end <= g.watermark) continue;
      any = true;
      ResultRow& r = windows.try_emplace({end, g.row.key}, ResultRow{g.row.key, slices.start_of(end), end, 0, 0, kEndOfTime, kStartOfTime}).first->second;
      ++r.count;
      r.sum += g.row.id;
      r.least = std::min(r.least, g.row.id);
      r.greatest = std::max(r.greatest, g.row.id);
    }
    if (all && !any) late.push_back(g.row.id);
  }
  std::vector<ResultRow> expected;
  for (auto& [bounds, row] : windows) {
    if (kForm == SliceStates::exact) row.least = row.greatest = 0;
    expected.push_back(row);
  }
  std::sort(expected.begin(), expected.end());
  std::sort(results.rows.begin(), results.rows.end());
  EXPECT_TRUE(results.rows == expected) << "seed " << seed << ": " << results.rows.size() << " rows, not " << expected.size();
  EXPECT_EQ(ids(results.late), ids(late)) << "seed " << seed;
  EXPECT_EQ(results.watermark, kEndOfTime);
  EXPECT_EQ(op.open_windows(), 0u);
}

template <class Slices>
void check_forms(unsigned seed, const Shape& shape, std::int64_t gap, Slices slices) {
  check<SliceStates::exact>(seed, shape, gap, slices);
  check<SliceStates::small>(seed, shape, gap, slices);
  check<SliceStates::large>(seed, shape, gap, slices);
  check<SliceStates::fallible>(seed, shape, gap, slices);
}

Shape shape_of(unsigned seed) {
  Shape shape;
  shape.rows = 400;
  shape.partitions = 1 + static_cast<int>(seed % 4);
  shape.keys = seed % 5 == 0 ? 1 : seed % 5 == 1 ? 200 : 6;
  shape.step = seed % 2 == 0 ? 10 : 3;
  shape.disorder = seed % 3 == 0 ? 200 : 60;  // late rows, some for all windows, some for the first ones
  return shape;
}

TEST(SlicedWindow, SlidingIsItsDefinition) {
  for (unsigned seed = 0; seed != 30; ++seed) {
    const Shape shape = shape_of(seed);
    check_forms(seed, shape, 0, SlidingSlices{60, 20, 0});
    check_forms(seed, shape, 0, SlidingSlices{50, 20, 7});    // two slices a step
    check_forms(seed, shape, 0, SlidingSlices{100, 1, 0});    // many
    check_forms(seed, shape, 0, SlidingSlices{20, 20, 0});    // tumbling
  }
}
TEST(SlicedWindow, CumulativeIsItsDefinition) {
  for (unsigned seed = 0; seed != 30; ++seed) {
    check_forms(seed, shape_of(seed), 0, CumulativeSlices{100, 20, 0});
    check_forms(seed, shape_of(seed), 0, CumulativeSlices{60, 5, 3});
  }
}
/// Many years without rows, steps of microseconds: what is empty is not walked.
TEST(SlicedWindow, GapsAreSkipped) {
  for (unsigned seed = 100; seed != 120; ++seed) {
    check_forms(seed, shape_of(seed), 1'000'000'000'000'000, SlidingSlices{100, 5, 0});
    check_forms(seed, shape_of(seed), 1'000'000'000'000'000, CumulativeSlices{100, 5, 0});
  }
}

TEST(SlicedWindow, OpenWindowsAreThoseWithASlice) {
  Results results;
  SlicedWindow<Spec<SliceStates::exact>, SlidingSlices> op(results, SlidingSlices{100, 10, 0});
  SideBlock block;
  block.others = kStartOfTime;
  for (const std::int64_t t : {std::int64_t{5}, std::int64_t{25}, std::int64_t{1'000'000'000'000'005}}) {
    block.time[block.count] = t;
    block.watermark[block.count++] = kStartOfTime;
  }
  op.process(block);
  EXPECT_EQ(op.open_windows(), 12u + 10u);  // ends 10 … 120, and ten of the far one
  op.watermark(30);
  EXPECT_EQ(op.open_windows(), 9u + 10u);
  op.watermark(1'000'000'000'000'050);
  EXPECT_EQ(op.open_windows(), 5u);
  op.watermark(kEndOfTime);
  EXPECT_EQ(op.open_windows(), 0u);
}

/// The work of a window does not grow with the slices in it.
template <SliceStates kForm>
std::int64_t merges(std::int64_t size) {
  Results results;
  SlicedWindow<Spec<kForm>, SlidingSlices> op(results, SlidingSlices{size, 1, 0});
  SideBlock block;
  const std::int64_t rows = 20'000;
  for (std::int64_t t = 0; t != rows; ++t) {
    block.count = 1;
    block.rows[0] = {};
    block.rows[0].id = 1;
    block.rows[0].text = Text("t1");
    block.time[0] = t;
    block.others = kEndOfTime;
    block.watermark[0] = t;
    op.process(block);
  }
  return results.merges / rows;
}
TEST(SlicedWindow, MergesDoNotGrowWithTheSlices) {
  EXPECT_LE(merges<SliceStates::exact>(3'600), 1);
  EXPECT_LE(merges<SliceStates::small>(3'600), 4);
}

}  // namespace
}  // namespace gress::test
