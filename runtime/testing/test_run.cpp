#include "runtime/testing/test_run.h"

#include <cstdio>
#include <cstring>
#include <exception>

namespace gress::testing {

namespace {

/// As a sink would say it: retract and insert of one key are one upsert.
struct Change {
  std::string op;
  std::vector<std::string> columns;
};

bool same_key(const Collected& c, const Shown& a, const Shown& b) {
  if (c.key.empty()) return false;
  for (const int k : c.key)
    if (a.columns[static_cast<std::size_t>(k)] != b.columns[static_cast<std::size_t>(k)]) return false;
  return true;
}

std::vector<Change> changelog(const Collected& c) {
  std::vector<Change> out;
  for (std::size_t i = 0; i != c.rows.size(); ++i) {
    const bool retract = c.rows[i].op == Op::retract;
    if (retract && i + 1 != c.rows.size() && c.rows[i + 1].op == Op::insert && same_key(c, c.rows[i], c.rows[i + 1])) continue;
    out.push_back({retract ? "delete" : "upsert", c.rows[i].columns});
  }
  return out;
}

std::vector<Change> final_rows(const Collected& c) {
  std::vector<Change> out;
  for (const Shown& row : c.rows) {
    if (row.op == Op::insert) {
      out.push_back({"", row.columns});
      continue;
    }
    for (std::size_t i = out.size(); i-- != 0;)
      if (out[i].columns == row.columns) {
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      }
  }
  return out;
}

bool matches(const ExpectedRow& e, const Change& row) {
  if (!e.op.empty() && e.op != row.op) return false;
  for (const auto& [column, value] : e.columns)
    if (row.columns[static_cast<std::size_t>(column)] != value) return false;
  return true;
}

std::string show(const Collected& c, const ExpectedRow& e) {
  std::string out = e.op.empty() ? "" : "_op: \"" + e.op + "\"";
  for (const auto& [column, value] : e.columns)
    out += (out.empty() ? "" : ", ") + c.columns[static_cast<std::size_t>(column)] + ": " + value;
  return "{ " + out + " }";
}

std::string show(const Collected& c, const Change& row) {
  std::string out = row.op.empty() ? "" : "_op: \"" + row.op + "\"";
  for (std::size_t i = 0; i != row.columns.size(); ++i) out += (out.empty() ? "" : ", ") + c.columns[i] + ": " + row.columns[i];
  return "{ " + out + " }";
}

/// One to one, in any order: augmenting paths, since a row may match several expectations.
bool assign(std::size_t e, const std::vector<std::vector<std::size_t>>& fits, std::vector<bool>& seen, std::vector<std::size_t>& taken) {
  for (const std::size_t row : fits[e]) {
    if (seen[row]) continue;
    seen[row] = true;
    if (taken[row] == SIZE_MAX || assign(taken[row], fits, seen, taken)) {
      taken[row] = e;
      return true;
    }
  }
  return false;
}

}  // namespace

void Report::error(std::string_view what) { text_ += "    " + std::string(what) + "\n"; }

void Report::expect(const Collected& c, const Expectation& expected) {
  std::vector<Change> rows;
  if (c.upsert) {
    rows = expected.with_op ? changelog(c) : final_rows(c);
  } else {
    for (const Shown& row : c.rows) rows.push_back({expected.with_op ? "upsert" : "", row.columns});
  }
  std::vector<std::string> missing, extra;
  if (expected.ordered) {
    for (std::size_t i = 0; i < rows.size() || i < expected.rows.size(); ++i) {
      if (i < rows.size() && i < expected.rows.size() && matches(expected.rows[i], rows[i])) continue;
      if (i < expected.rows.size()) missing.push_back("row " + std::to_string(i + 1) + ": " + show(c, expected.rows[i]));
      if (i < rows.size()) extra.push_back("row " + std::to_string(i + 1) + ": " + show(c, rows[i]));
    }
  } else {
    std::vector<std::vector<std::size_t>> fits(expected.rows.size());
    for (std::size_t e = 0; e != expected.rows.size(); ++e)
      for (std::size_t r = 0; r != rows.size(); ++r)
        if (matches(expected.rows[e], rows[r])) fits[e].push_back(r);
    std::vector<std::size_t> taken(rows.size(), SIZE_MAX);
    for (std::size_t e = 0; e != expected.rows.size(); ++e) {
      std::vector<bool> seen(rows.size(), false);
      if (!assign(e, fits, seen, taken)) missing.push_back(show(c, expected.rows[e]));
    }
    for (std::size_t r = 0; r != rows.size(); ++r)
      if (taken[r] == SIZE_MAX) extra.push_back(show(c, rows[r]));
  }
  if (missing.empty() && extra.empty()) return;
  text_ += "    " + std::string(expected.where) + ": stream `" + c.stream + "`: " + std::to_string(expected.rows.size()) +
           " rows expected, " + std::to_string(rows.size()) + " came\n";
  for (const std::string& m : missing) text_ += "      - " + m + "\n";
  for (const std::string& e : extra) text_ += "      + " + e + "\n";
  if (!missing.empty() && !extra.empty()) text_ += "      (- expected, + came)\n";
}

int run_tests(std::span<const Test> tests, int argc, char** argv) {
  std::string_view filter;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
      filter = argv[++i];
    } else {
      std::fprintf(stderr, "error: `%s` is no option of a test program\n", argv[i]);
      return 64;
    }
  }
  int passed = 0, failed = 0, skipped = 0;
  for (const Test& test : tests) {
    if (!filter.empty() && std::string_view(test.name).find(filter) == std::string_view::npos) {
      ++skipped;
      continue;
    }
    Report report;
    try {
      test.run(report);
    } catch (const std::exception& e) {
      report.error(e.what());
    }
    if (report.failed()) {
      ++failed;
      std::printf("FAIL  %s  (%s)\n%s", test.name, test.where, report.text().c_str());
    } else {
      ++passed;
      std::printf("ok    %s\n", test.name);
    }
  }
  std::printf("%d passed, %d failed", passed, failed);
  if (skipped != 0) std::printf(", %d skipped", skipped);
  std::printf("\n");
  return failed == 0 ? 0 : 1;
}

}  // namespace gress::testing
