// Long texts that come again and again in rows that are kept for ever: kept once, and named by number. What keeping costs
// is memory that is touched for the first time, which outweighs looking a text up in a small table.
//
// A text is taken in when it comes for the second time within short, while there is room: for some ten thousand, whose
// table stays in the caches. A column whose texts seldom come again is tried for a while, then left alone for much longer.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>

#include "runtime/core/arena.h"
#include "runtime/core/hash.h"
#include "runtime/core/text.h"

namespace gress {

class SharedTexts {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  using Number = std::uint16_t;
  static constexpr std::size_t kLongest = 1024;

  SharedTexts() = default;
  SharedTexts(const SharedTexts&) = delete;
  SharedTexts& operator=(const SharedTexts&) = delete;
  ~SharedTexts() { std::free(entries_); }

  /// What a text will be looked for by, and its place is on its way; 0: it is not looked for. `column`: of the row's texts.
  std::uint64_t look_ahead(std::uint32_t column, const Text& x) {
    if (x.stays() || x.size() > kLongest) return 0;
    Column& c = columns_[column % kColumns];
    if (c.rest != 0) {
      --c.rest;
      return 0;
    }
    if (entries_ == nullptr) [[unlikely]] {
      if (++before_ < kFew) return 0;
      begin();
    }
    const std::uint64_t hash = fn::hash_bytes(x.view()) | 1;
    __builtin_prefetch(&entries_[place(hash)]);
    return hash;
  }
  /// The text itself, when the place has come.
  void fetch(std::uint64_t hash) const {
    if (hash == 0) return;
    const Entry& e = entries_[place(hash)];
    if (e.tag != tag(hash) || e.text.empty()) return;
    __builtin_prefetch(e.text.data());
    __builtin_prefetch(e.text.data() + 64);
  }
  /// The number of a text that is kept here; kNone if it is not.
  std::uint32_t take(std::uint32_t column, std::uint64_t hash, const Text& x) {
    if (hash == 0) return kNone;
    const std::uint32_t n = find(hash, x);
    Column& c = columns_[column % kColumns];
    c.found += n != kNone;
    if (++c.tried == kTrial) [[unlikely]] {
      if (c.found < kTrial / 8) c.rest = kRest;
      c.tried = c.found = 0;
    }
    return n;
  }
  const Text& operator[](std::uint32_t n) const { return entries_[n].text; }

 private:
  static constexpr std::uint32_t kEntries = 1u << 15, kColumns = 16;
  static constexpr std::uint32_t kTrial = kEntries / 2, kRest = 16 * kTrial;
  static constexpr std::uint32_t kFew = 1024;  // texts before there is a table
  static_assert(kEntries - 1 <= Number(-1));

  struct Entry {
    Text text;
    std::uint32_t tag;  // of the text's hash; while there is no text, of one that came once
  };
  struct Column {
    std::uint32_t tried = 0, found = 0, rest = 0;
  };

  static std::uint32_t place(std::uint64_t hash) { return hash >> 1 & (kEntries - 1); }
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  [[gnu::noinline]] void begin() {
    entries_ = static_cast<Entry*>(std::calloc(kEntries, sizeof(Entry)));
    if (entries_ == nullptr) throw std::bad_alloc();
  }
  std::uint32_t find(std::uint64_t hash, const Text& x) {
    const std::uint32_t first = place(hash), second = first ^ 1;
    for (const std::uint32_t n : {first, second}) {
      Entry& e = entries_[n];
      if (e.tag != tag(hash)) continue;
      if (e.text.empty()) e.text = bytes_.copy(x);
      else if (!(e.text == x)) continue;
      return n;
    }
    Entry &a = entries_[first], &b = entries_[second];
    if (a.text.empty()) {
      // Two that come in turn both stay.
      if (b.text.empty()) b.tag = a.tag;
      a.tag = tag(hash);
    } else if (b.text.empty()) {
      b.tag = tag(hash);
    }
    return kNone;
  }

  Entry* entries_ = nullptr;
  Column columns_[kColumns];
  std::uint32_t before_ = 0;
  Arena bytes_;
};

}  // namespace gress
