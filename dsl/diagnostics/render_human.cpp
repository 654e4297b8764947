// Diagnostics for people, laid out as rustc does: header, place, source lines with carets and labels, notes, helps.
#include <algorithm>
#include <map>

#include "dsl/diagnostics/render.h"
#include "dsl/source/utf8.h"

namespace gress::dsl::detail {

namespace {

constexpr std::size_t shown_width = 140;  // a longer line is cut around its first annotation
constexpr std::size_t shown_before = 30;
constexpr std::size_t longest_line = 1 << 16;  // no text written by people: not shown
constexpr std::size_t tab_width = 4;

/// Wraps text in ANSI codes, or not.
struct Style {
  bool colour;
  std::string_view severity_code;
  std::string paint(std::string_view code, std::string_view text) const {
    if (!colour || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
  }
  std::string severity(std::string_view text) const { return paint(severity_code, text); }
  std::string frame(std::string_view text) const { return paint("1;34", text); }
  std::string bold(std::string_view text) const { return paint("1", text); }
};

/// A source line as shown: tabs expanded, what cannot be shown replaced, and the display column of every byte.
struct Shown {
  std::u32string text;                // one element a column; 0 follows a wide character, combining marks are dropped in
  std::vector<std::size_t> column;    // per byte of the line, plus one for its end
};

Shown show(std::string_view line) {
  Shown shown;
  shown.column.reserve(line.size() + 1);
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    const char32_t c = decode_utf8(line, at);
    const std::size_t column = shown.text.size();
    for (std::size_t i = begin; i < at; ++i) shown.column.push_back(column);
    if (c == '\t') {
      do shown.text += U' ';
      while (shown.text.size() % tab_width != 0);
    } else if (c == invalid_utf8 || c < 0x20 || (c >= 0x7F && c < 0xA0) || is_bidi_control(c)) {
      shown.text += U'\uFFFD';
    } else if (const int width = display_width(c); width > 0) {
      shown.text += c;
      if (width == 2) shown.text += U'\0';
    }
    // A combining mark takes no column and is left out: a caret must be countable.
  }
  shown.column.push_back(shown.text.size());
  return shown;
}

std::string utf8(std::u32string_view text) {
  std::string out;
  for (char32_t c : text) {
    if (c != U'\0') append_utf8(out, c);
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = decode_utf8(text, at);
    width += c == invalid_utf8 ? 1 : static_cast<std::size_t>(display_width(c));
  }
  return width;
}

struct Mark {
  std::size_t begin, end;  // display columns, end > begin
  bool primary;
  std::string text;
};

class Snippet {
 public:
  Snippet(std::string& out, const SourceManager& sources, const Style& style)
      : out_(out), sources_(sources), style_(style) {}

  void add(Range range, std::string text, bool primary) {
    if (range.file >= sources_.size()) return;
    const SourceFile& file = sources_.file(range.file);
    const std::uint32_t first = file.position(range.begin).line;
    const std::uint32_t last = range.end > range.begin ? file.position(range.end - 1).line : first;
    if (line_size(file, first) > longest_line || line_size(file, last) > longest_line) return;
    const auto at = first_.try_emplace(range.file, range.begin).first;
    at->second = std::min(at->second, range.begin);
    auto& lines = files_[range.file];
    if (first == last) {
      lines[first].push_back(mark(file, first, range.begin, range.end, primary, std::move(text)));
      return;
    }
    // A range over several lines: its first and its last line are underlined, the text stands at the last.
    lines[first].push_back(mark(file, first, range.begin, file.line_start(first) + line_size(file, first), primary, ""));
    const std::string_view text_of_last = file.line(last);
    const std::size_t indent = std::min(text_of_last.find_first_not_of(" \t"), text_of_last.size());
    lines[last].push_back(mark(file, last, file.line_start(last) + static_cast<std::uint32_t>(indent), range.end,
                               primary, std::move(text)));
  }

  /// The width of the widest line number that will be printed.
  std::size_t gutter() const {
    std::size_t width = 1;
    for (const auto& [id, lines] : files_) {
      for (const auto& [number, marks] : lines) width = std::max(width, std::to_string(number).size());
    }
    return width;
  }

  void print(FileId main_file, Position main_place, std::size_t gutter) {
    gutter_ = gutter;
    print_file(main_file, main_place, "--> ");
    for (const auto& [id, lines] : files_) {
      if (id == main_file) continue;
      print_file(id, sources_.file(id).position(first_[id]), "::: ");
    }
  }

 private:
  static std::uint32_t line_size(const SourceFile& file, std::uint32_t line) {
    return static_cast<std::uint32_t>(file.line(line).size());
  }

