// A sink of files whose paths are made of rows. Generated code says the path before it prints a row:
//   to.path(ev, path[, end])       // false: it cannot be the name of a file, see the failure
//   …                              // the row, into out()
// Rows of one path that follow each other are one piece of out(). flush() hands the pieces to the writer of the first
// worker, which has the files: each row of a path goes through it, whichever worker prints it.
//
// Where files begin. With windows or checkpoints a file begins under a number in a folder of the sink's own, beside the
// files (`.PROGRAM.SINK.parts`), and is renamed: with windows when its window has closed, else when it stands in a checkpoint. With
// checkpoints that is done by commit(), behind the checkpoint that speaks of it, and done again after a crash. A restart
// empties the folder but for what its checkpoint names, and cuts that back. Without both a file is written where it is to be.
#pragma once
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/connectors/file/compress.h"
#include "runtime/connectors/file/row_path.h"
#include "runtime/core/time.h"
#include "runtime/engine/output.h"
#include "runtime/engine/runtime.h"

namespace gress::file {

struct FilesOptions {
  std::string_view marker = {};
  std::int64_t max_open = 100;
  std::string_view target = {};  // for people: the path as the program says it
  std::string_view program = {};
  std::string_view begin = {};   // what all paths begin with
  std::string_view header = {};  // of each file
  bool windows = false;
  bool durable = false;          // the program takes checkpoints
};

class FilesWriter final : public engine::Output {
 public:
  /// No path: it is by row.
  FilesWriter(engine::Runtime& runtime, std::string_view sink, std::string_view, const FilesOptions& options, int line = 0);
  ~FilesWriter() override;

  // ---- rows
  /// What is printed from here on goes to that file. With windows `end` is that of the row's.
  bool path(Eval& ev, std::string_view path, std::int64_t end = kEndOfTime) {
    return (path == path_ && end == end_ && !pieces_.empty()) || change(ev, path, end);
  }
  /// The last path was for this window, and path() need not be called where only the window makes it.
  bool continues(std::int64_t end) const { return end == end_ && !pieces_.empty(); }

  // ---- windows; the watermark of this worker
  /// Windows that end up to here are closed, as far as this worker is concerned.
  std::int64_t mark() const { return mark_; }
  /// From which watermark on close() has something to do.
  std::int64_t boundary() const { return boundary_; }
  /// `next`: the end of the window that `watermark` lies in.
  void close(std::int64_t watermark, std::int64_t next);
  template <class Io>
  void archive(Io& io) {
    io(mark_);
  }

  void open() override;
  void begin() override;
  void join(engine::Output& first) override;
  std::string position() override;
  void sync() override;
  void commit() override;
  void resume(std::string_view position) override;
  void abandon() override;
  void flush() override { hand_over(false); }
  void flush_when_idle() override { hand_over(true); }
  void finish() override;

 private:
  struct Piece {
    std::size_t begin, path, path_size;
    std::int64_t end;
  };
  struct File {
    std::string path;
    std::int64_t end = kEndOfTime;
    std::uint64_t number = 0;  // in the folder of parts; 0: it has its name
    std::uint64_t size = 0;    // written
    std::string gathered;      // not written yet
    std::unique_ptr<Compressor> compressor;
    int fd = -1;
    bool begun = false, changed = false;
    bool gathers = false;  // it is in gathering_
    std::list<File*>::iterator use;
  };
  /// A part that gets its name.
  struct Ready {
    std::string path;
    std::int64_t end;
    std::uint64_t number, size;
  };

  bool change(Eval& ev, std::string_view path, std::int64_t end);
  std::string problem(std::string_view path) const;
  void hand_over(bool to_disk);
  [[noreturn]] void fail(const char* what, const std::string& path, int error, engine::Exit exit = engine::Exit::io);

  // ---- the first worker's, under the lock
  void take(const Output& from, const std::vector<Piece>& pieces, std::string_view paths, bool to_disk);
  File& file_of(std::string_view path, std::int64_t end);
  const std::string& key(std::string_view path, std::int64_t end);
  void claim(const std::string& path, std::int64_t end);
  void write(File& f, std::string_view rows, bool last);
  void gather(File& f, std::string_view rows);
  void write_all();
  void open(File& f);
  void shut(File& f);
  void raise(int worker, std::int64_t watermark);
  void close_windows();

  // ---- names
  std::string part(std::uint64_t number) const { return parts_ + '/' + std::to_string(number); }
  std::string name_of(const File& f) const { return f.number != 0 ? part(f.number) : f.path; }
  /// `made`: which were, the outermost first.
  void make_folders(const std::string& folder, std::vector<std::string>& made);
  /// `again`: some may have been given their names before.
  void give_names(const std::vector<Ready>& ready, const std::set<std::string>& busy, bool again);
  /// Folders in which files are being written, if there are markers.
  std::set<std::string> busy_folders() const;
  void sync_folder(const std::string& folder);
  void clean_parts();
  int locked(const std::string& folder);
  void move_parts(const std::string& from);
  void read_position(std::string_view text);

  FilesWriter* first_ = nullptr;  // of the first worker; this one if it is it
  const bool windows_, durable_;
  const std::size_t max_open_, fixed_;  // fixed_: bytes that all paths begin with
  const std::string marker_, header_, folder_, parts_;

  std::string path_, paths_;
  std::int64_t end_ = 0, mark_ = kStartOfTime, boundary_ = kStartOfTime + 1;
  std::vector<Piece> pieces_;
  std::unordered_set<std::string> sound_;  // paths that were looked at

  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<File>> files_;
  std::list<File*> open_;  // the one used last in front
  std::vector<File*> gathering_;
  std::unordered_map<std::string, std::int64_t> ends_;  // of the windows that paths are of, as far as is remembered
  std::size_t remembered_ = 0;                          // at so many those that have closed are forgotten
  std::string key_, compressing_;
  std::size_t gathered_ = 0;
  std::uint64_t next_ = 1;
  std::vector<std::int64_t> marks_;  // by worker
  std::int64_t closed_ = kStartOfTime;
  std::atomic<bool> broken_{false};
  int lock_ = -1;                    // the folder of parts: one process has it
  std::vector<std::string> made_;    // folders, by open()
  std::vector<Ready> closing_;       // their windows have closed since the last checkpoint
  // ---- handed to the thread that writes checkpoints
  std::vector<std::string> to_sync_;
  std::vector<Ready> ready_;
  std::set<std::string> busy_;
};

}  // namespace gress::file
