// Ride requests of a JSON lines file, 128 at a time. The records are expected as the service writes them: the text
// between the values is compared with one masked load each, at places told by the record's quotes; what is different
// in any way goes through simdjson, line by line.
#pragma once
#include <simdjson.h>

#include <string_view>

#include "bench/hand/calendar.h"
#include "bench/hand/input.h"
#include "bench/hand/marks.h"
#include "bench/hand/names.h"

namespace hand {

/// A record has 22 quotes and a line end. kUsers: who asked is wanted too.
template <bool kUsers>
struct Rides : Marks<128, 23> {
  static constexpr int kRows = 128, kMarksARow = 23;
  int count = 0;
  std::int64_t time[kRows];  // milliseconds since the epoch
  double latitude[kRows];
  std::uint32_t area[kRows];
  std::uint32_t user[kUsers ? kRows : 1];
  Names users;

  const char* take(const char* p, const char* end, Names& names) {
    const int rows = index(p, end);
    if (rows != 0 && columns(p, rows, names)) [[likely]] {
      count = rows;
      return p + marks_[rows * kMarksARow];
    }
    return slowly(p, end, names);
  }

 private:
  /// A number in digits and where its point is.
  struct Digits {
    std::uint64_t halves;
    std::uint32_t decimals, minus;
  };

