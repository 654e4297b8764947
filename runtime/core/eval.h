// What an expression needs beside its operands: an arena for computed text and lists, and the place where the first
// failure of a row is noted. Generated expressions are plain nested calls `add(ev, a, b)`; a call that fails notes it
// and returns any value, the row's step looks at `ev.failed` once and sends the row to its invalid route.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/core/arena.h"

namespace gress {

struct Eval {
  Arena arena;
  bool failed = false;
  /// Why, when failed: lower case, no full stop, values shown. The first failure of a row counts.
  std::string message;
  /// `now()` of the block, microseconds since the epoch.
  std::int64_t now = 0;

  [[gnu::cold]] void fail(std::string_view why);
  void clear() { failed = false; }
  /// Where every failure must have been looked at: what is left would be taken for one of the rows to come.
  void expect_clear() const {
    if (failed) [[unlikely]] overlooked();
  }

 private:
  /// Throws std::logic_error, which ends the program.
  [[noreturn, gnu::cold]] void overlooked() const;
};

}  // namespace gress
