#include "compiler/toolchain/compiler.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "compiler/toolchain/files.h"
#include "compiler/toolchain/process.h"

namespace gress::toolchain {

namespace {

std::string real_path(const std::string& path) {
  char buffer[PATH_MAX];
  return ::realpath(path.c_str(), buffer) != nullptr ? buffer : path;
}

std::string first_line_of(const std::vector<std::string>& argv) {
  const ScratchFolder folder("");
  const std::string output = folder.path() + "/out";
  std::string text;
  try {
    run({argv, "", output});
  } catch (const Failure&) {
    return "";
  }
  if (!try_read_file(output, text)) return "";
  return text.substr(0, text.find('\n'));
}

/// The names say it for every usual compiler; asking one costs a process.
bool is_clang(const std::string& path) {
  for (const std::string& name : {base_of(path), base_of(real_path(path))}) {
    if (name.find("clang") != std::string::npos) return true;
    if (name.find("g++") != std::string::npos || name.find("gcc") != std::string::npos) return false;
  }
  return first_line_of({path, "--version"}).find("clang") != std::string::npos;
}

/// The C++ compiler that a C compiler's name stands for, `g++-13` for `gcc-13`; empty if it is none. It compiles C++, and does not
/// link the C++ library.
std::string not_c(const std::string& path) {
  const std::string name = base_of(path);
  const std::size_t version = std::min(name.find_last_not_of("0123456789.") == std::string::npos ? 0 : name.find_last_not_of("0123456789.") + 1, name.size());
  const std::size_t end = version != 0 && version != name.size() && name[version - 1] == '-' ? version - 1 : name.size();
  for (const auto& [c, cpp] : {std::pair("gcc", "g++"), {"clang", "clang++"}, {"cc", "c++"}}) {
    const std::string_view head(name.data(), end);
    if (head != c && !head.ends_with("-" + std::string(c))) continue;
    return std::string(head.substr(0, head.size() - std::string_view(c).size())) + cpp + name.substr(end);
  }
  return "";
}

std::string find_lld(const Compiler& compiler) {
  if (compiler.clang) {  // clang looks in its own folder before PATH
    const std::string beside = folder_of(real_path(compiler.path)) + "/ld.lld";
    if (is_file(beside)) return beside;
  }
  return find_program("ld.lld");
}

std::string identity_of(const std::string& path) {
  const std::string real = real_path(path);
  struct stat about{};
  if (::stat(real.c_str(), &about) != 0) return real;
  return real + ':' + std::to_string(about.st_size) + ':' + std::to_string(about.st_mtim.tv_sec) + '.' +
         std::to_string(about.st_mtim.tv_nsec);
}

/// The static form of a library.
std::string archive_of(const std::string& library) {
  if (!library.ends_with(".so")) return library;
  const std::string archive = library.substr(0, library.size() - 3) + ".a";
  if (access(archive.c_str(), R_OK) != 0)
    throw Failure(exit_unavailable, "`--static` links `" + base_of(archive) + "`, which is not beside `" + library + "`",
                  {"install it, or leave `--static` out"});
  return archive;
}

}  // namespace

Compiler find_compiler(const std::string& asked, const Config& config) {
  const char* variable = std::getenv("GRESS_CXX");
  const std::string named = !asked.empty() ? asked : variable != nullptr ? variable : "";
  Compiler compiler;
  if (!named.empty()) {
    compiler.path = find_program(named);
    if (compiler.path.empty()) {
      throw Failure(exit_unavailable, "the C++ compiler `" + named + "` is not found",
                    {"it was asked for by " + std::string(!asked.empty() ? "`--cxx`" : "the variable GRESS_CXX")});
    }
    if (const std::string cpp = not_c(named); !cpp.empty())
      throw Failure(exit_usage, "`" + named + "` is a C compiler", {"say `" + cpp + "`, the C++ compiler that goes with it"});
  } else {
    for (const char* name : {config.compiler.c_str(), "clang++-19", "clang++", "g++", "c++"}) {
      compiler.path = find_program(name);
      if (!compiler.path.empty()) break;
    }
    if (compiler.path.empty()) {
      throw Failure(exit_unavailable, "no C++ compiler is found",
                    {"install one: `apt-get install clang-19 lld-19` (or `apt-get install g++`)",
                     "or name one: `--cxx PATH`, or the variable GRESS_CXX"});
    }
  }
  if (!compiler.path.starts_with('/')) compiler.path = real_path(compiler.path);  // it is run in another folder
  compiler.clang = is_clang(compiler.path);
  compiler.linker = find_lld(compiler);
  compiler.identity = identity_of(compiler.path);
  if (!compiler.linker.empty()) compiler.identity += '|' + identity_of(compiler.linker);
  return compiler;
}

std::string march(const std::string& cpu) {
  if (cpu != "baseline") return cpu;
#if defined(__x86_64__)
  return "x86-64-v2";
#elif defined(__aarch64__)
  return "armv8-a";
#else
  return "";
#endif
}

std::string native_cpu() {
  std::string text;
  if (!try_read_file("/proc/cpuinfo", text)) return "unknown";
  std::string found;
  const std::string first = text.substr(0, text.find("\n\n"));
  for (const char* key : {"vendor_id", "cpu family", "model\t", "flags", "Features", "CPU implementer", "CPU part"}) {
    const std::size_t at = first.find(key);
    if (at != std::string::npos) found += first.substr(at, first.find('\n', at) - at) + '\n';
  }
  return found;
}

std::vector<std::string> compile_flags(const Config& config, const FlagOptions& options) {
  for (char c : options.cpu) {
    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
        std::string_view("-._+").find(c) == std::string_view::npos) {
      throw Failure(exit_usage, "`" + options.cpu + "` is no name of a CPU",
                    {"say `--cpu native`, `--cpu baseline` or a name such as `znver4`"});
    }
  }
  std::vector<std::string> flags = {"-std=c++20",
                                    "-w",
                                    "-I" + config.include,
                                    "-ffile-prefix-map=" + config.include + "/=",
                                    "-pthread",
                                    "-fno-math-errno",
                                    "-fno-trapping-math",
                                    "-fno-plt",
                                    "-fvisibility=hidden",
                                    "-fvisibility-inlines-hidden",
                                    "-ffunction-sections",
                                    "-fdata-sections",
                                    options.library ? "-fPIC" : "-fPIE",
                                    "-fstack-protector-strong",
                                    "-fstack-clash-protection",
                                    "-DGRESS_CPU=\"" + options.cpu + "\""};
  if (const std::string name = march(options.cpu); !name.empty()) flags.push_back("-march=" + name);
  if (options.debug) {
    for (const char* flag : {"-O1", "-g", "-fno-omit-frame-pointer", "-D_GLIBCXX_ASSERTIONS"}) flags.push_back(flag);
  } else {
    flags.push_back("-O2");
  }
  // The fortified functions hide from a sanitizer what it intercepts.
  if (config.flags.empty()) flags.push_back("-D_FORTIFY_SOURCE=2");
  flags.insert(flags.end(), config.flags.begin(), config.flags.end());
  return flags;
}