  bool columns(const char* p, int rows, Names& names) {
    bool good = piece(p, rows, 0, 0, "{\"request_id\":\"");
    good &= piece(p, rows, 4, 1, "\",\"user_id\":\"");
    good &= piece(p, rows, 8, 1, "\",\"location\":{\"latitude\":");
    good &= piece(p, rows, 13, 2, ",\"longitude\":");
    good &= piece(p, rows, 15, 2, ",\"area\":\"");
    good &= piece(p, rows, 18, 1, "\"},\"timestamp\":\"");
    good &= piece(p, rows, 22, 1, "\"}\n");
    if (!good) return false;
    Digits digits[kRows];
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      good &= take_number(p + m[8] + 24, static_cast<std::uint32_t>(m[13] - 2 - (m[8] + 24)), digits[r]);
    }
    for (int r = 0; r != rows; ++r) {
      static constexpr double kPowers[16] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
      const std::uint64_t whole = (digits[r].halves & 0xffffffffu) * 100000000u + (digits[r].halves >> 32);
      const double value = static_cast<double>(static_cast<std::int64_t>(whole)) / kPowers[digits[r].decimals & 15];
      latitude[r] = digits[r].minus != 0 ? -value : value;
      good &= whole >> 53 == 0;
    }
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      good &= is_number(p + m[13] + 11, static_cast<std::uint32_t>(m[15] - 2 - (m[13] + 11)));
    }
    TimeParts parts[kRows];
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      good &= take_time<true>(p + m[21], static_cast<std::uint32_t>(m[22] - 1 - m[21]), parts[r]);
    }
    for (int r = 0; r != rows; ++r) good &= make_time(parts[r], time[r]);
    std::uint64_t words[kRows];
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      const auto n = static_cast<std::uint32_t>(m[18] - 1 - m[17]);
      good &= n <= 8;
      std::uint64_t word;
      std::memcpy(&word, p + m[17], 8);
      words[r] = _bzhi_u64(word, n * 8);
    }
    std::uint64_t riders[kRows];
    if constexpr (kUsers)
      for (int r = 0; r != rows; ++r) {
        const std::uint16_t* m = marks_ + r * kMarksARow;
        const auto n = static_cast<std::uint32_t>(m[8] - 1 - m[7]);
        good &= n <= 8;
        std::uint64_t word;
        std::memcpy(&word, p + m[7], 8);
        riders[r] = _bzhi_u64(word, n * 8);
      }
    if (!good) return false;
    if constexpr (kUsers)
      for (int r = 0; r != rows; ++r) user[r] = users.short_name(riders[r]);
    for (int r = 0; r != rows; ++r) area[r] = names.short_name(words[r]);
    return true;
  }

  /// `-`, digits, a point and digits, in 16 bytes: the digits are squeezed together and moved to the register's end.
  static bool take_number(const char* p, std::uint32_t n, Digits& out) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const std::uint32_t all = _bzhi_u32(0xffff, n), minus = *p == '-';
    const std::uint32_t points = _mm_cmpeq_epi8_mask(v, _mm_set1_epi8('.')) & all;
    const __m128i values = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    const std::uint32_t digits = _mm_cmple_epu8_mask(values, _mm_set1_epi8(9)) & all;
    const auto have = static_cast<std::uint32_t>(std::popcount(digits));
    const __m128i packed = _mm_maskz_compress_epi8(static_cast<__mmask16>(digits), values);
    const __m128i moved = _mm_maskz_expand_epi8(static_cast<__mmask16>(0xffff << (16 - have)), packed);
    const __m128i pairs = _mm_maddubs_epi16(moved, _mm_set1_epi16(0x010a));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
    const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(0x00012710));
    out.halves = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
    out.decimals = points != 0 ? n - 1 - static_cast<std::uint32_t>(std::countr_zero(points)) : 0;
    out.minus = minus;
    return fits(p, n, all, points, digits, minus);
  }
  static bool is_number(const char* p, std::uint32_t n) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const std::uint32_t all = _bzhi_u32(0xffff, n), minus = *p == '-';
    const std::uint32_t points = _mm_cmpeq_epi8_mask(v, _mm_set1_epi8('.')) & all;
    const std::uint32_t digits = _mm_cmple_epu8_mask(_mm_sub_epi8(v, _mm_set1_epi8('0')), _mm_set1_epi8(9)) & all;
    return fits(p, n, all, points, digits, minus);
  }
  /// Nothing but digits, one point at most, digits at both ends, no needless zero.
  static bool fits(const char* p, std::uint32_t n, std::uint32_t all, std::uint32_t points, std::uint32_t digits, std::uint32_t minus) {
    const std::uint32_t behind_first = digits >> minus;
    return (n - 1 < 16) & ((digits | points | minus) == all) & ((points & (points - 1)) == 0) & (digits >> ((n - 1) & 31)) & behind_first &
           ~(static_cast<std::uint32_t>(p[minus] == '0') & behind_first >> 1) & 1;
  }

  [[gnu::cold, gnu::noinline]] const char* slowly(const char* p, const char* end, Names& names) {
    count = 0;
    while (p != end && count != kRows) {
      const auto* stop = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
      const std::string_view line(p, static_cast<std::size_t>(stop - p));
      p = stop + 1;
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      copy_ = simdjson::padded_string(line);
      simdjson::ondemand::document document;
      simdjson::ondemand::object root, place;
      std::string_view name, who, when;
      bool good = parser_.iterate(copy_).get(document) == simdjson::SUCCESS && document.get_object().get(root) == simdjson::SUCCESS;
      if constexpr (kUsers) {
        good = good && root["user_id"].get(who) == simdjson::SUCCESS;
        if (good) user[count] = users.name(who);
      }
      good = good && root["location"].get_object().get(place) == simdjson::SUCCESS && place["latitude"].get(latitude[count]) == simdjson::SUCCESS;
      good = good && place["area"].get(name) == simdjson::SUCCESS;
      if (good) area[count] = names.name(name);
      good = good && root["timestamp"].get(when) == simdjson::SUCCESS;
      TimeParts parts;
      if (good) {
        char bytes[64] = {};
        std::memcpy(bytes, when.data(), when.size() < 32 ? when.size() : 32);
        good = take_time<true>(bytes, static_cast<std::uint32_t>(when.size()), parts) && make_time(parts, time[count]);
      }
      if (!good) die("not a ride: ", std::string(line).c_str());
      ++count;
    }
    return p;
  }

  simdjson::ondemand::parser parser_;
  simdjson::padded_string copy_;
};

}  // namespace hand
