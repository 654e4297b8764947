// What a program's own C++ is compiled and linked with, besides what every program is: --include, --define, --link.
#pragma once
#include <string>
#include <vector>

#include "compiler/toolchain/compiler.h"
#include "compiler/toolchain/config.h"

namespace gress::toolchain {

struct OwnCpp {
  std::string folder = {};  // from which the program's headers are found, absolute; empty: it has none
  std::vector<std::string> includes = {}, defines = {}, links = {};
};

/// Paths are made absolute: the compiler runs in another folder. Failure exit_usage for a folder or file that is not there, and
/// for what is no macro of a program's own.
void resolve(OwnCpp&);

/// For the header reader and the compiler alike, behind their other flags: whatever a header asks for, both find the same.
/// Nothing without headers.
std::vector<std::string> own_compile_flags(const Config&, const OwnCpp&);
std::vector<std::string> own_link_flags(const OwnCpp&);

/// Files among `links`: executables are made from them too.
std::vector<std::string> linked_files(const OwnCpp&);
/// Text that changes when a library does; of those that are said by name, where the compiler finds it.
std::string links_identity(const Compiler&, const OwnCpp&);

}  // namespace gress::toolchain
