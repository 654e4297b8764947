// `join … within` against its definition: all pairs of rows that are not late, compared one by one.
#include "runtime/core/interval_join.h"

#include "two_sides.h"

namespace gress::test {
namespace {

template <JoinKind kJoin, bool kCondition, bool kHigh>
struct Spec : JoinSpec<kJoin, kCondition> {
  static constexpr bool kComputedHigh = kHigh;
  static constexpr Contest kContest = Contest::none;
  static bool high(Sink&, const SideBlock& in, int i, std::int64_t& high) {
    high = in.rows[i].reach;
    return true;
  }
  static void pair(const SideRow& l, const SideRow& r, JoinedRow& o) { o = {l.id, r.id, 0, 0, l.text, r.text}; }
  static void left_only(const SideRow& l, JoinedRow& o) { o = {l.id, -1, 0, 0, l.text, {}}; }
  static void right_only(const SideRow& r, JoinedRow& o) { o = {-1, r.id, 0, 0, {}, r.text}; }
};

/// The same of rows so small that they lie in the lists of their keys.
struct SmallRow {
  std::int64_t id{};
  Text text{};
  static constexpr auto members = Members<&SmallRow::id, &SmallRow::text>{};
};
template <JoinKind kJoin, bool kCondition, bool kHigh>
struct SmallSpec : Spec<kJoin, kCondition, kHigh> {
  using LeftRow = SmallRow;
  using RightRow = SmallRow;
  static SmallRow left_row(const SideRow& r) { return {r.id, r.text}; }
  static SmallRow right_row(const SideRow& r) { return {r.id, r.text}; }
  static bool rest(Sink&, const SmallRow& l, const SmallRow& r) { return (l.id + r.id) % 3 != 0; }
  static void pair(const SmallRow& l, const SmallRow& r, JoinedRow& o) { o = {l.id, r.id, 0, 0, l.text, r.text}; }
  static void left_only(const SmallRow& l, JoinedRow& o) { o = {l.id, -1, 0, 0, l.text, {}}; }
  static void right_only(const SmallRow& r, JoinedRow& o) { o = {-1, r.id, 0, 0, {}, r.text}; }
};

struct Bounds {
  std::int64_t low, high;
};

std::vector<Line> definition(const std::vector<Given>& left, const std::vector<Given>& right, JoinKind kind, bool condition, bool computed, Bounds b) {
  std::vector<Line> lines;
  std::vector<bool> met(right.size());
  const bool pairs = kind == JoinKind::inner || kind == JoinKind::left || kind == JoinKind::full;
  for (const Given& l : left) {
    if (l.late()) continue;
    bool any = false;
    for (std::size_t k = 0; k != right.size(); ++k) {
      const Given& r = right[k];
      const std::int64_t d = r.time - l.time;
      if (r.late() || !l.row.keyed || !r.row.keyed || l.row.key != r.row.key) continue;
      if (d < b.low || d > (computed ? l.row.reach : b.high)) continue;
      if (condition && (l.row.id + r.row.id) % 3 == 0) continue;
      any = met[k] = true;
      if (pairs) lines.emplace_back(l.row.id, r.row.id, l.time, 0, 0);
    }
    if (kind == JoinKind::semi ? any : !any && kind != JoinKind::inner) lines.emplace_back(l.row.id, -1, l.time, 0, 0);
  }
  if (kind == JoinKind::full)
    for (std::size_t k = 0; k != right.size(); ++k)
      if (!met[k] && !right[k].late()) lines.emplace_back(-1, right[k].row.id, right[k].time, 0, 0);
  return sorted(std::move(lines));
}

template <class JoinOf, JoinKind kJoin, bool kCondition, bool kHigh>
void check(unsigned seed, Bounds bounds, const Shape& left_shape, const Shape& right_shape) {
  std::mt19937 random(seed);
  Side left = make_side(random, left_shape, 0), right = make_side(random, right_shape, 1'000'000);
  Sink sink;
  IntervalJoin<JoinOf> join(sink, bounds.low, bounds.high);
  run(random, join, left, right);
  EXPECT_EQ(lines_of(sink), definition(left.all(), right.all(), kJoin, kCondition, kHigh, bounds)) << "seed " << seed;
  EXPECT_EQ(sink.watermark, kEndOfTime);
  EXPECT_EQ(join.kept(), 0u);
  EXPECT_EQ(ids(sink.left_late), late_ids(left));
  EXPECT_EQ(ids(sink.right_late), late_ids(right));
}

template <bool kCondition, bool kHigh>
void check_kinds(unsigned seed, Bounds bounds, const Shape& left, const Shape& right) {
  const auto check_kind = [&]<JoinKind kJoin>() {
    check<Spec<kJoin, kCondition, kHigh>, kJoin, kCondition, kHigh>(seed, bounds, left, right);
  };
  check_kind.template operator()<JoinKind::inner>();
  check_kind.template operator()<JoinKind::left>();
  check_kind.template operator()<JoinKind::full>();
  check_kind.template operator()<JoinKind::semi>();
  check_kind.template operator()<JoinKind::anti>();
  check<SmallSpec<JoinKind::inner, kCondition, kHigh>, JoinKind::inner, kCondition, kHigh>(seed, bounds, left, right);
}

constexpr Bounds kBounds[] = {{0, 30}, {-30, 30}, {1, 100}, {-100, -20}, {20, 50}, {0, 0}, {-1000, 1000}};

TEST(IntervalJoin, IsItsDefinition) {
  for (unsigned seed = 0; seed != 40; ++seed) {
    const Bounds b = kBounds[seed % std::size(kBounds)];
    Shape left, right;
    left.partitions = 1 + static_cast<int>(seed % 3);
    right.partitions = 1 + static_cast<int>(seed / 3 % 3);
    right.step = seed % 2 == 0 ? 10 : 3;
    left.keys = right.keys = seed % 5 == 0 ? 1 : 7;
    check_kinds<false, false>(seed, b, left, right);
    check_kinds<true, false>(seed, b, left, right);
  }
}

TEST(IntervalJoin, UpperBoundOfEachRow) {
  for (unsigned seed = 100; seed != 130; ++seed) {
    Shape shape;
    shape.reach = seed % 2 == 0 ? 60 : 400;
    shape.partitions = 1 + static_cast<int>(seed % 3);
    const Bounds b{seed % 3 == 0 ? -20 : 0, 0};
    check_kinds<false, true>(seed, b, shape, shape);
    check_kinds<true, true>(seed, b, shape, shape);
  }
}

TEST(IntervalJoin, SidesOfVeryDifferentLength) {
  for (unsigned seed = 200; seed != 210; ++seed) {
    Shape few, many;
    few.rows = 20;
    many.rows = 2000;
    many.step = 2;
    check_kinds<true, false>(seed, {-40, 40}, few, many);
    check_kinds<true, false>(seed, {0, 40}, many, few);
    few.rows = 0;
    check_kinds<false, false>(seed, {0, 40}, few, many);
    check_kinds<false, false>(seed, {0, 40}, many, few);
  }
}

/// One stream with itself, both sides by the same block.
TEST(IntervalJoin, WithItself) {
  for (unsigned seed = 300; seed != 320; ++seed) {
    std::mt19937 random(seed);
    Shape shape;
    shape.partitions = 1 + static_cast<int>(seed % 3);
    Side side = make_side(random, shape, 0);
    Sink sink;
    const Bounds b = seed % 2 == 0 ? Bounds{1, 40} : Bounds{-20, 20};
    IntervalJoin<Spec<JoinKind::left, false, false>> join(sink, b.low, b.high);
    SideBlock block;
    std::vector<std::string> texts;
    while (side.watermark() != kEndOfTime) {
      hand_over(random, side, block, texts);
      join.left(block);
      join.right(block);
      join.left_watermark(side.watermark());
      join.right_watermark(side.watermark());
    }
    EXPECT_EQ(lines_of(sink), definition(side.all(), side.all(), JoinKind::left, false, false, b)) << "seed " << seed;
  }
}

/// Keys that come once and never again, and a few that always do: what is kept does not grow with the stream.
TEST(IntervalJoin, KeepsNoMoreOnALongStream) {
  for (const bool fresh_keys : {false, true}) {
    Sink sink;
    IntervalJoin<Spec<JoinKind::left, false, false>> join(sink, 0, 50);
    SideBlock block;
    std::int64_t t = 0;
    std::size_t early = 0;
    for (int round = 0; round != 3000; ++round) {
      for (const bool left : {true, false}) {
        block.count = kBlock;
        block.others = kEndOfTime;
        for (int i = 0; i != kBlock; ++i) {
          block.rows[i] = {fresh_keys ? t + i : i % 7, true, -2, 0, Text("some text that is long enough")};
          block.time[i] = t + i;
          block.watermark[i] = t - 10;
          block.position[i] = 0;
        }
        if (left) join.left(block);
        else join.right(block);
      }
      t += kBlock;
      join.left_watermark(t - 10);
      join.right_watermark(t - 10);
      sink.rows.clear();
      if (round == 300) early = join.most_kept();
    }
    EXPECT_LE(join.most_kept(), std::max<std::size_t>(early, 10'000));
  }
}

/// Two streams of a day with rows of text, joined within five minutes: memory is that of some minutes.
TEST(IntervalJoin, TakesNoMoreMemoryOverADay) {
  constexpr std::int64_t kSecond = 1'000'000, kRowsASecond = 4, kMinutes = 60 * kSecond;
  Sink sink;
  IntervalJoin<Spec<JoinKind::inner, false, false>> join(sink, 0, 5 * kMinutes);
  SideBlock block;
  const std::string text(500, 't'), huge(100'000, 'h');
  std::size_t hour = 0;
  for (std::int64_t row = 0; row < 24 * 60 * 60 * kRowsASecond; row += kBlock) {
    const auto time = [](std::int64_t n) { return n * (kSecond / kRowsASecond); };
    block.count = kBlock;
    block.others = kEndOfTime;
    for (int i = 0; i != kBlock; ++i) {
      block.rows[i] = {(row + i) * 7919 % 100'000, true, row + i, 0, i == 5 ? Text(huge) : Text(text)};
      block.time[i] = time(row + i);
      block.watermark[i] = time(row) - kSecond;
      block.position[i] = 0;
    }
    join.left(block);
    join.right(block);
    join.left_watermark(time(row + kBlock) - kSecond);
    join.right_watermark(time(row + kBlock) - kSecond);
    sink.rows.clear();
    if (time(row) < 60 * kMinutes) hour = join.memory();
  }
  EXPECT_LE(join.memory(), hour + hour / 4);
  EXPECT_LE(hour, std::size_t{16} << 20);
}

}  // namespace
}  // namespace gress::test
