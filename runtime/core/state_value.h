// Values that outlive the block they came from: copies that own the memory of long text, lists and maps. A value is
// still held in its ordinary form (value.h), so that it is read without conversion; StateTraits<T> says how a held one
// is made, overwritten and freed, and Held<T> is the owner that does so by itself.
//
// A record takes part by listing its members:
//
//   struct Ride { Text area; std::int64_t at; static constexpr auto members = Members<&Ride::area, &Ride::at>{}; };
//
// Other types that own nothing declare `template <> struct StateTraits<X> : PlainState<X> {};`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/core/members.h"
#include "runtime/core/text.h"
#include "runtime/core/value.h"

namespace gress {

struct Decimal;  // decimal.h

/// Nothing to own: held values are plain copies.
template <class T>
struct PlainState {
  static constexpr bool is_plain = true;
  static T retain(const T& value) { return value; }
  static void release(T&) {}
  static void assign(T& held, const T& fresh) { held = fresh; }
  static void replace(T& held, const T& fresh) { held = fresh; }
};

/// is_plain: a plain copy does; the functions below do nothing more.
/// retain(value): a held copy.
/// release(held): frees what it owns and leaves T{}, so that releasing twice is harmless.
/// assign(held, fresh): held becomes a copy of fresh and reuses its memory where that suffices. `fresh` may view the
///   very memory that is overwritten (a part of the same text or list) but no other part of `held`: a record that
///   exchanges two of its texts wants replace().
/// replace(held, fresh): the same for any fresh, by way of a new copy.
template <class T>
struct StateTraits;

namespace state {

/// Memory of held text and lists: the capacity in bytes stands before the first byte.
template <std::size_t kHeader>
struct Buffer {
  static char* allocate(std::size_t bytes) {
    // Whole multiples of 16, as malloc gives them anyhow.
    const std::size_t whole = (bytes + kHeader + 15) & ~std::size_t{15};
    if (whole < bytes) throw std::bad_alloc();
    char* block = static_cast<char*>(std::malloc(whole));
    if (block == nullptr) throw std::bad_alloc();
    const std::uint64_t capacity = whole - kHeader;
    std::memcpy(block, &capacity, sizeof capacity);
    return block + kHeader;
  }
  static std::size_t capacity(const char* data) {
    std::uint64_t capacity;
    std::memcpy(&capacity, data - kHeader, sizeof capacity);
    return capacity;
  }
  static void free(char* data) { std::free(data - kHeader); }
};
using TextBuffer = Buffer<8>;
using ListBuffer = Buffer<16>;

template <class T>
concept Record = requires { T::members; };

template <class T>
inline constexpr bool known_plain = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_empty_v<T>;

/// Sequences of List and Map: `Item` elements at `items`.
template <class Sequence, class Item>
struct SequenceState {
  static constexpr bool is_plain = false;
  static_assert(std::is_trivially_copyable_v<Item> && alignof(Item) <= 16);

  static Sequence retain(const Sequence& value) {
    Sequence held;
    if (value.count == 0) return held;
    Item* items = reinterpret_cast<Item*>(ListBuffer::allocate(value.count * sizeof(Item)));
    fill(items, value.items, 0, value.count);
    held.items = items;
    held.count = value.count;
    return held;
  }
  static void release(Sequence& held) {
    if (held.items == nullptr) return;
    release_from(held, 0);
    ListBuffer::free(const_cast<char*>(reinterpret_cast<const char*>(held.items)));
    held = Sequence{};
  }
  /// An emptied sequence keeps its buffer.
  static void assign(Sequence& held, const Sequence& fresh) {
    const Sequence from = fresh;
    const std::size_t room =
        held.items == nullptr ? 0 : ListBuffer::capacity(reinterpret_cast<const char*>(held.items)) / sizeof(Item);
    if (from.count > room) return replace(held, from);
    if (from.items == held.items && from.count == held.count) return;
    Item* items = const_cast<Item*>(held.items);
    const std::size_t both = held.count < from.count ? held.count : from.count;
    if constexpr (StateTraits<Item>::is_plain) {
      if (from.count != 0) std::memmove(items, from.items, from.count * sizeof(Item));
    } else {
      // Forwards: a part of the held sequence lies at or behind the place it moves to.
      for (std::size_t i = 0; i != both; ++i) StateTraits<Item>::assign(items[i], from.items[i]);
      fill(items, from.items, both, from.count);
      release_from(held, both);
    }
    held.count = from.count;
  }
  static void replace(Sequence& held, const Sequence& fresh) {
    const Sequence copy = retain(fresh);
    release(held);
    held = copy;
  }

