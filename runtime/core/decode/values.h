// Complete readers of single values from text: every form that the language allows, in the three places where text
// stands (a CSV field, the contents of a JSON string, a bare JSON token). Cold parts are compiled once in values.cpp.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "runtime/core/arena.h"
#include "runtime/core/decode/number.h"
#include "runtime/core/decode/schema.h"
#include "runtime/core/decode/text_value.h"
#include "runtime/core/decode/time_text.h"

namespace gress::decode {

enum class Form : std::uint8_t { csv, json_text, json_bare };

/// Why text is not a value: not of the type, of the type but out of its range, no variant of the enum.
enum class Misfit : std::uint8_t { none, type, range, variant };

/// `strict` is JSON's grammar: no leading zeros, no `+`. A fraction or exponent is a type misfit.
Misfit read_i64(std::string_view text, bool strict, std::int64_t& out);
Misfit read_i32(std::string_view text, bool strict, std::int32_t& out);
/// Bare or quoted numbers; quoted (and CSV) also "NaN", "Infinity", "-Infinity".
Misfit read_f64(std::string_view text, Form form, double& out);
Misfit read_f32(std::string_view text, Form form, float& out);
/// `true` and `false`; in CSV in any case.
Misfit read_bool(std::string_view text, Form form, bool& out);
/// ISO 8601 (`PT1H30M`, `-PT0.5S`, `P1D`) and `1h30m`; fractions of a microsecond are cut.
Misfit read_duration(std::string_view text, std::int64_t& micros);
Misfit read_uuid(std::string_view text, Uuid& out);
/// RFC 4648 with padding.
Misfit read_base64(std::string_view text, Arena& arena, Bytes& out);
/// Exact digits, no way through a float.
Misfit read_decimal(std::string_view text, bool strict, gress::Decimal& out);
/// Ticks of `unit` microseconds since the epoch.
Misfit read_epoch(std::string_view text, bool strict, std::int64_t unit, std::int64_t& micros);

/// End of the JSON number that starts at p, nullptr if none does.
const char* scan_json_number(const char* p, const char* end);

template <wire::TimeFormat F>
inline constexpr std::int64_t kEpochUnit = F == wire::TimeFormat::epoch_s ? 1000000 : F == wire::TimeFormat::epoch_us ? 1 : 1000;

/// What a type is called in messages.
template <class W>
struct TypeName;
template <> struct TypeName<wire::Bool> { static constexpr std::string_view name = "bool"; };
template <> struct TypeName<wire::I32> { static constexpr std::string_view name = "i32"; };
template <> struct TypeName<wire::I64> { static constexpr std::string_view name = "i64"; };
template <> struct TypeName<wire::F32> { static constexpr std::string_view name = "f32"; };
template <> struct TypeName<wire::F64> { static constexpr std::string_view name = "f64"; };
template <> struct TypeName<wire::Decimal> { static constexpr std::string_view name = "decimal"; };
template <> struct TypeName<wire::String> { static constexpr std::string_view name = "string"; };
template <> struct TypeName<wire::Bytes> { static constexpr std::string_view name = "bytes in base64"; };
template <> struct TypeName<wire::Duration> { static constexpr std::string_view name = "duration"; };
template <> struct TypeName<wire::Uuid> { static constexpr std::string_view name = "uuid"; };
template <> struct TypeName<wire::Presence> { static constexpr std::string_view name = "record"; };
template <> struct TypeName<wire::Timestamp> { static constexpr std::string_view name = "timestamp"; };
template <> struct TypeName<wire::TimestampAs<wire::TimeFormat::rfc3339>> { static constexpr std::string_view name = "timestamp in RFC 3339"; };
template <> struct TypeName<wire::TimestampAs<wire::TimeFormat::epoch_s>> { static constexpr std::string_view name = "timestamp in epoch seconds"; };
template <> struct TypeName<wire::TimestampAs<wire::TimeFormat::epoch_ms>> { static constexpr std::string_view name = "timestamp in epoch milliseconds"; };
template <> struct TypeName<wire::TimestampAs<wire::TimeFormat::epoch_us>> { static constexpr std::string_view name = "timestamp in epoch microseconds"; };
template <auto P> struct TypeName<wire::TimestampBy<P>> { static constexpr std::string_view name = "timestamp in the source's time_format"; };
template <class E> struct TypeName<wire::Enum<E>> { static constexpr std::string_view name = "enum"; };
template <class S> struct TypeName<wire::Record<S>> { static constexpr std::string_view name = "record"; };
template <class W> struct TypeName<wire::ListOf<W>> { static constexpr std::string_view name = "list"; };
template <class K, class V> struct TypeName<wire::MapOf<K, V>> { static constexpr std::string_view name = "map"; };
template <class W> struct TypeName<wire::Optional<W>> : TypeName<W> {};

template <class W>
struct IsComposite : std::false_type {};
template <class S> struct IsComposite<wire::Record<S>> : std::true_type {};
template <class W> struct IsComposite<wire::ListOf<W>> : std::true_type {};
template <class K, class V> struct IsComposite<wire::MapOf<K, V>> : std::true_type {};

/// The types whose readers are the same for all programs.
#define GRESS_NUMBER_WIRES(X)                                                                                         \
  X(wire::Bool) X(wire::I32) X(wire::I64) X(wire::F32) X(wire::F64) X(wire::Decimal) X(wire::Duration)                \
  X(wire::Timestamp) X(wire::TimestampAs<wire::TimeFormat::rfc3339>) X(wire::TimestampAs<wire::TimeFormat::epoch_s>)  \
  X(wire::TimestampAs<wire::TimeFormat::epoch_ms>) X(wire::TimestampAs<wire::TimeFormat::epoch_us>)
#define GRESS_FIXED_WIRES(X) GRESS_NUMBER_WIRES(X) X(wire::String) X(wire::Bytes) X(wire::Uuid)

/// Reads one plain (not optional, not composite) value. `text` stays in place for as long as the value does; for
/// json_bare it is a whole token without white space.
template <class W>
struct ValueReader;

template <>
struct ValueReader<wire::Bool> {
  template <Form F> static Misfit read(std::string_view s, Arena&, bool& out) {
    return F == Form::json_text ? Misfit::type : read_bool(s, F, out);
  }
};
template <>
struct ValueReader<wire::I64> {
  template <Form F> static Misfit read(std::string_view s, Arena&, std::int64_t& out) {
    return F == Form::json_text ? Misfit::type : read_i64(s, F != Form::csv, out);
  }
};
template <>
struct ValueReader<wire::I32> {
  template <Form F> static Misfit read(std::string_view s, Arena&, std::int32_t& out) {
    return F == Form::json_text ? Misfit::type : read_i32(s, F != Form::csv, out);
  }
};
template <>
struct ValueReader<wire::F64> {
  template <Form F> static Misfit read(std::string_view s, Arena&, double& out) { return read_f64(s, F, out); }
};
template <>
struct ValueReader<wire::F32> {
  template <Form F> static Misfit read(std::string_view s, Arena&, float& out) { return read_f32(s, F, out); }
};
template <>
struct ValueReader<wire::Decimal> {
  template <Form F> static Misfit read(std::string_view s, Arena&, gress::Decimal& out) { return read_decimal(s, F != Form::csv, out); }
};
template <>
struct ValueReader<wire::String> {
  template <Form F> static Misfit read(std::string_view s, Arena&, Text& out) {
    if (F == Form::json_bare) return Misfit::type;
    out = Text(s);
    return Misfit::none;
  }
};
template <>
struct ValueReader<wire::Bytes> {
  template <Form F> static Misfit read(std::string_view s, Arena& arena, gress::Bytes& out) {
    return F == Form::json_bare ? Misfit::type : read_base64(s, arena, out);
  }
};
template <>
struct ValueReader<wire::Duration> {
  template <Form F> static Misfit read(std::string_view s, Arena&, std::int64_t& out) {
    return F == Form::json_bare ? Misfit::type : read_duration(s, out);
  }
};
template <>
struct ValueReader<wire::Uuid> {
  template <Form F> static Misfit read(std::string_view s, Arena&, gress::Uuid& out) {
    return F == Form::json_bare ? Misfit::type : read_uuid(s, out);
  }
};
template <wire::TimeFormat T>
struct ValueReader<wire::TimestampAs<T>> {
  static constexpr bool takes_text = T == wire::TimeFormat::standard || T == wire::TimeFormat::rfc3339;
  static constexpr bool takes_number = T != wire::TimeFormat::rfc3339;
  template <Form F> static Misfit read(std::string_view s, Arena&, std::int64_t& out) {
    if (takes_text && F != Form::json_bare && read_rfc3339(s, out)) return Misfit::none;
    if (takes_number && F != Form::json_text) return read_epoch(s, F == Form::json_bare, kEpochUnit<T>, out);
    return Misfit::type;
  }
};
template <auto Parse>
struct ValueReader<wire::TimestampBy<Parse>> {
  template <Form F> static Misfit read(std::string_view s, Arena&, std::int64_t& out) {
    if (F == Form::json_bare && scan_json_number(s.data(), s.data() + s.size()) != s.data() + s.size()) return Misfit::type;
    return Parse(s, out) ? Misfit::none : Misfit::type;
  }
};
template <class E>
struct ValueReader<wire::Enum<E>> {
  template <Form F> static Misfit read(std::string_view s, Arena&, E& out) {
    if (F == Form::json_bare) return Misfit::type;
    std::size_t i = 0;
    for (const std::string_view name : EnumNames<E>::names) {
      if (name == s) {
        out = static_cast<E>(i);
        return Misfit::none;
      }
      ++i;
    }
    return Misfit::variant;
  }
};

/// What messages say of a type.
struct TypeText {
  std::string_view name;
  std::span<const std::string_view> variants;  // of an enum
};
template <class W>
constexpr TypeText type_text() {
  if constexpr (requires { EnumNames<typename Plain<W>::Value>::names; }) return {TypeName<W>::name, EnumNames<typename Plain<W>::Value>::names};
  return {TypeName<W>::name, {}};
}
/// `expected f64, got "abc"`; `got` is shown as it stands, shortened.
std::string misfit_text(Misfit why, const TypeText& type, std::string_view got);
/// Text for a message: quoted, escaped, at most some 60 characters, always valid UTF-8.
std::string shown_text(std::string_view text);
/// The same for a JSON token, which brings its own quotes.
std::string shown_token(std::string_view token);

}  // namespace gress::decode
