// When a running program says its state: while nothing is on its way, once an interval, and at its end. With one worker
// that is between two steps; several pause for it (workers.h).
#pragma once
#include <atomic>
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
  /// When tick() has something to do next.
  std::int64_t next(std::int64_t now) const { return begins() > now ? begins() : due(); }
  /// Takes one if it is due, or was asked for.
  void tick(std::int64_t now) {
    if (runtimes_[0]->pausing() != 0) return;  // on its way
    asked_ = asked_ || signals::take_checkpoint_request();
    if (now < due() && !(asked_ && !checkpoints_.busy())) {
      ahead_.store(now >= begins(), std::memory_order_relaxed);
      return;
    }
    if (eager() && runtimes_[0]->options().checkpoint.every == 2 && !ahead_.load(std::memory_order_relaxed)) return ahead_.store(true, std::memory_order_relaxed);
    asked_ = false;
    ahead_.store(false, std::memory_order_relaxed);
    checkpoints_.announce();
    if (runtimes_.size() != 1) return runtimes_[0]->all_workers().ask_for_pause();
    say(0);
    take();
  }
  /// One after each step, so that tests come to all of a program's states; at 2 us after every other one, a bit said ahead between.
  bool eager() const { return runtimes_[0]->options().checkpoint.every <= 2 && runtimes_[0]->options().checkpoint.every != 0; }
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

  /// Between two steps: shortly before a checkpoint some of the state is said, so that the pause for it is short. Whether there
  /// is more to say.
  bool save_ahead(std::size_t worker) {
    if (!ahead_.load(std::memory_order_relaxed)) return false;
    const At here(runtimes_[worker]->presence(), runtimes_[0]->checkpoints());
    savers_[worker].begin_ahead(eager() ? 3 : kSome);
    type_.save(pipelines_[worker], savers_[worker]);
    return savers_[worker].full();
  }

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
  /// When saying ahead begins.
  std::int64_t begins() const {
    const std::int64_t at = due();
    return at == kEndOfTime ? at : at - runtimes_[0]->options().checkpoint.every / kAhead;
  }
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

  static constexpr std::int64_t kAhead = 5;    // the last fifth of an interval
  static constexpr std::uint32_t kSome = 256;  // entries: some 20 us

  Checkpoints& checkpoints_;
  const AnyPipeline& type_;
  const std::vector<void*>& pipelines_;
  std::vector<Runtime*> runtimes_;
  std::vector<Saver> savers_;
  bool asked_ = false;
  std::atomic<bool> ahead_{false};
};

}  // namespace gress::engine
