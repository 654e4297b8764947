// What a running program shares with its connectors: options, counters, the request to stop, waiting for input and for
// other workers, and the outputs. One object a worker, made by run() and handed to the generated pipeline; what belongs to
// the process they share.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/core/shared_watermark.h"
#include "runtime/engine/counters.h"
#include "runtime/engine/failure.h"
#include "runtime/engine/hold.h"
#include "runtime/engine/options.h"
#include "runtime/engine/output.h"
#include "runtime/engine/pace.h"
#include "runtime/engine/presence.h"
#include "runtime/engine/settled.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/time_text.h"
#include "runtime/engine/workers.h"

namespace gress::engine {

class Checkpoints;
class Decider;

class Runtime {
 public:
  /// Of a program with one worker, or of the first of several.
  explicit Runtime(Options options = {}, int workers = 1) : process_(std::make_shared<Process>(options, workers)) {}
  /// Of worker `number`; made, as its pipeline is, before any worker runs.
  Runtime(const Runtime& first, int number) : process_(first.process_), worker_(number) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const Options& options() const { return process_->options; }

  // ---- workers
  /// From 0.
  int worker() const { return worker_; }
  int workers() const { return process_->workers.count(); }
  Workers& all_workers() const { return process_->workers; }
  /// Something was put where that worker looks.
  void ring(int worker) {
    if (worker != worker_) process_->workers.bell(worker).ring();
  }
  /// The number of the pause that the worker is to come to, 0 if none.
  std::uint64_t pausing() const { return process_->workers.pausing(); }
  /// One turn of waiting for another worker: receive() has done something, free() is true, or both found nothing and the
  /// worker has slept until it was rung. Throws Abandoned when another has failed.
  template <class Free, class Receive>
  void blocked(Free free, Receive receive) {
    if (process_->workers.failed()) throw Abandoned{};
    if (free() || receive()) return;
    Bell& bell = process_->workers.bell(worker_);
    bell.doze();
    if (!free() && !receive() && !process_->workers.failed()) bell.sleep();
    bell.rise();
  }

  // ---- where it is, for the sampler
  Presence& presence() { return presence_; }
  const Presence& presence() const { return presence_; }
  /// Chains of stages without counters of their own.
  Counted& add_stage(std::string_view name, int line = 0);
  const std::deque<Counted>& stages() const { return process_->stages; }
  /// No stage has anything to do: there is no input, and nothing comes from other workers.
  Counted& idle() const { return process_->idle; }
  /// Microseconds of all workers that the sampler has seen.
  Counter& sampled() const { return process_->sampled; }
  /// Saving the state, and standing still for it.
  Counted& checkpoints() const { return process_->checkpoints; }

  // ---- counters; the references stay valid. Of the same thing there is one a worker.
  SourceCounters& add_source(std::string_view name, int line = 0);
  OperatorCounters& add_operator(std::string_view name, int line = 0);
  SinkCounters& add_sink(std::string_view name, std::string_view target, int line = 0);
  const std::deque<SourceCounters>& sources() const { return process_->sources; }
  const std::deque<OperatorCounters>& operators() const { return process_->operators; }
  const std::deque<SinkCounters>& sinks() const { return process_->sinks; }

  /// Sources with event time, asked when the watermark stands still.
  void add_holder(const WatermarkHolder* holder);
  void remove_holder(const WatermarkHolder* holder);
  const std::vector<const WatermarkHolder*>& holders() const { return holders_; }

  /// Sources that are told when all went well.
  void add_settled(Settled* source) { settled_.push_back(source); }
  void remove_settled(Settled* source) { std::erase(settled_, source); }
  void tell_settled() {
    for (Settled* source : settled_) source->settled();
  }

  /// Names of a source's partitions, the same for all workers: found by the first that asks. Only while pipelines are made,
  /// one after the other.
  template <class Find>
  const std::vector<std::string>& partitions_of(std::string_view source, Find find) {
    const auto known = process_->partitions.find(source);
    return known != process_->partitions.end() ? known->second : process_->partitions.emplace(source, find()).first->second;
  }

  /// Of partitions that the workers read between them, by what they are of; null if there is one worker. Only while
  /// pipelines are made.
  SharedWatermark* shared_watermark(std::string_view of) {
    if (workers() == 1) return nullptr;
    return &process_->watermarks.try_emplace(std::string(of), workers()).first->second;
  }

  /// Of the partitions of a source, which the workers read between them. Only while pipelines are made.
  SharedPace& shared_pace(std::string_view source) { return process_->paces.try_emplace(std::string(source), workers()).first->second; }

  // ---- time and stopping
  /// Microseconds since the epoch; for `now()` and `max_ahead`, once a block.
  std::int64_t now() const { return now_micros(); }
  bool stopping() const { return signals::stop_requested() != 0; }

  // ---- waiting: a source that has nothing now says what it waits for; a wait ends with the first of these
  void watch(int descriptor);
  /// By steady_micros().
  void wake_at(std::int64_t steady);
  /// Until something watched is ready, a time is reached, the worker is rung, a stop is requested or `longest`
  /// microseconds have passed; forgets what was said.
  void wait(std::int64_t longest);

  // ---- files
  /// An input's file, so that no sink replaces it. `standard_input`: it is standard input, which one source may read.
  void add_input(std::string_view source, FileId file, bool standard_input = false);
  void add_output(Output* output) { outputs_.push_back(output); }
  /// "sink `x` writes it", or that a source reads it; empty if nobody's.
  std::string user_of(FileId file) const;
  void remove_output(Output* output);
  /// Opens, checks and empties all outputs; throws Failure.
  /// With a checkpoint to go on from, they go on from where they were then.
  void open_outputs(const Checkpoints* from = nullptr);
  const std::vector<Output*>& outputs() const { return outputs_; }
  /// Of the outputs; null if checkpoints count by themselves.
  Decider* decider() const;
  /// Those of a further worker write through those of the first, which are open.
  void join_outputs(const Runtime& first);
  void flush_outputs();
  /// The same, and waits until what was written is safe where it went.
  void settle_outputs();
  /// Finishes all, also after one has failed; throws the first failure.
  void finish_outputs();
  bool writes_to_terminal() const;

 private:
  struct Process {
    Process(Options given, int count) : options(given), workers(count) {
      idle.name = "idle";
      checkpoints.name = "checkpoints";
    }
    Options options;
    Workers workers;
    Counted idle, checkpoints;
    Counter sampled;
    std::deque<Counted> stages;
    std::deque<SourceCounters> sources;
    std::deque<OperatorCounters> operators;
    std::deque<SinkCounters> sinks;
    std::map<std::string, std::vector<std::string>, std::less<>> partitions;  // of sources
    std::map<std::string, SharedWatermark, std::less<>> watermarks;
    std::map<std::string, SharedPace, std::less<>> paces;
  };
  void check_outputs() const;

  std::shared_ptr<Process> process_;
  int worker_ = 0;
  Presence presence_;
  std::vector<const WatermarkHolder*> holders_;
  std::vector<Settled*> settled_;
  std::vector<int> watched_;
  std::int64_t wake_at_ = INT64_MAX;
  std::unordered_map<FileId, std::string, FileId::Hash> inputs_;  // with their sources
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
