#include "runtime/connectors/console/console_writer.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace gress::console {
namespace {

/// Whose rows were shown last, and how many sinks share the terminal.
const ConsoleWriter* g_last = nullptr;
std::atomic<int> g_writers = 0;

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Text as a person reads it: without quotes, `\"` and `\\` undone. Escapes of control characters stay as they are, so
/// that no row can steer the terminal.
std::string shown_text(std::string_view quoted) {
  std::string out;
  quoted = quoted.substr(1, quoted.size() - 2);
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const char next = i + 1 < quoted.size() ? quoted[i + 1] : '\0';
    if (quoted[i] == '\\' && next != '\0') {
      if (next != '"' && next != '\\' && next != '/') out += '\\';
      out += next;
      ++i;
    } else if (quoted[i] == '\xc2' && static_cast<unsigned char>(next) >= 0x80 &&
               static_cast<unsigned char>(next) < 0xa0) {
      out += '?';  // a control character of the second set
      ++i;
    } else {
      out += quoted[i];
    }
  }
  return out;
}

/// The end of the JSON value at `at`: of the comma, bracket or end behind it.
std::size_t value_end(std::string_view s, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < s.size(); ++i) {
    const char c = s[i];
    if (c == '"') {
      for (++i; i < s.size() && s[i] != '"'; ++i)
        if (s[i] == '\\') ++i;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return i;
      --depth;
    } else if (c == ',' && depth == 0) {
      return i;
    }
  }
  return s.size();
}

struct Member {
  std::string name;
  std::string_view value;
};

/// Members of a JSON object as our own printer writes it (no spaces outside of text).
std::vector<Member> members(std::string_view line) {
  std::vector<Member> out;
  std::size_t at = 1;
  while (at < line.size() && line[at] == '"') {
    std::size_t end = at + 1;
    while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
    if (end + 1 >= line.size()) break;
    const std::size_t value = end + 2;
    const std::size_t after = value_end(line, value);
    if (value > after) break;
    out.push_back({shown_text(line.substr(at, end + 1 - at)), line.substr(value, after - value)});
    at = after + 1;
  }
  return out;
}

void pad(std::string& out, std::string_view text, std::size_t width, bool right) {
  const std::size_t n = columns(text);
  const std::size_t spaces = width > n ? width - n : 0;
  if (right) out.append(spaces, ' ');
  out += text;
  if (!right) out.append(spaces, ' ');
}

void end_line(std::string& out) {
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace

void Table::add(std::string_view lines, bool bold_headings, std::string& out) {
  std::vector<std::vector<Cell>> rows;
  const auto print = [&](bool headings) {
    if (rows.empty()) return;
    for (const auto& row : rows)
      for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], columns(row[i].text));
    if (headings) {
      std::string line;
      for (std::size_t i = 0; i < names_.size(); ++i) {
        if (i != 0) line += "  ";
        pad(line, names_[i], widths_[i], rows[0][i].number);
      }
      end_line(line);
      out += bold_headings ? "\x1b[1m" + line.substr(0, line.size() - 1) + "\x1b[0m\n" : line;
    }
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i != 0) out += "  ";
        pad(out, row[i].text, widths_[i], row[i].number);
      }
      end_line(out);
    }
    rows.clear();
  };
  bool headings = false;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::vector<Member> row = members(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    std::vector<std::string> names;
    std::vector<Cell> cells;
    for (const Member& m : row) {
      names.push_back(m.name);
      const char c = m.value.empty() ? ' ' : m.value[0];
      if (c == '"') {
        cells.push_back({shown_text(m.value), false});
      } else if (m.value == "null") {
        cells.push_back({"-", false});
      } else {
        cells.push_back({std::string(m.value), (c >= '0' && c <= '9') || c == '-'});
      }
    }
    if (names != names_) {
      print(headings);
      headings = true;
      widths_.clear();
      for (const std::string& n : names) widths_.push_back(columns(n));
      names_ = std::move(names);
    }
    rows.push_back(std::move(cells));
  }
  print(headings);
}

ConsoleWriter::ConsoleWriter(engine::Runtime& runtime, std::string_view sink, int line)
    : FileWriter(runtime, sink, "-", line) {
  ++g_writers;
}

void ConsoleWriter::open() {
  FileWriter::open();
  terminal_ = ::isatty(STDOUT_FILENO) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  colour_ = terminal_ && (!no_colour || !*no_colour) && term && std::strcmp(term, "dumb") != 0;
}

void ConsoleWriter::join(engine::Output& first) {
  FileWriter::join(first);
  --g_writers;
}

void ConsoleWriter::put(FileWriter& by, std::string_view rows, bool last) {
  if (!terminal_) return FileWriter::put(by, rows, last);
  if (rows.empty()) return;
  std::string text;
  if (g_writers > 1 && g_last != this) {
    table_.restart();
    text = (g_last ? "\n" : "") + sink() + ":\n";
  }
  g_last = this;
  table_.add(rows, colour_, text);
  write(text);
}

}  // namespace gress::console
