// A row in one piece, for keeping very many: its plain members one behind the other, lengths of its whole numbers and
// texts, then their bytes. Numbers take as many bytes as their distance from the first row's; texts that come again and again
// are named by number, those that last by address. Reading gives the row again, its long texts views of the piece or of what
// the rows share.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/core/block.h"
#include "runtime/core/kept.h"
#include "runtime/core/shared_texts.h"
#include "runtime/core/state_value.h"

namespace gress {

/// Row: with `members`. Texts, optional texts and those in records are packed; lists and the like stand as they are, their
/// content in `far`.
template <class Row>
class PackedRow {
  template <class T>
  static constexpr bool packs = std::is_same_v<T, Text> || std::is_same_v<T, Opt<Text>>;
  template <class T>
  static constexpr bool opens = state::Record<T>;
  template <class T>
  static constexpr bool shrinks = std::is_same_v<T, std::int64_t>;
  template <class T>
  struct Sum {
    std::size_t fixed = 0, texts = 0, wholes = 0;
    constexpr Sum() {
      if constexpr (packs<T>) {
        fixed = sizeof(std::uint16_t);
        texts = 1;
      } else if constexpr (shrinks<T>) {
        fixed = sizeof(std::uint8_t);
        wholes = 1;
      } else if constexpr (opens<T>) {
        T::members.apply([&](auto... m) { (add(Sum<std::remove_cvref_t<decltype(std::declval<T&>().*m)>>()), ...); });
      } else if constexpr (!std::is_empty_v<T>) {
        fixed = sizeof(T);
      }
    }
    template <class U>
    constexpr void add(const Sum<U>& s) {
      fixed += s.fixed;
      texts += s.texts;
      wholes += s.wholes;
    }
  };

 public:
  static constexpr std::size_t kTexts = Sum<Row>().texts, kWholes = Sum<Row>().wholes;
  /// Texts up to this length stand in the row.
  static constexpr std::size_t kLongest = kTexts < 32 ? 1024 : 64;
  /// Bytes before those of whole numbers and texts.
  static constexpr std::size_t kFixed = Sum<Row>().fixed;
  static constexpr std::size_t kMost = kFixed + kWholes * sizeof(std::int64_t) + kTexts * kLongest;
  /// Bytes behind a row that may be read or written.
  static constexpr std::size_t kPadding = 16;

  /// What the rows of a log share.
  struct Shared {
    Eval far;
    SharedTexts texts;
    std::int64_t first[kWholes + 1] = {};  // numbers of the first row
    bool begun = false;
    std::uint64_t hashes[kBlock][kTexts + 1];  // of texts of the block that is to be written
  };

  /// What row i of a block will need to be written is on its way, in two steps for the whole block.
  static void foresee(Shared& shared, int i, const Row& row) {
    Foreseer{shared.texts, shared.hashes[i]}.see(row);
  }
  static void fetch(const Shared& shared, int count) {
    if constexpr (kTexts != 0)
      for (int i = 0; i != count; ++i)
        for (std::size_t k = 0; k != kTexts; ++k) shared.texts.fetch(shared.hashes[i][k]);
  }

  /// Writes a row of at most kMost bytes, the i-th that was foreseen; its end.
  static char* write(Shared& shared, int i, const Row& row, char* to) {
    Writer w{shared, shared.hashes[i], to, to + kFixed};
    w.put(row);
    shared.begun = true;
    return w.bytes;
  }
  static Row read(const Shared& shared, const char* from) {
    Row row{};
    Reader r{shared, from, from + kFixed};
    r.take(row);
    return row;
  }

 private:
  // Forms of a text that are no length; kLasting with a length below kLongest.
  static constexpr std::uint16_t kAbsent = 0xffff, kFar = 0xfffe, kShared = 0xfffd, kLasting = 0x8000;
  static constexpr std::size_t kAddress = 6;  // bytes of one, of which the two highest are 0

  struct Foreseer {
    SharedTexts& texts;
    std::uint64_t* hashes;
    std::uint32_t text = 0;  // how many there were

    template <class T>
    void see(const T& value) {
      if constexpr (std::is_same_v<T, Text>) {
        hashes[text] = texts.look_ahead(text, value);
        ++text;
      } else if constexpr (packs<T>) {
        hashes[text] = value.has ? texts.look_ahead(text, value.value) : 0;
        ++text;
      } else if constexpr (opens<T>) {
        T::members.apply([&](auto... m) { (see(value.*m), ...); });
      }
    }
  };
  struct Writer {
    Shared& shared;
    const std::uint64_t* hashes;
    char* fixed;
    char* bytes;
    std::uint32_t text = 0, whole = 0;  // how many there were

