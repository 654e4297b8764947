#include "dsl/catalog/aggregates.h"

namespace gress::dsl {

namespace {

using K = AggregateKind;
using A = AggregateArgument;
using R = AggregateResult;

constexpr AggregateFn table[] = {
    {.name = "count", .kind = K::count, .doc = "the number of rows; with `x`, of rows where it is present",
     .signature = "count([x]) -> i64", .argument = A::none, .result = R::i64, .invertible = true},
    {.name = "count_distinct", .kind = K::count_distinct, .doc = "the number of different values",
     .signature = "count_distinct(x) -> i64", .argument = A::value, .result = R::i64},
    {.name = "approx_count_distinct", .kind = K::approx_count_distinct,
     .doc = "the number of different values within 2 %, exact below 100",
     .signature = "approx_count_distinct(x) -> i64", .argument = A::value, .result = R::i64},
    {.name = "sum", .kind = K::sum, .doc = "the sum, 0 without rows; of integers i64, checked",
     .signature = "sum(x: number | duration) -> i64 | f64 | decimal | duration", .argument = A::summable,
     .result = R::sum, .invertible = true},
    {.name = "avg", .kind = K::avg, .doc = "the mean; of decimals a decimal of 28 digits",
     .signature = "avg(x: number) -> f64 | decimal", .argument = A::number, .result = R::average,
     .absent_without_rows = true, .invertible = true},
    {.name = "min", .kind = K::min, .doc = "the least value", .signature = "min(x: T) -> T", .argument = A::ordered,
     .result = R::same, .absent_without_rows = true},
    {.name = "max", .kind = K::max, .doc = "the greatest value", .signature = "max(x: T) -> T", .argument = A::ordered,
     .result = R::same, .absent_without_rows = true},
    {.name = "first", .kind = K::first, .doc = "the value of the earliest row", .signature = "first(x: T) -> T",
     .argument = A::value, .result = R::same, .absent_without_rows = true, .order_dependent = true},
    {.name = "last", .kind = K::last, .doc = "the value of the latest row", .signature = "last(x: T) -> T",
     .argument = A::value, .result = R::same, .absent_without_rows = true, .order_dependent = true},
    {.name = "min_by", .kind = K::min_by, .doc = "`x` of the row with the least `key`; of ties the earliest",
     .signature = "min_by(x: T, key) -> T", .argument = A::value, .result = R::same, .has_key = true,
     .absent_without_rows = true, .order_dependent = true},
    {.name = "max_by", .kind = K::max_by, .doc = "`x` of the row with the greatest `key`; of ties the earliest",
     .signature = "max_by(x: T, key) -> T", .argument = A::value, .result = R::same, .has_key = true,
     .absent_without_rows = true, .order_dependent = true},
    {.name = "stddev", .kind = K::stddev, .doc = "standard deviation of a sample (n - 1); absent below two values",
     .signature = "stddev(x: f64) -> f64?", .argument = A::floating, .result = R::f64, .always_optional = true,
     .invertible = true},
    {.name = "variance", .kind = K::variance, .doc = "variance of a sample (n - 1); absent below two values",
     .signature = "variance(x: f64) -> f64?", .argument = A::floating, .result = R::f64, .always_optional = true,
     .invertible = true},
    {.name = "quantile", .kind = K::quantile, .doc = "the exact quantile `q` from 0 to 1, linear between ranks",
     .signature = "quantile(x: f64, q) -> f64", .argument = A::floating, .result = R::f64, .has_q = true,
     .absent_without_rows = true},
    {.name = "approx_quantile", .kind = K::approx_quantile, .doc = "the quantile `q`, within 1 % of rank",
     .signature = "approx_quantile(x: f64, q) -> f64", .argument = A::floating, .result = R::f64, .has_q = true,
     .absent_without_rows = true},
    {.name = "collect", .kind = K::collect, .doc = "the values in a list, as they came",
     .signature = "collect(x: T) -> list<T>", .argument = A::value, .result = R::list, .order_dependent = true},
    {.name = "any", .kind = K::any, .doc = "whether one is true; false without rows", .signature = "any(x: bool) -> bool",
     .argument = A::boolean, .result = R::boolean, .invertible = true},
    {.name = "all", .kind = K::all, .doc = "whether all are true; true without rows", .signature = "all(x: bool) -> bool",
     .argument = A::boolean, .result = R::boolean, .invertible = true},
};

}  // namespace

std::span<const AggregateFn> aggregates() { return table; }

const AggregateFn* find_aggregate(std::string_view name) {
  for (const AggregateFn& aggregate : table) {
    if (aggregate.name == name) return &aggregate;
  }
  return nullptr;
}

}  // namespace gress::dsl
