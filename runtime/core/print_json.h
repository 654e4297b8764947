// Values as JSON. Records are printed by generated code, member by member; a record type that lists or optionals hold
// has its own `json(Out&, const Record&)` beside it. Timestamps and durations are integers here and have functions of
// their own; for them inside lists and maps `json_list` and `json_map` take the printer of an element.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "runtime/core/decimal.h"
#include "runtime/core/out.h"
#include "runtime/core/value.h"
#include "runtime/core/write_bytes.h"
#include "runtime/core/write_number.h"
#include "runtime/core/write_time.h"

namespace gress {
template <class E>
struct EnumNames;
}

namespace gress::fn {

/// Any text, quoted and escaped, bad UTF-8 as U+FFFD.
void json_text(Out&, std::string_view);

inline void json(Out& out, bool x) {
  char* to = out.need(8);
  std::memcpy(to, x ? "true\0\0\0" : "false\0\0", 8);
  out.advance(to + 5 - x);
}
inline void json(Out& out, std::int64_t x) {
  char* to = out.need(kNumberRoom);
  out.advance(write_i64(to, x));
}
inline void json(Out& out, std::int32_t x) { json(out, std::int64_t{x}); }
/// Shortest digits that read back the same; "NaN", "Infinity" and "-Infinity" as text.
void json(Out&, double);
void json(Out&, float);
/// A number with all digits.
inline void json(Out& out, Decimal x) {
  char* to = out.need(kDecimalRoom);
  out.advance(write_decimal(to, x));
}
inline void json(Out& out, const Text& x) {
#if defined(__SSE2__)
  if (x.is_inline()) [[likely]] {
    // All sixteen bytes at once: those to escape are below 0x20, quotes, backslashes, and (to be looked at) above 0x7f.
    const std::size_t size = x.size();
    const __m128i bytes = _mm_set_epi64x(static_cast<long long>(x.hi()), static_cast<long long>(x.lo()));
    const __m128i odd = _mm_or_si128(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    if ((_mm_movemask_epi8(odd) & ((1 << size) - 1)) == 0) [[likely]] {
      char* to = out.need(32);
      *to = '"';
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 1), bytes);
      to[size + 1] = '"';
      out.advance(to + size + 2);
      return;
    }
  }
#endif
  json_text(out, x.view());
}
/// Base64.
void json(Out&, const Bytes&);
inline void json(Out& out, Uuid x) {
  char* to = out.need(kUuidRoom + 2);
  *to = '"';
  to = write_uuid(to + 1, x);
  *to = '"';
  out.advance(to + 1);
}
template <class E>
  requires std::is_enum_v<E>
void json(Out& out, E x) {
  json_text(out, EnumNames<E>::names[static_cast<std::size_t>(x)]);
}

/// RFC 3339 text, UTC.
inline void json_timestamp(Out& out, std::int64_t x) {
  char* to = out.need(kTimeRoom);
  *to = '"';
  to = write_timestamp(to + 1, x);
  *to = '"';
  out.advance(to + 1);
}
/// ISO 8601 text.
inline void json_duration(Out& out, std::int64_t x) {
  char* to = out.need(kTimeRoom);
  *to = '"';
  to = write_duration(to + 1, x);
  *to = '"';
  out.advance(to + 1);
}
inline void json_timestamp(Out& out, const Opt<std::int64_t>& x) {
  x.has ? json_timestamp(out, x.value) : out.write("null");
}
inline void json_duration(Out& out, const Opt<std::int64_t>& x) {
  x.has ? json_duration(out, x.value) : out.write("null");
}

template <class T>
void json(Out&, const Opt<T>&);
template <class T>
void json(Out&, const List<T>&);
template <class K, class V>
void json(Out&, const Map<K, V>&);

/// `print(out, element)` for each element.
template <class T, class Print>
void json_list(Out& out, const List<T>& list, Print print) {
  char mark = '[';
  for (const T& x : list) {
    out.put(mark);
    mark = ',';
    print(out, x);
  }
  if (list.count == 0) out.put(mark);
  out.put(']');
}
/// As an object. What `key(out, k)` prints becomes a name: text as it is, anything else in quotes.
template <class K, class V, class Key, class Print>
void json_map(Out& out, const Map<K, V>& map, Key key, Print print) {
  char mark = '{';
  for (const auto& e : map) {
    out.put(mark);
    mark = ',';
    const std::size_t at = out.size();
    out.put('"');
    key(out, e.key);
    if (out.data()[at + 1] == '"') {  // quotes of its own: without ours
      char* begin = out.need(0) - out.size() + at;
      std::memmove(begin, begin + 1, out.size() - at - 1);
      out.cut(out.size() - 1);
    } else {
      out.put('"');
    }
    out.put(':');
    print(out, e.value);
  }
  if (map.count == 0) out.put(mark);
  out.put('}');
}

template <class T>
void json(Out& out, const Opt<T>& x) {
  if (x.has) {
    json(out, x.value);
  } else {
    out.write("null");
  }
}
template <class T>
void json(Out& out, const List<T>& list) {
  json_list(out, list, [](Out& o, const T& x) { json(o, x); });
}
template <class K, class V>
void json(Out& out, const Map<K, V>& map) {
  json_map(out, map, [](Out& o, const K& k) { json(o, k); }, [](Out& o, const V& v) { json(o, v); });
}

}  // namespace gress::fn
