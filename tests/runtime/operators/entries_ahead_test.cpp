// Entries that are read by a thread of its own: all of them, in their order, whatever their number and size.
#include "runtime/checkpoint/entries_ahead.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace gress::checkpoint {
namespace {

/// Entry i has the key `i` and a value of size(i) bytes; reading more than `most` of them fails.
class Numbered final : public StateEntries {
 public:
  Numbered(int count, int most) : count_(count), most_(most) {}
  static std::size_t size(int i) { return i % 100 == 7 ? 300'000 : static_cast<std::size_t>(i % 50); }
  bool next(std::string_view& key, std::string_view& value) override {
    if (at_ == most_) throw std::runtime_error("unreadable");
    if (at_ == count_) return false;
    key_ = std::to_string(at_);
    value_.assign(size(at_), static_cast<char>('a' + at_ % 26));
    ++at_;
    key = key_;
    value = value_;
    return true;
  }

 private:
  const int count_, most_;
  int at_ = 0;
  std::string key_, value_;
};

int read(EntriesAhead& entries, int stop = -1) {
  std::string_view key, value;
  int n = 0;
  for (; n != stop && entries.next(key, value); ++n) {
    EXPECT_EQ(key, std::to_string(n));
    EXPECT_EQ(value, std::string(Numbered::size(n), static_cast<char>('a' + n % 26)));
    if (const std::string_view later = entries.later(); !later.empty()) {
      const int ahead = n + EntriesAhead::kLater;
      EXPECT_EQ(later, std::string(Numbered::size(ahead), static_cast<char>('a' + ahead % 26)));
    }
  }
  return n;
}

TEST(EntriesAhead, GivesAllInTheirOrder) {
  for (const int count : {0, 1, 7, 8, 9, 5000}) {
    for (const bool alone : {false, true}) {
      EntriesAhead entries(std::make_unique<Numbered>(count, -1), alone ? 1 << 15 : 1 << 18, alone);
      EXPECT_EQ(read(entries), count);
      std::string_view key, value;
      EXPECT_FALSE(entries.next(key, value));
    }
  }
}

TEST(EntriesAhead, MayBeLeftBeforeTheEnd) {
  for (const int stop : {0, 1, 8, 2000}) {
    EntriesAhead entries(std::make_unique<Numbered>(5000, -1));
    EXPECT_EQ(read(entries, stop), stop);
  }
}

TEST(EntriesAhead, FailsWhereReadingDoes) {
  for (const int most : {0, 3, 2500}) {
    for (const bool alone : {false, true}) {
      EntriesAhead entries(std::make_unique<Numbered>(5000, most), 1 << 15, alone);
      EXPECT_THROW(read(entries), std::runtime_error) << most;
    }
  }
}

}  // namespace
}  // namespace gress::checkpoint
