// Copies of values into an arena, whole: for rows that show what is about to change or go.
#pragma once
#include <tuple>

#include "runtime/core/eval.h"
#include "runtime/core/state_value.h"
#include "runtime/core/value.h"

namespace gress::fn {

inline Text kept(Eval& ev, const Text& x) { return ev.arena.copy(x); }
inline Bytes kept(Eval& ev, const Bytes& x) { return {ev.arena.copy(x.raw)}; }
template <class T>
T kept(Eval& ev, const T& x);
template <class T>
Opt<T> kept(Eval& ev, const Opt<T>& x) {
  return x.has ? Opt<T>(kept(ev, x.value)) : Opt<T>();
}
template <class T>
List<T> kept(Eval& ev, const List<T>& x) {
  T* items = ev.arena.allocate_array<T>(x.count);
  for (std::size_t i = 0; i != x.count; ++i) items[i] = kept(ev, x.items[i]);
  return {items, x.count};
}
template <class K, class V>
Map<K, V> kept(Eval& ev, const Map<K, V>& x) {
  auto* items = ev.arena.allocate_array<MapEntry<K, V>>(x.count);
  for (std::size_t i = 0; i != x.count; ++i) items[i] = {kept(ev, x.items[i].key), kept(ev, x.items[i].value)};
  return {items, x.count};
}
/// Records by their members; all else is a plain copy.
template <class T>
T kept(Eval& ev, const T& x) {
  T out = x;
  if constexpr (requires { T::members; })
    std::apply([&](auto... m) { ((out.*m = kept(ev, x.*m)), ...); }, T::members);
  return out;
}
/// A record in its place.
template <class T>
void keep([[maybe_unused]] Eval& ev, [[maybe_unused]] T& record) {
  if constexpr (!StateTraits<T>::is_plain) std::apply(
      [&](auto... m) {
        (
            [&] {
              using Member = std::remove_cvref_t<decltype(record.*m)>;
              if constexpr (std::is_same_v<Member, Text>) {
                if (!(record.*m).is_inline()) [[unlikely]] record.*m = ev.arena.copy(record.*m);
              } else if constexpr (!StateTraits<Member>::is_plain) {
                record.*m = kept(ev, record.*m);
              }
            }(),
            ...);
      },
      T::members);
}

}  // namespace gress::fn
