// Copies of values into memory that outlives them, whole: for rows that show what is about to change or go, and for rows
// that a state keeps.
#pragma once
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>

#include "runtime/core/eval.h"
#include "runtime/core/state_value.h"
#include "runtime/core/value.h"

namespace gress::fn {

/// Memory: `Text copy(Text)`, `T* allocate_array<T>(count)`.
template <class Memory>
Text copy_into(Memory& memory, const Text& x) { return memory.copy(x); }
template <class Memory>
Bytes copy_into(Memory& memory, const Bytes& x) { return {memory.copy(x.raw)}; }
template <class Memory, class T>
T copy_into(Memory& memory, const T& x);
template <class Memory, class T>
List<T> copy_into(Memory& memory, const List<T>& x);
template <class Memory, class K, class V>
Map<K, V> copy_into(Memory& memory, const Map<K, V>& x);
template <class Memory, class T>
Opt<T> copy_into(Memory& memory, const Opt<T>& x) {
  return x.has ? Opt<T>(copy_into(memory, x.value)) : Opt<T>();
}
template <class Memory, class T>
List<T> copy_into(Memory& memory, const List<T>& x) {
  T* items = memory.template allocate_array<T>(x.count);
  for (std::size_t i = 0; i != x.count; ++i) items[i] = copy_into(memory, x.items[i]);
  return {items, x.count};
}
template <class Memory, class K, class V>
Map<K, V> copy_into(Memory& memory, const Map<K, V>& x) {
  auto* items = memory.template allocate_array<MapEntry<K, V>>(x.count);
  for (std::size_t i = 0; i != x.count; ++i) items[i] = {copy_into(memory, x.items[i].key), copy_into(memory, x.items[i].value)};
  return {items, x.count};
}
/// Records by their members; all else is a plain copy.
template <class Memory, class T>
T copy_into(Memory& memory, const T& x) {
  T out = x;
  if constexpr (requires { T::members; })
    T::members.apply([&](auto... m) { ((out.*m = copy_into(memory, x.*m)), ...); });
  return out;
}
template <class T>
T kept(Eval& ev, const T& x) {
  return copy_into(ev.arena, x);
}

/// A record in its place.
template <class T>
void keep([[maybe_unused]] Eval& ev, [[maybe_unused]] T& record) {
  if constexpr (!StateTraits<T>::is_plain)
    T::members.apply([&](auto... m) {
      (
          [&] {
            using Member = std::remove_cvref_t<decltype(record.*m)>;
            if constexpr (std::is_same_v<Member, Text>) {
              if (!(record.*m).stays()) [[unlikely]] record.*m = ev.arena.copy(record.*m);
            } else if constexpr (!StateTraits<Member>::is_plain) {
              record.*m = kept(ev, record.*m);
            }
          }(),
          ...);
    });
}

/// The bytes that copy_into takes of memory, at most.
inline std::size_t bytes_beside(const Text& x) { return x.stays() ? 0 : x.size(); }
inline std::size_t bytes_beside(const Bytes& x) { return bytes_beside(x.raw); }
template <class T>
std::size_t bytes_beside(const T& x);
template <class T>
std::size_t bytes_beside(const List<T>& x);
template <class K, class V>
std::size_t bytes_beside(const Map<K, V>& x);
template <class T>
std::size_t bytes_beside(const Opt<T>& x) { return bytes_beside(x.value); }
template <class T>
std::size_t bytes_beside(const List<T>& x) {
  std::size_t bytes = x.count * sizeof(T) + 15;  // aligned to 16
  for (const T& item : x) bytes += bytes_beside(item);
  return bytes;
}
template <class K, class V>
std::size_t bytes_beside(const Map<K, V>& x) {
  std::size_t bytes = x.count * sizeof(MapEntry<K, V>) + 15;
  for (const auto& e : x) bytes += bytes_beside(e.key) + bytes_beside(e.value);
  return bytes;
}
template <class T>
std::size_t bytes_beside(const T& x) {
  if constexpr (requires { T::members; })
    return T::members.apply([&](auto... m) { return (std::size_t{0} + ... + bytes_beside(x.*m)); });
  return 0;
}

/// Asks for the long texts of a row that may be copied soon.
template <class T>
void prefetch_beside(const T& x) {
  if constexpr (std::is_same_v<T, Text>) {
    if (x.stays()) return;
    __builtin_prefetch(x.data());
    __builtin_prefetch(x.data() + x.size() - 1);
  } else if constexpr (requires { T::members; }) {
    T::members.apply([&](auto... m) { (prefetch_beside(x.*m), ...); });
  }
}

/// For copy_into: bytes_beside() bytes from `next` on.
struct MemoryBeside {
  char* next;
  Text copy(const Text& x) {
    if (x.stays()) return x;
    char* p = next;
    next += x.size();
    std::memcpy(p, x.data(), x.size());
    return Text(p, x.size());
  }
  template <class T>
  T* allocate_array(std::size_t count) {
    char* p = reinterpret_cast<char*>((reinterpret_cast<std::uintptr_t>(next) + 15) & ~std::uintptr_t{15});
    next = p + count * sizeof(T);
    return reinterpret_cast<T*>(p);
  }
};

}  // namespace gress::fn
