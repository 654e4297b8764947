// Hashes of values. `fn::hash` is the language's: stable for ever. `fn::key_hash` is for tables in memory: fast, and
// free to change.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "runtime/core/decimal.h"
#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress {
template <class E>
struct EnumNames;
}

namespace gress::fn {

template <class T>
concept HashRecord = requires { T::members; };

// ---------------------------------------------------------------- for tables
// Multiply and fold, after Wang Yi's wyhash (public domain).

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
inline constexpr std::uint64_t kHashA = 0xa0761d6478bd642f, kHashB = 0xe7037ed1a0b428db, kHashC = 0x8ebc6af09c88c6e3;

/// The hash of a composite key from the hash so far and the next part's.
inline std::uint64_t combine(std::uint64_t hash, std::uint64_t part) { return fold(hash ^ kHashC, part ^ kHashB); }

std::uint64_t hash_bytes(std::string_view);

inline std::uint64_t key_hash(const Text& x) {
  if (x.is_inline()) [[likely]]
    return fold(x.lo() ^ kHashA, x.hi() ^ kHashB);
  return hash_bytes(x.view());
}
inline std::uint64_t key_hash(const Bytes& x) { return key_hash(x.raw); }
inline std::uint64_t key_hash(const Uuid& x) { return fold(x.hi ^ kHashA, x.lo ^ kHashB); }
template <class T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
std::uint64_t key_hash(T x) {
  return fold(static_cast<std::uint64_t>(x) ^ kHashA, kHashB);
}
/// By value: -0 as 0, every NaN alike.
template <class T>
  requires std::is_floating_point_v<T>
std::uint64_t key_hash(T x) {
  const double d = x != x ? __builtin_nan("") : x == 0 ? 0.0 : static_cast<double>(x);
  std::uint64_t bits;
  std::memcpy(&bits, &d, 8);
  return fold(bits ^ kHashA, kHashB);
}
/// By value: 1.50 as 1.5.
inline std::uint64_t key_hash(Decimal x) {
  // Without zeros at the end it is canonical already, which an odd coefficient shows at once.
  if ((x.lo & 128) == 0) x = canonical(x);
  return fold(x.lo ^ kHashA, static_cast<std::uint64_t>(x.hi) ^ kHashB);
}

template <class T>
std::uint64_t key_hash(const Opt<T>&);
template <class T>
std::uint64_t key_hash(const List<T>&);
template <class K, class V>
std::uint64_t key_hash(const Map<K, V>&);
template <HashRecord T>
std::uint64_t key_hash(const T& record) {
  return T::members.apply([&](auto... member) {
    std::uint64_t h = kHashA;
    ((h = combine(h, key_hash(record.*member))), ...);
    return h;
  });
}
template <class T>
std::uint64_t key_hash(const Opt<T>& x) {
  return x.has ? key_hash(x.value) : kHashC;
}
template <class T>
std::uint64_t key_hash(const List<T>& list) {
  std::uint64_t h = list.count;
  for (const T& x : list) h = combine(h, key_hash(x));
  return h;
}
/// The same for every order of the entries.
template <class K, class V>
std::uint64_t key_hash(const Map<K, V>& map) {
  std::uint64_t h = map.count;
  for (const auto& e : map) h += combine(key_hash(e.key), key_hash(e.value));
  return h;
}

// ---------------------------------------------------------------- the language's
// XXH64 with seed 0 (xxHash specification 0.1.1) of canonical bytes, little-endian:
//   bool: 0 or 1 in a byte                      integers, timestamps, durations: 8 bytes (an i32 as its i64)
//   floats: the f64, 0 for -0, one NaN          decimals: 16 bytes coefficient, 1 byte scale, no zeros at the end
//   text, enums: UTF-8 (of the wire name)       bytes: as they are       uuid: its 16 bytes, first byte first
//   optionals: as the value; absent one byte 0xff
//   lists, records: the 8 bytes of each element's or member's hash in order; maps: the sum of the entries' hashes, each
//   of the hashes of key and value

std::int64_t stable_hash(std::string_view bytes);
std::int64_t stable_hash(std::uint64_t word);
std::int64_t stable_hash(Decimal);
std::int64_t stable_hash(Uuid);

inline std::int64_t hash(Eval&, bool x) {
  const char byte = x;
  return stable_hash(std::string_view(&byte, 1));
}
template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
std::int64_t hash(Eval&, T x) {
  return stable_hash(static_cast<std::uint64_t>(static_cast<std::int64_t>(x)));
}
template <class T>
  requires std::is_floating_point_v<T>
std::int64_t hash(Eval&, T x) {
  const double d = x == 0 ? 0.0 : static_cast<double>(x);
  std::uint64_t bits;
  std::memcpy(&bits, &d, 8);
  return stable_hash(x != x ? std::uint64_t{0x7ff8000000000000} : bits);
}
template <class E>
  requires std::is_enum_v<E>
std::int64_t hash(Eval&, E x) {
  return stable_hash(std::string_view(EnumNames<E>::names[static_cast<std::size_t>(x)]));
}
inline std::int64_t hash(Eval&, const Text& x) { return stable_hash(x.view()); }
inline std::int64_t hash(Eval&, const Bytes& x) { return stable_hash(x.raw.view()); }
inline std::int64_t hash(Eval&, Decimal x) { return stable_hash(x); }
inline std::int64_t hash(Eval&, Uuid x) { return stable_hash(x); }

template <class T>
std::int64_t hash(Eval&, const Opt<T>&);
template <class T>
std::int64_t hash(Eval&, const List<T>&);
template <class K, class V>
std::int64_t hash(Eval&, const Map<K, V>&);
/// `hashes`: `count` of them.
inline std::int64_t hash_of_hashes(const std::int64_t* hashes, std::size_t count) {
  return stable_hash(std::string_view(reinterpret_cast<const char*>(hashes), count * 8));
}
template <HashRecord T>
std::int64_t hash(Eval& ev, const T& record) {
  return T::members.apply([&](auto... member) {
    const std::int64_t hashes[] = {hash(ev, record.*member)..., 0};
    return hash_of_hashes(hashes, sizeof...(member));
  });
}
template <class T>
std::int64_t hash(Eval& ev, const Opt<T>& x) {
  return x.has ? hash(ev, x.value) : stable_hash(std::string_view("\xff", 1));
}
template <class T>
std::int64_t hash(Eval& ev, const List<T>& list) {
  auto* hashes = ev.arena.allocate_array<std::int64_t>(list.count);
  for (std::size_t i = 0; i != list.count; ++i) hashes[i] = hash(ev, list.items[i]);
  return hash_of_hashes(hashes, list.count);
}
template <class K, class V>
std::int64_t hash(Eval& ev, const Map<K, V>& map) {
  std::uint64_t sum = 0;
  for (const auto& e : map) {
    const std::int64_t entry[] = {hash(ev, e.key), hash(ev, e.value)};
    sum += static_cast<std::uint64_t>(hash_of_hashes(entry, 2));
  }
  return stable_hash(sum);
}

}  // namespace gress::fn
