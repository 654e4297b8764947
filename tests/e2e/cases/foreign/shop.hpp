// Plain C++: nothing in it knows of Gress.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tax.hpp"

namespace shop {

/// How an order leaves the house.
enum class Way { post = 10, courier = 20, pickup = 30 };

/// A place on the map.
struct Point {
  double x;  ///< metres east
  double y;
};

/// An order as the team knows it.
struct Order {
  std::int64_t id;
  std::string customer;
  Way way;
  std::optional<Point> place;
  std::vector<double> prices;
};

inline double taxed(double price) noexcept { return price * tax::rate; }
inline double taxed(double price, double rate) noexcept { return price * rate; }
/// In whole cents.
inline std::int64_t taxed(std::int64_t cents) noexcept { return cents + cents / 4; }
inline std::string taxed(std::string_view note) { return std::string(note) + " incl. tax"; }

inline std::int32_t small(std::int32_t n) noexcept { return n + 1; }
inline bool flip(bool b) noexcept { return !b; }

inline double total(std::span<const double> prices) noexcept {
  double sum = 0;
  for (const double p : prices) sum += p;
  return sum;
}
inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}
inline std::size_t letters_of(std::span<const std::string_view> words) noexcept {
  std::size_t n = 0;
  for (std::string_view w : words) n += w.size();
  return n;
}
inline std::int64_t letters(std::span<const std::string_view> words) noexcept { return static_cast<std::int64_t>(letters_of(words)); }

inline std::optional<double> half(std::optional<double> x) noexcept { return x ? std::optional(*x / 2) : std::nullopt; }

inline Way faster(Way way) noexcept { return way == Way::post ? Way::courier : Way::pickup; }
inline Way odd(std::int64_t n) noexcept { return n == 3 ? static_cast<Way>(n) : Way::post; }
inline double distance(const Point& a, const Point& b) noexcept { return (a.x - b.x) + (a.y - b.y); }
inline Order moved(Order order, double by) {
  if (order.place) order.place->x += by;
  order.customer += "!";
  order.prices.push_back(by);
  return order;
}

inline std::chrono::sys_time<std::chrono::microseconds> next_hour(std::chrono::sys_time<std::chrono::microseconds> t) noexcept {
  return std::chrono::ceil<std::chrono::hours>(t);
}
inline std::chrono::minutes since(std::chrono::system_clock::time_point begin, std::chrono::system_clock::time_point end) noexcept {
  return std::chrono::floor<std::chrono::minutes>(end - begin);
}
inline std::chrono::microseconds twice(std::chrono::microseconds d) noexcept { return d * 2; }

/// What does not fit never gets here: it would be 0.
inline std::int64_t share(std::chrono::duration<int, std::micro> d) noexcept { return 3'600'000'000 / d.count(); }
struct Wait {
  std::chrono::nanoseconds time;
};
inline std::int64_t waits(const Wait& wait) noexcept { return 3'600'000'000'000 / wait.time.count(); }

// What C++ would choose among these is not what is meant here, or ambiguous.
inline std::string meant(const std::string&) { return "text"; }
template <class T>
std::string meant(T&&) { return "template"; }
inline std::int64_t length(std::string_view s) noexcept { return static_cast<std::int64_t>(s.size()); }
inline std::int64_t length(std::string_view, unsigned) noexcept { return -1; }
inline std::int64_t length(std::string_view, unsigned, unsigned = 1) noexcept { return -2; }
inline std::int64_t length(const std::string&, unsigned = 1) noexcept { return -3; }

/// Another number each time.
inline std::int64_t next(std::int64_t) noexcept {
  static std::int64_t n = 0;
  return ++n;
}

/// Throws for what it does not like.
inline std::int64_t checked(std::int64_t n) {
  if (n == 2) throw std::invalid_argument("2 is\nnot liked");
  if (n == 3) throw n;
  return 100 / n;
}
inline std::string_view raw(std::int64_t n) noexcept { return n == 1 ? "fine" : "\xff"; }

}  // namespace shop

using shop::taxed;
namespace other {
inline double taxed(double) noexcept { return 0; }
}
