#include "runtime/core/decimal.h"

#include <string>

#include "runtime/core/wide_int.h"

namespace gress {

namespace {

using wide::I128;
using wide::kPowersOfTen;
using wide::magnitude;
using wide::U128;
using wide::U256;

/// Whether a coefficient of this magnitude fits.
bool fits(U128 c, bool minus) { return c < (static_cast<U128>(1) << 120) + minus; }

/// Takes `step` zeros off the end where they stand there.
template <int step>
void strip(U128& c, int& scale) {
  if (scale < step || wide::trailing_zero_bits(c) < step) return;
  const U128 q = c / kPowersOfTen[step];
  if (q * kPowersOfTen[step] != c) return;
  c = q;
  scale -= step;
}

/// The smallest scale for the value.
void reduce(U128& c, int& scale) {
  if (c == 0) {
    scale = 0;
    return;
  }
  if ((c & 1) != 0) return;
  // A coefficient has at most 36 digits, so at most 36 zeros: 16 twice, then the rest.
  strip<16>(c, scale);
  strip<16>(c, scale);
  strip<8>(c, scale);
  strip<4>(c, scale);
  strip<2>(c, scale);
  strip<1>(c, scale);
}

struct Parts {
  U128 c;
  int scale;
  bool minus;
};
Parts parts(Decimal d) { return {magnitude(d.coefficient()), d.scale(), d.hi < 0}; }
Parts reduced(Decimal d) {
  Parts p = parts(d);
  reduce(p.c, p.scale);
  return p;
}

I128 with_sign(U128 c, bool minus) { return minus ? -static_cast<I128>(c) : static_cast<I128>(c); }

/// c * 10^k; false when it does not fit in 127 bits.
bool scale_up(U128& c, int k) {
  if (c == 0 || k == 0) return true;
  if (k > 38 || __builtin_mul_overflow(c, kPowersOfTen[k], &c)) return false;
  return c >> 127 == 0;
}

/// The value, by zeros taken off where it needs that; false when it does not fit.
bool fit(U128 c, int scale, bool minus, Decimal& out) {
  if (!fits(c, minus) || scale > Decimal::kMaxScale) reduce(c, scale);
  if (!fits(c, minus) || scale > Decimal::kMaxScale) return false;
  out = Decimal::make(with_sign(c, minus), scale);
  return true;
}

/// a + b, or a - b.
bool add_exact(Decimal a, Decimal b, bool subtract, Decimal& out) {
  Parts p = parts(a), q = parts(b);
  q.minus ^= subtract;
  const auto align = [&] {
    if (p.scale < q.scale && scale_up(p.c, q.scale - p.scale)) p.scale = q.scale;
    if (q.scale < p.scale && scale_up(q.c, p.scale - q.scale)) q.scale = p.scale;
    return p.scale == q.scale;
  };
  if (!align()) {
    p = reduced(a);
    q = reduced(b);
    q.minus ^= subtract;
    // The side with more digits behind the point now ends in a digit other than 0, so the sum needs that scale too.
    if (!align()) return false;
  }
  // Both magnitudes are below 2^127: neither the sum nor the difference leaves 128 bits unsigned.
  if (p.minus == q.minus) return fit(p.c + q.c, p.scale, p.minus, out);
  return p.c >= q.c ? fit(p.c - q.c, p.scale, p.minus, out) : fit(q.c - p.c, p.scale, q.minus, out);
}

bool mul_exact(Decimal a, Decimal b, Decimal& out) {
  Parts p = reduced(a), q = reduced(b);
  U256 product = wide::multiply(p.c, q.c);
  int scale = p.scale + q.scale;
  const bool minus = p.minus != q.minus;
  while (scale > 0 && (!product.fits_128() || !fits(product.low(), minus))) {
    U256 tenth = product;
    if (wide::divide(tenth, 10) != 0) return false;
    product = tenth;
    --scale;
  }
  return product.fits_128() && fit(product.low(), scale, minus, out);
}

/// q / 10^drop rounded half to even; `more`: something not 0 follows the digits of q.
U128 round_off(U128 q, int drop, bool more) {
  if (drop > 38) return 0;
  const U128 unit = kPowersOfTen[drop], half = unit / 2;
  const U128 kept = q / unit, rest = q % unit;
  const bool up = rest > half || (rest == half && (more || (kept & 1) != 0));
  return kept + up;
}

bool divide(Decimal a, Decimal b, Decimal& out) {
  const Parts p = parts(a), q = parts(b);
  if (p.c == 0) {
    out = Decimal{};
    return true;
  }
  // One digit more than wanted, so that what is cut off is known to be more or less than half.
  const int k = Decimal::kQuotientDigits + 1 - (wide::digit_count(p.c) - wide::digit_count(q.c));
  U256 quotient;
  bool more;
  if (k >= 0) {
    // Dividend and 10^k have at most 66 digits together, so what 10^38 leaves over fits the dividend's own 128 bits.
    const int rest = k > 38 ? k - 38 : 0;
    quotient = wide::multiply(p.c * kPowersOfTen[rest], kPowersOfTen[k - rest]);
    more = wide::divide(quotient, q.c) != 0;
  } else {
    quotient = {{static_cast<std::uint64_t>(p.c), static_cast<std::uint64_t>(p.c >> 64), 0, 0}};
    more = wide::divide(quotient, q.c * kPowersOfTen[-k]) != 0;
  }
  int scale = p.scale - q.scale + k;
  int drop = wide::digit_count(quotient.low()) - Decimal::kQuotientDigits;
  if (scale - drop > Decimal::kMaxScale) drop = scale - Decimal::kMaxScale;
  U128 c = round_off(quotient.low(), drop, more);
  scale -= drop;
  if (scale < 0) {
    if (!scale_up(c, -scale)) return false;
    scale = 0;
  }
  reduce(c, scale);
  return fit(c, scale, p.minus != q.minus, out);
}

std::string digits(Decimal d) {
  char text[kDecimalRoom];
  return std::string(text, write_decimal(text, d));
}

[[gnu::cold, gnu::noinline]] Decimal overflow(Eval& ev, Decimal a, const char* op, Decimal b) {
  ev.fail("decimal overflow in " + digits(a) + op + digits(b));
  return {};
}

}  // namespace

Decimal canonical(Decimal d) {
  Parts p = reduced(d);
  return Decimal::make(with_sign(p.c, p.minus), p.scale);
}

int Decimal::compare_unaligned(Decimal a, Decimal b) {
  Parts p = parts(a), q = parts(b);
  if (p.c == 0 || q.c == 0 || p.minus != q.minus) {
    const int x = p.c == 0 ? 0 : p.minus ? -1 : 1, y = q.c == 0 ? 0 : q.minus ? -1 : 1;
    return (x > y) - (x < y);
  }
  int sign;
  if (p.scale < q.scale) {
    sign = scale_up(p.c, q.scale - p.scale) ? (p.c > q.c) - (p.c < q.c) : 1;
  } else {
    sign = scale_up(q.c, p.scale - q.scale) ? (p.c > q.c) - (p.c < q.c) : -1;
  }
  return p.minus ? -sign : sign;
}

namespace fn {

Decimal add_slow(Eval& ev, Decimal a, Decimal b) {
  Decimal out;
  return add_exact(a, b, false, out) ? out : overflow(ev, a, " + ", b);
}
Decimal sub_slow(Eval& ev, Decimal a, Decimal b) {
  Decimal out;
  return add_exact(a, b, true, out) ? out : overflow(ev, a, " - ", b);
}
Decimal mul_slow(Eval& ev, Decimal a, Decimal b) {
  Decimal out;
  return mul_exact(a, b, out) ? out : overflow(ev, a, " * ", b);
}
Decimal div(Eval& ev, Decimal a, Decimal b) {
  if (b.coefficient() == 0) [[unlikely]] {
    ev.fail("division by zero");
    return {};
  }
  Decimal out;
  return divide(a, b, out) ? out : overflow(ev, a, " / ", b);
}

Decimal rem(Eval& ev, Decimal a, Decimal b) {
  if (b.coefficient() == 0) [[unlikely]] {
    ev.fail("division by zero");
    return {};
  }
  Parts p = parts(a), q = parts(b);
  if (p.scale > q.scale) {
    // A divisor that outgrows 127 bits is greater than the dividend.
    if (scale_up(q.c, p.scale - q.scale)) p.c %= q.c;
  } else {
    p.c %= q.c;
    for (int left = q.scale - p.scale; left > 0; left -= 19) {
      U256 product = wide::multiply(p.c, kPowersOfTen[left > 19 ? 19 : left]);
      p.c = wide::divide(product, q.c);
    }
    p.scale = q.scale;
  }
  Decimal out;
  return fit(p.c, p.scale, p.minus, out) ? out : overflow(ev, a, " % ", b);
}

Decimal neg(Eval& ev, Decimal d) {
  const I128 c = -d.coefficient();
  if (!Decimal::fits(c)) [[unlikely]] {
    ev.fail("decimal overflow in -(" + digits(d) + ")");
    return {};
  }
  return Decimal::make(c, d.scale());
}

}  // namespace fn
}  // namespace gress
