// Looks now and then at where the workers are (presence.h), on a thread of its own: what it has seen is how the time of a
// run divides among stages, and the only one that can speak while every worker waits for a sink is this thread.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

class Sampler {
 public:
  /// `workers`: all, with their stages made. Looks until it is destroyed.
  Sampler(const ProgramInfo& program, std::vector<Runtime*> workers);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

 private:
  /// A worker's wait for a sink.
  struct Wait {
    const Counted* stage = nullptr;
    std::uint64_t number = 0;
    std::int64_t since = 0;
  };
  /// A sink, of all workers.
  struct Sink {
    const SinkCounters* counters;
    std::uint64_t lost_before = 0;  // at the beginning of the interval
    bool stalled = false, slow = false;  // was told
    std::int64_t since = 0;              // it is stalled
  };

  void look_on();
  void look(std::int64_t now, std::uint64_t micros);
  void watch_waits(std::int64_t now);
  void watch_interval(std::int64_t now);
  Sink* sink_at(const Counted* stage);
  std::string place(const Sink& sink) const;
  std::uint64_t lost(const Sink& sink) const;

  const ProgramInfo& program_;
  const std::vector<Runtime*> workers_;
  std::vector<Wait> waits_;
  std::vector<Sink> sinks_;
  std::int64_t interval_ = 0;  // when it began
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false, failed_ = false;
  std::jthread thread_;
};

}  // namespace gress::engine
