// Rows in one piece: what is read is what was kept, whatever the lengths of its texts and however often they come.
#include "runtime/core/packed_log.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace gress::test {
namespace {

struct Inner {
  Text city{};
  std::int32_t floor{};
  static constexpr auto members = Members<&Inner::city, &Inner::floor>{};
};
struct Row {
  std::int64_t id{};
  std::int64_t far{};
  Text name{};
  Opt<Text> note{};
  Inner inner{};
  List<Text> tags{};
  Opt<std::int64_t> count{};
  bool on{};
  static constexpr auto members =
      Members<&Row::id, &Row::far, &Row::name, &Row::note, &Row::inner, &Row::tags, &Row::count, &Row::on>{};
};
struct Named {
  Text name{};
  Text note{};
  static constexpr auto members = Members<&Named::name, &Named::note>{};
};
struct Head {
  std::uint32_t next;
};

/// Text of row i: of all lengths around those that matter, some again and again.
std::string text_of(std::uint32_t i) {
  static constexpr std::size_t kLengths[] = {0, 1, 7, 8, 9, 14, 15, 16, 17, 60, 1023, 1024, 1025, 70000};
  std::size_t n = kLengths[i % 13];
  if (i % 997 == 0) n = kLengths[13];
  std::string s(n, static_cast<char>('a' + i % 26));
  if (n > 20 && i % 3 != 0) s.replace(0, 10, std::to_string(1'000'000'000 + i));
  return s;
}

/// Of all sizes and both signs, as far apart as can be.
std::int64_t number_of(std::uint32_t i) {
  const std::uint64_t x = std::uint64_t{1} << i % 64;
  return static_cast<std::int64_t>(i % 3 == 0 ? x : i % 3 == 1 ? ~x : x - 1);
}

TEST(PackedLog, TextsThatLastAreNotCopied) {
  static std::vector<std::string> bytes;
  for (std::uint32_t i = 0; i != 14 * 26; ++i) bytes.push_back(text_of(i));
  PackedLog<Head, Named> log;
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i != 5000; ++i) {
    const Named row{Text::lasting(bytes[i % bytes.size()]), i % 2 == 0 ? Text(bytes[i % 9]) : Text::lasting(bytes[i % 9])};
    log.foresee(0, row);
    log.fetch(1);
    numbers.push_back(log.add({i}, row, 0));
  }
  for (std::uint32_t i = 0; i != 5000; ++i) {
    const Named row = log.row(numbers[i]);
    const std::string &name = bytes[i % bytes.size()], &note = bytes[i % 9];
    ASSERT_TRUE(row.name == Text(name) && row.note == Text(note)) << i;
    ASSERT_TRUE(row.name.stays()) << i;
    if (!row.name.is_inline()) ASSERT_EQ(row.name.data(), name.data()) << i;
  }
}

TEST(PackedLog, GivesBackWhatWasKept) {
  PackedLog<Head, Row> log;
  constexpr std::uint32_t kRows = 60'000;
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i != kRows; ++i) {
    const std::string name = text_of(i), note = text_of(i / 2), city = text_of(i % 40), tag = text_of(i % 7);
    const Text tags[] = {Text(tag), Text(city)};
    Row row;
    row.id = i;
    row.far = number_of(i);
    row.name = Text(name);
    if (i % 4 != 0) row.note = Text(note);
    row.inner = {Text(city), static_cast<std::int32_t>(i)};
    row.tags = {tags, i % 3};
    if (i % 5 == 0) row.count = std::int64_t{-7};
    row.on = i % 2 == 0;
    log.foresee(0, row);
    log.fetch(1);
    numbers.push_back(log.add({i}, row, 0));
  }
  EXPECT_EQ(log.size(), kRows);
  for (std::uint32_t i = 0; i != kRows; ++i) {
    const Row row = log.row(numbers[i]);
    ASSERT_EQ(log[numbers[i]].next, i);
    ASSERT_EQ(row.id, i);
    ASSERT_EQ(row.far, number_of(i));
    ASSERT_TRUE(row.name == Text(text_of(i))) << i;
    ASSERT_EQ(row.note.has, i % 4 != 0);
    if (row.note.has) { ASSERT_TRUE(row.note.value == Text(text_of(i / 2))) << i; }
    else ASSERT_TRUE(row.note.value.empty());
    ASSERT_TRUE(row.inner.city == Text(text_of(i % 40))) << i;
    ASSERT_EQ(row.inner.floor, static_cast<std::int32_t>(i));
    ASSERT_EQ(row.tags.count, i % 3);
    if (i % 3 > 0) { ASSERT_TRUE(row.tags.items[0] == Text(text_of(i % 7))); }
    if (i % 3 > 1) { ASSERT_TRUE(row.tags.items[1] == Text(text_of(i % 40))); }
    ASSERT_EQ(row.count.has, i % 5 == 0);
    ASSERT_EQ(row.on, i % 2 == 0);
  }
}

TEST(PackedLog, TextThatComesAgainIsKeptOnce) {
  PackedLog<Head, Named> log;
  std::vector<std::uint32_t> numbers;
  const auto name = [](std::uint32_t i) { return "the name of number " + std::to_string(i % 100); };
  const auto note = [](std::uint32_t i) { return "what is said of row " + std::to_string(i); };
  for (std::uint32_t i = 0; i != 50'000; ++i) {
    const std::string n = name(i), o = note(i);
    const Named row{Text(n), Text(o)};
    log.foresee(0, row);
    log.fetch(1);
    numbers.push_back(log.add({i}, row, 0));
  }
  for (std::uint32_t i = 0; i != 50'000; ++i) {
    const Named row = log.row(numbers[i]);
    ASSERT_EQ(row.name.view(), name(i));
    ASSERT_EQ(row.note.view(), note(i));
    if (i >= 10'000) { ASSERT_EQ(row.name.data(), log.row(numbers[i % 100 + 10'000]).name.data()) << i; }
  }
}

}  // namespace
}  // namespace gress::test
