// A set of distinct values in a header of 32 bytes: a few plain values stand in the header, more in an open-addressing
// table of the values themselves, at most a quarter full while small (a second probe is a mispredict), then half. A
// slot that holds T{} is free; that T{} itself is in the set is a bit of the header. Long text is copied into memory of
// the set's own.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/core/aggregates/buffer.h"
#include "runtime/core/hash.h"
#include "runtime/core/state_value.h"

namespace gress::agg {

/// Copies of long text in chunks; all are freed, or their newest chunk used again, at once.
class TextStore {
 public:
  Text keep(const Text& text) {
    if (text.stays()) return text;
    const std::size_t size = text.size();
    if (chunk_ == nullptr || size > chunk_->size - chunk_->used) [[unlikely]]
      grow(size);
    char* bytes = reinterpret_cast<char*>(chunk_ + 1) + chunk_->used;
    chunk_->used += size;
    std::memcpy(bytes, text.data(), size);
    return Text(bytes, size);
  }
  void clear() {
    if (chunk_ == nullptr) return;
    release(std::exchange(chunk_->before, nullptr));
    chunk_->used = 0;
  }
  void release_all() {
    release(chunk_);
    chunk_ = nullptr;
  }

 private:
  struct Chunk {
    Chunk* before;
    std::size_t size, used;  // bytes behind this header
  };
  [[gnu::noinline]] void grow(std::size_t need) {
    // Each chunk is twice the one before, up to 64 kB, or one long text.
    std::size_t size = chunk_ == nullptr ? 256 : chunk_->size * 2;
    if (size > 65536) size = 65536;
    if (size < need) size = need;
    void* memory = std::malloc(sizeof(Chunk) + size);
    if (memory == nullptr) throw std::bad_alloc();
    chunk_ = new (memory) Chunk{chunk_, size, 0};
  }
  static void release(Chunk* chunk) {
    while (chunk != nullptr) std::free(std::exchange(chunk, chunk->before));
  }
  Chunk* chunk_ = nullptr;
};

template <class T>
class KeySet {
  static constexpr bool kText = std::is_same_v<T, Text> || std::is_same_v<T, Bytes>;
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);

 public:
  KeySet() {}
  KeySet(KeySet&& other) noexcept { take(other); }
  KeySet& operator=(KeySet&& other) noexcept {
    if (this != &other) {
      destroy();
      take(other);
    }
    return *this;
  }
  ~KeySet() { destroy(); }

  std::uint64_t size() const { return count_ + has_default_; }

  void insert(const T& value) {
    if (is_default(value)) [[unlikely]] {
      has_default_ = 1;
      return;
    }
    if (log2_ == 0) {
      if (insert_inline(value)) return;
      grow(kFirst);
    }
    T* at = find(value);
    if (!is_default(*at)) return;
    if (count_ == most(log2_)) [[unlikely]] {
      grow(log2_ + 1u);
      at = find(value);
    }
    *at = keep(value);
    ++count_;
  }

