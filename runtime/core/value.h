// The values of the language as generated code holds them. All are trivially copyable; whatever is longer than the
// value itself (long text, lists, maps) is a view whose bytes live in an input block or in an Arena until the block is
// done; state keeps its own copies (state_value.h).
//
//   bool → bool          i32/i64 → std::int32_t/std::int64_t       f32/f64 → float/double
//   decimal → Decimal    string → Text                             bytes → Bytes
//   timestamp → std::int64_t microseconds since the epoch, UTC     duration → std::int64_t microseconds
//   uuid → Uuid          enum → a generated `enum class E : std::uint8_t|uint16_t`, by declaration order
//   record → a generated struct       list<T> → List<T>      map<K, V> → Map<K, V>       T? → Opt<T>
#pragma once
#include <compare>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/core/text.h"

namespace gress {

/// Bytes have the layout of Text and their own type.
struct Bytes {
  Text raw;
  friend bool operator==(const Bytes& a, const Bytes& b) { return a.raw == b.raw; }
  friend bool operator<(const Bytes& a, const Bytes& b) { return a.raw < b.raw; }
};

struct Uuid {
  std::uint64_t hi = 0, lo = 0;  // big-endian halves: hi holds the first eight bytes
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// A value that may be absent. `value` is value-initialised when absent, so that comparing and hashing all members of
/// two absent ones agrees.
template <class T>
struct Opt {
  T value{};
  bool has = false;

  constexpr Opt() = default;
  constexpr Opt(T v) : value(v), has(true) {}
  friend bool operator==(const Opt& a, const Opt& b) { return a.has == b.has && (!a.has || a.value == b.value); }
};

/// Absent of any type.
struct Absent {
  template <class T>
  constexpr operator Opt<T>() const { return {}; }
};
inline constexpr Absent absent{};

template <class T>
struct List {
  const T* items = nullptr;
  std::size_t count = 0;
  const T* begin() const { return items; }
  const T* end() const { return items + count; }
  std::size_t size() const { return count; }
  friend bool operator==(const List& a, const List& b) {
    if (a.count != b.count) return false;
    for (std::size_t i = 0; i != a.count; ++i)
      if (!(a.items[i] == b.items[i])) return false;
    return true;
  }
};

/// Entries in the order in which they came; a repeated key keeps its first entry.
template <class K, class V>
struct MapEntry {
  K key;
  V value;
  friend bool operator==(const MapEntry& a, const MapEntry& b) { return a.key == b.key && a.value == b.value; }
};
template <class K, class V>
struct Map {
  const MapEntry<K, V>* items = nullptr;
  std::size_t count = 0;
  const MapEntry<K, V>* begin() const { return items; }
  const MapEntry<K, V>* end() const { return items + count; }
  std::size_t size() const { return count; }
  /// Equal when they hold the same entries in any order.
  friend bool operator==(const Map& a, const Map& b) {
    if (a.count != b.count) return false;
    for (const auto& e : a) {
      bool found = false;
      for (const auto& f : b) found = found || e == f;
      if (!found) return false;
    }
    return true;
  }
};

}  // namespace gress
