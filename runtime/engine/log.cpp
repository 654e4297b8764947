#include "runtime/engine/log.h"

#include <unistd.h>

#include <cerrno>

#include "runtime/engine/json_writer.h"
#include "runtime/engine/time_text.h"

namespace gress::engine::log {
namespace {

Format g_format = Format::text;
Level g_lowest = Level::info;
void (*g_before_write)() = nullptr;

const char* name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
    case Level::off:
      break;
  }
  return "off";
}

std::string text_line(Level level, std::string_view message) {
  std::string line = "gress: ";
  if (level != Level::info) line.append(name(level)).append(": ");
  for (const char c : message) {
    line += c;
    if (c == '\n') line += "  ";
  }
  line += '\n';
  return line;
}

std::string json_line(Level level, std::string_view event, std::string_view message, const Fields& fields) {
  JsonWriter json;
  json.object();
  json.key("time").text(time_text(now_micros() / 1000 * 1000));
  json.key("level").text(name(level));
  json.key("event").text(event);
  if (!message.empty()) json.key("message").text(message);
  for (const Field& f : fields) {
    json.key(f.name);
    if (f.raw) {
      json.raw(f.value);
    } else {
      json.text(f.value);
    }
  }
  json.end_object();
  return json.take() + '\n';
}

}  // namespace

void configure(Format format, Level lowest) {
  g_format = format;
  g_lowest = lowest;
}

Format format() { return g_format; }
bool shows(Level level) { return level >= g_lowest; }
void set_before_write(void (*hook)()) { g_before_write = hook; }

void write_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void write(Level level, std::string_view event, std::string_view message, const Fields& fields) {
  if (!shows(level)) return;
  if (g_before_write) g_before_write();
  write_raw(g_format == Format::json ? json_line(level, event, message, fields) : text_line(level, message));
}

}  // namespace gress::engine::log
