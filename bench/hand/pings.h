// Drivers' pings of a JSON lines file, 128 at a time, read as rides.h reads rides.
#pragma once
#include <simdjson.h>

#include <string_view>

#include "bench/hand/input.h"
#include "bench/hand/marks.h"
#include "bench/hand/names.h"

namespace hand {

/// A record has 14 quotes and a line end.
struct Pings : Marks<128, 15> {
  static constexpr int kRows = 128, kMarksARow = 15;
  int count = 0;
  std::int64_t time[kRows];  // milliseconds since the epoch
  std::uint32_t area[kRows], driver[kRows];
  bool available[kRows];
  Names drivers;

  const char* take(const char* p, const char* end, Names& areas) {
    const int rows = index(p, end);
    if (rows != 0 && columns(p, rows, areas)) [[likely]] {
      count = rows;
      return p + marks_[rows * kMarksARow];
    }
    return slowly(p, end, areas);
  }

 private:
  bool columns(const char* p, int rows, Names& areas) {
    bool good = piece(p, rows, 0, 0, "{\"driver_id\": \"");
    good &= piece(p, rows, 4, 1, "\", \"area\": \"");
    good &= piece(p, rows, 8, 1, "\", \"status\": \"");
    good &= piece(p, rows, 12, 1, "\", \"timestamp\": ");
    good &= piece(p, rows, 15, 2, "}\n");
    std::uint64_t who[kRows], where[kRows];
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      good &= word(p + m[3], m[4] - 1 - m[3], who[r]);
      good &= word(p + m[7], m[8] - 1 - m[7], where[r]);
    }
    static constexpr char kStatus[3][16] = {"available", "busy", "offline"};
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      const __m128i text = _mm_maskz_loadu_epi8(static_cast<__mmask16>(_bzhi_u32(0xffff, static_cast<std::uint32_t>(m[12] - 1 - m[11]))), p + m[11]);
      const auto is = [&](const char* status) { return _mm_cmpneq_epi8_mask(text, _mm_loadu_si128(reinterpret_cast<const __m128i*>(status))) == 0; };
      bool known = available[r] = is(kStatus[0]);
      known |= is(kStatus[1]);
      known |= is(kStatus[2]);
      good &= known;
    }
    for (int r = 0; r != rows; ++r) {
      const std::uint16_t* m = marks_ + r * kMarksARow;
      good &= number(p + m[15] - 2, m[15] - 2 - (m[14] + 2), time[r]);
    }
    if (!good) return false;
    for (int r = 0; r != rows; ++r) area[r] = areas.short_name(where[r]);
    for (int r = 0; r != rows; ++r) driver[r] = drivers.short_name(who[r]);
    return true;
  }

  static bool word(const char* p, int n, std::uint64_t& out) {
    std::memcpy(&out, p, 8);
    out = _bzhi_u64(out, static_cast<std::uint32_t>(n) * 8);
    return n <= 8;
  }
  /// The n digits, at most 16, before `end`.
  static bool number(const char* end, int n, std::int64_t& out) {
    const auto all = static_cast<__mmask16>(0xffff0000u >> (n & 31));
    const __m128i digits = _mm_maskz_sub_epi8(all, _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16)), _mm_set1_epi8('0'));
    const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010a));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
    const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(0x00012710));
    const auto halves = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
    out = static_cast<std::int64_t>((halves & 0xffffffffu) * 100000000u + (halves >> 32));
    return (static_cast<unsigned>(n) - 2 < 15) & (_mm_cmpgt_epu8_mask(digits, _mm_set1_epi8(9)) == 0) & (end[-n] != '0');
  }

  [[gnu::cold, gnu::noinline]] const char* slowly(const char* p, const char* end, Names& areas) {
    count = 0;
    while (p != end && count != kRows) {
      const auto* stop = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
      const std::string_view line(p, static_cast<std::size_t>(stop - p));
      p = stop + 1;
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      copy_ = simdjson::padded_string(line);
      simdjson::ondemand::document document;
      simdjson::ondemand::object root;
      std::string_view who, where, status;
      bool good = parser_.iterate(copy_).get(document) == simdjson::SUCCESS && document.get_object().get(root) == simdjson::SUCCESS;
      good = good && root["driver_id"].get(who) == simdjson::SUCCESS;
      if (good) driver[count] = drivers.name(who);
      good = good && root["area"].get(where) == simdjson::SUCCESS;
      if (good) area[count] = areas.name(where);
      good = good && root["status"].get(status) == simdjson::SUCCESS && (status == "available" || status == "busy" || status == "offline");
      available[count] = status == "available";
      good = good && root["timestamp"].get(time[count]) == simdjson::SUCCESS;
      if (!good) die("not a ping: ", std::string(line).c_str());
      ++count;
    }
    return p;
  }

  simdjson::ondemand::parser parser_;
  simdjson::padded_string copy_;
};

}  // namespace hand
