#include "compiler/driver/session.h"

#include <cstdio>

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_program;

Session::Running::Running(Session& session, const char* name)
    : session_(session), name_(name), begin_(std::chrono::steady_clock::now()) {
  crash_context(name, session.path.c_str());
}

Session::Running::~Running() {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  session_.steps.push_back({name_, seconds, 0});
  if (session_.settings.verbose)
    std::fprintf(stderr, "gressc: %s: %s: %.2f ms\n", session_.path.c_str(), name_, seconds * 1e3);
  crash_context(nullptr, nullptr);
}

namespace {

/// People read the first; a file that is no program at all has thousands.
constexpr std::size_t shown_to_people = 50;

dsl::Diagnostics first_of(const dsl::Diagnostics& all, std::size_t count) {
  dsl::Diagnostics first;
  for (const dsl::Diagnostic& one : all.all()) {
    if (count-- == 0) break;
    first.report(one.code, one.range, one.message) = one;
  }
  return first;
}

}  // namespace

bool Session::report() {
  diagnostics.sort();
  const bool cut = settings.format() == dsl::MessageFormat::human && diagnostics.all().size() > shown_to_people;
  const std::string text = dsl::render(cut ? first_of(diagnostics, shown_to_people) : diagnostics, sources,
                                       settings.format(), settings.colour());
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (cut) std::fprintf(stderr, "… and %zu more\n\n", diagnostics.all().size() - shown_to_people);
  const std::size_t errors = diagnostics.error_count(), warnings = diagnostics.warning_count();
  if ((errors != 0 || warnings != 0) && settings.format() != dsl::MessageFormat::json) {
    const auto count = [](std::size_t n, const char* what) {
      return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s");
    };
    std::string line = errors != 0 ? "error: " + count(errors, "error") : "warning: ";
    if (warnings != 0) line += (errors != 0 ? ", " : "") + count(warnings, "warning");
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  const bool good = errors == 0;
  diagnostics = {};
  return good;
}

int Session::finish() { return report() ? exit_ok : exit_program; }

}  // namespace gress::driver
