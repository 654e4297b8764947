// count_distinct(x) of text: exact. An operator numbers the short texts that it meets, up to a few thousand; a state
// then is a set of bits, next to nothing in size, instead of a table of texts. What has no number (long text, and what
// came when all numbers were given) stands in a set of its own. A text keeps its number, or its having none, for ever.
#pragma once
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/key_set.h"
#include "runtime/core/hash.h"

namespace gress::agg {

extern template class KeySet<Text>;

/// Numbers of texts, in order of appearance; one an argument of an operator. 24 kB, of which only
/// what is used is touched.
class TextNumbers {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kMost = 1024;

  [[gnu::always_inline]] std::uint32_t number(const Text& text) {
    // Long text has no number, so that the words of each hash like a short one's.
    std::size_t at = fn::fold(text.lo() ^ fn::kHashA, text.hi() ^ fn::kHashB) & (kSlots - 1);
    while (slots_[at] != 0) {
      const Text& known = texts_[slots_[at] - 1u];
      if (((known.lo() ^ text.lo()) | (known.hi() ^ text.hi())) == 0) [[likely]] return slots_[at] - 1u;
      at = (at + 1) & (kSlots - 1);
    }
    return add(text, at);
  }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) number(io.template get<Text>());  // short ones, nothing to free
    } else {
      io.count(count_);
      for (std::uint32_t n = 0; n != count_; ++n) io(texts_[n]);
    }
  }

 private:
  [[gnu::noinline]] std::uint32_t add(const Text& text, std::size_t at) {
    if (count_ == kMost || !text.is_inline()) return kNone;
    texts_[count_] = text;
    slots_[at] = static_cast<std::uint16_t>(++count_);
    return count_ - 1;
  }
  static constexpr std::size_t kSlots = kMost * 4;
  std::uint32_t count_ = 0;
  Text texts_[kMost];
  std::uint16_t slots_[kSlots] = {};
};

/// Small numbers as bits, as many as the largest number needs.
class NumberSet {
 public:
  [[gnu::always_inline]] void insert(std::uint32_t n) {
    if (n / 64 >= words_.size()) [[unlikely]] grow(n / 64 + 1);
    words_[n / 64] |= std::uint64_t{1} << (n & 63);
  }
  void merge(const NumberSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i != other.words_.size(); ++i) words_[i] |= other.words_[i];
  }
  std::int64_t size() const {
    int n = 0;
    for (const std::uint64_t word : words_) n += std::popcount(word);
    return n;
  }
  void clear() {
    for (std::uint64_t& word : words_) word = 0;
  }

  template <class Io>
  void archive(Io& io) { io(words_); }

 private:
  [[gnu::noinline]] void grow(std::size_t words) { words_.resize(std::bit_ceil(words)); }
  std::vector<std::uint64_t> words_;
};

struct CountDistinctText {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  /// `numbers` is the operator's, the same for all its states.
  [[gnu::always_inline]] void add(Eval&, const Text& x, TextNumbers& numbers) {
    const std::uint32_t n = numbers.number(x);
    if (n != TextNumbers::kNone) [[likely]]
      numbered_.insert(n);
    else
      insert_rest(x);
  }
  void add(Eval& ev, const Opt<Text>& x, TextNumbers& numbers) {
    if (x.has) add(ev, x.value, numbers);
  }
  void merge(Eval&, const CountDistinctText& other) {
    numbered_.merge(other.numbered_);
    if (!other.rest_) return;
    if (!rest_) rest_ = std::make_unique<KeySet<Text>>();
    rest_->merge(*other.rest_);
  }
  std::int64_t result(Eval&) const { return numbered_.size() + (rest_ ? static_cast<std::int64_t>(rest_->size()) : 0); }
  void clear() {
    numbered_.clear();
    if (rest_) rest_->clear();
  }

  template <class Io>
  void archive(Io& io) { io(numbered_, rest_); }

 private:
  [[gnu::noinline]] void insert_rest(const Text& x) {
    if (!rest_) rest_ = std::make_unique<KeySet<Text>>();
    rest_->insert(x);
  }
  NumberSet numbered_;
  std::unique_ptr<KeySet<Text>> rest_;
};

}  // namespace gress::agg
