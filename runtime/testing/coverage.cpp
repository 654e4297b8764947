#include "runtime/testing/coverage.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "runtime/engine/json_writer.h"

namespace gress::testing {

namespace {

std::size_t count(std::span<const Point> points, const bool* reached) {
  return static_cast<std::size_t>(std::count(reached, reached + points.size(), true));
}

/// As they stand in the program.
std::vector<std::size_t> in_order(std::span<const Point> points) {
  std::vector<std::size_t> order(points.size());
  for (std::size_t i = 0; i != order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(points[a].line, points[a].column, a) < std::tie(points[b].line, points[b].column, b);
  });
  return order;
}

}  // namespace

std::string coverage_text(const char* file, std::span<const Point> points, const bool* reached) {
  const std::size_t n = count(points, reached);
  std::string out = "coverage: " + std::to_string(n) + " of " + std::to_string(points.size()) + " places reached";
  if (!points.empty()) out += " (" + std::to_string(n * 100 / points.size()) + " %)";
  out += n == points.size() ? "\n" : "; no test reaches\n";
  for (const std::size_t i : in_order(points)) {
    if (reached[i]) continue;
    const Point& p = points[i];
    out += std::string("  ") + file + ":" + std::to_string(p.line) + ":" + std::to_string(p.column) + "  ";
    if (*p.stream != 0) out += std::string(p.stream) + ": ";
    out += std::string(p.what) + "\n";
  }
  return out;
}

std::string coverage_json(const char* file, std::span<const Point> points, const bool* reached) {
  engine::JsonWriter json;
  json.object().key("file").text(file);
  json.key("total").number(static_cast<std::uint64_t>(points.size()));
  json.key("reached").number(static_cast<std::uint64_t>(count(points, reached)));
  json.key("points").array();
  for (const std::size_t i : in_order(points)) {
    const Point& p = points[i];
    json.object().key("line").number(std::int64_t{p.line});
    json.key("column").number(std::int64_t{p.column});
    json.key("in").text(p.stream).key("what").text(p.what);
    json.key("reached").boolean(reached[i]).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace gress::testing
