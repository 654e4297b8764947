// A schema as data. The short loops are compiled for each schema; the complete readers, which are rarely used, walk
// these tables instead and are compiled once.
#pragma once
#include "runtime/core/decode/schema.h"

namespace gress::decode {

struct FieldLayout {
  std::string_view path;  // as in schema.h
  /// Where its member begins in a row; -1 for a field that is not read.
  std::ptrdiff_t offset;
  /// Sets its default in a row; null without one, or when it is not read.
  void (*stand_in)(void* row);
  bool looked_at;
  bool may_be_missing;
  bool is_presence;

  /// Its member in a row; null for a field that is not read.
  void* in(void* row) const { return offset < 0 ? nullptr : static_cast<char*>(row) + offset; }
};

/// The type of field I's member: an Opt of its value in a record that may be absent.
template <class Schema, std::size_t I>
constexpr auto member_of() {
  using F = FieldOf<Schema, I>;
  if constexpr (F::read) return std::remove_cvref_t<decltype(std::get<I>(Schema::fields).in(std::declval<typename Schema::Row&>()))>{};
  else return typename F::Value{};
}
template <class Schema, std::size_t I>
using MemberOf = decltype(member_of<Schema, I>());

template <class Schema, std::size_t I>
FieldLayout field_layout() {
  using Row = typename Schema::Row;
  using F = FieldOf<Schema, I>;
  constexpr bool is_presence = std::is_same_v<typename F::Wire, wire::Presence>;
  FieldLayout layout{std::get<I>(Schema::fields).path, -1,          nullptr, is_looked_at<Schema, I>,
                     F::has_default || is_optional<typename F::Wire> || is_presence, is_presence};
  if constexpr (F::read) {
    alignas(Row) static char memory[sizeof(Row)];
    Row& row = reinterpret_cast<Row&>(memory);
    layout.offset = reinterpret_cast<char*>(&std::get<I>(Schema::fields).in(row)) - memory;
    if constexpr (F::has_default)
      layout.stand_in = [](void* row) { std::get<I>(Schema::fields).in(*static_cast<Row*>(row)) = std::get<I>(Schema::fields).standing_in(); };
  }
  return layout;
}

}  // namespace gress::decode
