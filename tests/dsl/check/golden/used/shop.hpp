// C++ of a team, for the cases about headers.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

/// How an order leaves the house.
enum class Way { post, courier };

/// A place on the map.
struct Point {
  double x;  ///< metres east
  double y;
};
struct Visit {
  Point at;
  std::chrono::sys_time<std::chrono::microseconds> time;
};
enum class Twice { one = 1, uno = 1 };

/// With the tax.
inline double taxed(double price, double rate = 1.19) noexcept { return price * rate; }
inline std::int64_t taxed(std::int64_t cents) { return cents; }
inline double length(const Point& point) noexcept { return point.x + point.y; }
inline std::string name(Way way, std::optional<std::string_view> note) { return note ? std::string(*note) : way == Way::post ? "post" : "courier"; }
inline double total(std::span<const double> prices) noexcept { return prices.empty() ? 0 : prices[0]; }
inline double mix(double a, std::int64_t b) noexcept { return a + static_cast<double>(b); }
inline double mix(std::int64_t a, double b) noexcept { return static_cast<double>(a) + b; }

// What cannot be used.
inline unsigned long count(unsigned char c) { return c; }
inline void log(std::string_view) {}
inline double change(double& x) { return x; }
inline double days(std::chrono::seconds d) { return static_cast<double>(d.count()); }
double elsewhere(double x);
inline double twice(double x) { return x * 2; }
template <class T>
T same(T x) { return x; }
inline const char* text(const char* s) { return s; }
struct Shape {
  virtual ~Shape() = default;
  double area;
};
struct Hidden {
  explicit Hidden(double x) : x_(x) {}
 private:
  double x_;
};
struct Raw {
  const char* name;
  double values[4];
};

struct Mean {
  void add(double x) noexcept { sum += x; ++n; }
  void merge(const Mean& o) noexcept { sum += o.sum; n += o.n; }
  std::optional<double> result() const noexcept { return n == 0 ? std::nullopt : std::optional(sum / static_cast<double>(n)); }
  double sum = 0;
  std::int64_t n = 0;
};
struct Seen {
  void add(std::string_view s) { all.emplace_back(s); }
  void merge(const Seen&) {}
  std::int64_t result() const { return 0; }
  std::vector<std::string> all;
};
class Half {
 public:
  explicit Half(int) {}
  Half(const Half&) = delete;
  void add(double, double);
  double result() { return 0; }
  virtual void reset() {}
};
struct Odd {
  void add(double) {}
  static void merge(const Odd&) {}
  double result(int) const { return 0; }
  void retract() {}
};

}  // namespace shop

namespace a {
inline double both(double x) { return x; }
}
namespace b {
inline double both(double x) { return x; }
}