  static Mark mark(const SourceFile& file, std::uint32_t line, std::uint32_t begin, std::uint32_t end, bool primary,
                   std::string text) {
    const Shown shown = show(file.line(line));
    const std::uint32_t start = file.line_start(line);
    const auto column = [&](std::uint32_t offset) {
      const std::size_t byte = offset > start ? offset - start : 0;
      return byte < shown.column.size() ? shown.column[byte] : shown.column.back();
    };
    const std::size_t first = column(begin);
    return {first, std::max(column(end), first + 1), primary, to_valid_utf8(text)};
  }

  void print_file(FileId id, Position place, std::string_view arrow) {
    const SourceFile& file = sources_.file(id);
    out_ += std::string(gutter_, ' ') + style_.frame(arrow) + file.name() + ':' + std::to_string(place.line) + ':' +
            std::to_string(place.column) + '\n';
    out_ += std::string(gutter_ + 1, ' ') + style_.frame("|") + '\n';
    std::uint32_t previous = 0;
    for (auto& [number, marks] : files_[id]) {
      if (previous != 0 && number == previous + 2) {
        print_source(number - 1, show(file.line(number - 1)).text, 0);
      } else if (previous != 0 && number > previous + 2) {
        out_ += style_.frame("...") + '\n';
      }
      print_marked(number, show(file.line(number)), marks);
      previous = number;
    }
  }

  void print_source(std::uint32_t number, const std::u32string& text, std::size_t from) {
    const std::string digits = std::to_string(number);
    const std::size_t count = std::min(text.size() - std::min(from, text.size()), shown_width);
    std::string line = utf8(std::u32string_view(text).substr(std::min(from, text.size()), count));
    if (from > 0) line = "…" + line;
    if (from + count < text.size()) line += "…";
    while (line.ends_with(' ')) line.pop_back();
    out_ += style_.frame(digits + std::string(gutter_ - std::min(gutter_, digits.size()), ' ') + " |");
    if (!line.empty()) out_ += ' ' + line;
    out_ += '\n';
  }

  void margin() { out_ += std::string(gutter_ + 1, ' ') + style_.frame("|") + ' '; }

  void print_marked(std::uint32_t number, const Shown& shown, std::vector<Mark> marks) {
    std::size_t first = marks.front().begin;
    for (const Mark& m : marks) first = std::min(first, m.begin);
    // Of marks too far apart to be seen at once it is the primary one that is.
    for (const Mark& m : marks)
      if (m.primary && m.begin - first > shown_width - shown_before) first = m.begin;
    std::size_t from = 0;
    if (shown.text.size() > shown_width && first > shown_width - shown_before) {
      from = first - shown_before;
      if (shown.text[from] == U'\0') ++from;  // the second half of a wide character
    }
    print_source(number, shown.text, from);
    const std::size_t shift = from > 0 ? 1 : 0;  // the `…` in front
    for (Mark& m : marks) {
      m.begin = m.begin < from ? 0 : std::min(m.begin - from, shown_width + 1) + shift;
      m.end = std::max(std::min(m.end - std::min(from, m.end), shown_width + 1) + shift, m.begin + 1);
    }
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
      return a.begin != b.begin ? a.begin > b.begin : a.primary != b.primary ? a.primary : a.text < b.text;
    });

    // The row of carets; later (further left) marks do not cover a primary one.
    std::size_t end = 0;
    for (const Mark& m : marks) end = std::max(end, m.end);
    std::string row(end, ' ');
    for (const bool primary : {false, true}) {
      for (const Mark& m : marks) {
        if (m.primary == primary) std::fill(row.begin() + m.begin, row.begin() + m.end, primary ? '^' : '-');
      }
    }
    margin();
    for (std::size_t i = 0; i < row.size();) {
      const std::size_t next = std::min(row.find_first_not_of(row[i], i), row.size());
      const std::string_view run = std::string_view(row).substr(i, next - i);
      out_ += row[i] == '^' ? style_.severity(run) : row[i] == '-' ? style_.frame(run) : std::string(run);
      i = next;
    }
    std::size_t below = 0;  // the rightmost label stands on the caret row itself when nothing ends behind it
    if (marks[0].end == end && !marks[0].text.empty()) {
      out_ += ' ' + tint(marks[0], marks[0].text);
      below = 1;
    }
    out_ += '\n';
    bool first_below = true;
    for (std::size_t i = below; i < marks.size(); ++i) {
      if (marks[i].text.empty()) continue;
      if (first_below) connectors(marks, i, {});
      first_below = false;
      connectors(marks, i + 1, marks[i].text, &marks[i]);
    }
  }

