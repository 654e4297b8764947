// Accumulators: what an aggregate keeps for one group. They are members of the dense entries of a KeyTable, so they are
// small, movable without throwing, and keep their memory when cleared. All built-in ones live here, one topic a file,
// in namespace gress::agg; those that a program declares are generated with the same interface:
//
//   A{}                       empty
//   add(ev, x…)               one row; takes plain and optional arguments, and skips the row if one is absent. Those
//                             that depend on the order of rows take a Place last (First, Last; Collect takes one and
//                             keeps the order of arrival), MinBy and MaxBy a position
//   merge(ev, other)          as if all rows of `other` had been added; its rows may lie anywhere among ours
//   result(ev)                the value so far (quantiles: result(ev, q)); a template parameter `Optional` says whether
//                             it is T or Opt<T>. Long text, lists and maps in it are views of the accumulator, good
//                             until it changes. May fail (ev.failed), for instance when an integer sum overflows
//   clear()                   empty again; memory stays for reuse
//   remove(ev, x…)            takes a row back that was added; only where `invertible`
//   unmerge(ev, other)        takes all rows of `other` back; built-in invertible ones only
//
//   static constexpr bool invertible     remove() exists
//   static constexpr bool exact_inverse  remove() leaves exactly what there would be without the row; false for sums of
//                                        floats, which sliding windows therefore never subtract
//   static constexpr bool add_can_fail   add() may note a failure in ev; it then changes nothing. In a row of several
//                                        aggregates those that can fail come first; all built-in ones are invertible
//                                        exactly, so that the ones before a failed one are taken back
#pragma once
#include <concepts>
#include <type_traits>

#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress::agg {

template <class A>
concept Accumulator = std::is_nothrow_move_constructible_v<A> && std::is_nothrow_move_assignable_v<A> &&
                      std::default_initializable<A> && requires(A a, const A& other, Eval& ev) {
                        a.merge(ev, other);
                        a.clear();
                        { A::invertible } -> std::convertible_to<bool>;
                        { A::exact_inverse } -> std::convertible_to<bool>;
                        { A::add_can_fail } -> std::convertible_to<bool>;
                      };

/// T or Opt<T>.
template <class T, bool Optional>
using Result = std::conditional_t<Optional, Opt<T>, T>;

/// The plain value, or value-or-absent.
template <bool Optional, class T>
Result<T, Optional> make_result(const T& value, bool has) {
  if constexpr (Optional)
    return has ? Opt<T>(value) : Opt<T>();
  else
    return value;
}

}  // namespace gress::agg
