// How the toolchain says that it cannot go on: thrown, caught by the driver, told to the user.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gress::toolchain {

/// Exit codes of gressc, after BSD's sysexits.h.
enum ExitCode : int {
  exit_ok = 0,
  exit_usage = 64,          // the command line is wrong
  exit_program = 65,        // the program has errors
  exit_no_input = 66,       // an input file is missing or cannot be read
  exit_unavailable = 69,    // a tool that is needed is not installed
  exit_internal = 70,       // a bug of gressc
  exit_cannot_create = 73,  // an output file cannot be created
  exit_io = 74,             // reading or writing failed
};

/// `what()` is the message: lower case, no full stop.
struct Failure : std::runtime_error {
  Failure(int code, const std::string& message, std::vector<std::string> hints = {})
      : std::runtime_error(message), exit_code(code), helps(std::move(hints)) {}
  int exit_code;
  std::vector<std::string> helps;
  std::vector<std::string> notes;
};

}  // namespace gress::toolchain
