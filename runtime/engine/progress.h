// One line on the terminal while a program runs: rows, rate, watermark, late, invalid; at most five times a second.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

class Progress {
 public:
  static constexpr std::int64_t kPeriod = 200'000;  // microseconds

  /// Decides whether there is a line at all: `always`, or on a terminal that no sink writes to.
  Progress(const Runtime& runtime, const ProgramInfo& program);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  bool shown() const { return shown_; }
  /// Draws the line if it is time; `now` by steady_micros().
  /// `held` as StuckWatch::brief() says it.
  void tick(std::int64_t now, const std::string& held = {});
  /// Takes the line away.
  void clear();

 private:
  std::string line(std::int64_t now, const std::string& held);
  const Runtime& runtime_;
  const char* program_;
  bool shown_ = false;
  bool escapes_ = false;   // the terminal understands control sequences
  std::atomic<std::size_t> drawn_{0};  // columns on the screen now; others take the line away too, to write
  std::int64_t last_;
  std::uint64_t last_rows_ = 0;
  double rate_ = 0;
};

}  // namespace gress::engine
