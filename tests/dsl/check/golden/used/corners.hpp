// Corners of C++, for the cases about headers.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A struct as C writes it.
typedef struct {
  double x;
} Old;
inline double old_x(const Old& old) noexcept { return old.x; }

// Of the same types here: the first that the runtime has.
inline long long wide(long long n) noexcept { return n; }
inline long wide(long n) noexcept { return n; }
inline int letters(const std::string& s) { return static_cast<int>(s.size()); }
inline int letters(std::string_view s) noexcept { return static_cast<int>(s.size()); }
// A literal is a whole number first.
inline std::int32_t pick(std::int32_t n) noexcept { return n; }
inline double pick(double x) noexcept { return x; }

double fraction(std::int64_t) = delete;
inline double fraction(double x) noexcept { return x; }

namespace one {
inline double shared(double x) noexcept { return x; }
struct Both {
  double x;
};
}
namespace two {
using one::shared;
using Both = one::Both;
}

// What cannot be used.
consteval double constant(double x) { return x; }
inline std::int64_t own(const std::pmr::vector<double>& all) { return static_cast<std::int64_t>(all.size()); }
inline std::int64_t named(const std::pmr::string& name) { return static_cast<std::int64_t>(name.size()); }
inline std::optional<const double> fixed(double x) { return x; }
inline double odd_unit(std::chrono::duration<std::int64_t, std::ratio<3, 10'000'000>> d) { return static_cast<double>(d.count()); }
double gone(double) = delete;

struct Outer {
  enum class Kind { a, b };
};
inline bool is_a(Outer::Kind kind) noexcept { return kind == Outer::Kind::a; }

struct Unmerged {
  void add(double) {}
  void merge(const Unmerged&) = delete;
  double result() const { return 0; }
};
struct Unmade {
  Unmade();
  void add(double) {}
  void merge(const Unmade&);
  double result() const;
};
inline double Unmade::result() const { return 0; }
struct Unmoved {
  Unmoved() = default;
  Unmoved(const Unmoved&) = default;
  Unmoved& operator=(const Unmoved&) = default;
  Unmoved(Unmoved&&) = delete;
  void add(double x);
  void merge(const Unmoved&) {}
  double result() const { return 0; }
};
inline void Unmoved::add(double) {}
/// One that is whole.
class Whole {
 public:
  Whole();
  Whole(const Whole&) = default;
  Whole& operator=(const Whole&);
  ~Whole() {}
  void add(double x) { sum += x; }
  void merge(const Whole&) {}
  double result() const { return sum; }

 private:
  double sum = 0;
};
inline Whole::Whole() = default;
inline Whole& Whole::operator=(const Whole&) = default;
