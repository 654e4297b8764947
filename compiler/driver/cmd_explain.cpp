// gressc explain: the page of a diagnostic.
#include <algorithm>

#include "compiler/driver/command.h"
#include "compiler/driver/embedded.h"

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_usage;

namespace {

struct Arguments {
  std::string code;
  bool all = false;
} arguments;

std::string_view page_of(const dsl::CodeInfo& code) {
  for (const EmbeddedFile& page : error_pages()) {
    if (page.name.substr(0, page.name.find('.')) == code.id) return page.text;
  }
  return {};
}

int list_all() {
  std::string out;
  for (const dsl::CodeInfo& code : dsl::all_codes()) {
    out += std::string(code.id) + "  " + std::string(code.title) + '\n';
  }
  print(out);
  return exit_ok;
}

int run_explain(const Settings&) {
  if (arguments.all) return list_all();
  if (arguments.code.empty())
    throw Failure(exit_usage, "`CODE` is missing", {"`gressc explain --list` shows all of them"});
  const dsl::CodeInfo* code = dsl::find_code(arguments.code);
  for (const dsl::CodeInfo& each : dsl::all_codes()) {  // the short name is as good
    if (each.slug == arguments.code) code = &each;
  }
  if (code == nullptr) {
    throw Failure(exit_usage, "there is no diagnostic `" + arguments.code + "`",
                  {"`gressc explain --list` shows all of them"});
  }
  const std::string_view page = page_of(*code);
  print(page.empty() ? std::string(code->id) + ": " + std::string(code->title) + '\n' : std::string(page));
  return exit_ok;
}

}  // namespace

Command make_explain() {
  return {.name = "explain",
          .summary = "Say what a diagnostic means and what to do about it",
          .examples = {{"gressc explain E0118", "the page of a diagnostic"},
                       {"gressc explain unknown-stage", "by its name"},
                       {"gressc explain --list", "all there are"}},
          .options = {{"CODE", "", "code of an error or warning", &arguments.code, {}, true},
                      {"--list", "", "list all codes", &arguments.all}},
          .run = run_explain};
}

}  // namespace gress::driver
