// The usual forms of each type, for the short loops. A reader that returns false has not understood; the complete one
// of values.h then has the say.
#pragma once
#include <bit>

#include "runtime/core/decode/decimals.h"
#include "runtime/core/decode/integers.h"
#include "runtime/core/decode/times.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// take<form>(p, length, parts) reads the bytes, make(parts, out) makes the value; both say whether they could, and take
/// without branches what they can. 32 bytes at p are readable, length may be any number. The two are steps of two short
/// loops, for either is about as long as the processor's window. A type of few steps has its value as its parts.
template <class W>
struct QuickReader {
  using Parts = typename W::Value;
  template <Form>
  static bool take(const char*, std::uint32_t, Parts&) { return false; }
};
/// Whole numbers and times are read a column at a time (integers.h, times.h); from(number, out) makes the value of a number.
template <>
struct QuickReader<wire::I64> {
  template <Form F>
  static constexpr bool is_integer = F != Form::json_text;
  static bool from(std::int64_t number, std::int64_t& out) {
    out = number;
    return true;
  }
  using Parts = std::int64_t;
  template <Form>
  static bool take(const char*, std::uint32_t, Parts&) { return false; }
};
template <>
struct QuickReader<wire::I32> : QuickReader<wire::I64> {
  using Parts = std::int32_t;
  template <Form>
  static bool take(const char*, std::uint32_t, Parts&) { return false; }
  static bool from(std::int64_t number, std::int32_t& out) {
    out = static_cast<std::int32_t>(number);
    return number == out;
  }
};
template <>
struct QuickReader<wire::F64> {
  using Parts = QuickNumber;
  template <Form F>
  static bool take(const char* p, std::uint32_t length, Parts& parts) {
    if constexpr (F == Form::json_text) return parts = {}, false;
    else return quick_number<F != Form::csv>(p, length, parts);
  }
  /// Read a column at a time (decimals.h).
  template <Form F>
  static constexpr bool is_decimal = F != Form::json_text;
  static bool make(const Parts& parts, double& out) { return parts.value(out); }
};
template <>
struct QuickReader<wire::F32> : QuickReader<wire::F64> {
  template <Form>
  static constexpr bool is_decimal = false;
  static bool make(const Parts& parts, float& out) { return parts.value(out); }
};
template <>
struct QuickReader<wire::Decimal> : QuickReader<wire::F64> {
  template <Form>
  static constexpr bool is_decimal = false;
  template <Form F>
  static bool take(const char* p, std::uint32_t length, QuickNumber& parts) {
    // Numbers in text are numbers here.
    return quick_number<F != Form::csv>(p, length, parts);
  }
  static bool make(const QuickNumber& parts, gress::Decimal& out) {
    const auto magnitude = static_cast<std::int64_t>(parts.magnitude());
    out = decimal_literal(parts.minus ? -magnitude : magnitude, static_cast<int>(parts.decimals & 15));
    return true;
  }
};
template <>
struct QuickReader<wire::Bool> {
  using Parts = bool;
  template <Form F>
  static bool take(const char* p, std::uint32_t length, bool& out) {
    if constexpr (F == Form::json_text) return false;
    const std::uint64_t v = load64(p);
    const bool yes = (length == 4) & ((v & 0xffffffffu) == 0x65757274u);
    const bool no = (length == 5) & ((v & 0xffffffffffu) == 0x65736c6166u);
    out = yes;
    return yes | no;
  }
};
template <>
struct QuickReader<wire::String> {
  using Parts = Text;
  template <Form F>
  static bool take(const char* p, std::uint32_t length, Text& out) {
    if constexpr (F == Form::json_bare) return false;
    quick_text(p, length, &out);
    return true;
  }
};
/// Which of the two, text or number, stands in a column is known from the form, or (CSV, `standard`) taken to be text.
template <wire::TimeFormat T>
struct QuickReader<wire::TimestampAs<T>> {
  using Complete = ValueReader<wire::TimestampAs<T>>;
  using Parts = std::int64_t;
  template <Form F>
  static constexpr bool is_time = F != Form::json_bare && Complete::takes_text;
  template <Form F>
  static constexpr bool is_integer = !is_time<F> && F != Form::json_text && Complete::takes_number;
  template <Form>
  static bool take(const char*, std::uint32_t, Parts&) { return false; }
  static bool from(std::int64_t number, std::int64_t& out) { return !__builtin_mul_overflow(number, kEpochUnit<T>, &out); }
};

/// A perfect hash of an enum's wire names of up to 15 bytes: the two registers of a name to its variant. Found by
/// trying multipliers; a set of names that finds none stays with the complete reader.
template <class E>
class EnumTable {
 public:
  static constexpr std::size_t kNames = std::size(EnumNames<E>::names);
  static constexpr std::size_t kSlots = std::bit_ceil(kNames * 4);
  static constexpr int kShift = 64 - std::countr_zero(kSlots);

  EnumTable() {
    for (std::uint64_t seed = 0x9e3779b97f4a7c15u, tried = 0; tried != 200; ++tried, seed = seed * 6364136223846793005u + 1442695040888963407u) {
      multiplier_ = seed | 1;
      if (fill()) return;
    }
    for (Slot& s : slots_) s = {};
  }
  bool find(Text name, E& out) const {
    const Slot& s = slots_[slot(name)];
    out = static_cast<E>(s.variant);
    return ((s.lo ^ name.lo()) | (s.hi ^ name.hi())) == 0;
  }

 private:
  struct Slot {
    // No text has this count.
    std::uint64_t lo = 0, hi = std::uint64_t{0x80} << 56;
    std::size_t variant = 0;
  };
  std::size_t slot(Text name) const { return ((name.lo() ^ std::rotl(name.hi(), 29)) * multiplier_) >> kShift; }
  bool fill() {
    for (Slot& s : slots_) s = {};
    std::size_t variant = 0;
    for (const std::string_view n : EnumNames<E>::names) {
      const Text name(n);
      if (name.is_inline()) {
        Slot& s = slots_[slot(name)];
        if (s.hi != Slot{}.hi) return s.lo == name.lo() && s.hi == name.hi();
        s = {name.lo(), name.hi(), variant};
      }
      ++variant;
    }
    return true;
  }
  std::uint64_t multiplier_ = 1;
  Slot slots_[kSlots];
};
template <class E>
inline const EnumTable<E> enum_table{};

template <class E>
struct QuickReader<wire::Enum<E>> {
  using Parts = E;
  template <Form F>
  static bool take(const char* p, std::uint32_t length, E& out) {
    if constexpr (F == Form::json_bare) return false;
    Text name;
    quick_text(p, length, &name);
    return enum_table<E>.find(name, out);
  }
};

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
