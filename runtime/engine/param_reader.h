// Typed values of params, read once at start by the generated program:
//   struct Params {
//     gress::Text input;
//     std::int64_t limit;
//     explicit Params(gress::engine::ParamReader& in)
//         : input(in.text("input", "../data/flights.csv")), limit(in.i64("limit", 60)) {}
//   };
// A param without default that is not given, and text that is no value of the type, are problems; reading goes on, so
// that all are told at once. The text of a string lives as long as the reader.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/value.h"
#include "runtime/engine/options.h"

namespace gress {
struct Decimal;
struct Eval;
}

namespace gress::engine {

class ParamReader {
 public:
  /// `start` must outlive the reader.
  ParamReader(const ProgramInfo& program, Start& start) : program_(program), start_(start) {}

  /// Whether a value was given at start; for params of type `T?`.
  bool given(const char* name) const;
  /// Whether that value is empty, which says that the param is absent. Empty text is a text.
  bool left_empty(const char* name) const;

  bool boolean(const char* name, bool otherwise = false);
  std::int32_t i32(const char* name, std::int32_t otherwise = 0);
  std::int64_t i64(const char* name, std::int64_t otherwise = 0);
  float f32(const char* name, float otherwise = 0);
  double f64(const char* name, double otherwise = 0);
  Decimal decimal(const char* name);
  Decimal decimal(const char* name, Decimal otherwise);
  /// UTF-8; anything else is a problem. `otherwise` is kept as it is: a literal, or text that lives long enough.
  Text text(const char* name, Text otherwise = {});
  Text text(const char* name, std::string_view otherwise) { return text(name, Text(otherwise)); }
  /// Base64.
  Bytes bytes(const char* name, Bytes otherwise = {});
  /// RFC 3339; microseconds since the epoch, UTC.
  std::int64_t timestamp(const char* name, std::int64_t otherwise = 0);
  /// `1h30m` or `PT1H30M`; microseconds.
  std::int64_t duration(const char* name, std::int64_t otherwise = 0);
  Uuid uuid(const char* name, Uuid otherwise = {});
  /// By wire name; `names` in declared order.
  template <class E>
  E enumeration(const char* name, std::span<const std::string_view> names, E otherwise = E{}) {
    const int i = variant(name, names);
    return i < 0 ? otherwise : static_cast<E>(i);
  }

  /// What settings made of params must be: a problem where it does not hold, or where computing it failed.
  void require(bool holds, Eval& ev, const char* message);

  /// What the program says of its workers, unless `--parallelism` was given; without a number: every usable CPU.
  void workers(std::int64_t count);
  void workers();

  bool ok() const { return start_.problems.empty(); }

 private:
  /// The text given, null when there is none; then a missing default is noted.
  const Given* look(const char* name);
  /// `read(ev, text)` of the given text, or `otherwise`.
  template <class T, class Read>
  T value(const char* name, T otherwise, const char* expected, Read read);
  void wrong(const Given& given, const char* name, std::string_view expected, std::string_view why);
  int variant(const char* name, std::span<const std::string_view> names);
  int index(const char* name) const;

  const ProgramInfo& program_;
  Start& start_;
};

}  // namespace gress::engine
