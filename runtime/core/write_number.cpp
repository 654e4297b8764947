#include "runtime/core/write_number.h"

#include "runtime/core/shortest_decimal.h"

namespace gress::fn {

namespace {

constexpr FourDigits four_digits() {
  FourDigits t{};
  for (int i = 0; i != 10000; ++i) {
    t.text[4 * i] = static_cast<char>('0' + i / 1000);
    t.text[4 * i + 1] = static_cast<char>('0' + i / 100 % 10);
    t.text[4 * i + 2] = static_cast<char>('0' + i / 10 % 10);
    t.text[4 * i + 3] = static_cast<char>('0' + i % 10);
  }
  return t;
}

void write_8(char* to, std::uint32_t v) {
  write_4(to, v / 10000);
  write_4(to + 4, v % 10000);
}

char* write_word(char* to, const char* word, std::size_t size) {
  std::memcpy(to, word, size);
  return to + size;
}

/// x > 0 and finite.
template <class Float>
char* write_digits(char* to, Float x) {
  ShortestDecimal d = shortest_decimal(x);
  for (; d.digits % 10 == 0; d.digits /= 10) ++d.exponent;
  char* const digits = to + 1;  // with room for the point
  char* const end = write_u64(digits, d.digits);
  const int count = static_cast<int>(end - digits);
  const int whole = d.exponent + count;  // digits before the point
  if (whole > 0 && whole <= 21) {
    if (count <= whole) {
      std::memmove(to, digits, static_cast<std::size_t>(count));
      std::memset(to + count, '0', static_cast<std::size_t>(whole - count));
      return to + whole;
    }
    for (int i = 0; i != whole; ++i) to[i] = digits[i];
    to[whole] = '.';
    return end;
  }
  if (whole <= 0 && whole > -6) {
    const auto zeros = static_cast<std::size_t>(2 - whole);
    std::memmove(to + zeros, digits, static_cast<std::size_t>(count));
    std::memcpy(to, "0.00000", zeros);
    return to + zeros + count;
  }
  to[0] = digits[0];
  to[1] = '.';
  to = count > 1 ? end : to + 1;
  *to++ = 'e';
  return write_i64(to, whole - 1);
}

template <class Float>
char* write_float(char* to, Float x) {
  if (!(x - x == 0)) {
    if (x != x) return write_word(to, "NaN", 3);
    return x < 0 ? write_word(to, "-Infinity", 9) : write_word(to, "Infinity", 8);
  }
  *to = '-';
  if (__builtin_signbit(x)) {
    ++to;
    x = -x;
  }
  // Whole numbers, and numbers of at most six decimals and fifteen digits: no two of those are one double, so the
  // digits that read back the same are the shortest there are.
  constexpr Float kWhole = sizeof(Float) == 8 ? Float(1e15) : Float(1e6);
  if (x < kWhole) {
    const auto whole = static_cast<std::uint64_t>(x);
    if (static_cast<Float>(whole) == x) return write_u64(to, whole);
    if constexpr (sizeof(Float) == 8) {
      if (x < 1e9 && x >= 1e-6) {
        const auto millionths = static_cast<std::uint64_t>(x * 1e6 + 0.5);
        if (static_cast<double>(millionths) / 1e6 == x) {
          to = write_u64(to, millionths / 1000000);
          const auto rest = static_cast<std::uint32_t>(millionths % 1000000);
          *to = '.';
          write_4(to + 1, rest / 100);
          write_2(to + 5, rest % 100);
          to += 7;
          while (to[-1] == '0') --to;
          return to;
        }
      }
    }
  }
  return write_digits(to, x);
}

}  // namespace

constinit const FourDigits kFourDigits = four_digits();

char* write_u64_large(char* to, std::uint64_t v) {
  if (v < 100000000) {
    to = write_small(to, static_cast<std::uint32_t>(v / 10000));
    write_4(to, static_cast<std::uint32_t>(v % 10000));
    return to + 4;
  }
  const std::uint64_t above = v / 100000000;
  if (above < 100000000) {
    to = above < 10000 ? write_small(to, static_cast<std::uint32_t>(above)) : write_u64_large(to, above);
  } else {
    to = write_small(to, static_cast<std::uint32_t>(above / 100000000));
    write_8(to, static_cast<std::uint32_t>(above % 100000000));
    to += 8;
  }
  write_8(to, static_cast<std::uint32_t>(v % 100000000));
  return to + 8;
}

__extension__ char* write_u128(char* to, unsigned __int128 v) {
  constexpr std::uint64_t kUnit = 10000000000000000;  // 10^16
  if (v >> 64 == 0) return write_u64(to, static_cast<std::uint64_t>(v));
  to = write_u128(to, v / kUnit);
  const auto low = static_cast<std::uint64_t>(v % kUnit);
  write_8(to, static_cast<std::uint32_t>(low / 100000000));
  write_8(to + 8, static_cast<std::uint32_t>(low % 100000000));
  return to + 16;
}

char* write_f64(char* to, double x) { return write_float(to, x); }
char* write_f32(char* to, float x) { return write_float(to, x); }

}  // namespace gress::fn
