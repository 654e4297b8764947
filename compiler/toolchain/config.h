// toolchain.conf: where the runtime's headers and libraries are. Lines of `key = value`, `#` starts a comment line.
#pragma once
#include <string>
#include <vector>

#include "compiler/toolchain/failure.h"

namespace gress::toolchain {

struct Config {
  std::string path = {};                    // of the file itself
  std::string version = {};                 // of Gress
  std::string compiler = {};                // C++ compiler that Gress was built with
  std::string include = {};                 // folder that holds runtime/
  std::string headers = {};                 // the program that reads users' C++ headers
  std::string precompile = {};              // header below it that gets precompiled; empty: none
  std::vector<std::string> libraries = {};  // static libraries of ours, a group
  std::vector<std::string> links = {};      // further libraries: files, or -lNAME
  std::string heap = {};                    // malloc of programs of which pages go to disk; empty: there is none
  std::vector<std::string> flags = {};      // for compiling and linking (sanitizers)
};

/// Of the executable that runs: gressc's.
std::string own_path();

/// The file of $GRESS_HOME/share/gress, else of `../share/gress` beside gressc.
/// Failure exit_unavailable when it is missing or damaged.
Config load_config();

}  // namespace gress::toolchain
