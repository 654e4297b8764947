#include "runtime/core/arith.h"

#include <string>

#include "runtime/core/convert.h"
#include "runtime/core/math_fn.h"
#include "runtime/core/write_time.h"

namespace gress::fn {

namespace {

std::string expression(const std::string& a, char op, const std::string& b) { return a + ' ' + op + ' ' + b; }

std::string duration_text(std::int64_t micros) {
  char text[kTimeRoom];
  return std::string(text, write_duration(text, micros));
}

[[gnu::cold, gnu::noinline]] void duration_overflow(Eval& ev, std::int64_t duration, char op, const std::string& by) {
  ev.fail("time overflow in " + expression(duration_text(duration), op, by));
}
std::string number_text(Eval& ev, double x) { return std::string(to_text(ev, x).view()); }
std::string number_text(Eval& ev, Decimal x) { return std::string(to_text(ev, x).view()); }

std::int64_t whole(Eval& ev, double micros, std::int64_t duration, char op, double by) {
  const double r = __builtin_round(micros);
  if (!(r >= -0x1p63 && r < 0x1p63)) [[unlikely]] {
    duration_overflow(ev, duration, op, number_text(ev, by));
    return 0;
  }
  return static_cast<std::int64_t>(r);
}
std::int64_t whole(Eval& ev, Decimal micros, std::int64_t duration, char op, Decimal by) {
  const Decimal::Wide c = canonical(round(ev, micros)).coefficient();
  if (c != static_cast<std::int64_t>(c)) [[unlikely]]
    duration_overflow(ev, duration, op, number_text(ev, by));
  return static_cast<std::int64_t>(c);
}

}  // namespace

[[gnu::cold, gnu::noinline]] void integer_overflow(Eval& ev, std::int64_t a, char op, std::int64_t b) {
  ev.fail("integer overflow in " +
          expression(std::to_string(a), op, b < 0 ? '(' + std::to_string(b) + ')' : std::to_string(b)));
}
[[gnu::cold, gnu::noinline]] void negation_overflow(Eval& ev, std::int64_t a) {
  ev.fail("integer overflow in -(" + std::to_string(a) + ')');
}
[[gnu::cold, gnu::noinline]] void division_by_zero(Eval& ev) { ev.fail("division by zero"); }
[[gnu::cold, gnu::noinline]] void time_overflow(Eval& ev, std::int64_t a, char op, std::int64_t b) {
  ev.fail("time overflow in " + expression(std::to_string(a), op, std::to_string(b)) + " microseconds");
}

std::int64_t scale_duration(Eval& ev, std::int64_t duration, double by) {
  return whole(ev, static_cast<double>(duration) * by, duration, '*', by);
}
std::int64_t shrink_duration(Eval& ev, std::int64_t duration, double by) {
  if (by == 0) [[unlikely]] {
    division_by_zero(ev);
    return 0;
  }
  return whole(ev, static_cast<double>(duration) / by, duration, '/', by);
}
std::int64_t scale_duration(Eval& ev, std::int64_t duration, Decimal by) {
  const Decimal micros = mul(ev, decimal_literal(duration, 0), by);
  return ev.failed ? 0 : whole(ev, micros, duration, '*', by);
}
std::int64_t shrink_duration(Eval& ev, std::int64_t duration, Decimal by) {
  const Decimal micros = div(ev, decimal_literal(duration, 0), by);
  return ev.failed ? 0 : whole(ev, micros, duration, '/', by);
}

}  // namespace gress::fn