 private:
  static void fill(Item* to, const Item* from, std::size_t begin, std::size_t end) {
    if constexpr (StateTraits<Item>::is_plain)
      std::memcpy(static_cast<void*>(to + begin), from + begin, (end - begin) * sizeof(Item));
    else
      for (std::size_t i = begin; i != end; ++i) to[i] = StateTraits<Item>::retain(from[i]);
  }
  static void release_from(Sequence& held, std::size_t begin) {
    if constexpr (!StateTraits<Item>::is_plain)
      for (std::size_t i = begin; i < held.count; ++i) StateTraits<Item>::release(const_cast<Item&>(held.items[i]));
  }
};

/// Member by member; plain members are copied with the whole.
template <class R>
struct RecordState {
  template <class M>
  using MemberType = std::remove_cvref_t<decltype(std::declval<R&>().*std::declval<M>())>;
  template <class M>
  static constexpr bool plain_member = StateTraits<MemberType<M>>::is_plain;

  static constexpr bool is_plain = R::members.apply([](auto... m) { return (plain_member<decltype(m)> && ...); });

  static R retain(const R& value) {
    R held = value;
    each([&](auto m) { held.*m = StateTraits<MemberType<decltype(m)>>::retain(value.*m); });
    return held;
  }
  static void release(R& held) {
    if constexpr (!is_plain) {
      each([&](auto m) { StateTraits<MemberType<decltype(m)>>::release(held.*m); });
      held = R{};
    }
  }
  static void assign(R& held, const R& fresh) {
    if constexpr (is_plain)
      held = fresh;
    else
      R::members.apply([&](auto... m) { (StateTraits<MemberType<decltype(m)>>::assign(held.*m, fresh.*m), ...); });
  }
  static void replace(R& held, const R& fresh) {
    R copy = retain(fresh);
    release(held);
    held = copy;
  }

 private:
  template <class F>
  static void each(F f) {
    R::members.apply([&](auto... m) {
      (
          [&] {
            if constexpr (!plain_member<decltype(m)>) f(m);
          }(),
          ...);
    });
  }
};

/// What is neither a scalar nor a record with `members` must be named: owning by mistake nothing would leave views of
/// memory that is gone.
template <class T>
struct Unknown {
  static_assert(sizeof(T) == 0, "a type of held values lists its `members`, or specialises StateTraits");
};

}  // namespace state

template <class T>
struct StateTraits
    : std::conditional_t<state::known_plain<T>, PlainState<T>,
                         std::conditional_t<state::Record<T>, state::RecordState<T>, state::Unknown<T>>> {};

template <>
struct StateTraits<Uuid> : PlainState<Uuid> {};
template <>
struct StateTraits<Decimal> : PlainState<Decimal> {};

template <>
struct StateTraits<Text> {
  static constexpr bool is_plain = false;
  static Text retain(const Text& value) { return value.stays() ? value : copy(value.data(), value.size()); }
  static void release(Text& held) {
    if (!held.stays()) state::TextBuffer::free(const_cast<char*>(held.data()));
    held = Text();
  }
  static void assign(Text& held, const Text& fresh) {
    const Text from = fresh;
    if (held.stays() || from.stays() || from.size() > state::TextBuffer::capacity(held.data())) {
      if (held.stays() && from.stays()) [[likely]]
        held = from;
      else
        replace(held, from);
      return;
    }
    char* bytes = const_cast<char*>(held.data());
    std::memmove(bytes, from.data(), from.size());
    held = Text(bytes, from.size());
  }
  static void replace(Text& held, const Text& fresh) {
    const Text value = retain(fresh);
    release(held);
    held = value;
  }

