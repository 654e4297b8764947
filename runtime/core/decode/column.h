// One short loop a column: the values of a block's rows from where they stand to the rows' members. Each value is read
// by its quick reader without a branch; the few that it did not understand are read again, completely, after the loop.
#pragma once
#include "runtime/core/decode/quick_value.h"
#include "runtime/core/decode/spot.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// The rows that a loop goes over.
template <int Block>
struct Picked {
  /// One byte before the block, as positions are counted (never read itself).
  const char* base = nullptr;
  const std::uint16_t* list = nullptr;
  int count = 0;
  bool any_failed = false;
  std::uint16_t first[Block];
  std::uint16_t slot[Block];
  /// Rows in which a value was not readable.
  std::uint8_t failed[Block];

  /// All of the first `lines` lines of a block.
  void pick_all(int lines, const std::uint16_t* marks) {
    std::memcpy(first, marks, static_cast<std::size_t>(lines) * sizeof *marks);
    for (int r = 0; r != lines; ++r) slot[r] = static_cast<std::uint16_t>(r);
    count = lines;
  }
  std::int32_t at(int k, Spot s) const { return list[first[k] + s.entry] + s.offset; }
};

/// Reads one value again, every form allowed. `store(v)` and `store.absent()` are only called on success.
template <class W, Form F>
bool complete_value(const char* p, std::int32_t length, Arena& arena, typename W::Value& out) {
  if constexpr (is_optional<W>) {
    if (F == Form::csv ? length == 0 : F == Form::json_bare && length == 4 && std::memcmp(p, "null", 4) == 0) {
      out = {};
      return true;
    }
    typename Plain<W>::Value v{};
    if (!complete_value<Plain<W>, F>(p, length, arena, v)) return false;
    out = v;
    return true;
  } else {
    return length >= 0 &&
           ValueReader<W>::template read<F>({p, static_cast<std::size_t>(length)}, arena, out) == Misfit::none;
  }
}

/// What is read a column at a time.
template <class Quick, Form F>
constexpr bool is_integer() {
  if constexpr (requires { Quick::template is_integer<F>; }) return Quick::template is_integer<F>;
  return false;
}
template <class Quick, Form F>
constexpr bool is_decimal() {
  if constexpr (requires { Quick::template is_decimal<F>; }) return Quick::template is_decimal<F>;
  return false;
}
template <class Quick, Form F>
constexpr bool is_time() {
  if constexpr (requires { Quick::template is_time<F>; }) return Quick::template is_time<F>;
  return false;
}

/// Reads column `span` of all picked rows; `store(slot, value)` takes them, as a plain value or (from the second round)
/// as an optional one. Rows with an unreadable value are marked failed.
template <class W, Form F, int Block, class Store>
void read_column(Picked<Block>& rows, Span span, Arena& arena, Store store) {
  using P = Plain<W>;
  // Room for checks of many rows at a time.
  std::uint8_t again[Block + 31];
  bool any = false;
  const char* base = rows.base;
  // What is the same for all rows is taken out of the loop; it is short of registers.
  const char* base_of_begin = base + span.begin.offset;
  const std::uint16_t* begins = rows.list + span.begin.entry;
  const std::ptrdiff_t to_end = static_cast<std::ptrdiff_t>(span.end.entry) - span.begin.entry;
  const auto longer = static_cast<std::uint32_t>(span.end.offset - span.begin.offset);
  using Quick = QuickReader<P>;
  constexpr bool integer = is_integer<Quick, F>(), decimal = is_decimal<Quick, F>(), time = is_time<Quick, F>();
  constexpr bool one_step = std::is_same_v<typename Quick::Parts, typename P::Value>;
  typename Quick::Parts parts[one_step || integer || decimal || time ? 1 : Block];
  const auto each = [&](auto take) {
    GRESS_ONE_BY_ONE for (int k = 0, n = rows.count; k != n; ++k) {
      const std::uint16_t* at = begins + rows.first[k];
      const std::uint32_t begin = at[0];
      take(k, base_of_begin + begin, at[to_end] - begin + longer);
    }
  };
  if constexpr (integer) {
    Integers<Block, F != Form::csv> numbers;
    each([&](int k, const char* p, std::uint32_t length) { numbers.note(k, p, length); });
    std::int64_t values[Block + 8];
    any = numbers.read(rows.count, values, again);
    GRESS_ONE_BY_ONE for (int k = 0, n = rows.count; k != n; ++k) {
      typename P::Value v{};
      const bool good = Quick::from(values[k], v);
      store(rows.slot[k], v);
      again[k] |= !good;
      any |= !good;
    }
  } else if constexpr (decimal) {
    Decimals<Block, F != Form::csv> numbers;
    each([&](int k, const char* p, std::uint32_t length) { numbers.note(k, p, length); });
    double values[Block + 8];
    any = numbers.read(rows.count, values, again);
    GRESS_ONE_BY_ONE for (int k = 0, n = rows.count; k != n; ++k) store(rows.slot[k], values[k]);
  } else if constexpr (time) {
    Times<Block> times;
    each([&](int k, const char* p, std::uint32_t length) { times.note(k, p, length); });
    std::int64_t values[Block + 8];
    any = times.read(rows.count, values, again);
    GRESS_ONE_BY_ONE for (int k = 0, n = rows.count; k != n; ++k) store(rows.slot[k], values[k]);
  } else if constexpr (one_step) {
    each([&](int k, const char* p, std::uint32_t length) {
      typename P::Value v{};
      bool good = Quick::template take<F>(p, length, v);
      // Empty text is absent where text may be.
      if constexpr (F == Form::csv && is_optional<W> && std::is_same_v<P, wire::String>) good &= length != 0;
      store(rows.slot[k], v);
      again[k] = !good;
      any |= !good;
    });
  } else {
    each([&](int k, const char* p, std::uint32_t length) { again[k] = !Quick::template take<F>(p, length, parts[k]); });
    GRESS_ONE_BY_ONE for (int k = 0, n = rows.count; k != n; ++k) {
      typename P::Value v{};
      bool good;
      if constexpr (requires { Quick::template make<F>(parts[k], v); }) good = Quick::template make<F>(parts[k], v);
      else good = Quick::make(parts[k], v);
      store(rows.slot[k], v);
      again[k] |= !good;
      any |= again[k] != 0;
    }
  }
  if (!any) [[likely]] return;
  for (int k = 0, n = rows.count; k != n; ++k) {
    if (!again[k]) continue;
    const std::int32_t begin = rows.at(k, span.begin);
    typename W::Value v{};
    if (complete_value<W, F>(base + begin, rows.at(k, span.end) - begin, arena, v)) {
      store(rows.slot[k], v);
    } else {
      rows.failed[k] = 1;
      rows.any_failed = true;
    }
  }
}

/// Takes the failed rows out of `rows` and gives their slots to `to`.
template <int Block, class To>
void drop_failed(Picked<Block>& rows, To to) {
  if (!rows.any_failed) return;
  int kept = 0;
  for (int k = 0; k != rows.count; ++k) {
    if (rows.failed[k]) {
      to(rows.slot[k]);
      continue;
    }
    rows.first[kept] = rows.first[k];
    rows.slot[kept++] = rows.slot[k];
  }
  rows.count = kept;
  rows.any_failed = false;
  std::memset(rows.failed, 0, sizeof rows.failed);
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
