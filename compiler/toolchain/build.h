// From generated C++ text to an executable.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/toolchain/cache.h"
#include "compiler/toolchain/compiler.h"
#include "compiler/toolchain/files.h"
#include "compiler/toolchain/own_cpp.h"

namespace gress::toolchain {

struct BuildOptions {
  std::string name = {};  // of the program: names the generated file in debug information
  bool debug = false;
  std::string cpu = "native";
  std::string cxx = {};          // compiler asked for; empty: see find_compiler
  int parts = 1;                 // compiled at once, each with -DGRESS_PART=1, 2, … (codegen/emit.h)
  OwnCpp own = {};               // what it needs for its own headers
  std::string headers_hash = {};    // of what they hold
  std::string source_hash = {};  // of the program's text, hexadecimal: the executable tells it
  std::string plan_hash = {};    // of what it does; the same
  bool is_static = false;        // linked with no shared objects
  bool pages = false;            // pages of its state go to disk
  bool library = false;          // a static library of one object instead of an executable
};

struct Step {
  std::string name = {};  // "precompile", "compile", "link", "cache"
  double seconds = 0;
  std::int64_t peak_memory = 0;  // bytes; 0 where no process ran
};

/// The executable or library, in the cache or, without one, in `scratch`: gone with this object.
struct Built {
  std::string path;
  bool from_cache = false;
  std::vector<Step> steps;
  std::optional<ScratchFolder> scratch;
};

/// Failure exit_unavailable without a compiler or runtime, exit_usage for a CPU that the compiler does not know,
/// exit_internal when the text does not compile (exit_program when it has headers of the program's own): the message names the folder where text and compiler output are kept.
Built build(const std::string& text, const BuildOptions&);

/// What executables are made from besides the program: this gressc, its toolchain.conf, the runtime's headers and libraries.
std::vector<std::string> runtime_files();

/// The precompiled header for default flags, beside the runtime: part of building and installing Gress.
void precompile(const BuildOptions&);

}  // namespace gress::toolchain
