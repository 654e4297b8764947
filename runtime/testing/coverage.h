// Which places of a program its tests have reached: `gressc test --coverage`.
#pragma once
#include <span>
#include <string>

namespace gress::testing {

/// A place that rows may reach: a stage, one of its outcomes, a branch of an expression, a route.
struct Point {
  int line;            // in the .gress file, from 1
  int column;
  const char* stream;  // or function; empty: neither
  const char* what;    // "`filter` drops a row", "else"
};

/// `reached` by point. A summary, then a line for each place that was not reached.
std::string coverage_text(const char* file, std::span<const Point> points, const bool* reached);
/// {"file": …, "points": […], "reached": 7, "total": 9}
std::string coverage_json(const char* file, std::span<const Point> points, const bool* reached);

}  // namespace gress::testing
