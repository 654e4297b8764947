// Values of a host program and of the language, beyond those that foreign.h has. What the host gives is checked here.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "runtime/core/decimal.h"
#include "runtime/core/foreign.h"
#include "runtime/core/hash.h"
#include "runtime/embedded/embedded.h"

namespace gress::foreign {

template <>
struct Bridge<embedded::Decimal> {
  using Value = Decimal;
  static embedded::Decimal in(Eval&, Decimal v) { return {v.coefficient(), v.scale()}; }
  static Decimal out(Eval& ev, embedded::Decimal v) {
    if (v.scale >= 0 && v.scale <= Decimal::kMaxScale && Decimal::fits(v.coefficient)) [[likely]]
      return Decimal::make(v.coefficient, v.scale);
    ev.fail("a decimal that C++ gave has more than 36 digits, or a scale outside of 0 to 127");
    return {};
  }
};

template <>
struct Bridge<embedded::Bytes> {
  using Value = Bytes;
  static embedded::Bytes in(Eval&, const Bytes& v) {
    const auto* first = reinterpret_cast<const std::byte*>(v.raw.data());
    return {first, first + v.raw.size()};
  }
  static Bytes out(Eval& ev, const embedded::Bytes& v) {
    return {ev.arena.copy(std::string_view(reinterpret_cast<const char*>(v.data()), v.size()))};
  }
};

template <>
struct Bridge<embedded::Uuid> {
  using Value = Uuid;
  static embedded::Uuid in(Eval&, Uuid v) {
    const std::uint64_t halves[2] = {__builtin_bswap64(v.hi), __builtin_bswap64(v.lo)};
    return std::bit_cast<embedded::Uuid>(halves);
  }
  static Uuid out(Eval&, const embedded::Uuid& v) {
    std::uint64_t halves[2];
    std::memcpy(halves, v.data(), sizeof halves);
    return {__builtin_bswap64(halves[0]), __builtin_bswap64(halves[1])};
  }
};

/// A map is a list of entries; of a repeated key the first counts.
template <class K, class V>
struct Bridge<std::vector<std::pair<K, V>>> {
  using Value = Map<foreign::Value<K>, foreign::Value<V>>;
  using Entry = MapEntry<foreign::Value<K>, foreign::Value<V>>;
  template <class M>
  static std::vector<std::pair<K, V>> in(Eval& ev, const M& v) {
    std::vector<std::pair<K, V>> all;
    all.reserve(v.size());
    for (const auto& entry : v) all.emplace_back(Bridge<K>::in(ev, entry.key), Bridge<V>::in(ev, entry.value));
    return all;
  }
  static Value out(Eval& ev, const std::vector<std::pair<K, V>>& v) {
    auto* entries = ev.arena.allocate_array<Entry>(v.size());
    const std::size_t room = std::bit_ceil(v.size() * 2 + 1);
    auto* places = ev.arena.allocate_array<std::uint32_t>(room);  // of entries, by the hash of their keys, and one more
    std::fill_n(places, room, 0);
    std::size_t n = 0;
    for (const auto& [key, value] : v) {
      const Entry entry{Bridge<K>::out(ev, key), Bridge<V>::out(ev, value)};
      std::size_t at = fn::key_hash(entry.key) & (room - 1);
      while (places[at] != 0 && !(entries[places[at] - 1].key == entry.key)) at = (at + 1) & (room - 1);
      if (places[at] != 0) continue;
      entries[n++] = entry;
      places[at] = static_cast<std::uint32_t>(n);
    }
    return {entries, n};
  }
};

}  // namespace gress::foreign
