// State as bytes, for checkpoints: values, and what is made of them. What a class of state consists of it says once, for
// writing and reading alike:
//
//   template <class Io> void archive(Io& io) { io(sum_, count_); }
//
// Records list their `members`. Texts and lists that are read are owned by what they are read into (state_value.h), whose
// value before is the empty one. Numbers are little-endian, as in memory; lengths take a byte up to 127.
#pragma once
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/decimal.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/out.h"
#include "runtime/core/owned.h"
#include "runtime/core/state_value.h"

namespace gress {

/// Bytes that are no state of the kind that they are read as.
struct StateDamaged : std::runtime_error {
  StateDamaged() : std::runtime_error("the state ends too early, or holds what cannot be") {}
};

namespace state {

template <class T>
inline constexpr bool is_number = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Uuid> || std::is_same_v<T, Decimal>;

template <class T>
inline constexpr bool is_array = false;  // grows by emplace_back()
template <class T>
inline constexpr bool is_array<std::vector<T>> = true;
template <class T>
inline constexpr bool is_array<std::deque<T>> = true;
template <class T>
inline constexpr bool is_array<GrowingArray<T>> = true;
template <class T>
inline constexpr bool is_sequence = false;  // of the language
template <class T>
inline constexpr bool is_sequence<List<T>> = true;
template <class K, class V>
inline constexpr bool is_sequence<Map<K, V>> = true;
template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

}  // namespace state

/// Another version of the program saved what is read. Of what a stage's state consists of, its aggregates and the rows
/// that it keeps may have changed; these say their names.
class StateEvolution {
 public:
  virtual ~StateEvolution() = default;
  /// By aggregate as it was saved: which one it is now. Null: the same.
  virtual const std::vector<int>* order() const = 0;
  /// The bytes of a row of this kRole, from `at` on, as those of the present form; false: they are that already.
  virtual bool record(std::string_view role, const char*& at, const char* end, Out& out) const = 0;
};

class StateOut {
 public:
  static constexpr bool kReads = false;

  /// The aggregates of a state.
  template <class... T>
  void aggregates(const T&... values) { (put(values), ...); }

  template <class... T>
  void operator()(const T&... values) { (put(values), ...); }
  void raw(const void* data, std::size_t size) { out_.write({static_cast<const char*>(data), size}); }
  void count(std::uint64_t n) {
    for (; n >= 128; n >>= 7) out_.put(static_cast<char>(n | 128));
    out_.put(static_cast<char>(n));
  }
  Out& bytes() { return out_; }
  std::string_view view() const { return out_.view(); }

 private:
  template <class T>
  void put(const T& value) {
    if constexpr (requires(T& v, StateOut& o) { v.archive(o); }) {
      const_cast<T&>(value).archive(*this);  // which only reads it
    } else if constexpr (state::is_number<T>) {
      raw(&value, sizeof value);
    } else if constexpr (std::is_same_v<T, Text>) {
      count(value.size());
      raw(value.data(), value.size());
    } else if constexpr (std::is_same_v<T, Bytes>) {
      put(value.raw);
    } else if constexpr (state::is_sequence<T> || state::is_array<T>) {
      count(value.size());
      for (std::size_t i = 0; i != value.size(); ++i) {
        if constexpr (state::is_sequence<T>) put(value.items[i]);
        else put(value[i]);
      }
    } else if constexpr (state::is_tuple<T>) {
      std::apply(*this, value);
    } else if constexpr (state::Record<T>) {
      T::members.apply([&](auto... m) { (put(value.*m), ...); });
    } else {
      put_other(value);
    }
  }
  void put_other(const std::string& value) {
    count(value.size());
    raw(value.data(), value.size());
  }
  template <class T>
  void put_other(const Opt<T>& value) {
    put(value.has);
    if (value.has) put(value.value);
  }
  template <class K, class V>
  void put_other(const MapEntry<K, V>& e) { (*this)(e.key, e.value); }
  template <class A, class B>
  void put_other(const std::pair<A, B>& p) { (*this)(p.first, p.second); }
  template <class T>
  void put_other(const Held<T>& held) { put(held.get()); }
  template <class T>
  void put_other(const Owned<T>& p) {
    put(p.get() != nullptr);
    if (p.get() != nullptr) put(*p);
  }
  template <class T>
  void put_other(const std::unique_ptr<T>& p) {
    put(p != nullptr);
    if (p != nullptr) put(*p);
  }

  Out out_;
};

class StateIn {
 public:
  static constexpr bool kReads = true;

