// `test` blocks at run time: what streams gave, held against what was expected, values compared as their JSON text.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/block.h"

namespace gress::testing {

/// A row as JSON text by column.
struct Shown {
  Op op = Op::insert;
  std::vector<std::string> columns;
};

/// All rows that a stream gave, in order.
struct Collected {
  std::string stream;
  std::vector<std::string> columns;   // names
  bool upsert = false;
  std::vector<int> key;               // columns; none: the whole row
  std::vector<Shown> rows;
};

struct ExpectedRow {
  std::string op;                                   // of `_op`; empty: not looked at
  std::vector<std::pair<int, std::string>> columns; // those that were written
};

struct Expectation {
  std::string_view where;   // file:line
  bool ordered = false;
  bool with_op = false;     // the changelog is meant, not the final rows
  std::vector<ExpectedRow> rows;
};

class Report {
 public:
  void expect(const Collected& got, const Expectation& expected);
  /// Something else went wrong.
  void error(std::string_view what);
  bool failed() const { return !text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct Test {
  const char* name;
  const char* where;
  void (*run)(Report&);
};

/// Runs those whose name contains the text of `--filter`; prints a line a test, the differences, and how many passed.
/// 0 when all did, 1 when one failed, 64 for arguments that are none.
int run_tests(std::span<const Test> tests, int argc, char** argv);

}  // namespace gress::testing
