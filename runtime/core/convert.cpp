#include "runtime/core/convert.h"

#include <string>

#include "runtime/core/decode/values.h"
#include "runtime/core/wide_int.h"
#include "runtime/core/write_bytes.h"
#include "runtime/core/write_number.h"
#include "runtime/core/write_text.h"
#include "runtime/core/write_time.h"

namespace gress::fn {

namespace {

using decode::Form;
using decode::Misfit;

[[gnu::cold, gnu::noinline]] void misfit(Eval& ev, Misfit why, std::string_view type, const Text& got) {
  ev.fail(decode::misfit_text(why, {type, {}}, decode::shown_text(got.view())));
}

[[gnu::cold, gnu::noinline]] void misfit_words(Eval& ev, std::string value, const char* type) {
  ev.fail(value + " does not fit " + type);
}

/// The value that `read` makes of the text, or a failure that names the type.
template <class T, class Read>
T parsed(Eval& ev, const Text& text, std::string_view type, Read read) {
  T out{};
  const Misfit m = read(text.view(), out);
  if (m != Misfit::none) [[unlikely]] {
    misfit(ev, m, type, text);
    return T{};
  }
  return out;
}

template <class T>
Text number(Eval& ev, T x, char* (*write)(char*, T)) {
  char text[kDecimalRoom];
  return ev.arena.copy(std::string_view(text, static_cast<std::size_t>(write(text, x) - text)));
}

}  // namespace

void does_not_fit(Eval& ev, std::int64_t x, const char* type) { misfit_words(ev, std::to_string(x), type); }
void does_not_fit(Eval& ev, double x, const char* type) {
  char text[kNumberRoom];
  misfit_words(ev, std::string(text, write_f64(text, x)), type);
}
void does_not_fit(Eval& ev, Decimal x, const char* type) {
  char text[kDecimalRoom];
  misfit_words(ev, std::string(text, write_decimal(text, x)), type);
}

std::int64_t to_i64(Eval& ev, Decimal x) {
  Decimal::Wide c = x.coefficient();
  const int scale = x.scale();
  c = scale > 38 ? 0 : c / static_cast<Decimal::Wide>(wide::kPowersOfTen[scale]);
  if (c != static_cast<std::int64_t>(c)) [[unlikely]] {
    does_not_fit(ev, x, "i64");
    return 0;
  }
  return static_cast<std::int64_t>(c);
}
std::int32_t to_i32(Eval& ev, Decimal x) {
  Eval inner;
  const std::int64_t wide = to_i64(inner, x);
  if (inner.failed || wide != static_cast<std::int32_t>(wide)) [[unlikely]] {
    does_not_fit(ev, x, "i32");
    return 0;
  }
  return static_cast<std::int32_t>(wide);
}
std::int64_t to_i64(Eval& ev, const Text& text) {
  return parsed<std::int64_t>(ev, text, "i64",
                              [](std::string_view s, std::int64_t& out) { return decode::read_i64(s, false, out); });
}
std::int32_t to_i32(Eval& ev, const Text& text) {
  return parsed<std::int32_t>(ev, text, "i32",
                              [](std::string_view s, std::int32_t& out) { return decode::read_i32(s, false, out); });
}

double to_f64(Eval& ev, const Text& text) {
  return parsed<double>(ev, text, "f64",
                        [](std::string_view s, double& out) { return decode::read_f64(s, Form::csv, out); });
}
float to_f32(Eval& ev, const Text& text) {
  return parsed<float>(ev, text, "f32",
                       [](std::string_view s, float& out) { return decode::read_f32(s, Form::csv, out); });
}

Decimal to_decimal(Eval& ev, double x) {
  Decimal out;
  if (!decimal_from_double(x, out)) [[unlikely]]
    does_not_fit(ev, x, "decimal");
  return out;
}
Decimal to_decimal(Eval& ev, float x) {
  Decimal out;
  if (!decimal_from_float(x, out)) [[unlikely]]
    does_not_fit(ev, static_cast<double>(x), "decimal");
  return out;
}
Decimal to_decimal(Eval& ev, const Text& text) {
  return parsed<Decimal>(ev, text, "decimal", [](std::string_view s, Decimal& out) {
    switch (decimal_from_text(s, out)) {
      case DecimalText::good:
        return Misfit::none;
      case DecimalText::not_a_number:
        return Misfit::type;
      case DecimalText::does_not_fit:
        return Misfit::range;
    }
    return Misfit::type;
  });
}

Text to_text(Eval&, bool x) { return x ? Text("true", 4) : Text("false", 5); }
Text to_text(Eval& ev, std::int32_t x) { return number<std::int64_t>(ev, x, write_i64); }
Text to_text(Eval& ev, std::int64_t x) { return number(ev, x, write_i64); }
Text to_text(Eval& ev, float x) { return number(ev, x, write_f32); }
Text to_text(Eval& ev, double x) { return number(ev, x, write_f64); }
Text to_text(Eval& ev, Decimal x) { return number(ev, x, write_decimal); }
Text to_text(Eval& ev, Uuid x) { return number(ev, x, write_uuid); }
Text to_text(Eval& ev, const Bytes& x) {
  char* to = ev.arena.allocate(base64_size(x.raw.size()));
  return Text(to, static_cast<std::size_t>(write_base64(to, x.raw.view()) - to));
}
Text to_text_timestamp(Eval& ev, std::int64_t x) { return number(ev, x, write_timestamp); }
Text to_text_duration(Eval& ev, std::int64_t x) { return number(ev, x, write_duration); }

bool to_bool(Eval& ev, const Text& text) {
  return parsed<bool>(ev, text, "bool",
                      [](std::string_view s, bool& out) { return decode::read_bool(s, Form::json_bare, out); });
}
std::int64_t to_timestamp(Eval& ev, const Text& text) {
  return parsed<std::int64_t>(ev, text, "timestamp in RFC 3339 with a zone", [](std::string_view s, std::int64_t& out) {
    return decode::read_rfc3339(s, out) ? Misfit::none : Misfit::type;
  });
}
std::int64_t to_timestamp_i64(Eval& ev, std::int64_t millis) {
  std::int64_t out;
  if (__builtin_mul_overflow(millis, std::int64_t{1000}, &out)) [[unlikely]]
    does_not_fit(ev, millis, "timestamp");
  return out;
}
std::int64_t to_duration(Eval& ev, const Text& text) {
  return parsed<std::int64_t>(ev, text, "duration", decode::read_duration);
}
Uuid to_uuid(Eval& ev, const Text& text) { return parsed<Uuid>(ev, text, "uuid", decode::read_uuid); }
Bytes to_bytes(Eval& ev, const Text& text) {
  return parsed<Bytes>(ev, text, "bytes in base64",
                       [&](std::string_view s, Bytes& out) { return decode::read_base64(s, ev.arena, out); });
}

Text concat_parts(Eval& ev, const Text* const* parts, std::size_t count) {
  std::size_t total = 0;
  for (std::size_t i = 0; i != count; ++i) total += parts[i]->size();
  char small[Text::kInline + 16];
  char* const begin = total <= Text::kInline ? small : ev.arena.allocate(total);
  char* to = begin;
  for (std::size_t i = 0; i != count; ++i) to = write_text(to, *parts[i]);
  return Text(begin, total);
}

}  // namespace gress::fn
