#include "compiler/toolchain/own_cpp.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "compiler/toolchain/files.h"
#include "compiler/toolchain/runtime_identity.h"

namespace gress::toolchain {

namespace {

std::string absolute(const std::string& path) {
  std::string out = std::filesystem::absolute(path).lexically_normal().string();
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

/// `m` and `-lm` are looked for by the linker; all else is a file.
bool is_path(const std::string& link) {
  if (link.starts_with("-l")) return false;
  const std::string name = base_of(link);
  return name != link || name.ends_with(".a") || name.ends_with(".o") || name.find(".so") != std::string::npos;
}
bool is_shared(const std::string& path) { return base_of(path).find(".so") != std::string::npos; }
std::string library_name(const std::string& link) { return link.starts_with("-l") ? link.substr(2) : link; }

void check_define(const std::string& define) {
  const std::string name = define.substr(0, define.find('='));
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0 || !std::all_of(name.begin(), name.end(), is_letter))
    throw Failure(exit_usage, "`--define " + define + "`: `" + name + "` is no name of a macro", {"say `--define NAME` or `--define NAME=VALUE`"});
  // Gress's headers are compiled before, and its libraries were: they would not see it.
  if (name.starts_with("__") || (name[0] == '_' && std::isupper(static_cast<unsigned char>(name[1])) != 0) || name.starts_with("GRESS_"))
    throw Failure(exit_usage, "`--define " + define + "`: names with `__`, `_` and a capital, or `GRESS_` before them are the compiler's and Gress's",
                  {"define a macro that your headers ask for"});
}

}  // namespace

void resolve(OwnCpp& own) {
  for (std::string& include : own.includes) {
    if (!is_folder(include)) throw Failure(exit_usage, "`--include " + include + "`: there is no such folder");
    include = absolute(include);
  }
  for (const std::string& define : own.defines) check_define(define);
  for (std::string& link : own.links) {
    if (!is_path(link)) {
      const std::string name = library_name(link);
      if (name.empty() || name[0] == '-')
        throw Failure(exit_usage, "`--link " + link + "`: this is no library", {"say `--link PATH` of a `.a`, `.so` or `.o`, or `--link NAME`"});
      continue;
    }
    if (!is_file(link)) throw Failure(exit_usage, "`--link " + link + "`: there is no such file");
    link = absolute(link);
  }
}

std::vector<std::string> own_compile_flags(const Config& config, const OwnCpp& own) {
  if (own.folder.empty()) return {};
  std::vector<std::string> flags = {"-iquote", config.include, "-iquote", own.folder, "-ffile-prefix-map=" + own.folder + "/="};
  for (const std::string& include : own.includes) flags.insert(flags.end(), {"-I" + include, "-ffile-prefix-map=" + include + "/="});
  for (const std::string& define : own.defines) flags.push_back("-D" + define);
  return flags;
}

std::vector<std::string> own_link_flags(const OwnCpp& own) {
  std::vector<std::string> flags;
  for (const std::string& link : own.links) {
    if (!is_path(link)) {
      flags.push_back("-l" + library_name(link));
      continue;
    }
    flags.push_back(link);
    if (is_shared(link)) flags.insert(flags.end(), {"-Xlinker", "-rpath", "-Xlinker", folder_of(link)});  // a comma would part `-Wl,`
  }
  return flags;
}

std::vector<std::string> linked_files(const OwnCpp& own) {
  std::vector<std::string> files;
  std::copy_if(own.links.begin(), own.links.end(), std::back_inserter(files), is_path);
  return files;
}

std::string links_identity(const Compiler& compiler, const OwnCpp& own) {
  std::string text;
  for (const std::string& link : own.links) {
    if (is_path(link)) {
      text += file_identity(link);
      continue;
    }
    for (const char* form : {".so", ".a"})
      if (const std::string found = find_library(compiler, "lib" + library_name(link) + form); !found.empty()) text += file_identity(found);
  }
  return text;
}

}  // namespace gress::toolchain
