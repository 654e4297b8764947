// Tables of cases, a line each, fields between tabs (data/, made by make_tables.py), and short forms for the tests.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress::test {

inline std::vector<std::vector<std::string>> table(const std::string& name) {
  const char* other = std::getenv("GRESS_VALUES_DATA");
  const std::string path = std::string(other != nullptr ? other : GRESS_VALUES_DATA) + "/" + name;
  std::ifstream in(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string>& row = rows.emplace_back();
    std::size_t at = 0;
    for (std::size_t tab; (tab = line.find('\t', at)) != std::string::npos; at = tab + 1)
      row.push_back(line.substr(at, tab - at));
    row.push_back(line.substr(at));
  }
  EXPECT_FALSE(rows.empty()) << path;
  return rows;
}

inline std::int64_t integer(const std::string& s) { return std::strtoll(s.c_str(), nullptr, 10); }
inline double hex_double(const std::string& s) { return std::strtod(s.c_str(), nullptr); }

inline std::string string(const Text& t) { return std::string(t.view()); }

/// What failed since the last call, empty if nothing did.
inline std::string failure(Eval& ev) {
  const std::string why = ev.failed ? ev.message : "";
  ev.clear();
  return why;
}

/// Bytes in memory of their own, so that a sanitizer sees every read beyond them.
struct Exact {
  explicit Exact(std::string_view s) : bytes(s.begin(), s.end()), text(s.empty() ? "" : bytes.data(), bytes.size()) {
    bytes.shrink_to_fit();
  }
  std::vector<char> bytes;
  Text text;
};

}  // namespace gress::test