  std::string tint(const Mark& m, std::string_view text) const {
    return m.primary ? style_.severity(text) : style_.frame(text);
  }

  /// A row of `|` under the marks from index `from` on that still wait for their text, then the text of `own`.
  void connectors(const std::vector<Mark>& marks, std::size_t from, std::string_view text, const Mark* own = nullptr) {
    std::map<std::size_t, const Mark*> bars;
    for (std::size_t i = from; i < marks.size(); ++i) {
      if (!marks[i].text.empty() && (own == nullptr || marks[i].begin < own->begin)) bars[marks[i].begin] = &marks[i];
    }
    margin();
    std::size_t column = 0;
    for (const auto& [at, m] : bars) {
      out_ += std::string(at - column, ' ') + tint(*m, "|");
      column = at + 1;
    }
    if (own != nullptr) out_ += std::string(own->begin - std::min(column, own->begin), ' ') + tint(*own, text);
    out_ += '\n';
  }

  std::string& out_;
  const SourceManager& sources_;
  const Style& style_;
  std::size_t gutter_ = 1;
  std::map<FileId, std::map<std::uint32_t, std::vector<Mark>>> files_;
  std::map<FileId, std::uint32_t> first_;  // of each, where its first range begins
};

/// `= note: text`, further lines of the text below its first.
void attached(std::string& out, const Style& style, std::size_t gutter, std::string_view kind, std::string_view text) {
  out += std::string(gutter + 1, ' ') + style.frame("=") + ' ' + style.bold(std::string(kind) + ':') + ' ';
  for (char c : to_valid_utf8(text)) {
    out += c;
    if (c == '\n') out += std::string(gutter + 5 + kind.size(), ' ');
  }
  out += '\n';
}

/// `= help: title`, and for an edit within a line that line as it would read.
void print_fix(std::string& out, const Style& style, std::size_t gutter, const Fix& fix, const SourceManager& sources) {
  attached(out, style, gutter, "help", fix.title);
  if (fix.range.file >= sources.size() || fix.text.find('\n') != std::string::npos) return;
  const SourceFile& file = sources.file(fix.range.file);
  const std::uint32_t number = file.position(fix.range.begin).line;
  const std::string_view line = file.line(number);
  const std::size_t begin = fix.range.begin - file.line_start(number);
  const std::size_t end = fix.range.end - file.line_start(number);
  if (begin > line.size() || end > line.size() || end < begin || line.size() > shown_width) return;
  const std::string edited = std::string(line.substr(0, begin)) + fix.text + std::string(line.substr(end));
  const Shown shown = show(edited);
  const std::string digits = std::to_string(number);
  const std::string pad(gutter - std::min(gutter, digits.size()), ' ');
  const std::string blank = std::string(gutter + 1, ' ') + style.frame("|");
  out += blank + '\n';
  out += style.frame(digits + pad + " |") + ' ' + utf8(shown.text) + '\n';
  if (const std::size_t width = width_of(fix.text); width > 0) {
    const char under = begin == end ? '+' : '~';
    out += blank + ' ' + std::string(shown.column[begin], ' ') + style.paint("32", std::string(width, under)) + '\n';
  }
}

}  // namespace

void render_human(std::string& out, const Diagnostic& diagnostic, const SourceManager& sources, bool colour) {
  const CodeInfo& code = info(diagnostic.code);
  const Style style{colour, code.severity == Severity::error ? "1;31" : "1;33"};
  out += style.severity(std::string(word(code.severity)) + '[' + std::string(code.id) + ']');
  out += style.bold(": " + to_valid_utf8(diagnostic.message)) + '\n';

  std::size_t gutter = 1;
  if (diagnostic.range.file < sources.size()) {
    Snippet snippet(out, sources, style);
    snippet.add(diagnostic.range, diagnostic.label, true);
    for (const Label& label : diagnostic.labels) snippet.add(label.range, label.text, false);
    gutter = snippet.gutter();
    snippet.print(diagnostic.range.file, sources.position(diagnostic.range), gutter);
    if (!diagnostic.notes.empty() || !diagnostic.helps.empty() || !diagnostic.fixes.empty()) {
      out += std::string(gutter + 1, ' ') + style.frame("|") + '\n';
    }
  }
  for (const std::string& note : diagnostic.notes) attached(out, style, gutter, "note", note);
  for (const std::string& help : diagnostic.helps) attached(out, style, gutter, "help", help);
  for (const Fix& fix : diagnostic.fixes) print_fix(out, style, gutter, fix, sources);
  out += '\n';
}

}  // namespace gress::dsl::detail
