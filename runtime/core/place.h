// Where a row stands among all rows: by event time, then partition, then offset. It decides ties, so that results are
// the same at any parallelism.
#pragma once
#include <cstdint>

#include "runtime/core/members.h"

namespace gress {

/// Of rows of equal rank the earlier goes first.
struct Place {
  std::int64_t time = 0;       // microseconds; 0 without event time
  std::uint64_t position = 0;  // partition << 48 | offset
  static constexpr auto members = Members<&Place::time, &Place::position>{};
  friend bool operator<(const Place& a, const Place& b) {
    return a.time != b.time ? a.time < b.time : a.position < b.position;
  }
};

/// How the partitions of a source are numbered in a program that merges several: those of all sources in turn, so that no two
/// have one number.
struct Numbering {
  std::uint64_t sources = 1, source = 0;
  constexpr std::uint64_t position(std::uint64_t partition, std::uint64_t offset) const {
    return (partition * sources + source) << 48 | offset;
  }
  constexpr std::uint64_t partition(std::uint64_t position) const { return (position >> 48) / sources; }
};

/// Of the source whose spec it is, or of the one whose rows are read.
template <class Spec>
constexpr Numbering numbering_of() {
  if constexpr (requires { Spec::kNumbering; }) return Spec::kNumbering;
  else return {};
}

/// The partition of rows that are made of rows of several and come as those happen to: their order says nothing.
inline constexpr std::uint64_t kNoPartition = 0x7fff;

/// A position that no row has; marks "no row yet".
inline constexpr std::uint64_t kNoPosition = ~std::uint64_t{0};

}  // namespace gress
