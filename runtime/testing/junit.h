// Results of tests in the XML that build servers read (JUnit's, as Jenkins and GitLab take it).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runtime/testing/xml_text.h"

namespace gress::testing {

struct Result {
  std::string name;
  std::string where;    // file:line
  double seconds = 0;
  std::string failure;  // the differences; empty: passed
  bool skipped = false;
};

/// One `<testsuite>` element; `<testsuites>` around those of several programs is the caller's.
std::string junit_suite(std::string_view name, const std::vector<Result>& results);
}  // namespace gress::testing
