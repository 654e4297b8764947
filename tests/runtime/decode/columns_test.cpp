// Columns of numbers and times that are read together, against the complete readers of single values.
#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "runtime/core/decode/decimals.h"
#include "runtime/core/decode/integers.h"
#include "runtime/core/decode/times.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {
namespace {

constexpr int kRows = 128;

/// The texts one behind the other, commas between them, and room behind.
struct Column {
  std::string bytes;
  std::vector<std::size_t> begin;
  explicit Column(const std::vector<std::string>& texts) {
    for (const std::string& t : texts) {
      begin.push_back(bytes.size());
      bytes += t + ',';
    }
    bytes.append(64, '7');
  }
};

/// read(text, value): the complete reader. `usual(text)`: must be understood at once.
template <class Quick, class Value = std::int64_t, class Read, class Usual>
void compare(const std::vector<std::string>& texts, Read read, Usual usual) {
  const Column column(texts);
  static Quick quick;
  for (std::size_t k = 0; k != texts.size(); ++k) quick.note(static_cast<int>(k), column.bytes.data() + column.begin[k], static_cast<std::uint32_t>(texts[k].size()));
  Value values[kRows + 8];
  std::uint8_t wrong[kRows + 31];
  const bool any = quick.read(static_cast<int>(texts.size()), values, wrong);
  bool expected_any = false;
  for (std::size_t k = 0; k != texts.size(); ++k) {
    expected_any |= wrong[k] != 0;
    Value value = 0;
    const bool good = read(texts[k], value);
    if (!wrong[k]) {
      ASSERT_TRUE(good) << texts[k];
      ASSERT_EQ(std::bit_cast<std::uint64_t>(values[k]), std::bit_cast<std::uint64_t>(value)) << texts[k];
    } else {
      ASSERT_FALSE(usual(texts[k])) << texts[k];
    }
  }
  ASSERT_EQ(any, expected_any);
}

template <bool strict>
void integers() {
  std::mt19937_64 random(5);
  static constexpr const char* kOdd[] = {"", "-", "--1", "1-", "+1", "00", "-0", "0", "-00", "007", "1 ", " 1", "1.5", "12/4", "12:4", "1e3",
                                         "1234567890123456", "-123456789012345", "-1234567890123456", "12345678901234567", "9223372036854775807",
                                         "-9223372036854775808", "9223372036854775808", "0000000000000001", "999999999999999", "\xff", "caf\xc3\xa9"};
  for (int round = 0; round != 2000; ++round) {
    std::vector<std::string> texts(1 + random() % kRows);
    const unsigned odd = round % 4 == 0 ? 0 : 1 + static_cast<unsigned>(random() % 60);
    for (std::string& t : texts) {
      if (odd != 0 && random() % odd == 0) {
        t = kOdd[random() % std::size(kOdd)];
        continue;
      }
      const std::uint64_t below = static_cast<std::uint64_t>(1 + random() % 9);
      std::uint64_t most = 10;
      for (std::uint64_t d = random() % (below + 7); d != 0 && most < 1000000000000000; --d) most *= 10;
      t = std::to_string(static_cast<std::int64_t>(random() % most) * (random() % 3 == 0 ? -1 : 1));
    }
    compare<Integers<kRows, strict>>(
        texts, [](const std::string& t, std::int64_t& v) { return read_i64(t, strict, v) == Misfit::none; },
        [](const std::string& t) {
          std::int64_t v;
          return t.size() <= 16 && t[0] != '+' && read_i64(t, strict, v) == Misfit::none;
        });
  }
}
TEST(Columns, Integers) { integers<false>(); }
TEST(Columns, StrictIntegers) { integers<true>(); }

template <bool strict>
void decimals() {
  std::mt19937_64 random(7);
  static constexpr const char* kOdd[] = {"", "-", ".", "-.", "--1", "1-", "+1", "00", "-0", "0", "-0.0", "0.0", "-00", "007.5", "00.5", "-01.5", "1 ", " 1", ".5", "-.5",
                                         "5.", "-5.", "1.5.2", "1..2", "12/4", "12:4", "1e3", "1.5e3", "nan", "1,5", "\xff", "caf\xc3\xa9", "9007199254740991",
                                         "9007199254740992", "9007199254740993", "-9007199254740993", "900719925474099.2", "900719925474099.3", "9.00719925474099",
                                         "99999999999999.9", "9999999999999999", "0.00000000000001", "-0.0000000000001", "0.000000000000000001", "123456789012345678",
                                         "1.2345678901234567", "-122.4194155000000"};
  const auto read = [](const std::string& t, double& v) { return read_f64(t, strict ? Form::json_bare : Form::csv, v) == Misfit::none; };
  for (int round = 0; round != 4000; ++round) {
    std::vector<std::string> texts(1 + random() % kRows);
    const unsigned odd = round % 4 == 0 ? 0 : 1 + static_cast<unsigned>(random() % 60);
    const std::size_t most = 1 + random() % 15;
    for (std::string& t : texts) {
      if (odd != 0 && random() % odd == 0) {
        t = kOdd[random() % std::size(kOdd)];
        continue;
      }
      t = random() % 3 == 0 ? "-" : "";
      const std::size_t first = t.size(), digits = 1 + random() % most;
      for (std::size_t d = 0; d != digits; ++d) t += static_cast<char>((d == 0 && digits != 1 ? '1' : '0') + random() % 9);
      if (digits > 1 && random() % 4 != 0) t.insert(first + 1 + random() % (digits - 1), 1, '.');
    }
    compare<Decimals<kRows, strict>, double>(texts, read, [&](const std::string& t) {
      // As the column's head says: digits with a point between them, and a magnitude below 2^53.
      const std::string_view magnitude = std::string_view(t).substr(t[0] == '-');
      if (t.empty() || t.size() > 16 || magnitude.empty() || magnitude.find_first_not_of("0123456789.") != magnitude.npos) return false;
      if (magnitude.front() == '.' || magnitude.back() == '.') return false;
      std::string digits(magnitude);
      std::erase(digits, '.');
      double v;
      return read(t, v) && std::stoull(digits) < std::uint64_t{1} << 53;
    });
  }
}
TEST(Columns, Decimals) { decimals<false>(); }
TEST(Columns, StrictDecimals) { decimals<true>(); }

TEST(Columns, Times) {
  std::mt19937 random(6);
  static constexpr const char* kOdd[] = {"", "2001-02-29T00:00:00Z", "2300-01-01T00:00:00Z", "1969-12-31T00:00:00Z", "2001-13-01T00:00:00Z", "2001-00-01T00:00:00Z",
                                         "2001-01-00T00:00:00Z", "2001-01-01T24:00:00Z", "2001-01-01T00:60:00Z", "2001-01-01T00:00:60Z", "2001-01-01 00:00:00Z",
                                         "2001-01-01T00:00:00+01:00", "2001-01-01T00:00:00.1234567Z", "2001-01-01T00:00:00.Z", "2001-01-01T00:00:00", "2001-01-01T00:00:0xZ"};
  for (int round = 0; round != 4000; ++round) {
    std::vector<std::string> texts(1 + random() % kRows);
    const unsigned odd = round % 4 == 0 ? 0 : 1 + random() % 60;
    const bool one_month = random() % 2 == 0, one_length = random() % 2 == 0;
    const int year = 1970 + static_cast<int>(random() % 230), month = 1 + static_cast<int>(random() % 12), digits = static_cast<int>(random() % 7);
    for (std::string& t : texts) {
      if (odd != 0 && random() % odd == 0) {
        t = kOdd[random() % std::size(kOdd)];
        continue;
      }
      char text[64];
      int n = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02u:%02u:%02u", one_month ? year : 1970 + static_cast<int>(random() % 230),
                            one_month ? month : 1 + static_cast<int>(random() % 12), 1 + static_cast<int>(random() % 31), static_cast<unsigned>(random() % 24),
                            static_cast<unsigned>(random() % 60), static_cast<unsigned>(random() % 60));
      const int places = one_length ? digits : static_cast<int>(random() % 7);
      for (int d = 0; d != places; ++d) {
        if (d == 0) text[n++] = '.';
        text[n++] = static_cast<char>('0' + random() % 10);
      }
      text[n++] = 'Z';
      t.assign(text, static_cast<std::size_t>(n));
    }
    compare<Times<kRows>>(
        texts, [](const std::string& t, std::int64_t& v) { return read_rfc3339(t, v); },
        [](const std::string& t) {
          std::int64_t v;
          return t.size() >= 20 && t.size() <= 27 && t[10] == 'T' && t.back() == 'Z' && t[0] != '3' && read_rfc3339(t, v) && v >= 0 && v < 7258118400000000;
        });
  }
}

}  // namespace
}  // namespace gress::decode
