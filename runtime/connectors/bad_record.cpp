#include "runtime/connectors/bad_record.h"

#include "runtime/core/decode/utf8.h"
#include "runtime/engine/runtime.h"

namespace gress {

namespace {

/// Length of the valid UTF-8 sequence at p, 0 if there is none.
std::size_t sequence(const char* p, const char* end) {
  for (std::size_t n = 1; n <= 4 && n <= static_cast<std::size_t>(end - p); ++n)
    if (decode::is_utf8(p, p + n)) return n;
  return 0;
}

}  // namespace

RecordText record_text(Eval& ev, std::string_view bytes) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  if (decode::is_utf8(begin, end)) return {ev.arena.copy(bytes), {}};
  std::string text;
  for (const char* p = begin; p != end;) {
    const std::size_t n = sequence(p, end);
    if (n == 0) {
      text += "\xef\xbf\xbd";
      ++p;
    } else {
      text.append(p, n);
      p += n;
    }
  }
  return {ev.arena.copy(text), Opt<Bytes>(Bytes{ev.arena.copy(bytes)})};
}

void bad_header(std::string_view source, std::string_view path, const std::string& error) {
  throw engine::Failure(engine::Exit::data, "bad_header",
                        "source `" + std::string(source) + "`: " + std::string(path) + ": " + error);
}

void fail_invalid(const Record& r, std::string_view error) {
  engine::fail_record(r.source, r.path, r.partition, r.offset, error, r.bytes);
}

std::string too_far_ahead(std::int64_t t, std::int64_t max_ahead) {
  return "the time " + engine::time_text(t) + " is more than " + std::to_string(max_ahead / 1000000) +
         " s ahead of the clock (`max_ahead`)";
}

}  // namespace gress
