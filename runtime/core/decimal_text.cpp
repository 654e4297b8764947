// Decimals from and to text and floats.
#include <fast_float/fast_float.h>

#include <charconv>
#include <cstring>

#include "runtime/core/decimal.h"
#include "runtime/core/wide_int.h"
#include "runtime/core/write_number.h"

namespace gress {

namespace {

using wide::kPowersOfTen;
using wide::U128;

constexpr int kMostDigits = 37;  // of a coefficient

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Float>
bool from_float(Float x, Decimal& out) {
  if (!(x - x == 0)) return false;
  char text[48];
  const auto r = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific);
  return decimal_from_text({text, static_cast<std::size_t>(r.ptr - text)}, out) == DecimalText::good;
}

template <class Float>
Float to_float(Decimal d) {
  char text[64];
  const Decimal::Wide c = d.coefficient();
  char* p = text;
  if (c < 0) *p++ = '-';
  p = fn::write_u128(p, wide::magnitude(c));
  *p++ = 'e';
  *p++ = '-';
  p = fn::write_u64(p, static_cast<std::uint64_t>(d.scale()));
  Float out = 0;
  fast_float::from_chars(text, p, out);
  return out;
}

}  // namespace

DecimalText decimal_from_text(std::string_view text, Decimal& out) {
  const char* p = text.data();
  const char* end = p + text.size();
  const bool minus = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;

  // c is what was read without the zeros at its end, which wait to be followed by another digit.
  U128 c = 0;
  std::int64_t count = 0, zeros = 0, behind = 0;
  bool any = false, point = false;
  for (; p != end; ++p) {
    if (*p == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(*p)) break;
    any = true;
    behind += point;
    if (*p == '0') {
      zeros += c != 0;
      continue;
    }
    count += zeros + 1;
    c = count > kMostDigits ? 1 : c * kPowersOfTen[static_cast<int>(zeros) + 1] + static_cast<unsigned>(*p - '0');
    zeros = 0;
  }
  if (!any) return DecimalText::not_a_number;
  std::int64_t exponent = 0;
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    const bool below = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    if (p == end || !is_digit(*p)) return DecimalText::not_a_number;
    for (; p != end && is_digit(*p); ++p)
      if (exponent < 1'000'000'000'000'000) exponent = exponent * 10 + (*p - '0');  // no text has more digits than that
    if (below) exponent = -exponent;
  }
  if (p != end) return DecimalText::not_a_number;

  const std::int64_t written = behind - exponent;  // the scale as it was written
  if (c == 0) {
    out = Decimal::make(0, written > 0 && written <= Decimal::kMaxScale ? static_cast<int>(written) : 0);
    return DecimalText::good;
  }
  // The value is c * 10^power. Zeros behind the point are kept where there is room, so that numbers written alike have
  // one scale.
  const std::int64_t power = zeros - written;
  const std::int64_t needed = power < 0 ? -power : 0;
  std::int64_t scale = written < Decimal::kMaxScale ? written : Decimal::kMaxScale;
  if (count + power + scale > kMostDigits - 1) scale = kMostDigits - 1 - count - power;
  if (scale < needed) scale = needed;
  if (scale > Decimal::kMaxScale || count + power + scale > kMostDigits) return DecimalText::does_not_fit;
  c *= kPowersOfTen[static_cast<int>(power + scale)];
  if (c >= (U128{1} << 120) + minus) return DecimalText::does_not_fit;
  out = Decimal::make(minus ? -static_cast<Decimal::Wide>(c) : static_cast<Decimal::Wide>(c), static_cast<int>(scale));
  return DecimalText::good;
}

bool decimal_from_double(double x, Decimal& out) { return from_float(x, out); }
bool decimal_from_float(float x, Decimal& out) { return from_float(x, out); }

double double_from_decimal(Decimal d) {
  // Two exact doubles make one rounding (Clinger 1990).
  static constexpr double kTens[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const Decimal::Wide c = d.coefficient();
  constexpr Decimal::Wide kExact = Decimal::Wide{1} << 53;
  if (c <= kExact && c >= -kExact && d.scale() <= 22)
    return static_cast<double>(static_cast<std::int64_t>(c)) / kTens[d.scale()];
  return to_float<double>(d);
}
float float_from_decimal(Decimal d) { return to_float<float>(d); }

char* write_decimal(char* to, Decimal d) {
  const Decimal::Wide c = d.coefficient();
  if (c < 0) *to++ = '-';
  char digits[48];
  int count = static_cast<int>(fn::write_u128(digits, wide::magnitude(c)) - digits);
  int scale = c == 0 ? 0 : d.scale();
  while (scale > 0 && digits[count - 1] == '0') --count, --scale;
  if (scale == 0) {
    std::memcpy(to, digits, static_cast<std::size_t>(count));
    return to + count;
  }
  const int whole = count - scale;
  if (whole > 0) {
    std::memcpy(to, digits, static_cast<std::size_t>(whole));
    to += whole;
    *to++ = '.';
    std::memcpy(to, digits + whole, static_cast<std::size_t>(scale));
    return to + scale;
  }
  *to++ = '0';
  *to++ = '.';
  std::memset(to, '0', static_cast<std::size_t>(-whole));
  to += -whole;
  std::memcpy(to, digits, static_cast<std::size_t>(count));
  return to + count;
}

}  // namespace gress
