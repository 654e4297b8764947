// gressc precompile: the runtime's headers for default flags, precompiled beside the runtime. Part of building and
// installing Gress; users need not know it.
#include "compiler/driver/command.h"
#include "compiler/toolchain/build.h"

namespace gress::driver {

namespace {

toolchain::BuildOptions arguments;

int run_precompile(const Settings&) {
  toolchain::precompile(arguments);
  return toolchain::exit_ok;
}

}  // namespace

Command make_precompile() {
  return {.name = "precompile",
          .summary = "Precompile the runtime's headers where Gress is installed",
          .examples = {{"gressc precompile", "for the flags of `gressc build`"}},
          .options = {{"--debug", "", "for the flags of `gressc build --debug`", &arguments.debug},
                      {"--cpu", "NAME", "for another CPU", &arguments.cpu},
                      {"--cxx", "PATH", "for another C++ compiler", &arguments.cxx}},
          .hidden = true,
          .run = run_precompile};
}

}  // namespace gress::driver
