// What a running program shares with its connectors: options, counters, the request to stop, waiting for input, and
// the outputs. One object a process, made by run() and handed to the generated pipeline.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/counters.h"
#include "runtime/engine/failure.h"
#include "runtime/engine/hold.h"
#include "runtime/engine/options.h"
#include "runtime/engine/output.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/time_text.h"

namespace gress::engine {

class Runtime {
 public:
  explicit Runtime(Options options = {}) : options_(options) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const Options& options() const { return options_; }

  // ---- counters; the references stay valid
  SourceCounters& add_source(std::string_view name, int line = 0);
  OperatorCounters& add_operator(std::string_view name, int line = 0);
  SinkCounters& add_sink(std::string_view name, std::string_view target, int line = 0);
  const std::deque<SourceCounters>& sources() const { return sources_; }
  const std::deque<OperatorCounters>& operators() const { return operators_; }
  const std::deque<SinkCounters>& sinks() const { return sinks_; }

  /// Sources with event time, asked when the watermark stands still.
  void add_holder(const WatermarkHolder* holder) { holders_.push_back(holder); }
  void remove_holder(const WatermarkHolder* holder) { std::erase(holders_, holder); }
  const std::vector<const WatermarkHolder*>& holders() const { return holders_; }

  // ---- time and stopping
  /// Microseconds since the epoch; for `now()` and `max_ahead`, once a block.
  std::int64_t now() const { return now_micros(); }
  bool stopping() const { return signals::stop_requested() != 0; }

  // ---- waiting: a source that has nothing now says what it waits for; a wait ends with the first of these
  void watch(int descriptor);
  /// By steady_micros().
  void wake_at(std::int64_t steady);
  /// Until something watched is ready, a time is reached, a stop is requested or `longest` microseconds have passed;
  /// forgets what was said.
  void wait(std::int64_t longest);

  // ---- files
  /// An input's file, so that no sink replaces it. `standard_input`: it is standard input, which one source may read.
  void add_input(std::string_view source, std::string_view path, FileId file, bool standard_input = false);
  void add_output(Output* output) { outputs_.push_back(output); }
  void remove_output(Output* output);
  /// Opens, checks and empties all outputs; throws Failure.
  void open_outputs();
  void flush_outputs();
  /// Finishes all, also after one has failed; throws the first failure.
  void finish_outputs();
  bool writes_to_terminal() const;

 private:
  struct Input {
    std::string source, path;
    FileId file;
  };
  void check_outputs() const;

  Options options_;
  std::deque<SourceCounters> sources_;
  std::deque<OperatorCounters> operators_;
  std::deque<SinkCounters> sinks_;
  std::vector<const WatermarkHolder*> holders_;
  std::vector<int> watched_;
  std::int64_t wake_at_ = INT64_MAX;
  std::vector<Input> inputs_;
  std::string standard_input_source_;
  std::vector<Output*> outputs_;
};

/// A record of `source` cannot be read, or a row fails before any keyed stage, under `invalid: fail`: ends the program
/// with Exit::data. `partition` and `offset` as in the rows of `invalid: NAME`; negative when there is none.
[[noreturn, gnu::cold]] void fail_record(std::string_view source, std::string_view partition_name,
                                         std::int64_t partition, std::int64_t offset, std::string_view error,
                                         std::string_view record);
/// A row fails in a stage under the pipeline's `errors: fail`. `place` is "stream `x`, line 28"; `row` is JSON.
[[noreturn, gnu::cold]] void fail_row(std::string_view place, std::string_view error, std::string_view row);

}  // namespace gress::engine
