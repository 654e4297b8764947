#include "runtime/testing/test_run.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

#include "runtime/engine/runtime.h"
#include "runtime/testing/junit.h"

namespace gress::testing {

namespace {

struct Arguments {
  std::string_view filter;
  const char* junit = nullptr;
  const char* coverage_json = nullptr;
  bool coverage = false;
};

bool read_arguments(int argc, char** argv, Arguments& a) {
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--filter") == 0 && has_value) {
      a.filter = argv[++i];
    } else if (std::strcmp(argv[i], "--junit") == 0 && has_value) {
      a.junit = argv[++i];
    } else if (std::strcmp(argv[i], "--coverage-json") == 0 && has_value) {
      a.coverage_json = argv[++i];
    } else if (std::strcmp(argv[i], "--coverage") == 0) {
      a.coverage = true;
    } else {
      std::fprintf(stderr, "error: `%s` is no option of a test program\n", argv[i]);
      return false;
    }
  }
  return true;
}

bool append(const char* path, const std::string& text) {
  std::FILE* file = std::fopen(path, "a");
  const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file == nullptr || std::fclose(file) != 0 || !written) {
    std::fprintf(stderr, "error: cannot write `%s`\n", path);
    return false;
  }
  return true;
}

Result run(const Test& test) {
  Report report;
  const std::int64_t begun = engine::steady_micros();
  try {
    test.run(report);
  } catch (const std::exception& e) {
    report.error(e.what());
  }
  return {test.name, test.where, static_cast<double>(engine::steady_micros() - begun) / 1e6, report.text(), false};
}

}  // namespace

void Report::error(std::string_view what) { text_ += std::string(what) + "\n"; }

void Report::expect(const Collected& got, const Expectation& expected) { text_ += differences(got, expected); }

int run_tests(const Program& program, int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments(argc, argv, arguments)) return 64;
  std::vector<Result> results;
  int passed = 0, failed = 0, skipped = 0;
  for (const Test& test : program.tests) {
    if (!arguments.filter.empty() && std::string_view(test.name).find(arguments.filter) == std::string_view::npos) {
      ++skipped;
      continue;
    }
    results.push_back(run(test));
    const Result& result = results.back();
    if (result.failure.empty()) {
      ++passed;
      std::printf("ok    %s\n", test.name);
      continue;
    }
    ++failed;
    std::printf("FAIL  %s  (%s)\n", test.name, test.where);
    for (std::size_t at = 0; at < result.failure.size();) {
      const std::size_t end = result.failure.find('\n', at);
      const std::string line = result.failure.substr(at, end - at);
      std::printf("%s%s\n", line.starts_with(' ') ? "" : "    ", line.c_str());
      at = end == std::string::npos ? end : end + 1;
    }
  }
  std::printf("%d passed, %d failed", passed, failed);
  if (skipped != 0) std::printf(", %d skipped", skipped);
  std::printf("\n");
  if (arguments.coverage) std::printf("%s", coverage_text(program.file, program.points, program.reached).c_str());
  std::fflush(stdout);
  if (arguments.coverage_json && !append(arguments.coverage_json, coverage_json(program.file, program.points, program.reached))) return 74;
  if (arguments.junit && !append(arguments.junit, junit_suite(program.file, results))) return 74;
  if (passed + failed == 0) return 2;
  return failed == 0 ? 0 : 1;
}

}  // namespace gress::testing
