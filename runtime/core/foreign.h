// Values between the language and the C++ of users' headers. Included by programs that use one.
//
// Bridge<C> of a C++ type says how a value of the language becomes one, `in(ev, value)`, and the other way,
// `out(ev, value)`; what does not fit makes the row invalid. Generated code adds the structs and enums of the headers.
#pragma once
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/decode/utf8.h"
#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress::foreign {

/// What generated code asks of a header: whether a function can be had with the type that was read, whether a member has the type
/// that was read, and whether one stands behind another.
template <class F>
consteval bool as_read(F) {
  return true;
}
template <class Read, class Found>
consteval bool as_read(std::type_identity<Read>, std::type_identity<Found>) {
  return std::is_same_v<Read, Found>;
}
consteval bool as_read(std::size_t before, std::size_t behind) { return before < behind; }

template <class C>
struct Bridge;

template <class C>
using Value = typename Bridge<C>::Value;

template <class C>
  requires std::is_arithmetic_v<C>
struct Bridge<C> {
  // `long` and `long long` are one type of the language.
  using Value = std::conditional_t<std::is_integral_v<C> && sizeof(C) == 8, std::int64_t, C>;
  static C in(Eval&, Value v) { return static_cast<C>(v); }
  static Value out(Eval&, C v) { return static_cast<Value>(v); }
};

/// Text is copied when it comes out: what it was made of may be gone with the call.
inline Text text_out(Eval& ev, std::string_view text) {
  if (!decode::is_utf8(text.data(), text.data() + text.size())) [[unlikely]] {
    ev.fail("text that C++ gave is not UTF-8");
    return {};
  }
  return ev.arena.copy(text);
}
template <>
struct Bridge<std::string_view> {
  using Value = Text;
  /// A view of `v`, which outlives the call.
  static std::string_view in(Eval&, const Text& v) { return v.view(); }
  static Text out(Eval& ev, std::string_view v) { return text_out(ev, v); }
};
template <>
struct Bridge<std::string> {
  using Value = Text;
  static std::string in(Eval&, const Text& v) { return std::string(v.view()); }
  static Text out(Eval& ev, const std::string& v) { return text_out(ev, v); }
};

template <class C>
struct Bridge<std::optional<C>> {
  using Value = Opt<foreign::Value<C>>;
  template <class V>
  static std::optional<C> in(Eval& ev, const V& v) {
    if (!v.has) return std::nullopt;
    return Bridge<C>::in(ev, v.value);
  }
  static Value out(Eval& ev, const std::optional<C>& v) { return v ? Value(Bridge<C>::out(ev, *v)) : Value(); }
};

template <class C>
struct Bridge<std::vector<C>> {
  using Value = List<foreign::Value<C>>;
  template <class V>
  static std::vector<C> in(Eval& ev, const V& v) {
    std::vector<C> all;
    all.reserve(v.size());
    for (const auto& item : v) all.push_back(Bridge<C>::in(ev, item));
    return all;
  }
  static Value out(Eval& ev, const std::vector<C>& v) {
    auto* items = ev.arena.allocate_array<foreign::Value<C>>(v.size());
    for (std::size_t i = 0; i != v.size(); ++i) items[i] = Bridge<C>::out(ev, v[i]);
    return {items, v.size()};
  }
};
/// A list of numbers is looked at where it lies; others are made for the call.
template <class C>
struct Bridge<std::span<const C>> {
  using Value = List<foreign::Value<C>>;
  static auto in(Eval& ev, const Value& v) {
    if constexpr (std::is_same_v<C, foreign::Value<C>>)
      return std::span<const C>(v.items, v.count);
    else
      return Bridge<std::vector<C>>::in(ev, v);
  }
};

