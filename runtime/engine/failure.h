// What ends a program before its time. Thrown from connectors and by fail_record() and fail_row(); caught once, in
// run.cpp, which flushes what was produced so far, prints the message and exits.
#pragma once
#include <exception>
#include <string>
#include <utility>

#include "runtime/engine/exit_code.h"
#include "runtime/engine/log.h"

namespace gress::engine {

struct Failure : std::exception {
  Failure(Exit code, const char* event_name, std::string text, log::Fields more = {})
      : exit(code), event(event_name), message(std::move(text)), fields(std::move(more)) {}
  const char* what() const noexcept override { return message.c_str(); }

  Exit exit;
  const char* event;    // for JSON logs: one word with underscores
  std::string message;  // lower case, no full stop; further lines explain
  log::Fields fields;
};

/// A stop was requested before the program had begun: it ends at once, with exit code 0.
struct StoppedEarly {};

/// Nobody reads our standard output any more: the program ends at once, quietly, with exit code 0.
struct ReaderGone {};

/// "No such file or directory" and the like.
std::string error_text(int error_number);

}  // namespace gress::engine
