// When a running program says its state: while nothing is on its way, once an interval, and at its end. With one worker
// that is between two steps; several pause for it (workers.h).
#pragma once
#include <cstdint>
#include <vector>

#include "runtime/engine/checkpoint.h"
#include "runtime/engine/run.h"

namespace gress::engine {

class Snapshot {
 public:
  /// By worker.
  Snapshot(Checkpoints& checkpoints, const AnyPipeline& type, const std::vector<void*>& pipelines, std::vector<Runtime*> runtimes)
      : checkpoints_(checkpoints), type_(type), pipelines_(pipelines), runtimes_(std::move(runtimes)), savers_(pipelines.size()) {
    signals::listen_for_checkpoints();
    checkpoints_.listens();
  }
  ~Snapshot() { checkpoints_.leave(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // ---- the first worker's

  /// By steady_micros(); kEndOfTime: not now. Throws what the last one failed with.
  std::int64_t due() const { return checkpoints_.due(); }
  /// Takes one if it is due, or was asked for.
  void tick(std::int64_t now) {
    if (runtimes_[0]->pausing() != 0) return;  // on its way
    asked_ = asked_ || signals::take_checkpoint_request();
    if (now < due() && !(asked_ && !checkpoints_.busy())) return;
    asked_ = false;
    checkpoints_.announce();
    if (runtimes_.size() != 1) return runtimes_[0]->all_workers().ask_for_pause();
    say(0);
    take();
  }
  /// One after each step, so that tests come to all of a program's states.
  bool eager() const { return runtimes_[0]->options().checkpoint.every == 1; }
  /// The last one, when all workers have ended; `complete`: the program has come to its end.
  void finish(bool complete) {
    checkpoints_.wait();
    if (complete) checkpoints_.set_complete();
    checkpoints_.announce();
    for (std::size_t w = 0; w != pipelines_.size(); ++w) say(w);
    take();
    checkpoints_.wait();
  }

  // ---- each worker's

  /// In a pause, when nothing is on its way to the worker.
  void meet(std::size_t worker) {
    Workers& workers = runtimes_[0]->all_workers();
    const Waiting here(runtimes_[worker]->presence(), runtimes_[0]->checkpoints());
    workers.meet();
    say(worker);
    workers.meet();
    if (worker == 0) {
      take();
      workers.end_pause();
    }
    workers.meet();
  }

 private:
  void say(std::size_t worker) {
    savers_[worker].begin();
    type_.save(pipelines_[worker], savers_[worker]);
    if (worker == 0) return;
    for (Output* output : runtimes_[worker]->outputs()) output->position();
  }
  /// All have said theirs, and what they wrote has gone through the first worker's outputs.
  void take() {
    const At here(runtimes_[0]->presence(), runtimes_[0]->checkpoints());
    std::vector<OutputAt> at;
    for (Output* output : runtimes_[0]->outputs()) at.push_back({output->sink(), output->target(), output->position()});
    checkpoints_.take(savers_, std::move(at), runtimes_[0]->outputs());
    if (eager()) checkpoints_.wait();
  }

  Checkpoints& checkpoints_;
  const AnyPipeline& type_;
  const std::vector<void*>& pipelines_;
  std::vector<Runtime*> runtimes_;
  std::vector<Saver> savers_;
  bool asked_ = false;
};

}  // namespace gress::engine