/// Microseconds and a unit of `Period` seconds, checked. What is finer than a microsecond is cut off on the way out.
template <class Rep, class Period>
Rep count_in(Eval& ev, std::int64_t microseconds) {
  using Factor = std::ratio_divide<std::micro, Period>;
  static_assert(Factor::den == 1);
  Rep count{};
  if (__builtin_mul_overflow(microseconds, static_cast<std::int64_t>(Factor::num), &count)) [[unlikely]] {
    ev.fail("a time does not fit the C++ type that it goes to");
    return Rep{};
  }
  return count;
}
template <class Rep, class Period>
std::int64_t count_out(Eval& ev, Rep count) {
  using Factor = std::ratio_divide<Period, std::micro>;
  std::int64_t microseconds = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(count), static_cast<std::int64_t>(Factor::num), &microseconds))
      [[unlikely]] {
    ev.fail("a time that C++ gave does not fit 64 bits of microseconds");
    return 0;
  }
  const std::int64_t whole = microseconds / Factor::den;
  return whole - (microseconds % Factor::den < 0 ? 1 : 0);
}
template <class Rep, class Period>
struct Bridge<std::chrono::duration<Rep, Period>> {
  using Value = std::int64_t;
  using Duration = std::chrono::duration<Rep, Period>;
  static Duration in(Eval& ev, std::int64_t v) { return Duration(count_in<Rep, Period>(ev, v)); }
  static std::int64_t out(Eval& ev, Duration v) { return count_out<Rep, Period>(ev, v.count()); }
};
template <class Duration>
struct Bridge<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using Value = std::int64_t;
  using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;
  static Time in(Eval& ev, std::int64_t v) { return Time(Bridge<Duration>::in(ev, v)); }
  static std::int64_t out(Eval& ev, Time v) { return Bridge<Duration>::out(ev, v.time_since_epoch()); }
};

/// Enums of a header: `constants` in the order of the language's variants.
template <class C, class E, C... kConstants>
struct EnumBridge {
  using Value = E;
  static constexpr C constants[] = {kConstants...};
  static C in(Eval&, E v) { return constants[static_cast<std::size_t>(v)]; }
  static E out(Eval& ev, C v) {
    for (std::size_t i = 0; i != sizeof...(kConstants); ++i)
      if (constants[i] == v) return static_cast<E>(i);
    ev.fail("C++ gave a value that is none of its enum's");
    return E{};
  }
};

/// The result of a call, as a value of the language.
template <class C>
auto out(Eval& ev, const C& v) {
  return Bridge<C>::out(ev, v);
}

[[gnu::cold, gnu::noinline]] inline void threw(Eval& ev, const char* function, const char* why) {
  std::string text = std::string("`") + function + "` threw" + (why == nullptr ? "" : ": ") + (why == nullptr ? "" : why);
  for (char& byte : text)  // it is one line, and moves nobody's cursor
    if (static_cast<unsigned char>(byte) < ' ' || byte == '\x7f') byte = ' ';
  ev.fail(std::move(text));
}
/// A call that may throw, or whose arguments may have failed: such a row is invalid, and C++ never sees what stands for
/// an argument that failed.
template <class Call, class... Args>
[[gnu::always_inline]] inline auto guarded(Eval& ev, const char* function, Call call, Args&&... args)
    -> decltype(call(std::forward<Args>(args)...)) {
  using Result = decltype(call(std::forward<Args>(args)...));
  if (ev.failed) [[unlikely]]
    return Result();
  try {
    return call(std::forward<Args>(args)...);
  } catch (const std::exception& e) {
    threw(ev, function, e.what());
  } catch (...) {
    threw(ev, function, nullptr);
  }
  return Result();
}

/// The state of an aggregate of a header: a value. `kArchives`: its own `archive` says what it is made of; else its bytes
/// are all of it, whatever a base of it archives.
template <class C, bool kArchives>
struct Kept {
  C value{};

  Kept() = default;
  Kept(const Kept&) = default;
  Kept& operator=(const Kept&) = default;
  Kept(Kept&& o) noexcept : value(std::move(o.value)) {}
  Kept& operator=(Kept&& o) noexcept {
    value = std::move(o.value);
    return *this;
  }
  Kept clone() const { return *this; }

  template <class Io>
  void archive(Io& io) {
    if constexpr (kArchives)
      value.archive(io);
    else if constexpr (Io::kReads)
      std::memcpy(static_cast<void*>(&value), io.raw(sizeof value), sizeof value);
    else
      io.raw(&value, sizeof value);
  }
};

}  // namespace gress::foreign