  explicit StateIn(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  /// What is read was saved by another number of workers, or in another form: it stands in no store yet. What there is one
  /// of a worker comes once of each.
  bool moved = false;
  /// Such a one is read into that of another worker: of times and watermarks, which have a sign, the lowest holds, of
  /// counts the highest.
  bool merges = false;
  /// Null: what is read has its present form.
  const StateEvolution* evolution = nullptr;
  /// Of a value: that of an entry that comes soon, or nothing. Whoever reads can have its place brought from memory.
  std::string_view later;

  template <class... T>
  void aggregates(T&... values) {
    const std::vector<int>* const order = evolution == nullptr ? nullptr : evolution->order();
    if (order == nullptr) return (take(values), ...);
    for (const int number : *order) {
      int each = 0;
      ((each++ == number ? take(values) : void()), ...);
    }
  }
  template <class... T>
  void operator()(T&&... values) { (take(values), ...); }
  const char* raw(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) throw StateDamaged();
    return std::exchange(at_, at_ + size);
  }
  std::uint64_t count() {
    std::uint64_t n = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*raw(1));
      if (shift > 63) throw StateDamaged();
      n |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return n;
    }
  }
  template <class T>
  T get() {
    T value{};
    const bool merging = std::exchange(merges, false);
    take(value);
    merges = merging;
    return value;
  }
  /// The same, which stays there.
  template <class T>
  T peek() {
    StateIn copy = *this;
    return copy.get<T>();
  }
  /// What has not been read yet.
  std::string_view rest() const { return {at_, left()}; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  /// All of it has been read.
  void end() const {
    if (at_ != end_) throw StateDamaged();
  }

 private:
  template <class T>
  void take(T& value) {
    if constexpr (requires(T& v, StateIn& in) { v.archive(in); }) {
      value.archive(*this);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = *raw(1) != 0;
    } else if constexpr (state::is_number<T>) {
      [[maybe_unused]] const T known = value;
      std::memcpy(static_cast<void*>(&value), raw(sizeof value), sizeof value);
      if constexpr (std::is_integral_v<T>)
        if (merges && (std::is_signed_v<T> ? known < value : known > value)) value = known;
    } else if constexpr (std::is_same_v<T, Text>) {
      const std::uint64_t size = count();
      value = StateTraits<Text>::retain(Text(raw(size), size));
    } else if constexpr (std::is_same_v<T, Bytes>) {
      take(value.raw);
    } else if constexpr (state::is_array<T>) {
      const std::uint64_t n = elements();
      for (std::uint64_t i = 0; i != n; ++i) {
        value.emplace_back();
        take(value[value.size() - 1]);
      }
    } else if constexpr (state::is_sequence<T>) {
      sequence(value);
    } else if constexpr (state::is_tuple<T>) {
      std::apply([&](auto&... v) { (take(v), ...); }, value);
    } else if constexpr (state::Record<T>) {
      if constexpr (requires { T::kRole; })
        if (evolution != nullptr && evolved(value)) return;
      T::members.apply([&](auto... m) { (take(value.*m), ...); });
    } else {
      take_other(value);
    }
  }
  template <class T>
  bool evolved(T& value) {
    Out out;
    if (!evolution->record(T::kRole, at_, end_, out)) return false;
    StateIn now(out.view());
    T::members.apply([&](auto... m) { (now.take(value.*m), ...); });
    now.end();
    return true;
  }
  /// Each takes a byte at least.
  std::uint64_t elements() {
    const std::uint64_t n = count();
    if (n > left()) throw StateDamaged();
    return n;
  }
  template <class T>
  void sequence(List<T>& list) {
    std::vector<T> items(elements());
    for (T& item : items) take(item);
    own<T>(list, items);
  }
  template <class K, class V>
  void sequence(Map<K, V>& map) {
    std::vector<MapEntry<K, V>> items(elements());
    for (auto& item : items) take(item);
    own<MapEntry<K, V>>(map, items);
  }
  template <class Item, class Sequence>
  void own(Sequence& held, std::vector<Item>& items) {
    Sequence view;
    view.items = items.data();
    view.count = items.size();
    held = StateTraits<Sequence>::retain(view);
    for (Item& item : items) StateTraits<Item>::release(item);
  }
  void take_other(std::string& value) {
    const std::uint64_t size = count();
    value.assign(raw(size), size);
  }
  template <class T>
  void take_other(Opt<T>& value) {
    value.has = get<bool>();
    if (value.has) take(value.value);
  }
  template <class K, class V>
  void take_other(MapEntry<K, V>& e) { (*this)(e.key, e.value); }
  template <class A, class B>
  void take_other(std::pair<A, B>& p) { (*this)(p.first, p.second); }
  template <class T>
  void take_other(Held<T>& held) {
    T value{};
    take(value);
    held.assign(value);
    StateTraits<T>::release(value);
  }
  template <class T>
  void take_other(Owned<T>& p) {
    p = Owned<T>();
    if (!get<bool>()) return;
    p = Owned<T>(new T);
    take(*p);
  }
  template <class T>
  void take_other(std::unique_ptr<T>& p) {
    p.reset();
    if (!get<bool>()) return;
    p = std::make_unique<T>();
    take(*p);
  }

  const char* at_;
  const char* end_;
};

}  // namespace gress
