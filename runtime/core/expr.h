// Small forms of the language that generated expressions use beside the functions: absence, lists, enums, fail.
#pragma once
#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress {
template <class E>
struct EnumNames;
}

namespace gress::fn {

template <class T>
struct IsOpt : std::false_type {};
template <class T>
struct IsOpt<Opt<T>> : std::true_type {};

/// Opt<f(value)>, absent for absent; never Opt<Opt<…>>.
template <class T, class F>
auto member(Eval&, const Opt<T>& x, F f) {
  using R = std::remove_cvref_t<decltype(f(x.value))>;
  if constexpr (IsOpt<R>::value) {
    return x.has ? f(x.value) : R{};
  } else {
    return x.has ? Opt<R>(f(x.value)) : Opt<R>{};
  }
}
template <class T, class F>
auto lift(Eval& ev, const Opt<T>& x, F f) {
  return member(ev, x, f);
}

/// `x ?? y` with y a plain or optional value that costs nothing.
template <class T, class U>
U value_or(const Opt<T>& x, const U& y) {
  return x.has ? U(x.value) : y;
}
/// `x ?? y`, y only evaluated when x is absent.
template <class T, class F>
auto coalesce(const Opt<T>& x, F y) -> std::remove_cvref_t<decltype(y())> {
  using R = std::remove_cvref_t<decltype(y())>;
  return x.has ? R(x.value) : y();
}

template <class T, class... U>
bool one_of(const T& x, const U&... values) {
  return ((x == values) || ...);
}
template <class T>
bool holds(Eval&, const List<T>& list, const T& x) {
  for (const T& item : list)
    if (item == x) return true;
  return false;
}
template <class K, class V>
bool holds(Eval&, const Map<K, V>& map, const K& key) {
  for (const auto& entry : map)
    if (entry.key == key) return true;
  return false;
}

/// List element (from 0) or map value; absent when there is none.
template <class T>
auto element(Eval&, const List<T>& list, std::int64_t i) {
  using R = std::conditional_t<IsOpt<T>::value, T, Opt<T>>;
  return i >= 0 && static_cast<std::size_t>(i) < list.count ? R(list.items[i]) : R{};
}
template <class K, class V>
auto element(Eval&, const Map<K, V>& map, const K& key) {
  using R = std::conditional_t<IsOpt<V>::value, V, Opt<V>>;
  for (const auto& entry : map)
    if (entry.key == key) return R(entry.value);
  return R{};
}

template <class T>
List<T> make_list(Eval& ev, std::initializer_list<T> items) {
  T* out = ev.arena.allocate_array<T>(items.size());
  std::size_t n = 0;
  for (const T& item : items) out[n++] = item;
  return {out, n};
}

template <class E>
Text enum_text(E e) {
  return Text(EnumNames<E>::names[static_cast<std::size_t>(e)]);
}

/// The row is invalid, because the program says so.
template <class T>
T fail(Eval& ev, const Text& why) {
  ev.fail(why.view());
  return T{};
}

}  // namespace gress::fn
