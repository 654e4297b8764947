// count(), any(x), all(x): counts, from which a row can be taken back.
#pragma once
#include <cstdint>

#include "runtime/core/aggregates/aggregate.h"

namespace gress::agg {

struct Count {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&) { ++rows_; }
  /// Without a branch: conditions of `where:` are seldom predictable.
  void add_if(bool counts) { rows_ += counts; }
  void remove(Eval&) { --rows_; }
  void merge(Eval&, const Count& other) { rows_ += other.rows_; }
  void unmerge(Eval&, const Count& other) { rows_ -= other.rows_; }
  std::int64_t result(Eval&) const { return rows_; }
  void clear() { rows_ = 0; }

  template <class Io>
  void archive(Io& io) { io(rows_); }

 private:
  std::int64_t rows_ = 0;
};

/// Counts the rows whose argument is `Decisive`: one of them decides.
template <bool Decisive>
struct Quantifier {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, bool x) { rows_ += x == Decisive; }
  void add(Eval&, const Opt<bool>& x) { rows_ += x.has && x.value == Decisive; }
  void remove(Eval&, bool x) { rows_ -= x == Decisive; }
  void remove(Eval&, const Opt<bool>& x) { rows_ -= x.has && x.value == Decisive; }
  void merge(Eval&, const Quantifier& other) { rows_ += other.rows_; }
  void unmerge(Eval&, const Quantifier& other) { rows_ -= other.rows_; }
  bool result(Eval&) const { return (rows_ != 0) == Decisive; }
  void clear() { rows_ = 0; }

  template <class Io>
  void archive(Io& io) { io(rows_); }

 private:
  std::int64_t rows_ = 0;
};
/// Whether some x is true; false of nothing.
using Any = Quantifier<true>;
/// Whether no x is false; true of nothing.
using All = Quantifier<false>;

}  // namespace gress::agg
