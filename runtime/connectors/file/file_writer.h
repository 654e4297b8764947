// A sink's file: replaced at start, there even when no row came; `.gz` and `.zst` are compressed; `-` is standard
// output, `/dev/stderr` standard error, which several may share, whole lines at a time. A named pipe or a device is written
// to as it is.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "runtime/connectors/file/compress.h"
#include "runtime/engine/output.h"
#include "runtime/engine/runtime.h"

namespace gress::file {

class FileWriter : public engine::Output {
 public:
  FileWriter(engine::Runtime& runtime, std::string_view sink, std::string_view path, int line = 0);
  ~FileWriter() override;

  void open() override;
  engine::FileId file() const override { return file_; }
  bool is_standard_output() const override { return path_ == "-"; }
  bool shares() const override { return is_standard(); }
  void begin() override;
  void join(engine::Output& first) override { first_ = static_cast<FileWriter*>(&first); }
  std::string position() override;
  void sync() override;
  bool goes_on_from(std::string_view target, std::string_view position) override;
  void resume(std::string_view position) override;
  void abandon() override;
  void flush() override;
  /// A compressed file is left as it is: to end a block for every pause would make it larger.
  void flush_when_idle() override;
  void finish() override;

  bool is_standard_error() const { return path_ == "/dev/stderr"; }

 protected:
  /// Rows of `by`, of the same sink, as they are to stand in the file. One at a time of those that write there.
  virtual void put(FileWriter& by, std::string_view rows, bool last);
  /// All of it; throws Failure (io), or ReaderGone when standard output is a pipe that nobody reads.
  void write(std::string_view bytes);

 private:
  /// Open before us and after us.
  bool is_standard() const { return is_standard_output() || is_standard_error(); }
  [[noreturn]] void fail(engine::Exit exit, const char* event, const char* what, int error);
  void flush(FileWriter& by, std::string_view rows, bool last);

  static inline std::mutex standard_;
  FileWriter* first_ = nullptr;  // of the first worker, through which this one writes
  std::string path_;
  std::mutex own_;
  std::mutex* const writes_;     // held by the one that does
  int fd_ = -1;
  bool created_ = false;
  bool regular_ = false;
  bool broken_ = false;  // a write failed, which was told
  engine::FileId file_;
  std::unique_ptr<Compressor> compressor_;
  std::string compressed_;
};

}  // namespace gress::file
