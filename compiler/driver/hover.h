// What stands at a place of a program, as editors show it under the mouse.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/session.h"

namespace gress::driver {

/// A place as messages write it, `rides.gress:7:12`; without a column the whole line.
struct Place {
  std::string path;
  std::uint32_t line = 0, column = 0;
};
/// None when the word does not end in `:LINE` or `:LINE:COL`.
std::optional<Place> place_of(const std::string& word);

struct Hover {
  dsl::Range range{};  // of the word in the program
  std::string kind;    // "stream", "column", "function" …
  std::string name;
  std::string type;    // "i64", "(fare: f64) -> bool"; empty: it has none
  std::string doc;
  std::optional<dsl::Range> declared{};             // where, in the program or its C++ header
  const dsl::checked::Stream* stream = nullptr;     // of a stream, a source, a sink
  std::string text{};                               // of a part of the language: as `gressc describe NAME` shows it
};

/// What the checker knows of the words at the place: none, one, the overloads of a C++ function; of a line each thing
/// once, in short.
/// A program with errors has what could be understood.
std::vector<Hover> hovers(const Session&, const Place&);

/// [{"kind", "name", "type", "doc", "range": RANGE, "declared": RANGE or null, "stream": as of `describe --json`, if it is one,
///   "text": if there is one}]
/// RANGE: {"file", "line", "column", "end_line", "end_column"}
std::string hovers_json(const std::vector<Hover>&, const dsl::SourceManager&);
std::string hovers_text(const std::vector<Hover>&, const dsl::SourceManager&);

}  // namespace gress::driver