std::vector<std::string> link_flags(const Compiler& compiler, const Config& config, const FlagOptions& options) {
  std::vector<std::string> flags = {options.is_static ? "-static-pie" : "-pie", "-pthread", "-Wl,--gc-sections,--as-needed,-z,relro,-z,now,-z,noexecstack"};
  if (!compiler.linker.empty()) flags.insert(flags.end(), {"-fuse-ld=lld", "-Wl,--icf=safe"});
  if (!options.debug && config.flags.empty()) flags.push_back("-Wl,-s");  // sanitizers name functions
  flags.insert(flags.end(), config.flags.begin(), config.flags.end());
  flags.push_back("-Wl,--start-group");
  flags.insert(flags.end(), config.libraries.begin(), config.libraries.end());
  flags.push_back("-Wl,--end-group");
  if (options.pages && !config.heap.empty()) flags.push_back(config.heap);
  for (const std::string& link : config.links) flags.push_back(options.is_static ? archive_of(link) : link);
  return flags;
}

std::string archiver(const Compiler& compiler) { return first_line_of({compiler.path, "-print-prog-name=ar"}); }

std::string find_library(const Compiler& compiler, const std::string& file) {
  const std::string found = first_line_of({compiler.path, "-print-file-name=" + file});
  return found == file || !is_file(found) ? "" : found;
}

std::string version_line(const Compiler& compiler) { return first_line_of({compiler.path, "--version"}); }

}  // namespace gress::toolchain
