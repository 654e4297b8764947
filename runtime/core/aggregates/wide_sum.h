// A 128-bit sum of 64-bit integers. It cannot overflow in 2^63 rows, so that a sum is right or refused whatever the
// order in which its rows and partial sums came; two words rather than an __int128 keep the alignment, and so the size
// of the entries it stands in, at 8 bytes.
#pragma once
#include <cstdint>

namespace gress::agg {

class WideSum {
 public:
  void add(std::int64_t x) { set(value() + x); }
  void subtract(std::int64_t x) { set(value() - x); }
  void add(const WideSum& other) { set(value() + other.value()); }
  void subtract(const WideSum& other) { set(value() - other.value()); }

  bool fits_64() const { return high_ == static_cast<std::int64_t>(low_) >> 63; }
  /// The low half: the sum, if it fits.
  std::int64_t low() const { return static_cast<std::int64_t>(low_); }
  double as_double() const { return fits_64() ? static_cast<double>(low()) : large(value()); }

  template <class Io>
  void archive(Io& io) { io(low_, high_); }

 private:
  __extension__ using Wide = __int128;
  __extension__ using UnsignedWide = unsigned __int128;
  /// Not inlined, since compilers would call the library for each sum, ahead of asking whether it is large.
  [[gnu::cold, gnu::noinline]] static double large(Wide value) { return static_cast<double>(value); }
  Wide value() const { return static_cast<Wide>(static_cast<UnsignedWide>(high_) << 64 | low_); }
  void set(Wide value) {
    low_ = static_cast<std::uint64_t>(value);
    high_ = static_cast<std::int64_t>(value >> 64);
  }
  std::uint64_t low_ = 0;
  std::int64_t high_ = 0;
};

}  // namespace gress::agg
