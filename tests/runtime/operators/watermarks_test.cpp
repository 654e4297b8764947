#include "runtime/core/watermarks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "runtime/core/block.h"

namespace gress {
namespace {

TEST(Watermarks, MinimumOfAllInputs) {
  std::mt19937 random(1);
  Watermarks<3> marks;
  std::int64_t inputs[3] = {kStartOfTime, kStartOfTime, kStartOfTime};
  EXPECT_EQ(marks.lowest(), kStartOfTime);
  for (int step = 0; step != 10'000; ++step) {
    const int input = static_cast<int>(random() % 3);
    const std::int64_t t = step + static_cast<std::int64_t>(random() % 50) - 25;
    const std::int64_t before = *std::min_element(inputs, inputs + 3);
    inputs[input] = std::max(inputs[input], t);
    const std::int64_t after = *std::min_element(inputs, inputs + 3);
    ASSERT_EQ(marks.raise(input, t), after > before) << "a watermark never falls";
    ASSERT_EQ(marks.lowest(), after);
    for (int k = 0; k != 3; ++k)
      ASSERT_EQ(marks.lowest_but(k), std::min(inputs[(k + 1) % 3], inputs[(k + 2) % 3]));
  }
}

TEST(Watermarks, OneInputHasNoOthers) {
  Watermarks<1> mark;
  EXPECT_EQ(mark.lowest_but(0), kEndOfTime);
  EXPECT_TRUE(mark.raise(0, -5));
  EXPECT_FALSE(mark.raise(0, -5));
  EXPECT_EQ(mark.lowest(), -5);
}

struct Row {
  std::int64_t v;
};

TEST(Block, LanesThatNobodyNeedsCostNothing) {
  // Empty lanes of one type may not share an address, so each costs a few bytes of a block, not of a row.
  EXPECT_LE(sizeof(Block<Row, 0>), sizeof(Row) * kBlock + 64);
  EXPECT_LE(sizeof(Block<Row, kTime>), (sizeof(Row) + sizeof(std::int64_t)) * kBlock + 64);
  EXPECT_LE(sizeof(Block<Row, kTime | kOp>), (sizeof(Row) + sizeof(std::int64_t) + 1) * kBlock + 64);
  EXPECT_LE(sizeof(Block<Row, 0, true>), 64u);
}

TEST(Block, TakesTheLanesThatBothHave) {
  Block<Row, kTime | kWatermark | kPosition> from;
  from.time[3] = 10;
  from.watermark[3] = 9;
  from.position[3] = 8;
  Block<Row, kTime | kPosition | kOp> to;
  to.op[0] = Op::retract;
  to.take_lanes(0, from, 3);
  EXPECT_EQ(to.time_of(0), 10);
  EXPECT_EQ(to.position_of(0), 8u);
  EXPECT_EQ(to.op[0], Op::retract);
  EXPECT_EQ(to.watermark_of(0), kStartOfTime);
}

TEST(Block, WatermarkBeforeARowIsTheLowerOfItsOwnAndTheOthers) {
  Block<Row, kWatermark> block;
  block.watermark[0] = 5;
  EXPECT_EQ(block.watermark_before(0), 5);
  block.others = -7;
  EXPECT_EQ(block.watermark_before(0), -7);
  Block<Row, 0> bare;
  EXPECT_EQ(bare.watermark_before(0), kStartOfTime);
}

TEST(Time, AdditionIsHeldAtTheEnds) {
  EXPECT_EQ(add_saturated(kEndOfTime, -5), kEndOfTime);
  EXPECT_EQ(add_saturated(kStartOfTime, 5), kStartOfTime);
  EXPECT_EQ(add_saturated(kEndOfTime - 3, 5), kEndOfTime);
  EXPECT_EQ(add_saturated(kStartOfTime + 3, -5), kStartOfTime);
  EXPECT_EQ(add_saturated(-3, 5), 2);
}

}  // namespace
}  // namespace gress
