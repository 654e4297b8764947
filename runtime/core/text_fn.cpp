#include "runtime/core/text_fn.h"

#include <string>

#include "runtime/core/byte_bits.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/core/letter_case.h"
#include "runtime/core/text_part.h"

namespace gress::fn {

namespace {

std::uint64_t load(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
bool continues(char c) { return (c & 0xc0) == 0x80; }

char32_t decode(const char* p, int size) {
  const auto tail = [p](int i) { return static_cast<char32_t>(p[i] & 0x3f); };
  switch (size) {
    case 2:
      return (static_cast<char32_t>(*p) & 0x1f) << 6 | tail(1);
    case 3:
      return (static_cast<char32_t>(*p) & 0x0f) << 12 | tail(1) << 6 | tail(2);
    default:
      return (static_cast<char32_t>(*p) & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
  }
}
char* encode(char* to, char32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    *to++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *to++ = static_cast<char>(0xc0 | c >> 6);
    *to++ = tail(0);
  } else if (c < 0x10000) {
    *to++ = static_cast<char>(0xe0 | c >> 12);
    *to++ = tail(6);
    *to++ = tail(0);
  } else {
    *to++ = static_cast<char>(0xf0 | c >> 18);
    *to++ = tail(12);
    *to++ = tail(6);
    *to++ = tail(0);
  }
  return to;
}

[[gnu::noinline]] Text change_case_unicode(Eval& ev, const Text& x, char32_t (*change)(char32_t)) {
  const char* p = x.data();
  const char* end = p + x.size();
  // Two bytes may become three; nothing grows more.
  char* const begin = ev.arena.allocate(x.size() / 2 * 3 + 3);
  char* to = begin;
  while (p != end) {
    if (static_cast<signed char>(*p) >= 0) {
      *to++ = static_cast<char>(change(static_cast<char32_t>(*p++)));
      continue;
    }
    const int size = decode::utf8_sequence(p, end);
    if (size == 0) {
      *to++ = *p++;
      continue;
    }
    to = encode(to, change(decode(p, size)));
    p += size;
  }
  ev.arena.shrink_last(to);
  return Text(begin, static_cast<std::size_t>(to - begin));
}

/// `first`: the first letter of the case that is to be changed. Short ASCII text does not come here.
Text change_case_any(Eval& ev, const Text& x, char first, char32_t (*change)(char32_t)) {
  if (x.is_inline()) return change_case_unicode(ev, x, change);
  const std::size_t size = x.size();
  const char* from = x.data();
  char* const to = ev.arena.allocate(size);
  std::uint64_t seen = 0;
  const auto eight = [&](std::size_t at) {
    const std::uint64_t word = load(from + at), changed = word ^ letter_bits(word, first);
    seen |= word;
    std::memcpy(to + at, &changed, 8);
  };
  for (std::size_t i = 0; i + 8 <= size; i += 8) eight(i);
  eight(size - 8);  // reads its overlap again from the source
  if ((seen & kHighBits) != 0) {
    ev.arena.shrink_last(to);
    return change_case_unicode(ev, x, change);
  }
  return Text(to, size);
}

/// Bytes of the white space that starts at p, 0 if none does.
int white_space(const char* p, const char* end) {
  const auto c = static_cast<unsigned char>(*p);
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  const int size = decode::utf8_sequence(p, end);
  if (size != 2 && size != 3) return 0;
  const char32_t u = decode(p, size);
  const bool space = u == 0x85 || u == 0xa0 || u == 0x1680 || (u >= 0x2000 && u <= 0x200a) || u == 0x2028 ||
                     u == 0x2029 || u == 0x202f || u == 0x205f || u == 0x3000;
  return space ? size : 0;
}

/// Start of code point number n from p, or end.
const char* skip(const char* p, const char* end, std::int64_t n) {
  while (end - p >= 8) {
    const int starts = 8 - continuations(load(p));
    if (starts > n) break;
    n -= starts;
    p += 8;
  }
  for (; p != end; ++p) {
    if (continues(*p)) continue;
    if (n == 0) break;
    --n;
  }
  return p;
}

std::string_view find(std::string_view in, std::string_view what) {
  const auto* at = static_cast<const char*>(memmem(in.data(), in.size(), what.data(), what.size()));
  return at == nullptr ? std::string_view() : std::string_view(at, what.size());
}

/// each(p): every byte `c` of the text, from the left, until it says false. How many there are is foreseen better than where they
/// are.
template <class Each>
[[gnu::always_inline]] inline void each_byte(const Text& x, char c, Each each) {
  const char* p = x.data();
  if (x.is_inline()) {
    const std::uint32_t valid = (1u << x.size()) - 1;
    for (std::uint32_t bits = equal_bits16(p, c) & valid; bits != 0; bits &= bits - 1)
      if (!each(p + std::countr_zero(bits))) return;
    return;
  }
  for (std::size_t left = x.size(); left != 0;) {
    const std::size_t size = left < 64 ? left : 64;
    for (std::uint64_t bits = bytes_equal(p, left, c); bits != 0; bits &= bits - 1)
      if (!each(p + std::countr_zero(bits))) return;
    p += size;
    left -= size;
  }
}
template <class Each>
[[gnu::always_inline]] inline void each_cut(const Text& x, std::string_view cut, Each each) {
  if (cut.size() == 1) return each_byte(x, cut[0], each);
  if (cut.empty()) return;
  for (std::string_view left = x.view(), at; !(at = find(left, cut)).empty();) {
    if (!each(at.data())) return;
    left.remove_prefix(static_cast<std::size_t>(at.data() - left.data()) + cut.size());
  }
}

}  // namespace

std::int64_t length_long(std::string_view x) {
  std::int64_t count = static_cast<std::int64_t>(x.size());
  std::size_t i = 0;
  for (; i + 8 <= x.size(); i += 8) count -= continuations(load(x.data() + i));
  for (; i != x.size(); ++i) count -= continues(x[i]);
  return count;
}

Text lower_any(Eval& ev, const Text& x) { return change_case_any(ev, x, 'A', small_letter); }
Text upper_any(Eval& ev, const Text& x) { return change_case_any(ev, x, 'a', capital_letter); }

Text trim(Eval&, const Text& x) {
  const char* p = x.data();
  const char* end = p + x.size();
  while (p != end) {
    const int n = white_space(p, end);
    if (n == 0) break;
    p += n;
  }
  while (end != p) {
    const char* last = end - 1;
    while (last != p && continues(*last) && end - last < 4) --last;
    const int n = white_space(last, end);
    if (n == 0 || last + n != end) break;
    end = last;
  }
  return Text(p, static_cast<std::size_t>(end - p));
}

Text substring(Eval& ev, const Text& x, std::int64_t start, std::int64_t count) {
  if ((start | count) < 0) [[unlikely]] {
    negative_slice(ev, "substring", start, count);
    return {};
  }
  const char* end = x.data() + x.size();
  const char* from = skip(x.data(), end, start);
  return Text(from, static_cast<std::size_t>(skip(from, end, count) - from));
}

Text replace(Eval& ev, const Text& x, const Text& what, const Text& by) {
  if (what.empty()) return x;
  const std::string_view all = x.view(), cut = what.view(), put = by.view();
  std::size_t count = 0;
  for (std::string_view left = all, at; !(at = find(left, cut)).empty(); ++count)
    left.remove_prefix(static_cast<std::size_t>(at.data() - left.data()) + cut.size());
  if (count == 0) return x;
  const std::size_t size = all.size() - count * cut.size() + count * put.size();
  char* const begin = ev.arena.allocate(size);
  char* to = begin;
  std::string_view left = all;
  while (count-- != 0) {
    const auto before = static_cast<std::size_t>(find(left, cut).data() - left.data());
    std::memcpy(to, left.data(), before);
    std::memcpy(to + before, put.data(), put.size());
    to += before + put.size();
    left.remove_prefix(before + cut.size());
  }
  std::memcpy(to, left.data(), left.size());
  return Text(begin, size);
}

List<Text> split(Eval& ev, const Text& x, const Text& separator) {
  const std::string_view cut = separator.view();
  const char* const begin = x.data();
  const char* const end = begin + x.size();
  // Room for the usual number of parts; where it is not enough, they are counted first.
  std::size_t room = 16, count = 0;
  const char* from = begin;
  Text* parts = ev.arena.allocate_array<Text>(room);
  const auto put = [&](const char* to) __attribute__((always_inline)) {
    if (count < room) [[likely]] parts[count] = text_part(from, static_cast<std::size_t>(to - from), end);
    ++count;
    from = to + cut.size();
    return true;
  };
  each_cut(x, cut, put);
  put(end);
  if (count > room) [[unlikely]] {
    room = count;
    count = 0;
    from = begin;
    parts = ev.arena.allocate_array<Text>(room);
    each_cut(x, cut, put);
    put(end);
  }
  ev.arena.shrink_last(reinterpret_cast<char*>(parts + count));
  return {parts, count};
}

List<Text> split_some(Eval& ev, const Text& x, const Text& separator, std::uint32_t which) {
  const std::string_view cut = separator.view();
  const char* from = x.data();
  const char* const end = from + x.size();
  const std::size_t most = static_cast<std::size_t>(std::bit_width(which));
  std::size_t count = 0;
  Text* const parts = ev.arena.allocate_array<Text>(most);
  const auto put = [&](const char* to) __attribute__((always_inline)) {
    if ((which >> count & 1) != 0) parts[count] = text_part(from, static_cast<std::size_t>(to - from), end);
    from = to + cut.size();
    return ++count != most;
  };
  each_cut(x, cut, put);
  if (count != most) put(end);
  return {parts, count};
}

Text join(Eval& ev, const List<Text>& parts, const Text& separator) {
  if (parts.count == 0) return {};
  std::size_t total = separator.size() * (parts.count - 1);
  for (const Text& part : parts) total += part.size();
  char* const begin = ev.arena.allocate(total);
  char* to = begin;
  for (std::size_t i = 0; i != parts.count; ++i) {
    if (i != 0) {
      std::memcpy(to, separator.data(), separator.size());
      to += separator.size();
    }
    std::memcpy(to, parts.items[i].data(), parts.items[i].size());
    to += parts.items[i].size();
  }
  return Text(begin, total);
}

[[gnu::cold, gnu::noinline]] void negative_slice(Eval& ev, const char* function, std::int64_t start,
                                                 std::int64_t count) {
  ev.fail(std::string(function) + (start < 0 ? ": start is " : ": count is ") +
          std::to_string(start < 0 ? start : count));
}

}  // namespace gress::fn
