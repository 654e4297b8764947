// Paths that are made of rows: how values stand in them, and which can be the name of a file.
#pragma once
#include <string>
#include <string_view>

#include "runtime/core/eval.h"
#include "runtime/core/text.h"

namespace gress::file {

/// A value in a path: what is none of A-Za-z0-9._- is written %XX, and so are the values `.` and `..`.
Text path_value(Eval& ev, const Text& value);

/// Why the part of a path behind the first `fixed` bytes, which the program wrote, cannot name a file; empty if it can.
std::string path_problem(std::string_view path, std::size_t fixed);

}  // namespace gress::file
