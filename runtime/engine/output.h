// Where a sink's rows go. The generated sink prints rows into `out()` and calls `flush_if()` now and then; everything
// virtual is called once a block of some 256 kB.
//
// All outputs are opened, then looked at for two of them, or one and an input, being the same file, and only then
// emptied: a program that is refused leaves every file as it was.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/core/out.h"
#include "runtime/engine/counters.h"

namespace gress::engine {

class Decider;
class Runtime;

/// A file on disk, whatever its name; not known (`device` and `inode` zero) for terminals, pipes, /dev/null …
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool known() const { return inode != 0; }
  friend bool operator==(const FileId&, const FileId&) = default;
  struct Hash {
    std::size_t operator()(const FileId& id) const { return static_cast<std::size_t>(id.inode * 31 + id.device); }
  };
};

class Output {
 public:
  /// Bytes gathered before they are written. In writes of 64 kB that do not begin at a multiple of that, the page cache takes
  /// small folios, which costs the kernel nearly twice the time.
  static constexpr std::size_t kFlush = 256 * 1024;

  Output(Runtime& runtime, std::string_view sink, std::string_view target, int line = 0);
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Out& out() { return out_; }
  const Out& out() const { return out_; }
  /// Counts rows printed since the last call.
  void rows(std::uint64_t n) { counters_.rows.add(n); }
  /// Between rows only: what stands in out() are whole lines.
  void flush_if() {
    if (out_.size() >= kFlush) [[unlikely]]
      flush();
  }

  SinkCounters& counters() { return counters_; }
  const std::string& sink() const { return counters_.name; }
  const std::string& target() const { return counters_.target; }

  /// Makes sure that the target exists and can be written; throws Failure (cannot_create).
  virtual void open() = 0;
  virtual FileId file() const { return {}; }
  virtual bool is_standard_output() const { return false; }
  /// Whether several such outputs may share the file.
  virtual bool shares() const { return false; }
  /// Empties the target.
  virtual void begin() {}
  // ---- checkpoints
  /// Writes all there is and says how far the target is written, for resume(); empty where that cannot be taken back.
  /// What joined outputs have printed is flushed before; what any of them prints behind it belongs to the next checkpoint.
  virtual std::string position() {
    settle();
    return {};
  }
  /// The one that commits this sink's rows together with the checkpoint; null: what was written counts at once.
  virtual Decider* decider() { return nullptr; }
  /// What position() begins with when commit() has something to do.
  static constexpr std::string_view kCommits = "commits ";
  /// Brings to disk what position() spoke of; called from another thread, as commit() is.
  virtual void sync() {}
  /// The checkpoint counts. Done again by resume() when the program ended before it was done.
  virtual void commit() {}
  /// The checkpoint has this of another target, or of this one: whether resume() can go on there. Throws Failure where that
  /// cannot be told; nothing has been changed yet.
  virtual bool goes_on_from([[maybe_unused]] std::string_view target, [[maybe_unused]] std::string_view position) { return true; }
  /// Instead of begin(): goes on from where an earlier run was; what it wrote behind that is taken away. Throws Failure.
  virtual void resume([[maybe_unused]] std::string_view position) { out().clear(); }

  /// Of a further worker, instead of open() and begin(): rows go where those of `first`, the same sink's, go.
  virtual void join([[maybe_unused]] Output& first) {}
  /// Takes back what open() created: the program does not run.
  virtual void abandon() {}
  /// Writes what is in out(); throws Failure (io) or ReaderGone.
  virtual void flush() = 0;
  /// What can be seen by readers now, when input is slow; what flush() does, unless that would cost.
  virtual void flush_when_idle() { flush(); }
  /// flush(), and waits until what was written is safe where it went.
  virtual void settle() { flush_when_idle(); }
  /// flush() and close.
  virtual void finish() { flush(); }

 protected:
  Runtime& runtime() { return runtime_; }

 private:
  Runtime& runtime_;
  SinkCounters& counters_;
  Out out_;
};

}  // namespace gress::engine
