// Runs another program and waits for it: argv, never a shell.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/toolchain/failure.h"

namespace gress::toolchain {

struct Process {
  std::vector<std::string> argv;  // argv[0]: a path, or a name to be found on PATH
  std::string folder;             // to run in; empty: ours
  std::string output;             // file that takes what it prints, both streams; empty: ours
};

struct Ended {
  int status = 0;  // exit status; 128 + signal when a signal ended it
  int signal = 0;
  double seconds = 0;
  std::int64_t peak_memory = 0;  // bytes, the largest of it and its children
};

/// Standard input is empty. Failure exit_unavailable when it cannot be started.
Ended run(const Process&);
/// Several at once; all have ended when it returns or throws. In their order.
std::vector<Ended> run_all(const std::vector<Process>&);

/// Full path of a program: `name` itself if it has a slash and may be executed, else found on PATH; empty if none.
std::string find_program(const std::string& name);

}  // namespace gress::toolchain
