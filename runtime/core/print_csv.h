// Values as fields of a CSV line (RFC 4180), without the commas between them: absent as nothing, empty text as "",
// quotes only where the text needs them.
#pragma once
#include "runtime/core/print_text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gress::fn {

/// Any text as a field.
void csv_text(Out&, std::string_view);

inline void csv(Out& out, const Text& x) {
#if defined(__SSE2__)
  if (x.is_inline() && !x.empty()) [[likely]] {
    const std::size_t size = x.size();
    const __m128i bytes = _mm_set_epi64x(static_cast<long long>(x.hi()), static_cast<long long>(x.lo()));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    const __m128i odd = _mm_or_si128(_mm_or_si128(is(','), is('"')), _mm_or_si128(is('\n'), is('\r')));
    if ((_mm_movemask_epi8(odd) & ((1 << size) - 1)) == 0) [[likely]] {
      char* to = out.need(16);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
      out.advance(to + size);
      return;
    }
  }
#endif
  csv_text(out, x.view());
}
template <class E>
  requires std::is_enum_v<E>
void csv(Out& out, E x) {
  csv_text(out, EnumNames<E>::names[static_cast<std::size_t>(x)]);
}
inline void csv(Out& out, bool x) { text(out, x); }
inline void csv(Out& out, std::int32_t x) { text(out, x); }
inline void csv(Out& out, std::int64_t x) { text(out, x); }
inline void csv(Out& out, float x) { text(out, x); }
inline void csv(Out& out, double x) { text(out, x); }
inline void csv(Out& out, Decimal x) { text(out, x); }
inline void csv(Out& out, Uuid x) { text(out, x); }
/// Base64, whose letters need no quotes; no bytes at all are "".
inline void csv(Out& out, const Bytes& x) {
  if (x.raw.empty()) return out.write("\"\"");
  text(out, x);
}
inline void csv_timestamp(Out& out, std::int64_t x) { text_timestamp(out, x); }
inline void csv_duration(Out& out, std::int64_t x) { text_duration(out, x); }
template <class T>
void csv(Out& out, const Opt<T>& x) {
  if (x.has) csv(out, x.value);
}
inline void csv_timestamp(Out& out, const Opt<std::int64_t>& x) { text_timestamp(out, x); }
inline void csv_duration(Out& out, const Opt<std::int64_t>& x) { text_duration(out, x); }

}  // namespace gress::fn
