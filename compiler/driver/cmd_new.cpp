// gressc new: a folder with a first program, data and a test.
#include <sys/stat.h>

#include "compiler/driver/command.h"
#include "compiler/driver/embedded.h"
#include "compiler/toolchain/files.h"

namespace gress::driver {

using toolchain::exit_cannot_create;
using toolchain::exit_usage;

namespace {

struct Arguments {
  std::string path;
} arguments;

bool is_identifier(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name[0])) return false;
  for (char c : name) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

/// Every `{{name}}` replaced.
std::string filled(std::string_view text, const std::string& name) {
  constexpr std::string_view hole = "{{name}}";
  std::string out;
  for (;;) {
    const std::size_t at = text.find(hole);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += name;
    text.remove_prefix(at + hole.size());
  }
}

int run_new(const Settings&) {
  std::string path = arguments.path;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::string name = toolchain::base_of(path);
  if (!is_identifier(name)) {
    throw Failure(exit_usage, "`" + name + "` is no name for a program",
                  {"a name has letters, digits and `_`, and begins with no digit"});
  }
  if (::mkdir(path.c_str(), 0777) != 0) {
    throw Failure(exit_cannot_create,
                  "cannot create the folder `" + path + "`: " + toolchain::system_error_text(errno));
  }
  for (const EmbeddedFile& file : new_project_files()) {
    const std::string target = path + '/' + filled(file.name, name);
    toolchain::write_file(target, filled(file.text, name));
  }
  print("made " + path + ": try\n  gressc run " + path + '/' + name + ".gress\n  gressc test " + path + '/' + name +
        ".gress\n");
  return toolchain::exit_ok;
}

}  // namespace

Command make_new() {
  return {.name = "new",
          .summary = "Make a folder with a first program and data for it",
          .examples = {{"gressc new hello", "hello/hello.gress and what belongs to it"},
                       {"gressc new work/fares", "in another folder"}},
          .options = {{"NAME", "", "folder to make; its last part names the program", &arguments.path, {}, true, true}},
          .run = run_new};
}

}  // namespace gress::driver
