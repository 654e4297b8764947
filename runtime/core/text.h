// Text: 16 bytes by value. Up to 15 bytes are held inline, zero-padded, with their count in the last byte, so that
// equality, hashing and copying of usual text are two register operations; longer text is a view (address, length)
// into an input block, an arena or a state's own buffer, or of bytes that last as long as the process (a program's own
// texts), which are never copied. The layout is the runtime's answer to "text of a few bytes is a register" and is what
// decoders write and keys store.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gress {

class Text {
 public:
  static constexpr std::size_t kInline = 15;

  constexpr Text() : lo_(0), hi_(0) {}
  /// A view of `size` bytes at `data` if longer than 15 bytes (which must outlive the Text), else a copy.
  Text(const char* data, std::size_t size) : lo_(0), hi_(static_cast<std::uint64_t>(size) << 56) {
    // In registers: bytes that were just stored singly cannot be loaded as words without waiting.
    if (size > kInline) [[unlikely]] {
      lo_ = reinterpret_cast<std::uint64_t>(data);
      hi_ = (std::uint64_t{0xff} << 56) | (static_cast<std::uint64_t>(size) & 0xffffffffffffu);
    } else if (size >= 8) {
      lo_ = load<std::uint64_t>(data);
      hi_ |= load<std::uint64_t>(data + size - 8) >> (8 * (15 - size)) >> 8;
    } else if (size >= 4) {
      lo_ = load<std::uint32_t>(data) | load<std::uint32_t>(data + size - 4) << (8 * (size - 4));
    } else if (size != 0) {
      lo_ = load<std::uint8_t>(data) | load<std::uint8_t>(data + size / 2) << (8 * (size / 2)) |
            load<std::uint8_t>(data + size - 1) << (8 * (size - 1));
    }
  }
  Text(std::string_view s) : Text(s.data(), s.size()) {}

  /// From the two registers of an inline text (bytes zero-padded, count in the top byte of `hi`).
  static Text from_words(std::uint64_t lo, std::uint64_t hi) {
    Text t;
    t.lo_ = lo;
    t.hi_ = hi;
    return t;
  }

  /// A view of bytes that are there until the process ends.
  static Text lasting(std::string_view s) {
    Text t(s);
    if (!t.is_inline()) t.hi_ |= kLasting;
    return t;
  }

  bool is_inline() const { return (hi_ >> 56) != 0xff; }
  std::size_t size() const { return is_inline() ? hi_ >> 56 : hi_ & 0xffffffffffffu; }
  bool empty() const { return hi_ == 0; }
  /// Inline or lasting: whoever keeps it need not copy its bytes.
  bool stays() const { return hi_ >> 55 != 0xff << 1; }
  /// Address of the bytes; for inline text inside this object, so only as long-lived as it.
  const char* data() const {
    return is_inline() ? reinterpret_cast<const char*>(this) : reinterpret_cast<const char*>(lo_);
  }
  std::string_view view() const { return {data(), size()}; }
  std::uint64_t lo() const { return lo_; }
  std::uint64_t hi() const { return hi_; }

  friend bool operator==(const Text& a, const Text& b) {
    if (((a.lo_ ^ b.lo_) | (a.hi_ ^ b.hi_)) == 0) [[likely]] return true;
    return ((a.hi_ ^ b.hi_) & ~kLasting) == 0 && !a.is_inline() && same_bytes(a, b);
  }
  /// By bytes (unsigned), a prefix before the longer text.
  friend int compare(const Text& a, const Text& b) {
    if (a.is_inline() && b.is_inline()) [[likely]] {
      // As big-endian numbers: padding is below every byte, and behind equal bytes stands the count.
      const std::uint64_t al = __builtin_bswap64(a.lo_), bl = __builtin_bswap64(b.lo_);
      if (al != bl) return al < bl ? -1 : 1;
      const std::uint64_t ah = __builtin_bswap64(a.hi_), bh = __builtin_bswap64(b.hi_);
      return ah < bh ? -1 : ah != bh;
    }
    const std::size_t n = a.size() < b.size() ? a.size() : b.size();
    const int c = std::memcmp(a.data(), b.data(), n);
    if (c != 0) return c;
    return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
  }
  friend bool operator<(const Text& a, const Text& b) { return compare(a, b) < 0; }

 private:
  static constexpr std::uint64_t kLasting = std::uint64_t{1} << 55;

  /// Of two long texts of one length; apart, so that comparing stays small where it is inlined.
  [[gnu::noinline]] static bool same_bytes(const Text& a, const Text& b) { return std::memcmp(a.data(), b.data(), a.size()) == 0; }

  template <class Word>
  static std::uint64_t load(const char* p) {
    Word w;
    std::memcpy(&w, p, sizeof w);
    return w;
  }

  std::uint64_t lo_;  // bytes 0-7, or the address
  std::uint64_t hi_;  // bytes 8-14 and the count; or length (48 bits), whether it lasts, and 0xff
};
static_assert(sizeof(Text) == 16);

}  // namespace gress
