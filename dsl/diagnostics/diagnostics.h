// Diagnostics as data: a code from the one list, a message, a primary range, labels, notes, helps, fixes.
// Wording: lower case, no full stop, backticks around code; say what was seen and what was expected, then a hint.
#pragma once
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/source.h"

namespace gress::dsl {

enum class Severity { error, warning };

/// Every diagnostic there is. The lists (one a phase) are `*.def` files of lines
///   GRESS_ERROR(E0101, "unexpected-token", "one-line title") / GRESS_WARNING(W0501, …)
enum class Code {
#define GRESS_ERROR(code, slug, title) code,
#define GRESS_WARNING(code, slug, title) code,
#include "dsl/diagnostics/codes.def"
#undef GRESS_ERROR
#undef GRESS_WARNING
};

struct CodeInfo {
  Code code;
  std::string_view id;     // "E0101"
  std::string_view slug;   // "unexpected-token"
  std::string_view title;
  Severity severity;
};

std::span<const CodeInfo> all_codes();
const CodeInfo& info(Code code);
/// Null when no code has that id (case does not matter).
const CodeInfo* find_code(std::string_view id);

struct Label {
  Range range;
  std::string text;
};

/// A machine-applicable edit: replace `range` by `text` (an empty range inserts).
struct Fix {
  std::string title;  // "replace by `origin`"
  Range range;
  std::string text;
};

struct Diagnostic {
  Code code;
  std::string message;
  Range range;               // primary
  std::string label;         // text under the primary range; may be empty
  std::vector<Label> labels; // secondary places
  std::vector<std::string> notes;
  std::vector<std::string> helps;
  std::vector<Fix> fixes;

  Diagnostic& at(Range r, std::string text) { labels.push_back({r, std::move(text)}); return *this; }
  Diagnostic& under(std::string text) { label = std::move(text); return *this; }
  Diagnostic& note(std::string text) { notes.push_back(std::move(text)); return *this; }
  Diagnostic& help(std::string text) { helps.push_back(std::move(text)); return *this; }
  Diagnostic& fix(std::string title, Range r, std::string text) {
    fixes.push_back({std::move(title), r, std::move(text)});
    return *this;
  }
};

/// Collects what a run has to say. Phases append; nobody prints before the driver does.
class Diagnostics {
 public:
  /// Adds one and returns it for labels, notes, helps and fixes (valid until the next report).
  /// An identical (code, range) pair is kept once; what is added to the repeated one goes nowhere.
  Diagnostic& report(Code code, Range range, std::string message);
  bool has_errors() const { return errors_ != 0; }
  std::size_t error_count() const { return errors_; }
  std::size_t warning_count() const { return all_.size() - errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  /// Sorted by file, then place; stable.
  void sort();
  /// Adds a label to all diagnostics from the `first`-th on: where the text they speak of was used.
  void label_since(std::size_t first, Range range, const std::string& text) {
    for (std::size_t i = first; i < all_.size(); ++i) all_[i].labels.push_back({range, text});
  }

 private:
  std::vector<Diagnostic> all_;
  std::set<std::array<std::uint32_t, 4>> seen_;  // code, file, begin, end
  Diagnostic repeated_{};
  std::size_t errors_ = 0;
};

enum class MessageFormat { human, short_, json };

/// Renders all diagnostics. `human` shows the source lines with carets and labels (ANSI colours if `colour`),
/// `short_` is `file:line:col: error[E0101]: message` a line, `json` one object a line.
std::string render(const Diagnostics&, const SourceManager&, MessageFormat, bool colour);

/// Nearest of the candidates by edit distance (with transpositions), empty if none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace gress::dsl
