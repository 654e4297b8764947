// Messages of a running program on standard error: `gress: warning: …` for people, or one JSON object a line
//   {"time":"2026-01-31T12:00:00.123Z","level":"warning","event":"…","message":"…", further fields}
// Each message is one write(2), so that lines of several processes on one pipe stay whole.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gress::engine::log {

enum class Level : std::uint8_t { debug, info, warning, error, off };
enum class Format : std::uint8_t { text, json };

/// A further member of a JSON line; `raw` values are JSON already (numbers), others are text.
struct Field {
  std::string name;
  std::string value;
  bool raw = false;
};
using Fields = std::vector<Field>;

void configure(Format format, Level lowest);
Format format();
bool shows(Level level);

/// In text form only `message` is shown; its further lines are indented.
void write(Level level, std::string_view event, std::string_view message, const Fields& fields = {});
inline void debug(std::string_view event, std::string_view message) { write(Level::debug, event, message); }
inline void info(std::string_view event, std::string_view message) { write(Level::info, event, message); }
inline void warning(std::string_view event, std::string_view message) { write(Level::warning, event, message); }
inline void error(std::string_view event, std::string_view message) { write(Level::error, event, message); }

/// Bytes to standard error as they are, as far as it takes them.
void write_raw(std::string_view bytes);

/// Called before a message is written, to take a progress line off the terminal; null: nothing.
void set_before_write(void (*hook)());

}  // namespace gress::engine::log
