#include "runtime/connectors/kafka/copy_finding.h"

#include <gtest/gtest.h>

#include <string>

namespace gress::kafka {
namespace {

TEST(CopyFindingTest, bytes_of_any_size_are_copied_and_the_one_is_found_wherever_it_stands) {
  for (std::size_t size = 0; size != 100; ++size) {
    std::string from(size, 'a');
    for (std::size_t i = 0; i != size; ++i) from[i] = static_cast<char>('a' + i % 26);
    std::string to(size + 1, '#');
    EXPECT_FALSE(copy_finding(to.data(), from.data(), size, '\n')) << size;
    EXPECT_EQ(to, from + '#');
    for (std::size_t at = 0; at != size; ++at) {
      std::string with = from;
      with[at] = '\n';
      EXPECT_TRUE(copy_finding(to.data(), with.data(), size, '\n')) << at << " of " << size;
      EXPECT_EQ(to, with + '#');
    }
  }
}

TEST(CopyFindingTest, what_stands_behind_is_not_looked_at) {
  const std::string from = "0123456789abcdef0123\n";
  std::string to(from.size(), '#');
  for (const std::size_t size : {std::size_t{5}, from.size() - 1}) EXPECT_FALSE(copy_finding(to.data(), from.data(), size, '\n')) << size;
}

TEST(CopyFindingTest, bytes_that_are_negative_are_found) {
  const std::string from(40, '\xff');
  std::string to(from.size(), '#');
  EXPECT_TRUE(copy_finding(to.data(), from.data(), from.size(), '\xff'));
}

}  // namespace
}  // namespace gress::kafka