 private:
  [[gnu::noinline]] static Text copy(const char* data, std::size_t size) {
    char* bytes = state::TextBuffer::allocate(size);
    std::memcpy(bytes, data, size);
    return Text(bytes, size);
  }
};

template <>
struct StateTraits<Bytes> {
  static constexpr bool is_plain = false;
  static Bytes retain(const Bytes& value) { return {StateTraits<Text>::retain(value.raw)}; }
  static void release(Bytes& held) { StateTraits<Text>::release(held.raw); }
  static void assign(Bytes& held, const Bytes& fresh) { StateTraits<Text>::assign(held.raw, fresh.raw); }
  static void replace(Bytes& held, const Bytes& fresh) { StateTraits<Text>::replace(held.raw, fresh.raw); }
};

/// An absent value holds T{}, as everywhere.
template <class T>
struct StateTraits<Opt<T>> {
  static constexpr bool is_plain = StateTraits<T>::is_plain;
  static Opt<T> retain(const Opt<T>& value) {
    if constexpr (is_plain) return value;
    return value.has ? Opt<T>(StateTraits<T>::retain(value.value)) : Opt<T>();
  }
  static void release(Opt<T>& held) {
    if constexpr (!is_plain) {
      StateTraits<T>::release(held.value);
      held = Opt<T>();
    }
  }
  static void assign(Opt<T>& held, const Opt<T>& fresh) {
    if constexpr (is_plain) {
      held = fresh;
    } else if (fresh.has) {
      StateTraits<T>::assign(held.value, fresh.value);
      held.has = true;
    } else {
      release(held);
    }
  }
  static void replace(Opt<T>& held, const Opt<T>& fresh) {
    Opt<T> value = retain(fresh);
    release(held);
    held = value;
  }
};

template <class K, class V>
struct StateTraits<MapEntry<K, V>> {
  static constexpr bool is_plain = StateTraits<K>::is_plain && StateTraits<V>::is_plain;
  using Entry = MapEntry<K, V>;
  static Entry retain(const Entry& e) { return {StateTraits<K>::retain(e.key), StateTraits<V>::retain(e.value)}; }
  static void release(Entry& held) {
    StateTraits<K>::release(held.key);
    StateTraits<V>::release(held.value);
  }
  static void assign(Entry& held, const Entry& fresh) {
    StateTraits<K>::assign(held.key, fresh.key);
    StateTraits<V>::assign(held.value, fresh.value);
  }
  static void replace(Entry& held, const Entry& fresh) {
    Entry value = retain(fresh);
    release(held);
    held = value;
  }
};

template <class T>
struct StateTraits<List<T>> : state::SequenceState<List<T>, T> {};
template <class K, class V>
struct StateTraits<Map<K, V>> : state::SequenceState<Map<K, V>, MapEntry<K, V>> {};

/// The owner of one held value. Moves, is copied by clone() only. A reference from get(), and what the value views,
/// are good until the owner changes.
template <class T>
class Held {
 public:
  static constexpr bool kMovesAsBytes = true;
  Held() = default;
  explicit Held(const T& value) : value_(StateTraits<T>::retain(value)) {}
  Held(Held&& other) noexcept : value_(other.value_) { other.value_ = T{}; }
  Held& operator=(Held&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Held() { StateTraits<T>::release(value_); }

  const T& get() const { return value_; }
  void assign(const T& fresh) { StateTraits<T>::assign(value_, fresh); }
  void replace(const T& fresh) { StateTraits<T>::replace(value_, fresh); }
  Held clone() const { return Held(value_); }
  /// Frees what is held; the value is T{}.
  void clear() {
    StateTraits<T>::release(value_);
    value_ = T{};
  }

 private:
  T value_{};
};

/// Text keeps its buffer even while the value is short, so that short and long ones may alternate without allocation.
template <>
class Held<Text> {
 public:
  static constexpr bool kMovesAsBytes = true;
  Held() = default;
  explicit Held(const Text& value) { assign(value); }
  Held(Held&& other) noexcept : value_(other.value_), buffer_(other.buffer_) {
    other.value_ = Text();
    other.buffer_ = nullptr;
  }
  Held& operator=(Held&& other) noexcept {
    std::swap(value_, other.value_);
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~Held() {
    if (buffer_ != nullptr) state::TextBuffer::free(buffer_);
  }

  const Text& get() const { return value_; }
  void assign(const Text& fresh) {
    if (fresh.stays()) [[likely]]
      value_ = fresh;
    else
      assign_long(fresh);
  }
  void replace(const Text& fresh) { assign(fresh); }
  Held clone() const { return Held(value_); }
  void clear() {
    if (buffer_ != nullptr) state::TextBuffer::free(buffer_);
    buffer_ = nullptr;
    value_ = Text();
  }

 private:
  [[gnu::noinline]] void assign_long(const Text& fresh) {
    const Text from = fresh;
    const std::size_t size = from.size();
    if (buffer_ != nullptr && size <= state::TextBuffer::capacity(buffer_)) {
      std::memmove(buffer_, from.data(), size);
    } else {
      char* bytes = state::TextBuffer::allocate(size);
      std::memcpy(bytes, from.data(), size);
      if (buffer_ != nullptr) state::TextBuffer::free(buffer_);
      buffer_ = bytes;
    }
    value_ = Text(buffer_, size);
  }

  Text value_;
  char* buffer_ = nullptr;
};

template <>
class Held<Bytes> {
 public:
  static constexpr bool kMovesAsBytes = true;
  Held() = default;
  explicit Held(const Bytes& value) { assign(value); }
  Held(Held&&) noexcept = default;
  Held& operator=(Held&&) noexcept = default;

  Bytes get() const { return {text_.get()}; }
  void assign(const Bytes& fresh) { text_.assign(fresh.raw); }
  void replace(const Bytes& fresh) { text_.assign(fresh.raw); }
  Held clone() const { return Held(get()); }
  void clear() { text_.clear(); }

 private:
  Held<Text> text_;
};

}  // namespace gress
