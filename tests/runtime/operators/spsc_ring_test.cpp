#include "runtime/core/spsc_ring.h"

#include <gtest/gtest.h>

#include <thread>

#include "runtime/engine/bell.h"

namespace gress {
namespace {

TEST(SpscRing, IsFullAndEmpty) {
  SpscRing<int> ring(2);
  EXPECT_EQ(ring.front(), nullptr);
  for (int i = 0; i != 2; ++i) {
    *ring.open() = i;
    ring.push();
  }
  EXPECT_EQ(ring.open(), nullptr);
  EXPECT_EQ(*ring.front(), 0);
  ring.pop();
  EXPECT_NE(ring.open(), nullptr);
  EXPECT_EQ(*ring.front(), 1);
}

/// A number after the other through a small ring, each side asleep while the other has to go on.
TEST(SpscRing, TwoThreadsThatSleep) {
  constexpr std::uint64_t kNumbers = 200'000;
  SpscRing<std::uint64_t> ring(4);
  engine::Bell free, filled;
  const auto wait = [](engine::Bell& bell, auto ready) {
    while (!ready()) {
      bell.doze();
      if (!ready()) bell.sleep();
      bell.rise();
    }
  };
  std::thread producer([&] {
    for (std::uint64_t n = 0; n != kNumbers; ++n) {
      std::uint64_t* slot = nullptr;
      wait(free, [&] { return (slot = ring.open()) != nullptr; });
      *slot = n;
      ring.push();
      filled.ring();
    }
  });
  for (std::uint64_t n = 0; n != kNumbers; ++n) {
    std::uint64_t* slot = nullptr;
    wait(filled, [&] { return (slot = ring.front()) != nullptr; });
    ASSERT_EQ(*slot, n);
    ring.pop();
    free.ring();
  }
  producer.join();
}

}  // namespace
}  // namespace gress
