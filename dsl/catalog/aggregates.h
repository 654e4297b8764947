// The built-in aggregates of the language, as data. All skip rows of which an argument is absent, and all take an
// optional `where: condition`.
#pragma once
#include <span>
#include <string_view>

#include "dsl/types/types.h"

namespace gress::dsl {

enum class AggregateKind : std::uint8_t {
  count, count_distinct, approx_count_distinct, sum, avg, min, max, first, last, min_by, max_by, stddev, variance,
  quantile, approx_quantile, collect, any, all,
};

/// What the first argument may be.
enum class AggregateArgument : std::uint8_t {
  none,        // count(); count(x) counts the rows where x is present
  value,       // anything that compares
  ordered,     // as for `<`
  summable,    // numbers and durations
  number,      // numbers
  floating,    // numbers that convert to f64
  boolean,
};

/// The result, of an argument of type T.
enum class AggregateResult : std::uint8_t {
  i64,
  same,        // T
  sum,         // i64 of integers, f64 of floats, decimal, duration
  average,     // decimal of decimals, else f64
  f64,
  list,        // list<T>
  boolean,
};

struct AggregateFn {
  std::string_view name;
  AggregateKind kind;
  std::string_view doc;        // one line
  std::string_view signature;  // for `describe`
  AggregateArgument argument;
  AggregateResult result;
  bool has_key = false;        // second argument: what min_by and max_by order by
  bool has_q = false;          // second argument: the constant q of quantiles
  bool absent_without_rows = false;  // T? if the argument is optional or a `where:` may leave nothing
  bool always_optional = false;
  /// The result depends on the order of the rows; ties go by event time, then partition, then offset.
  bool order_dependent = false;
  /// A row can be taken back out of the state, exactly for integers, decimals and durations; sums of floats drift.
  bool invertible = false;
  /// Two states can be merged, so that it may be computed in two phases and by slices.
  bool mergeable = true;
};

std::span<const AggregateFn> aggregates();
/// Null if there is none.
const AggregateFn* find_aggregate(std::string_view name);

}  // namespace gress::dsl