  void merge(const KeySet& other) {
    // A table's values come in the order of their hashes: the target must have its final size before, or they would
    // all crowd into its beginning.
    const std::uint64_t both = count_ + other.count_;
    if constexpr (StateTraits<T>::is_plain) {
      if (count_ == 0 && log2_ == other.log2_) {
        if (log2_ == 0)
          body_ = other.body_;
        else
          std::memcpy(static_cast<void*>(slots()), other.slots(), capacity() * sizeof(T));
        count_ = other.count_;
        has_default_ = has_default_ | other.has_default_;
        return;
      }
    }
    if (other.log2_ != 0 && (log2_ == 0 || both > most(log2_))) {
      unsigned log2 = kFirst;
      while (most(log2) < both) ++log2;
      grow(log2);
    }
    if (other.log2_ != 0) {
      const T* slots = other.slots();
      for (std::uint64_t i = 0, n = other.capacity(); i != n; ++i)
        if (!is_default(slots[i])) insert(slots[i]);
    } else {
      for (std::uint64_t i = 0; i != other.count_; ++i) insert(other.body_.few()[i]);
    }
    if (other.has_default_) has_default_ = 1;
  }

  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) {
        T value = io.template get<T>();
        insert(value);
        StateTraits<T>::release(value);
      }
    } else {
      io.count(size());
      if (has_default_) io(T{});
      if (log2_ != 0) {
        for (std::uint64_t i = 0, n = capacity(); i != n; ++i)
          if (!is_default(slots()[i])) io(slots()[i]);
      } else {
        for (std::uint64_t i = 0; i != count_; ++i) io(body_.few()[i]);
      }
    }
  }

  void clear() {
    if (log2_ != 0) {
      if (!worth_keeping(capacity(), count_)) {
        destroy();
        log2_ = 0;
      } else if (count_ != 0) {
        forget_values();
        std::memset(static_cast<void*>(slots()), 0, capacity() * sizeof(T));
        make_free(slots(), capacity());
      }
    }
    count_ = 0;
    has_default_ = 0;
  }

 private:
  static constexpr unsigned kFirst = 4;  // log2 of the first table
  static constexpr unsigned kFew = StateTraits<T>::is_plain || kText ? 24 / sizeof(T) : 0;
  struct Head {
    TextStore texts;
    std::uint64_t unused = 0;
  };
  static constexpr std::size_t kHead = kText ? sizeof(Head) : 0;

  /// A free slot: all zero bytes for everything whose T{} is.
  static void make_free(T* slots, std::uint64_t n) {
    if constexpr (!(std::is_arithmetic_v<T> || kText))
      for (std::uint64_t i = 0; i != n; ++i) slots[i] = T{};
  }
  static bool is_default(const T& x) {
    if constexpr (std::is_same_v<T, Text>)
      return x.empty();
    else if constexpr (std::is_same_v<T, Bytes>)
      return x.raw.empty();
    else
      return x == T{};
  }

  /// Values that a table of 2^log2 slots holds.
  static std::uint64_t most(unsigned log2) { return (std::uint64_t{1} << log2) / (log2 < 10 ? 4 : 2); }
  std::uint64_t capacity() const { return log2_ == 0 ? 0 : std::uint64_t{1} << log2_; }
  T* slots() const { return reinterpret_cast<T*>(body_.block() + kHead); }
  TextStore& texts() const { return reinterpret_cast<Head*>(body_.block())->texts; }

  T keep(const T& value) {
    if constexpr (std::is_same_v<T, Text>)
      return texts().keep(value);
    else if constexpr (std::is_same_v<T, Bytes>)
      return {texts().keep(value.raw)};
    else
      return StateTraits<T>::retain(value);
  }
  static bool may_stand_in_header(const T& value) {
    if constexpr (std::is_same_v<T, Text>)
      return value.is_inline();
    else if constexpr (std::is_same_v<T, Bytes>)
      return value.raw.is_inline();
    else
      return true;
  }

  /// The value's slot, or the free one where it belongs. Most values are there already, at the first place.
  T* find(const T& value) const {
    T* const slots = this->slots();
    const std::uint64_t mask = (std::uint64_t{1} << log2_) - 1;
    std::uint64_t at = fn::key_hash(value) >> (64 - log2_);
    while (!(slots[at] == value) && !is_default(slots[at])) at = (at + 1) & mask;
    return slots + at;
  }

  /// False when it is not there and there is no place for it.
  bool insert_inline(const T& value) {
    if constexpr (kFew != 0) {
      if (!may_stand_in_header(value)) return false;
      T* few = body_.few();
      for (std::uint64_t i = 0; i != count_; ++i)
        if (few[i] == value) return true;
      if (count_ == kFew) return false;
      few[count_++] = value;
      return true;
    } else {
      return false;
    }
  }

  [[gnu::noinline]] void grow(unsigned log2) {
    const std::uint64_t n = std::uint64_t{1} << log2;
    if (log2 >= 48) throw std::bad_alloc();
    char* block = static_cast<char*>(std::calloc(1, kHead + n * sizeof(T)));
    if (block == nullptr) throw std::bad_alloc();
    T* fresh = reinterpret_cast<T*>(block + kHead);
    make_free(fresh, n);
    const auto move = [&](const T& value) {
      std::uint64_t at = fn::key_hash(value) >> (64 - log2);
      while (!is_default(fresh[at])) at = (at + 1) & (n - 1);
      fresh[at] = value;
    };
    if (log2_ == 0) {
      if constexpr (kText) new (block) Head();
      for (std::uint64_t i = 0; i != count_; ++i) move(body_.few()[i]);
    } else {
      if constexpr (kText) new (block) Head(*reinterpret_cast<Head*>(body_.block()));
      for (std::uint64_t i = 0, old = capacity(); i != old; ++i)
        if (!is_default(slots()[i])) move(slots()[i]);
      std::free(body_.block());
    }
    body_.set_block(block);
    log2_ = log2;
  }

  void forget_values() {
    if constexpr (kText)
      texts().clear();
    else if constexpr (!StateTraits<T>::is_plain)
      for (std::uint64_t i = 0, n = capacity(); i != n; ++i) StateTraits<T>::release(slots()[i]);
  }
  void destroy() {
    if (log2_ == 0) return;
    if constexpr (kText)
      texts().release_all();
    else
      forget_values();
    std::free(body_.block());
  }
  void take(KeySet& other) {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof *this);
    other.count_ = 0;
    other.log2_ = 0;
    other.has_default_ = 0;
  }

  /// A few values, or the address of the table's block.
  struct Body {
    alignas(alignof(T) > 8 ? 16 : 8) unsigned char bytes[kFew * sizeof(T) > 8 ? kFew * sizeof(T) : 8];
    T* few() { return reinterpret_cast<T*>(bytes); }
    const T* few() const { return reinterpret_cast<const T*>(bytes); }
    char* block() const {
      char* block;
      std::memcpy(&block, bytes, sizeof block);
      return block;
    }
    void set_block(char* block) { std::memcpy(bytes, &block, sizeof block); }
  };

  std::uint64_t count_ : 48 = 0;  // values other than T{}
  std::uint64_t log2_ : 8 = 0;    // of the table's slots; 0: the values stand in the header
  std::uint64_t has_default_ : 8 = 0;
  Body body_;
};

}  // namespace gress::agg
