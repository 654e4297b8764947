#include "compiler/driver/settings.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "compiler/toolchain/files.h"
#include "dsl/check/json_writer.h"
#include "dsl/source/utf8.h"

namespace gress::driver {

using toolchain::exit_io;
using toolchain::exit_ok;

dsl::MessageFormat Settings::format() const {
  if (message_format == "json") return dsl::MessageFormat::json;
  return message_format == "short" ? dsl::MessageFormat::short_ : dsl::MessageFormat::human;
}

bool Settings::colour() const {
  if (color != "auto") return color == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == 0) && (term == nullptr || std::string_view(term) != "dumb") &&
         error_is_terminal();
}

bool error_is_terminal() { return ::isatty(2) == 1; }
bool output_is_terminal() { return ::isatty(1) == 1; }

namespace {

void say_json(std::string_view message, const std::vector<std::string>& notes, const std::vector<std::string>& helps) {
  dsl::JsonWriter json;
  const auto texts = [&](const char* name, const std::vector<std::string>& all) {
    json.key(name).begin_array();
    for (const std::string& text : all) json.string(dsl::to_valid_utf8(text));
    json.end_array();
  };
  json.begin_object();
  json.key("severity").string("error");
  json.key("code").null();
  json.key("message").string(dsl::to_valid_utf8(message));
  json.key("file").null();
  texts("notes", notes);
  texts("helps", helps);
  json.end_object();
  json.line();
  std::fputs(json.take().c_str(), stderr);
}

}  // namespace

void say_error(const Settings& settings, std::string_view message, const std::vector<std::string>& notes,
               const std::vector<std::string>& helps) {
  if (settings.format() == dsl::MessageFormat::json) return say_json(message, notes, helps);
  const bool colour = settings.colour();
  std::string out = colour ? "\x1b[1;31merror\x1b[0m: " : "error: ";
  out += message;
  out += '\n';
  if (settings.format() == dsl::MessageFormat::human) {
    for (const std::string& note : notes) out += "  = note: " + note + '\n';
    for (const std::string& help : helps) out += "  = help: " + help + '\n';
  }
  std::fputs(out.c_str(), stderr);
}

void say(const Settings& settings, const Failure& failure) {
  say_error(settings, failure.what(), failure.notes, failure.helps);
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(1, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EPIPE) {
      std::_Exit(exit_ok);
    } else if (errno != EINTR) {
      throw Failure(exit_io, "cannot write to standard output: " + toolchain::system_error_text(errno));
    }
  }
}

void print_to(const std::string& path, std::string_view text) {
  if (path.empty() || path == "-") return print(text);
  toolchain::write_file(path, text);
}

}  // namespace gress::driver