    template <class T>
    void put(const T& value) {
      if constexpr (std::is_same_v<T, Text>) {
        plain(put_text(value));
      } else if constexpr (packs<T>) {
        plain(value.has ? put_text(value.value) : (++text, kAbsent));
      } else if constexpr (shrinks<T>) {
        std::int64_t& first = shared.first[whole++];
        if (!shared.begun) [[unlikely]] first = value;
        const std::uint64_t folded = fold(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(first));
        const auto size = static_cast<std::uint8_t>((std::bit_width(folded) + 7) / 8);
        std::memcpy(bytes, &folded, sizeof folded);
        bytes += size;
        plain(size);
      } else if constexpr (opens<T>) {
        T::members.apply([&](auto... m) { (put(value.*m), ...); });
      } else if constexpr (StateTraits<T>::is_plain) {
        if constexpr (!std::is_empty_v<T>) plain(value);
      } else {
        plain(fn::kept(shared.far, value));
      }
    }
    std::uint16_t put_text(const Text& value) {
      const std::uint32_t column = text++;
      const std::uint32_t n = shared.texts.take(column, hashes[column], value);
      if (n == SharedTexts::kNone) return PackedRow::put(shared, value, bytes);
      const auto number = static_cast<SharedTexts::Number>(n);
      std::memcpy(bytes, &number, sizeof number);
      bytes += sizeof number;
      return kShared;
    }
    template <class T>
    void plain(const T& value) {
      std::memcpy(fixed, &value, sizeof value);
      fixed += sizeof value;
    }
  };
  struct Reader {
    const Shared& shared;
    const char* fixed;
    const char* bytes;
    std::uint32_t whole = 0;

    template <class T>
    void take(T& value) {
      if constexpr (std::is_same_v<T, Text>) {
        value = get(shared, form(), bytes);
      } else if constexpr (packs<T>) {
        if (const std::uint16_t f = form(); f != kAbsent) value = Opt<Text>(get(shared, f, bytes));
      } else if constexpr (shrinks<T>) {
        const unsigned bits = static_cast<std::uint8_t>(*fixed++) * 8u;
        std::uint64_t folded;
        std::memcpy(&folded, bytes, sizeof folded);
        bytes += bits / 8;
        if (bits != 64) folded &= (std::uint64_t{1} << bits) - 1;
        value = static_cast<std::int64_t>(unfold(folded) + static_cast<std::uint64_t>(shared.first[whole++]));
      } else if constexpr (opens<T>) {
        T::members.apply([&](auto... m) { (take(value.*m), ...); });
      } else if constexpr (!std::is_empty_v<T>) {
        std::memcpy(static_cast<void*>(&value), fixed, sizeof value);
        fixed += sizeof value;
      }
    }
    std::uint16_t form() {
      std::uint16_t f;
      std::memcpy(&f, fixed, sizeof f);
      fixed += sizeof f;
      return f;
    }
  };

  /// Small numbers of either sign as small ones.
  static std::uint64_t fold(std::uint64_t x) { return x << 1 ^ (std::uint64_t{0} - (x >> 63)); }
  static std::uint64_t unfold(std::uint64_t x) { return x >> 1 ^ (std::uint64_t{0} - (x & 1)); }

  static std::uint16_t put(Shared& shared, const Text& text, char*& bytes) {
    if (text.is_inline()) {
      std::memcpy(bytes, &text, sizeof text);
      bytes += text.size();
      return static_cast<std::uint16_t>(text.size());
    }
    if (text.size() > kLongest) [[unlikely]] {
      const Text held = shared.far.arena.copy(text);
      std::memcpy(bytes, &held, sizeof held);
      bytes += sizeof held;
      return kFar;
    }
    if (text.stays() && text.lo() >> kAddress * 8 == 0) {
      const std::uint64_t address = text.lo();
      std::memcpy(bytes, &address, sizeof address);
      bytes += kAddress;
      return static_cast<std::uint16_t>(kLasting | text.size());
    }
    std::memcpy(bytes, text.data(), text.size());
    bytes += text.size();
    return static_cast<std::uint16_t>(text.size());
  }
  static Text get(const Shared& shared, std::uint16_t form, const char*& bytes) {
    if (form <= Text::kInline) {
      std::uint64_t words[2];
      std::memcpy(words, bytes, sizeof words);
      bytes += form;
      // Shifts by 64 are none: each word keeps its share of the text's bytes.
      const unsigned low = form < 8 ? form : 8, high = form < 8 ? 0 : form - 8u;
      const std::uint64_t lo = low == 8 ? words[0] : words[0] & ((std::uint64_t{1} << low * 8) - 1);
      return Text::from_words(lo, (words[1] & ((std::uint64_t{1} << high * 8) - 1)) | std::uint64_t{form} << 56);
    }
    if (form == kShared) {
      SharedTexts::Number number;
      std::memcpy(&number, bytes, sizeof number);
      bytes += sizeof number;
      return shared.texts[number];
    }
    if (form == kFar) [[unlikely]] {
      Text held;
      std::memcpy(static_cast<void*>(&held), bytes, sizeof held);
      bytes += sizeof held;
      return held;
    }
    if ((form & kLasting) != 0) {
      std::uint64_t address;
      std::memcpy(&address, bytes, sizeof address);
      bytes += kAddress;
      return Text::lasting({reinterpret_cast<const char*>(address & ((std::uint64_t{1} << kAddress * 8) - 1)),
                            std::size_t{form} & ~std::size_t{kLasting}});
    }
    const Text text(bytes, form);
    bytes += form;
    return text;
  }
};

}  // namespace gress
