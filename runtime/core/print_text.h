// Values as bare text: what the `text` format writes, and what CSV quotes where it must.
#pragma once
#include "runtime/core/decimal.h"
#include "runtime/core/out.h"
#include "runtime/core/value.h"
#include "runtime/core/write_bytes.h"
#include "runtime/core/write_number.h"
#include "runtime/core/write_text.h"
#include "runtime/core/write_time.h"

namespace gress {
template <class E>
struct EnumNames;
}

namespace gress::fn {

inline void text(Out& out, bool x) {
  char* to = out.need(8);
  std::memcpy(to, x ? "true\0\0\0" : "false\0\0", 8);
  out.advance(to + 5 - x);
}
inline void text(Out& out, std::int64_t x) {
  char* to = out.need(kNumberRoom);
  out.advance(write_i64(to, x));
}
inline void text(Out& out, std::int32_t x) { text(out, std::int64_t{x}); }
inline void text(Out& out, double x) {
  char* to = out.need(kNumberRoom);
  out.advance(write_f64(to, x));
}
inline void text(Out& out, float x) {
  char* to = out.need(kNumberRoom);
  out.advance(write_f32(to, x));
}
inline void text(Out& out, Decimal x) {
  char* to = out.need(kDecimalRoom);
  out.advance(write_decimal(to, x));
}
inline void text(Out& out, const Text& x) {
  char* to = out.need(x.size() + 16);
  out.advance(write_text(to, x));
}
/// Base64.
inline void text(Out& out, const Bytes& x) {
  char* to = out.need(base64_size(x.raw.size()));
  out.advance(write_base64(to, x.raw.view()));
}
inline void text(Out& out, Uuid x) {
  char* to = out.need(kUuidRoom);
  out.advance(write_uuid(to, x));
}
template <class E>
  requires std::is_enum_v<E>
void text(Out& out, E x) {
  out.write(std::string_view(EnumNames<E>::names[static_cast<std::size_t>(x)]));
}
inline void text_timestamp(Out& out, std::int64_t x) {
  char* to = out.need(kTimeRoom);
  out.advance(write_timestamp(to, x));
}
inline void text_duration(Out& out, std::int64_t x) {
  char* to = out.need(kTimeRoom);
  out.advance(write_duration(to, x));
}
/// Absent as nothing.
template <class T>
void text(Out& out, const Opt<T>& x) {
  if (x.has) text(out, x.value);
}
inline void text_timestamp(Out& out, const Opt<std::int64_t>& x) {
  if (x.has) text_timestamp(out, x.value);
}
inline void text_duration(Out& out, const Opt<std::int64_t>& x) {
  if (x.has) text_duration(out, x.value);
}

}  // namespace gress::fn
