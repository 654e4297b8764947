// Rows for people. The sink prints each row as a JSON object a line, as for a file; on a terminal they are shown as an
// aligned table, each sink with a heading when there are several, otherwise the lines go out as they are.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/file/file_writer.h"

namespace gress::console {

/// A table that grows: columns keep their widths from one batch of rows to the next and only become wider.
class Table {
 public:
  /// Appends `lines` (JSON objects of one shape, a line each) to `out`, headings first where the columns are new.
  void add(std::string_view lines, bool bold_headings, std::string& out);
  /// Headings come again.
  void restart() { names_.clear(); }

 private:
  struct Cell {
    std::string text;
    bool number = false;
  };
  std::vector<std::string> names_;
  std::vector<std::size_t> widths_;
};

class ConsoleWriter final : public file::FileWriter {
 public:
  ConsoleWriter(engine::Runtime& runtime, std::string_view sink, int line = 0);

  void open() override;
  void join(engine::Output& first) override;

 protected:
  void put(FileWriter& by, std::string_view rows, bool last) override;

 private:
  Table table_;
  bool terminal_ = false;
  bool colour_ = false;
};

}  // namespace gress::console
