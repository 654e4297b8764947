// Source text of a program: files, byte ranges into them, and the line/column view made when printing.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace gress::dsl {

/// Index of a file in its SourceManager.
using FileId = std::uint32_t;

/// Half-open byte range `[begin, end)` in one file. Everything the compiler builds from text carries one.
struct Range {
  FileId file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

/// Smallest range that covers both (of the same file).
inline Range cover(Range a, Range b) {
  return {a.file, a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

/// 1-based position of a byte; `column` counts Unicode code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// One file: its display name (as the user wrote it, never made absolute), its text, its line starts.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text);
  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  Position position(std::uint32_t offset) const;
  /// Text of the 1-based line without its line end.
  std::string_view line(std::uint32_t number) const;
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }
  /// Byte offset at which the 1-based line starts.
  std::uint32_t line_start(std::uint32_t number) const { return starts_[number - 1]; }

 private:
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> starts_;
};

/// Owns all files of one compilation; FileIds and the files' texts stay valid for its lifetime.
class SourceManager {
 public:
  FileId add(std::string name, std::string text);
  const SourceFile& file(FileId id) const { return files_[id]; }
  std::size_t size() const { return files_.size(); }
  std::string_view text(Range r) const { return file(r.file).text().substr(r.begin, r.end - r.begin); }
  Position position(Range r) const { return file(r.file).position(r.begin); }
  /// `name:line` of the start of the range.
  std::string where(Range r) const;

 private:
  std::deque<SourceFile> files_;
};

}  // namespace gress::dsl
