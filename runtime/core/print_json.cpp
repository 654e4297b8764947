#include "runtime/core/print_json.h"

#include <bit>

#include "runtime/core/decode/utf8.h"

namespace gress::fn {

namespace {

/// How many bytes from p (16 are readable) stand for themselves.
int plain_bytes(const char* p) {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i odd =
      _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                   _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
  return std::countr_zero(static_cast<std::uint32_t>(_mm_movemask_epi8(odd)) | 0x10000u);
#else
  int n = 0;
  while (n != 16 && static_cast<signed char>(p[n]) >= 0x20 && p[n] != '"' && p[n] != '\\') ++n;
  return n;
#endif
}

/// The escape of a byte below 0x80 that needs one.
char* escaped(char* to, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  *to++ = '\\';
  switch (c) {
    case '\n':
      *to = 'n';
      break;
    case '\r':
      *to = 'r';
      break;
    case '\t':
      *to = 't';
      break;
    case '\b':
      *to = 'b';
      break;
    case '\f':
      *to = 'f';
      break;
    case '"':
    case '\\':
      *to = c;
      break;
    default:
      std::memcpy(to, "u00", 3);
      to[3] = kHex[c >> 4];
      to[4] = kHex[c & 15];
      return to + 5;
  }
  return to + 1;
}

/// Bytes that the maximal ill-formed part at p takes (Unicode 15, 3.9, practice U+FFFD).
int bad_bytes(const char* p, const char* end) {
  const auto b = [p](int i) { return static_cast<unsigned char>(p[i]); };
  const unsigned lead = b(0);
  if (lead < 0xe0 || lead > 0xf4 || end - p < 2) return 1;
  const unsigned low = lead == 0xe0   ? 0xa0
                       : lead == 0xf0 ? 0x90
                                      : 0x80,
                 top = lead == 0xed   ? 0x9f
                       : lead == 0xf4 ? 0x8f
                                      : 0xbf;
  if (b(1) < low || b(1) > top) return 1;
  return lead >= 0xf0 && end - p >= 3 && (b(2) & 0xc0) == 0x80 ? 3 : 2;
}

}  // namespace

void json_text(Out& out, std::string_view x) {
  // Nothing becomes longer than six bytes.
  char* to = out.need(6 * x.size() + 2 + 16);
  const char* p = x.data();
  const char* const end = p + x.size();
  *to++ = '"';
  while (p != end) {
    if (end - p >= 16) {
      const int n = plain_bytes(p);
      std::memcpy(to, p, 16);
      to += n;
      p += n;
      if (n == 16) continue;
    } else {
      while (p != end && static_cast<signed char>(*p) >= 0x20 && *p != '"' && *p != '\\') *to++ = *p++;
      if (p == end) break;
    }
    if (static_cast<signed char>(*p) >= 0) {
      to = escaped(to, *p++);
    } else if (const int n = decode::utf8_sequence(p, end); n != 0) {
      std::memcpy(to, p, static_cast<std::size_t>(n));
      to += n;
      p += n;
    } else {
      std::memcpy(to, "\xef\xbf\xbd", 3);
      to += 3;
      p += bad_bytes(p, end);
    }
  }
  *to++ = '"';
  out.advance(to);
}

namespace {

template <class Float>
void json_float(Out& out, Float x, char* (*write)(char*, Float)) {
  char* to = out.need(kNumberRoom);
  if (x - x == 0) [[likely]] {
    out.advance(write(to, x));
    return;
  }
  *to = '"';
  to = write(to + 1, x);
  *to = '"';
  out.advance(to + 1);
}

}  // namespace

void json(Out& out, double x) { json_float(out, x, write_f64); }
void json(Out& out, float x) { json_float(out, x, write_f32); }

void json(Out& out, const Bytes& x) {
  char* to = out.need(base64_size(x.raw.size()) + 2);
  *to = '"';
  to = write_base64(to + 1, x.raw.view());
  *to = '"';
  out.advance(to + 1);
}

}  // namespace gress::fn
