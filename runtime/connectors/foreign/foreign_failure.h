// What a source or sink of a user's header throws.
#pragma once
#include <exception>
#include <string>
#include <string_view>

#include "runtime/engine/failure.h"

namespace gress::foreign {

/// Ends the program. `what`: "source `ticks`".
[[noreturn, gnu::cold]] inline void failed(const std::string& what, std::string_view cpp, const char* why) {
  throw engine::Failure(engine::Exit::io, "foreign_failed", what + ": `" + std::string(cpp) + "` failed: " + why);
}
/// Its exceptions end the program.
template <class Call>
auto or_fail(const char* what, std::string_view name, std::string_view cpp, Call call) {
  try {
    return call();
  } catch (const std::exception& e) {
    failed(std::string(what) + " `" + std::string(name) + '`', cpp, e.what());
  } catch (...) {
    failed(std::string(what) + " `" + std::string(name) + '`', cpp, "it threw what is no std::exception");
  }
}

}  // namespace gress::foreign
