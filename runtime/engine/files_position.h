// How far the files of a sink by row are written, as its Output::position() says it to checkpoints:
//   [commits ]NEXT CLOSED LENGTH PARTS     the next number, up to where windows are closed, the folder of parts
// and the files, one a line, NUMBER in the folder of parts or 0 for one that has its name, SIZE in bytes, END of its window:
//   o NUMBER SIZE END LENGTH PATH          it is being written
//   p NUMBER SIZE END LENGTH PATH          the same, and it gets its name now
//   c NUMBER SIZE END LENGTH PATH          it is whole, and gets its name now
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gress::engine {

/// Views are into the text that was read.
struct FilesPosition {
  struct File {
    char kind;
    std::uint64_t number, size;
    std::int64_t end;
    std::string_view path;
  };
  std::uint64_t next = 0;
  std::int64_t closed = 0;
  std::string_view parts;
  std::vector<File> files = {};

  std::string text() const;
  /// None when it is not what text() gives, to the end.
  static std::optional<FilesPosition> read(std::string_view text);
};

}  // namespace gress::engine
