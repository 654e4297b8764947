#include "compiler/foreign/system_headers.h"

#include "compiler/toolchain/files.h"
#include "compiler/toolchain/process.h"

namespace gress::foreign {

using namespace toolchain;

std::vector<std::string> system_header_flags(const Compiler& compiler, const std::vector<std::string>& compile_flags) {
  const ScratchFolder scratch("");
  const std::string said = scratch.path() + "/said";
  Process process{{"/usr/bin/env", "LC_ALL=C", compiler.path}, "", said};  // it is asked in English
  process.argv.insert(process.argv.end(), compile_flags.begin(), compile_flags.end());
  process.argv.insert(process.argv.end(), {"-E", "-v", "-x", "c++", "/dev/null", "-o", "/dev/null"});
  std::string text;
  if (run(process).status != 0 || !try_read_file(said, text)) return {};
  constexpr std::string_view kBegin = "#include <...> search starts here:\n", kEnd = "End of search list.";
  const std::size_t begin = text.find(kBegin), end = text.find(kEnd, begin);
  if (begin == std::string::npos || end == std::string::npos) return {};

  std::vector<std::string> flags;
  bool own_passed = false;  // where the reader's own stand in between
  for (std::size_t at = begin + kBegin.size(); at < end;) {
    const std::size_t line_end = text.find('\n', at);
    const std::string folder = text.substr(at + 1, line_end - at - 1);
    at = line_end + 1;
    if (is_file(folder + "/stddef.h") && !is_file(folder + "/stdio.h")) {
      own_passed = true;
    } else {
      flags.push_back(own_passed ? "-idirafter" : "-isystem");
      flags.push_back(folder);
    }
  }
  if (!flags.empty()) flags.insert(flags.begin(), {"-nostdlibinc", "-nostdinc++"});
  return flags;
}

}  // namespace gress::foreign
