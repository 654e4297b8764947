// A sink's file: replaced at start, there even when no row came; `.gz` and `.zst` are compressed; `-` is standard
// output, `/dev/stderr` standard error, which several may share. A named pipe or a device is written to as it is.
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
  int shared_descriptor() const override { return is_standard_output() ? 1 : -1; }
  bool shares() const override { return is_standard_error(); }
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

  bool is_standard_output() const { return path_ == "-"; }
  bool is_standard_error() const { return path_ == "/dev/stderr"; }

 protected:
  /// All of it; throws Failure (io), or ReaderGone when standard output is a pipe that nobody reads.
  void write(std::string_view bytes);

 private:
  /// Open before us and after us.
  bool is_standard() const { return is_standard_output() || is_standard_error(); }
  [[noreturn]] void fail(engine::Exit exit, const char* event, const char* what, int error);
  /// `by`: whose rows they are, of the same sink.
  void flush(FileWriter& by, std::string_view rows, bool last);

  FileWriter* first_ = nullptr;  // of the first worker, through which this one writes
  std::mutex mutex_;             // several write through it
  std::string path_;
  int fd_ = -1;
  bool created_ = false;
  bool regular_ = false;
  bool broken_ = false;  // a write failed, which was told
  engine::FileId file_;
  std::unique_ptr<Compressor> compressor_;
  std::string compressed_;
};

}  // namespace gress::file
