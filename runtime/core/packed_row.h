// A row in one piece, for keeping very many: its plain members one behind the other, a length for each text, then the
// texts' bytes. Reading gives the row again, its long texts views of the piece.
#pragma once
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/core/kept.h"
#include "runtime/core/state_value.h"

namespace gress {

/// Row: with `members`. Texts, optional texts and those in records are packed; lists and the like stand as they are, their
/// content in `far`.
template <class Row>
class PackedRow {
  template <class T>
  static constexpr bool packs = std::is_same_v<T, Text> || std::is_same_v<T, Opt<Text>>;
  template <class T>
  static constexpr bool opens = state::Record<T> && !StateTraits<T>::is_plain;
  template <class T>
  struct Sum {
    std::size_t fixed = 0, texts = 0;
    constexpr Sum() {
      if constexpr (packs<T>) {
        fixed = sizeof(std::uint16_t);
        texts = 1;
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
    }
  };

 public:
  static constexpr std::size_t kTexts = Sum<Row>().texts;
  /// Texts up to this length stand in the row.
  static constexpr std::size_t kLongest = kTexts < 32 ? 1024 : 64;
  /// Bytes before the texts.
  static constexpr std::size_t kFixed = Sum<Row>().fixed;
  static constexpr std::size_t kMost = kFixed + kTexts * kLongest;
  /// Bytes behind a row that may be read or written.
  static constexpr std::size_t kPadding = 16;

  /// What the rows of a log share.
  struct Shared {
    Eval far;
  };

  /// Writes a row of at most kMost bytes; its end.
  static char* write(Shared& shared, const Row& row, char* to) {
    Writer w{shared, to, to + kFixed};
    w.put(row);
    return w.bytes;
  }
  static Row read(const char* from) {
    Row row{};
    Reader r{from, from + kFixed};
    r.take(row);
    return row;
  }

 private:
  // Forms of a text that are no length.
  static constexpr std::uint16_t kAbsent = 0xffff, kFar = 0xfffe;

  struct Writer {
    Shared& shared;
    char* fixed;
    char* bytes;

    template <class T>
    void put(const T& value) {
      if constexpr (std::is_same_v<T, Text>) {
        plain(PackedRow::put(shared, value, bytes));
      } else if constexpr (packs<T>) {
        plain(value.has ? PackedRow::put(shared, value.value, bytes) : kAbsent);
      } else if constexpr (opens<T>) {
        T::members.apply([&](auto... m) { (put(value.*m), ...); });
      } else if constexpr (StateTraits<T>::is_plain) {
        if constexpr (!std::is_empty_v<T>) plain(value);
      } else {
        plain(fn::kept(shared.far, value));
      }
    }
    template <class T>
    void plain(const T& value) {
      std::memcpy(fixed, &value, sizeof value);
      fixed += sizeof value;
    }
  };
  struct Reader {
    const char* fixed;
    const char* bytes;

    template <class T>
    void take(T& value) {
      if constexpr (std::is_same_v<T, Text>) {
        value = get(form(), bytes);
      } else if constexpr (packs<T>) {
        if (const std::uint16_t f = form(); f != kAbsent) value = Opt<Text>(get(f, bytes));
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
    std::memcpy(bytes, text.data(), text.size());
    bytes += text.size();
    return static_cast<std::uint16_t>(text.size());
  }
  static Text get(std::uint16_t form, const char*& bytes) {
    if (form <= Text::kInline) {
      std::uint64_t words[2];
      std::memcpy(words, bytes, sizeof words);
      bytes += form;
      // Shifts by 64 are none: each word keeps its share of the text's bytes.
      const unsigned low = form < 8 ? form : 8, high = form < 8 ? 0 : form - 8u;
      const std::uint64_t lo = low == 8 ? words[0] : words[0] & ((std::uint64_t{1} << low * 8) - 1);
      return Text::from_words(lo, (words[1] & ((std::uint64_t{1} << high * 8) - 1)) | std::uint64_t{form} << 56);
    }
    if (form == kFar) [[unlikely]] {
      Text held;
      std::memcpy(static_cast<void*>(&held), bytes, sizeof held);
      bytes += sizeof held;
      return held;
    }
    const Text text(bytes, form);
    bytes += form;
    return text;
  }
};

}  // namespace gress
