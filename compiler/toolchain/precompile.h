// The runtime's headers, precompiled once per compiler and set of flags.
#pragma once
#include <string>
#include <vector>

#include "compiler/toolchain/cache.h"
#include "compiler/toolchain/compiler.h"
#include "compiler/toolchain/process.h"

namespace gress::toolchain {

/// Hash of all that a precompiled header is made from.
std::string precompiled_key(const Config&, const Compiler&, const std::vector<std::string>& flags);

/// Folder of the precompiled header of that key, beside toolchain.conf or in the cache; empty when there is none.
std::string find_precompiled(const Config&, const Cache&, const std::string& key);

/// Makes it in `folder` (existing, empty). The status is the compiler's; what it said is in `folder`/output.
Ended make_precompiled(const Config&, const Compiler&, const std::vector<std::string>& flags,
                       const std::string& folder);

/// Flags that make a compilation use the header precompiled in `folder`.
std::vector<std::string> use_precompiled(const Compiler&, const std::string& folder);

/// Makes the one for these flags beside toolchain.conf, replacing those of older builds: `gressc precompile`.
/// Failure exit_cannot_create when the place cannot be written, exit_internal when the headers do not compile.
void install_precompiled(const Config&, const Compiler&, const std::vector<std::string>& flags);

}  // namespace gress::toolchain
