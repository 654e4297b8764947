// How a source's records look, as the generated code says it: one line a field, everything else is templates.
//
//   struct FlightsSchema {
//     using Row = Flights;                                  // a plain struct with the columns that the program reads
//     static constexpr bool check_all = false;              // `check: all`; may be left out
//     static constexpr auto fields = gress::decode::fields(
//         gress::decode::field<wire::Timestamp>("scheduled", &Flights::scheduled),
//         gress::decode::field<wire::Optional<wire::I64>>("delay", &Flights::delay),                 // Opt<std::int64_t>
//         gress::decode::field<wire::I64>("gate", &Flights::gate, [] { return std::int64_t{7}; }),   // a default
//         gress::decode::field<wire::F64>("at.lat", [](Flights& r) -> auto& { return r.at.lat; }),   // nested
//         gress::decode::unread<wire::String>("destination"));
//   };
//
// A path is the wire names of nested records joined by dots; `\` before a dot, a `?` or a `\` takes it literally.
// `a?.b` says that record `a` may be absent: then `b` is left absent (its member is an Opt). `presence("a?", member)`
// sets a bool to whether `a` was there. A field's second argument is a member pointer or a callable from the row to
// the member, its third a callable giving the value of a missing field. Records inside lists and maps, and records
// read whole, are `wire::Record<TheirSchema>`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/core/decimal.h"
#include "runtime/core/value.h"

/// Types as they stand on the wire; `Value` is what generated code holds.
namespace gress::wire {

/// How text and numbers are read as times: `standard` takes RFC 3339 text and epoch milliseconds.
enum class TimeFormat : std::uint8_t { standard, rfc3339, epoch_s, epoch_ms, epoch_us };

struct Bool { using Value = bool; };
struct I32 { using Value = std::int32_t; };
struct I64 { using Value = std::int64_t; };
struct F32 { using Value = float; };
struct F64 { using Value = double; };
struct Decimal { using Value = gress::Decimal; };
struct String { using Value = Text; };
struct Bytes { using Value = gress::Bytes; };
struct Duration { using Value = std::int64_t; };
struct Uuid { using Value = gress::Uuid; };
template <TimeFormat F>
struct TimestampAs { using Value = std::int64_t; };
using Timestamp = TimestampAs<TimeFormat::standard>;
/// Text read by `Parse`, a function bool(std::string_view, std::int64_t& micros); for "%…" formats.
template <auto Parse>
struct TimestampBy { using Value = std::int64_t; };
/// `E` has a specialisation of EnumNames.
template <class E>
struct Enum { using Value = E; };
template <class S>
struct Record { using Value = typename S::Row; using Schema = S; };
template <class W>
struct ListOf { using Value = List<typename W::Value>; using Element = W; };
/// Keys are text in JSON: K is String, Enum, I32, I64, Uuid, Bool, Timestamp …
template <class K, class V>
struct MapOf { using Value = Map<typename K::Value, typename V::Value>; using Key = K; using Mapped = V; };
template <class W>
struct Optional { using Value = Opt<typename W::Value>; using Inner = W; };
/// Whether an optional record was there.
struct Presence { using Value = bool; };

}  // namespace gress::wire

namespace gress {
/// Wire names of an enum's variants in declared order:
///   template <> struct EnumNames<Status> { static constexpr std::string_view names[] = {"automatic", "reviewed"}; };
template <class E>
struct EnumNames;
}  // namespace gress

namespace gress::decode {

struct Unread {};
struct NoDefault {};

template <class W, class Access, class Default>
struct Field {
  using Wire = W;
  using Value = typename W::Value;
  static constexpr bool read = !std::is_same_v<Access, Unread>;
  static constexpr bool has_default = !std::is_same_v<Default, NoDefault>;
  std::string_view path;
  Access access;
  [[no_unique_address]] Default standing_in;

  /// The member of a row; only for fields that are read.
  template <class Row>
  constexpr auto& in(Row& row) const {
    if constexpr (std::is_member_object_pointer_v<Access>) {
      return row.*access;
    } else {
      return access(row);
    }
  }
};

template <class W, class Access, class Default = NoDefault>
constexpr auto field(std::string_view path, Access access, Default standing_in = {}) {
  return Field<W, Access, Default>{path, access, standing_in};
}
/// A declared field that the program does not read: kept for `check: all` and for messages.
template <class W, class Default = NoDefault>
constexpr auto unread(std::string_view path, Default standing_in = {}) {
  return Field<W, Unread, Default>{path, {}, standing_in};
}
template <class Access>
constexpr auto presence(std::string_view path, Access access) {
  return Field<wire::Presence, Access, NoDefault>{path, access, {}};
}
template <class... F>
constexpr auto fields(F... f) {
  return std::tuple<F...>(f...);
}

template <class W>
struct IsOptional : std::false_type { using Inner = W; };
template <class W>
struct IsOptional<wire::Optional<W>> : std::true_type { using Inner = W; };
template <class W>
inline constexpr bool is_optional = IsOptional<W>::value;
/// W without its `?`.
template <class W>
using Plain = typename IsOptional<W>::Inner;

template <class Schema>
inline constexpr std::size_t field_count = std::tuple_size_v<std::remove_cvref_t<decltype(Schema::fields)>>;
template <class Schema, std::size_t I>
using FieldOf = std::remove_cvref_t<decltype(std::get<I>(Schema::fields))>;

template <class Schema>
constexpr bool checks_all() {
  if constexpr (requires { Schema::check_all; }) {
    return Schema::check_all;
  } else {
    return false;
  }
}
/// Whether field I is looked at: read, or checked because of `check: all`.
template <class Schema, std::size_t I>
inline constexpr bool is_looked_at = FieldOf<Schema, I>::read || checks_all<Schema>();

/// body.template operator()<I>() for each field.
template <class Schema, class Body>
constexpr void for_each_field(Body&& body) {
  [&]<std::size_t... I>(std::index_sequence<I...>) { (body.template operator()<I>(), ...); }(std::make_index_sequence<field_count<Schema>>{});
}
/// body.template operator()<I>() for the field numbered `at`, false without one. Compiles to a jump, not a call.
template <class Schema, class Body>
inline bool with_field(std::size_t at, Body&& body) {
  bool result = false;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)((at == I ? (result = body.template operator()<I>(), true) : false) || ...);
  }(std::make_index_sequence<field_count<Schema>>{});
  return result;
}

}  // namespace gress::decode
