// Flights of a CSV file (scheduled,delay,distance,origin,destination), 128 lines at a time: one pass for the separators,
// then a short loop for each step of each column. A block with anything unusual in it is read line by line.
#pragma once
#include <bit>
#include <charconv>

#include "bench/hand/calendar.h"
#include "bench/hand/input.h"
#include "bench/hand/names.h"

namespace hand {

struct Flights {
  static constexpr int kRows = 128;
  int count = 0;
  std::int64_t time[kRows];  // seconds since the epoch
  std::int32_t delay[kRows], distance[kRows];
  std::uint32_t origin[kRows], destination[kRows];
  const char* line[kRows + 1];  // where each line begins

  /// Takes lines of [p, end), which ends with a line end; gives where it stopped.
  const char* take(const char* p, const char* end, Names& names) {
    const int rows = index(p, end);
    if (rows != 0 && columns(p, rows, names)) [[likely]] {
      count = rows;
      line[rows] = p + marks_[rows * 5 - 1] + 1;
      return line[rows];
    }
    return slowly(p, end, names);
  }

 private:
  static constexpr int kMarks = kRows * 5;

  /// Number of whole lines whose separators are in marks_, 0 if something is unusual.
  int index(const char* p, const char* end) {
    const std::size_t size = static_cast<std::size_t>(end - p);
    alignas(64) static constexpr auto kCount = [] {
      std::array<std::uint8_t, 64> c{};
      for (int i = 0; i != 64; ++i) c[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
      return c;
    }();
    const __m512i numbers = _mm512_load_si512(kCount.data());
    // The bytes that the short loops cannot take, told by their low halves: a quote, a carriage return, NUL.
    const __m512i strange = _mm512_broadcast_i32x4(_mm_setr_epi8(0, -1, '"', -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, '\r', -1, -1));
    __m512i high = _mm512_setzero_si512();
    __mmask64 odd = 0;
    int marks = 0, ends = 0;
    for (std::size_t at = 0; at < size && marks < kMarks; at += 64) {
      const __m512i v = _mm512_loadu_si512(p + at);
      const __mmask64 valid = size - at >= 64 ? ~__mmask64{0} : (__mmask64{1} << (size - at)) - 1;
      const __mmask64 line_ends = _mm512_mask_cmpeq_epi8_mask(valid, v, _mm512_set1_epi8('\n'));
      const __mmask64 all = line_ends | _mm512_mask_cmpeq_epi8_mask(valid, v, _mm512_set1_epi8(','));
      odd |= _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(strange, v), v) & valid;
      high = _mm512_or_si512(high, _mm512_maskz_mov_epi8(valid, v));
      const __m512i packed = _mm512_maskz_compress_epi8(all, numbers);
      const __m512i base = _mm512_set1_epi16(static_cast<short>(at));
      _mm512_storeu_si512(marks_ + marks, _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed))));
      if (std::popcount(all) > 32) [[unlikely]]
        _mm512_storeu_si512(marks_ + marks + 32, _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1))));
      marks += std::popcount(all);
      ends += std::popcount(line_ends);
    }
    const int rows = (marks < kMarks ? marks : kMarks) / 5;
    for (int i = rows * 5; i < marks; ++i) ends -= p[marks_[i]] == '\n';
    unsigned char last = 0;
    for (int r = 0; r != rows; ++r) last |= static_cast<unsigned char>(p[marks_[r * 5 + 4]] ^ '\n');
    return odd != 0 || _mm512_movepi8_mask(high) != 0 || last != 0 || ends != rows ? 0 : rows;
  }

  bool columns(const char* p, int rows, Names& names) {
    bool good = true;
    TimeParts parts[kRows];
    std::uint32_t start = 0;
    for (int r = 0; r != rows; ++r) {
      const std::uint32_t begin = start;
      start = marks_[r * 5 + 4] + 1u;
      line[r] = p + begin;
      good &= take_time<false>(p + begin, marks_[r * 5] - begin, parts[r]);
    }
    for (int r = 0; r != rows; ++r) {
      std::int64_t millis;
      good &= make_time(parts[r], millis);
      time[r] = millis / 1000;
    }
    good &= integers(p, rows, 0, delay);
    good &= integers(p, rows, 1, distance);
    std::uint64_t words[kRows];
    good &= short_texts(p, rows, 2, words);
    if (!good) return false;
    for (int r = 0; r != rows; ++r) origin[r] = names.short_name(words[r]);
    if (!short_texts(p, rows, 3, words)) return false;
    for (int r = 0; r != rows; ++r) destination[r] = names.short_name(words[r]);
    return true;
  }

  /// The field behind separator `mark`: at most eight digits, perhaps a minus before them.
  bool integers(const char* p, int rows, int mark, std::int32_t* to) const {
    std::uint64_t wrong = 0;
    for (int r = 0; r != rows; ++r) {
      const char* q = p + marks_[r * 5 + mark] + 1;
      const std::uint64_t minus = *q == '-';
      q += minus;
      const std::uint64_t n = static_cast<std::uint64_t>(p + marks_[r * 5 + mark + 1] - q);
      wrong |= static_cast<std::uint64_t>(n - 1 > 7) << 7;
      std::uint64_t v;
      std::memcpy(&v, q, 8);
      const std::uint64_t shift = 64 - 8 * (n & 7);
      v = n == 8 ? v - 0x3030303030303030u : (v << (shift & 63)) - (0x3030303030303030u << (shift & 63));
      wrong |= ((v + 0x7676767676767676u) | v) & 0x8080808080808080u;
      v = v * 10 + (v >> 8);
      v = ((v & 0x000000ff000000ffu) * 0x000f424000000064u + ((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >> 32;
      to[r] = static_cast<std::int32_t>((v ^ (0 - minus)) + minus);
    }
    return wrong == 0;
  }
  bool short_texts(const char* p, int rows, int mark, std::uint64_t* to) const {
    bool good = true;
    for (int r = 0; r != rows; ++r) {
      const char* q = p + marks_[r * 5 + mark] + 1;
      const auto n = static_cast<std::uint32_t>(p + marks_[r * 5 + mark + 1] - q);
      good &= n <= 8;
      std::uint64_t word;
      std::memcpy(&word, q, 8);
      to[r] = _bzhi_u64(word, n * 8);
    }
    return good;
  }

  /// Up to kRows lines, one by one, with quotes and all.
  [[gnu::cold, gnu::noinline]] const char* slowly(const char* p, const char* end, Names& names) {
    count = 0;
    std::string fields[5];
    while (p != end && count != kRows) {
      if (*p == '\n' || (*p == '\r' && p[1] == '\n')) {
        p += *p == '\r' ? 2 : 1;
        continue;
      }
      line[count] = p;
      int n = 0;
      for (;; ++p, ++n) {
        std::string field;
        if (*p == '"') {
          for (++p; p != end && (*p != '"' || p[1] == '"'); ++p) {
            p += *p == '"';
            field += *p;
          }
          if (p == end || (p[1] != ',' && p[1] != '\n' && p[1] != '\r')) die("a quote is not closed");
          ++p;
        } else {
          while (*p != ',' && *p != '\n') field += *p++;
          if (*p == '\n' && !field.empty() && field.back() == '\r') field.pop_back();
        }
        if (*p == '\r' && p[1] == '\n') ++p;
        if (n < 5) fields[n] = field;
        if (*p == '\n') break;
      }
      ++p;
      std::int64_t millis;
      TimeParts parts;
      fields[0].append(64, '\0');
      const auto number = [](const std::string& s, std::int32_t& to) {
        const auto r = std::from_chars(s.data(), s.data() + s.size(), to);
        return r.ec == std::errc{} && r.ptr == s.data() + s.size();
      };
      if (n != 4 || !take_time<false>(fields[0].data(), static_cast<std::uint32_t>(std::strlen(fields[0].c_str())), parts) || !make_time(parts, millis) ||
          !number(fields[1], delay[count]) || !number(fields[2], distance[count]))
        die("not a flight: ", std::string(line[count], static_cast<std::size_t>(p - line[count])).c_str());
      time[count] = millis / 1000;
      origin[count] = names.name(fields[3]);
      destination[count] = names.name(fields[4]);
      ++count;
    }
    line[count] = p;
    return p;
  }

  std::uint16_t marks_[kMarks + 128];
};

/// The header line; the columns must be the five in their usual order.
inline const char* skip_header(const char* p, const char* end) {
  constexpr std::string_view kHeader = "scheduled,delay,distance,origin,destination";
  if (end - p >= 3 && std::memcmp(p, "\xef\xbb\xbf", 3) == 0) p += 3;
  const auto* line_end = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
  std::string_view line(p, static_cast<std::size_t>(line_end - p));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line != kHeader) die("not the usual header");
  return line_end + 1;
}

}  // namespace hand
