// `test` blocks at run time: the main of a test program, and what each block reports to.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "runtime/testing/collected.h"
#include "runtime/testing/coverage.h"

namespace gress::testing {

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

struct Program {
  const char* file;               // name of the .gress file
  std::span<const Test> tests;
  std::span<const Point> points;  // of coverage; none: not asked for
  const bool* reached = nullptr;  // by point
};

/// Runs those whose name contains the text of `--filter`; prints a line a test, the differences, and how many passed.
/// `--junit FILE` appends a `<testsuite>`, `--coverage-json FILE` a line, `--coverage` prints what was not reached.
/// 0 when all passed, 1 when one failed, 2 when there was none to run, 64 for arguments that are none, 74 when a file
/// cannot be written.
int run_tests(const Program& program, int argc, char** argv);

}  // namespace gress::testing
