#include "runtime/testing/junit.h"

#include <cstdio>

namespace gress::testing {

namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", seconds);
  return text;
}

}  // namespace

std::string junit_suite(std::string_view name, const std::vector<Result>& results) {
  double seconds = 0;
  int failures = 0, skipped = 0;
  for (const Result& r : results) {
    seconds += r.seconds;
    failures += !r.failure.empty();
    skipped += r.skipped;
  }
  std::string out = "  <testsuite name=\"" + xml_text(name) + "\" tests=\"" + std::to_string(results.size()) + "\" failures=\"" +
                    std::to_string(failures) + "\" errors=\"0\" skipped=\"" + std::to_string(skipped) + "\" time=\"" +
                    seconds_text(seconds) + "\">\n";
  for (const Result& r : results) {
    const std::size_t colon = r.where.rfind(':');
    out += "    <testcase classname=\"" + xml_text(name) + "\" name=\"" + xml_text(r.name) + "\" file=\"" +
           xml_text(r.where.substr(0, colon)) + "\"";
    if (colon != std::string::npos) out += " line=\"" + xml_text(r.where.substr(colon + 1)) + "\"";
    out += " time=\"" + seconds_text(r.seconds) + "\"";
    if (r.skipped) {
      out += "><skipped/></testcase>\n";
    } else if (r.failure.empty()) {
      out += "/>\n";
    } else {
      out += ">\n      <failure message=\"" + xml_text(r.failure.substr(0, r.failure.find('\n'))) + "\">" + xml_text(r.failure) +
             "</failure>\n    </testcase>\n";
    }
  }
  return out + "  </testsuite>\n";
}

}  // namespace gress::testing
