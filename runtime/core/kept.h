// Copies of values into memory that keeps them, whole: for rows that show what is about to change or go.
#pragma once
#include <tuple>

#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress::fn {

// Memory: an Eval, whose arena it is then, or a class with copy(Text) and allocate_array<T>(count).
inline Arena& memory_of(Eval& ev) { return ev.arena; }
template <class Memory>
Memory& memory_of(Memory& memory) {
  return memory;
}

template <class Memory>
Text kept(Memory& to, const Text& x) {
  return memory_of(to).copy(x);
}
template <class Memory>
Bytes kept(Memory& to, const Bytes& x) {
  return {memory_of(to).copy(x.raw)};
}
template <class Memory, class T>
Opt<T> kept(Memory& to, const Opt<T>& x);
template <class Memory, class T>
List<T> kept(Memory& to, const List<T>& x);
template <class Memory, class K, class V>
Map<K, V> kept(Memory& to, const Map<K, V>& x);

/// Records by their members; all else is a plain copy.
template <class Memory, class T>
T kept(Memory& to, const T& x) {
  T out = x;
  if constexpr (requires { T::members; })
    std::apply([&](auto... m) { ((out.*m = kept(to, x.*m)), ...); }, T::members);
  return out;
}
template <class Memory, class T>
Opt<T> kept(Memory& to, const Opt<T>& x) {
  return x.has ? Opt<T>(kept(to, x.value)) : Opt<T>();
}
template <class Memory, class T>
List<T> kept(Memory& to, const List<T>& x) {
  T* items = memory_of(to).template allocate_array<T>(x.count);
  for (std::size_t i = 0; i != x.count; ++i) items[i] = kept(to, x.items[i]);
  return {items, x.count};
}
template <class Memory, class K, class V>
Map<K, V> kept(Memory& to, const Map<K, V>& x) {
  auto* items = memory_of(to).template allocate_array<MapEntry<K, V>>(x.count);
  for (std::size_t i = 0; i != x.count; ++i) items[i] = {kept(to, x.items[i].key), kept(to, x.items[i].value)};
  return {items, x.count};
}

}  // namespace gress::fn
