#include "runtime/core/row_bits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace gress {
namespace {

std::vector<int> rows_of(RowBits bits) {
  std::uint16_t rows[kBlock + 64];
  const int n = bits.write(rows);
  std::vector<int> one_by_one;
  while (bits.any()) {
    one_by_one.push_back(bits.first());
    bits.remove(RowBits::only(bits.first()));
  }
  const std::vector<int> written(rows, rows + n);
  EXPECT_EQ(written, one_by_one);
  return written;
}

TEST(RowBits, BetweenIsARange) {
  for (int begin = 0; begin <= kBlock; ++begin)
    for (int end = 0; end <= kBlock; ++end) {
      const RowBits bits = RowBits::between(begin, end);
      std::vector<int> expected;
      for (int r = begin; r < end; ++r) expected.push_back(r);
      ASSERT_EQ(rows_of(bits), expected) << begin << " " << end;
      for (int r = 0; r != kBlock; ++r) ASSERT_EQ(bits.has(r), r >= begin && r < end);
    }
}

TEST(RowBits, RowsInsideAreThoseOfBothIntervals) {
  std::mt19937 random(7);
  const auto below = [&](int n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n)) - n / 2; };
  for (int round = 0; round != 500; ++round) {
    std::int64_t a[kBlock], b[kBlock];
    for (int r = 0; r != kBlock; ++r) a[r] = below(20), b[r] = round % 3 == 0 ? INT64_MIN : below(20);
    const Interval64 in_a{below(20), round % 5 == 0 ? INT64_MAX : below(20)}, in_b{round % 2 == 0 ? INT64_MIN : below(20), below(20)};
    const int begin = static_cast<int>(random() % kBlock);
    const RowBits among = RowBits::between(begin, kBlock);
    std::vector<int> both, first;
    for (int r = begin; r != kBlock; ++r) {
      if (!in_a.has(a[r])) continue;
      first.push_back(r);
      if (in_b.has(b[r])) both.push_back(r);
    }
    ASSERT_EQ(rows_of(rows_inside(among, a, in_a, b, in_b)), both);
    ASSERT_EQ(rows_of(rows_inside(among, a, in_a, nullptr, in_b)), first);
  }
}

TEST(RowBits, RowsEqualAreThoseOfTheFirstRowsWithTheByte) {
  std::mt19937 random(11);
  for (int count = 0; count <= kBlock; ++count) {
    RowBytes bytes;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() % 4 + 254);
    for (const int byte : {254, 255, 0, 1, 7}) {
      std::vector<int> expected;
      for (int r = 0; r != count; ++r)
        if (bytes[r] == byte) expected.push_back(r);
      ASSERT_EQ(rows_of(rows_equal(bytes, count, static_cast<std::uint8_t>(byte))), expected) << count << " " << byte;
    }
  }
}

}  // namespace
}  // namespace gress
