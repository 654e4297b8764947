// The C++ compiler that turns generated code into an executable, and the flags it gets.
#pragma once
#include <string>
#include <vector>

#include "compiler/toolchain/config.h"

namespace gress::toolchain {

struct Compiler {
  std::string path;  // as found, absolute or as the user gave it
  bool clang = false;
  std::string linker;    // full path of ld.lld when it can be used; else empty
  std::string identity;  // changes when the compiler does
};

/// `asked` (--cxx), else $GRESS_CXX, else the one Gress was built with, else clang++-19, clang++, g++, c++ from PATH.
/// Failure exit_unavailable names the packages to install.
Compiler find_compiler(const std::string& asked, const Config&);

struct FlagOptions {
  bool debug = false;
  std::string cpu = "native";  // native, baseline, or a name the compiler knows
  bool is_static = false;      // of no shared objects
  bool pages = false;          // with a heap whose pages go to disk
  bool library = false;        // may become part of a shared object
};

/// Failure exit_usage when the CPU's name is no word.
std::vector<std::string> compile_flags(const Config&, const FlagOptions&);
std::vector<std::string> link_flags(const Compiler&, const Config&, const FlagOptions&);

/// The `-march=` value of a CPU's name.
std::string march(const std::string& cpu);
/// What `native` means on this machine: text that differs between CPUs of different features.
std::string native_cpu();

/// The `ar` that goes with it.
std::string archiver(const Compiler&);
/// Where it finds a library such as `libm.so`; empty if it does not.
std::string find_library(const Compiler&, const std::string& file);
/// First line of `compiler --version`; empty if it cannot be run.
std::string version_line(const Compiler&);

}  // namespace gress::toolchain
