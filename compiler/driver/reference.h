// The parts of the language as gressc knows them, for `list`, `describe` and completion: one entry a connector,
// function, aggregate, stage, window.
#pragma once
#include <string>
#include <vector>

namespace gress::driver {

struct ReferenceEntry {
  std::string kind;   // "connector", "function", "aggregate", "stage", "window"
  std::string group;  // within its kind: a function's category; empty
  std::string name;
  std::string doc;   // one line
  std::string text;  // the whole description, lines
};

/// In the order of the reference. `kind` empty: all.
std::vector<ReferenceEntry> reference(const std::string& kind = "");

}  // namespace gress::driver
