// Records that cannot be read or fail before any keyed stage.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress {

/// Where a record stood, and its bytes without the line end (valid during the call).
struct Record {
  std::string_view source;
  std::string_view path;
  std::int64_t partition;
  std::int64_t offset;  // bytes, in the uncompressed partition
  std::string_view bytes;
};

/// A record as text: bad UTF-8 replaced, and then the bytes themselves beside it. Lives in the arena.
struct RecordText {
  Text text;
  Opt<Bytes> raw;
};
RecordText record_text(Eval& ev, std::string_view bytes);

/// Ends the program: the file is not what the program expects.
[[noreturn]] void bad_header(std::string_view source, std::string_view path, const std::string& error);
/// `invalid: fail`.
[[noreturn]] void fail_invalid(const Record& record, std::string_view error);

std::string too_far_ahead(std::int64_t t, std::int64_t max_ahead);

}  // namespace gress
