// What every pipeline embedded in a host program shows its host; the header of each pipeline includes it. It needs nothing
// of the runtime but this file: docs/embedding.md.
#pragma once
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gress::embedded {

using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;
using Bytes = std::vector<std::byte>;
/// In the order in which they are written.
using Uuid = std::array<std::uint8_t, 16>;

enum class Fault : std::uint8_t {
  misuse,       // a call that does not belong there, such as a push after finish(); nothing was done
  bad_param,    // a param that is missing or not what it must be; there is no pipeline
  bad_row,      // a pushed row that has no place in the program; it was not taken, those before it were
  row_failed,   // a row failed in a stage of a program that says nothing of such rows; the pipeline has ended
  unavailable,  // something outside, such as the file of a table, cannot be had; the pipeline has ended
  internal,     // memory has run out, or a bug of Gress; the pipeline has ended
};

/// The only exception that pipelines throw. what() names the pipeline, what was seen and what was expected.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& what, std::size_t row = 0) : std::runtime_error(what), fault_(fault), row_(row) {}
  Fault fault() const noexcept { return fault_; }
  /// Of bad_row: which of the rows that were pushed in this call, from 0. Those before it were taken, those behind it were not.
  std::size_t row() const noexcept { return row_; }

 private:
  Fault fault_;
  std::size_t row_;
};

/// What a row of a stream with updates says of the row of its key.
enum class Op : std::uint8_t { upsert, erase };

/// An exact decimal number, coefficient * 10^-scale: up to 36 digits, scale 0 to 127.
struct Decimal {
  __extension__ using Wide = __int128;
  Wide coefficient = 0;
  int scale = 0;

  constexpr Decimal() = default;
  template <std::integral I>
  constexpr Decimal(I whole) : coefficient(whole) {}
  constexpr Decimal(Wide digits, int places) : coefficient(digits), scale(places) {}
  /// `12.50`; an Error (misuse) for text that is no decimal.
  explicit Decimal(std::string_view text);

  /// All digits, no exponent, no needless zeros.
  std::string text() const;
  double number() const;
  friend bool operator==(Decimal a, Decimal b) { return a.without_zeros() == b.without_zeros(); }

 private:
  constexpr std::pair<Wide, int> without_zeros() const {
    Wide digits = coefficient;
    int places = scale;
    while (places > 0 && digits % 10 == 0) digits /= 10, --places;
    return {digits, places};
  }
};

}  // namespace gress::embedded
