// gressc fmt: one layout for all programs.
#include <cstdio>

#include "compiler/driver/command.h"
#include "compiler/driver/session.h"
#include "compiler/toolchain/files.h"
#include "dsl/format/format.h"
#include "dsl/syntax/parser.h"

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_program;

namespace {

struct Arguments {
  std::vector<std::string> files;
  bool check = false;
} arguments;

int format_file(const Settings& settings, const std::string& path) {
  const bool standard_input = path == "-";
  Session session(settings, path);
  const dsl::FileId file = session.sources.add(standard_input ? "<stdin>" : path,
                                               toolchain::read_file(standard_input ? "/dev/stdin" : path));
  const std::optional<std::string> formatted = session.phase("format", [&] {
    const dsl::ast::File tree = dsl::parse(session.sources, file, session.diagnostics);
    return session.diagnostics.has_errors() ? std::nullopt : dsl::format(session.sources, file, tree);
  });
  if (!session.report() || !formatted) return exit_program;
  const bool same = *formatted == session.sources.file(file).text();
  if (arguments.check) {
    if (!same) std::fprintf(stderr, "%s: not formatted\n", session.sources.file(file).name().c_str());
    return same ? exit_ok : exit_program;
  }
  if (standard_input)
    print(*formatted);
  else if (!same)
    toolchain::write_file(path, *formatted);
  return exit_ok;
}

int run_fmt(const Settings& settings) {
  int code = exit_ok;
  for (const std::string& file : arguments.files) {
    if (format_file(settings, file) != exit_ok) code = exit_program;
  }
  return code;
}

}  // namespace

Command make_fmt() {
  return {
      .name = "fmt",
      .summary = "Lay programs out in the one way",
      .details = "Files are rewritten in place; meaning and comments stay. A program with syntax errors is left alone.",
      .examples = {{"gressc fmt flights.gress", "rewrite it"},
                   {"gressc fmt --check *.gress", "only say which are not formatted; exit 65 if any"},
                   {"gressc fmt - < flights.gress", "for editors: from standard input to standard output"}},
      .options = {{"FILE", "", "programs; `-` is standard input", &arguments.files, {}, true, true},
                  {"--check", "", "change nothing, say which files would change", &arguments.check}},
      .run = run_fmt};
}

}  // namespace gress::driver
