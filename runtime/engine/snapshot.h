// When a running pipeline says its state: between two steps, once an interval, and at its end.
#pragma once
#include <cstdint>
#include <vector>

#include "runtime/engine/checkpoint.h"
#include "runtime/engine/run.h"

namespace gress::engine {

class Snapshot {
 public:
  Snapshot(Checkpoints& checkpoints, const AnyPipeline& type, void* pipeline, Runtime& runtime)
      : checkpoints_(checkpoints), type_(type), pipeline_(pipeline), runtime_(runtime) {
    signals::listen_for_checkpoints();
  }
  ~Snapshot() { checkpoints_.leave(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// By steady_micros(); kEndOfTime: not now. Throws what the last one failed with.
  std::int64_t due() const { return checkpoints_.due(); }
  /// Whether one is due, or was asked for.
  bool wanted(std::int64_t now) {
    asked_ = asked_ || signals::take_checkpoint_request();
    return now >= due() || (asked_ && !checkpoints_.busy());
  }
  void take() {
    asked_ = false;
    saver_.begin();
    type_.save(pipeline_, saver_);
    std::vector<OutputAt> at;
    for (Output* output : runtime_.outputs()) at.push_back({output->sink(), output->target(), output->position()});
    checkpoints_.take(saver_, std::move(at), runtime_.outputs());
    if (eager()) checkpoints_.wait();
  }
  /// One after each step, so that tests come to all of a program's states.
  bool eager() const { return runtime_.options().checkpoint.every == 1; }
  /// The last one; `complete`: the program has come to its end.
  void finish(bool complete) {
    checkpoints_.wait();
    if (complete) checkpoints_.set_complete();
    take();
    checkpoints_.wait();
  }

 private:
  Checkpoints& checkpoints_;
  const AnyPipeline& type_;
  void* pipeline_;
  Runtime& runtime_;
  Saver saver_;
  bool asked_ = false;
};

}  // namespace gress::engine
