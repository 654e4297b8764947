// count_distinct(x): exact. What equals (==) counts once; -0 and 0 are one value, and all NaNs are one.
#pragma once
#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/key_set.h"
#include "runtime/core/decimal.h"

namespace gress::agg {

/// The bits by which floats are told apart.
inline std::uint64_t float_bits(double x) {
  return x != x ? 0x7ff8000000000000 : std::bit_cast<std::uint64_t>(x + 0.0);
}
inline std::uint32_t float_bits(float x) { return x != x ? 0x7fc00000 : std::bit_cast<std::uint32_t>(x + 0.0f); }

/// A set of bytes as 256 bits: bools and small enums.
class ByteSet {
 public:
  void insert(std::uint8_t x) { bits_[x >> 6] |= std::uint64_t{1} << (x & 63); }
  void merge(const ByteSet& other) {
    for (int i = 0; i != 4; ++i) bits_[i] |= other.bits_[i];
  }
  std::uint64_t size() const {
    std::uint64_t n = 0;
    for (const std::uint64_t word : bits_) n += static_cast<std::uint64_t>(std::popcount(word));
    return n;
  }
  void clear() { *this = {}; }

  template <class Io>
  void archive(Io& io) { io(bits_[0], bits_[1], bits_[2], bits_[3]); }

 private:
  std::uint64_t bits_[4] = {};
};

template <class T>
struct CountDistinct {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { values_.insert(stored(x)); }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void merge(Eval&, const CountDistinct& other) { values_.merge(other.values_); }
  std::int64_t result(Eval&) const { return static_cast<std::int64_t>(values_.size()); }
  void clear() { values_.clear(); }

  template <class Io>
  void archive(Io& io) { io(values_); }

 private:
  /// Numbers are told apart by their bits, decimals by the 128 of their canonical form.
  static auto stored(const T& x) {
    if constexpr (std::is_floating_point_v<T>)
      return float_bits(x);
    else if constexpr ((std::is_integral_v<T> || std::is_enum_v<T>) && sizeof(T) == 1)
      return static_cast<std::uint8_t>(x);
    else if constexpr ((std::is_integral_v<T> || std::is_enum_v<T>) && sizeof(T) <= 4)
      return static_cast<std::uint32_t>(x);
    else if constexpr (std::is_integral_v<T>)
      return static_cast<std::uint64_t>(x);
    else if constexpr (std::is_same_v<T, Decimal>)
      return canonical_bits(x);
    else
      return x;
  }
  static Uuid canonical_bits(const Decimal& x) {
    const Decimal c = canonical(x);
    return {c.lo, static_cast<std::uint64_t>(c.hi)};
  }
  using Stored = decltype(stored(std::declval<const T&>()));
  std::conditional_t<std::is_same_v<Stored, std::uint8_t>, ByteSet, KeySet<Stored>> values_;
};

}  // namespace gress::agg
