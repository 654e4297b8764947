// Where keys belong in an index of open addressing. Numbers, which are often given in order and used near each other in time,
// lie in it as they are near each other: 16 neighbours share a line of it, in an order of that line's own. Where two such
// lines fall on one, the probes of each go on to the next line, not to the next place. Of keys of several parts the first
// number does so, beside equal others.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "runtime/core/hash.h"

namespace gress {

/// Keys of one member, a number.
template <class Key>
constexpr bool is_number_key() {
  if constexpr (Key::kDense == 0 && requires { Key::members; }) {
    if constexpr (Key::members.size == 1)
      return std::is_integral_v<std::remove_cvref_t<decltype(std::declval<Key&>().*only_member(Key::members))>>;
  }
  return false;
}

/// The first member of a key that is a number, whose neighbours lie near each other; -1: none is.
template <class Key>
constexpr int number_part() {
  int part = -1;
  if constexpr (Key::kDense == 0 && requires { Key::members; }) {
    Key::members.apply([&](auto... member) {
      int i = 0;
      ((part < 0 && std::is_integral_v<std::remove_cvref_t<decltype(std::declval<Key&>().*member)>> &&
                sizeof(std::declval<Key&>().*member) >= 4
            ? void(part = i)
            : void(),
        ++i),
       ...);
    });
  }
  return part;
}

/// How an index of a power of two slots is probed, at least a line; `mask` is one less. Lines: in lines of neighbours.
template <bool Lines>
struct Probing {
  static constexpr std::uint64_t kNeighbours = 16;  // slots in a line
  /// Odd, so that probes come to all slots; its inverse modulo 2^64 tells how many probes lie between two.
  static constexpr std::size_t kStep = Lines ? kNeighbours + 1 : 1;
  static constexpr std::size_t kInverse = Lines ? 0xf0f0f0f0f0f0f0f1 : 1;
  static_assert(kStep * kInverse == 1);

  static std::size_t next(std::size_t at, std::size_t mask) { return (at + kStep) & mask; }
  /// How many steps lead from one slot to another.
  static std::size_t steps(std::size_t from, std::size_t to, std::size_t mask) { return ((to - from) * kInverse) & mask; }
};

template <class Key>
struct KeyHome : Probing<(number_part<Key>() >= 0)> {
  static constexpr int kPart = number_part<Key>();
  static constexpr bool kNumbers = kPart >= 0;

  /// Its lowest bits, as the mask has them, are the first slot to look at.
  static std::uint64_t hash(const Key& key) {
    if constexpr (kNumbers) {
      std::uint64_t x = 0, others = 0;
      int part = 0;
      Key::members.apply([&](auto... m) {
        ((part++ == kPart ? void(x = number(key.*m)) : void(others = fn::combine(others, fn::key_hash(key.*m)))), ...);
      });
      std::uint64_t line = x / kNeighbours;
      if constexpr (Key::members.size > 1) line = fn::combine(line, others);
      return fn::key_hash(line) ^ x % kNeighbours;
    } else {
      return key.hash();
    }
  }
 private:
  static constexpr std::uint64_t kNeighbours = KeyHome::Probing::kNeighbours;
  template <class T>
  static std::uint64_t number(const T& x) {
    if constexpr (std::is_integral_v<T>) return static_cast<std::uint64_t>(x);
    return 0;
  }
};

}  // namespace gress
