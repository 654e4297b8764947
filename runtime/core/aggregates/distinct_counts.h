// count_distinct(x, where: …) of one x several times: one set, whose values say by a bit each which of the counts they are
// in, so that a row looks once for its value, whatever number of counts takes it.
//
// Open addressing over the values and, in the same memory behind them, their bits; a slot without bits is free. Values
// that are near each other lie in one line, in an order of that line's own: ids are often given in order and used near
// each other in time. Where two such lines fall on one, the probes of each go on to the next line (as in key_table.h).
#pragma once
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/buffer.h"
#include "runtime/core/hash.h"

namespace gress::agg {

/// T: an integer of more than one byte. kCounts: 2 to 32.
template <class T, int kCounts>
class DistinctCounts {
  static_assert(std::is_integral_v<T> && sizeof(T) > 1 && kCounts <= 32);

 public:
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;
  using Bits = std::conditional_t<kCounts <= 8, std::uint8_t, std::uint32_t>;

  DistinctCounts() = default;
  DistinctCounts(DistinctCounts&& o) noexcept { swap(o); }
  DistinctCounts& operator=(DistinctCounts&& o) noexcept {
    swap(o);
    return *this;
  }
  ~DistinctCounts() { std::free(values_); }

  /// Bit k: count k takes the row.
  void add(Eval&, T value, std::uint32_t counts) {
    if (counts != 0) [[likely]] insert(value, static_cast<Bits>(counts));
  }
  /// Ahead of add().
  void prefetch(T value) const {
    if (log2_ == 0) return;
    const std::uint64_t at = home(value);
    __builtin_prefetch(values_ + at);
    __builtin_prefetch(bits() + at);
  }
  void merge(Eval&, const DistinctCounts& other) {
    // Its values come in the order of their hashes, and would crowd in a table that grows by and by.
    while (size_ + other.size_ > most()) grow();
    for (std::uint64_t i = 0, n = other.capacity(); i != n; ++i)
      if (other.bits()[i] != 0) insert(other.values_[i], other.bits()[i]);
  }
  std::int64_t result(Eval&, int count) const { return counts_[count]; }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) {
        const T value = io.template get<T>();
        insert(value, io.template get<Bits>());
      }
    } else {
      io.count(size_);
      for (std::uint64_t i = 0, n = capacity(); i != n; ++i)
        if (bits()[i] != 0) io(values_[i], bits()[i]);
    }
  }
  void clear() {
    if (values_ != nullptr && !worth_keeping(capacity(), size_)) {
      std::free(values_);
      values_ = nullptr;
      log2_ = 0;
    } else if (size_ != 0) {
      std::memset(bits(), 0, capacity() * sizeof(Bits));
    }
    size_ = 0;
    for (std::int64_t& n : counts_) n = 0;
  }

 private:
  static constexpr unsigned kFirst = 4;  // log2 of the first table
  static constexpr std::uint64_t kNeighbours = 8, kStep = kNeighbours + 1;  // odd, so that probes come to all slots

  std::uint64_t capacity() const { return log2_ == 0 ? 0 : std::uint64_t{1} << log2_; }
  std::uint64_t most() const { return capacity() / 2; }
  Bits* bits() const { return reinterpret_cast<Bits*>(values_ + capacity()); }

  std::uint64_t home(T value) const {
    const std::uint64_t x = static_cast<std::make_unsigned_t<T>>(value);
    return (fn::key_hash(x / kNeighbours) ^ x % kNeighbours) & (capacity() - 1);
  }
  /// The value's slot, or the free one where it belongs.
  std::uint64_t find(T value) const {
    const std::uint64_t mask = capacity() - 1;
    const Bits* bits = this->bits();
    std::uint64_t at = home(value);
    while (bits[at] != 0 && values_[at] != value) at = (at + kStep) & mask;
    return at;
  }
  void insert(T value, Bits counts) {
    if (log2_ == 0) [[unlikely]] grow();
    std::uint64_t at = find(value);
    if (bits()[at] == 0) {
      if (size_ == most()) [[unlikely]] {
        grow();
        at = find(value);
      }
      values_[at] = value;
      ++size_;
    }
    Bits& bits = this->bits()[at];
    for (Bits fresh = counts & static_cast<Bits>(~bits); fresh != 0; fresh &= static_cast<Bits>(fresh - 1)) ++counts_[std::countr_zero(fresh)];
    bits |= counts;
  }
  [[gnu::noinline]] void grow() {
    const unsigned log2 = log2_ == 0 ? kFirst : log2_ + 1;
    if (log2 >= 48) throw std::bad_alloc();
    const std::uint64_t n = std::uint64_t{1} << log2, old = capacity();
    T* const was = values_;
    const Bits* const had = was == nullptr ? nullptr : bits();
    T* fresh = static_cast<T*>(std::malloc(n * (sizeof(T) + sizeof(Bits))));
    if (fresh == nullptr) throw std::bad_alloc();
    values_ = fresh;
    log2_ = log2;
    std::memset(bits(), 0, n * sizeof(Bits));
    for (std::uint64_t i = 0; i != old; ++i) {
      if (had[i] == 0) continue;
      const std::uint64_t at = find(was[i]);
      values_[at] = was[i];
      bits()[at] = had[i];
    }
    std::free(was);
  }
  void swap(DistinctCounts& o) noexcept {
    std::swap(values_, o.values_);
    std::swap(size_, o.size_);
    std::swap(log2_, o.log2_);
    std::swap(counts_, o.counts_);
  }

  T* values_ = nullptr;
  std::uint64_t size_ = 0;  // values in the set
  unsigned log2_ = 0;       // of the slots; 0: none
  std::int64_t counts_[kCounts] = {};
};

}  // namespace gress::agg
