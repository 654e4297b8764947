#include "runtime/engine/run.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/core/large_memory.h"
#include "runtime/engine/admin_server.h"
#include "runtime/engine/help.h"
#include "runtime/engine/progress.h"
#include "runtime/engine/sampler.h"
#include "runtime/engine/snapshot.h"
#include "runtime/engine/stuck.h"
#include "runtime/engine/summary.h"
#include "runtime/engine/usable_cpus.h"

namespace gress::engine {
namespace {

/// To standard output, for --help and the like; a reader that has gone is no error.
int print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) return static_cast<int>(Exit::ok);
    if (n < 0) {
      log::error("output_failed", "cannot write to standard output: " + error_text(errno));
      return static_cast<int>(Exit::io);
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return static_cast<int>(Exit::ok);
}

int refuse(const Start& start, std::string_view command) {
  for (const std::string& p : start.problems) log::error("usage", p);
  if (log::format() == log::Format::text) log::write_raw("Try `" + std::string(command) + " --help`.\n");
  return static_cast<int>(Exit::usage);
}

/// The pipelines of all workers, and what they share; destroys them.
struct Owner {
  const AnyPipeline& type;
  void* params = nullptr;
  void* shared = nullptr;
  std::vector<void*> pipelines = {};
  ~Owner() {
    while (!pipelines.empty()) {
      type.destroy(pipelines.back());
      pipelines.pop_back();
    }
    if (shared) type.unshare(shared);
    if (params) type.forget(params);
  }
  void count_open() const {
    for (void* p : pipelines) type.count_open(p);
  }
};

constexpr std::int64_t kShort = 20'000;  // microseconds between two looks at the clock

/// Of a worker that is done: others may pause for a checkpoint until all are.
template <class Look>
void stay(Runtime& runtime, Snapshot& snapshot, Look look) {
  Workers& workers = runtime.all_workers();
  workers.set_done();
  const Waiting here(runtime.presence(), runtime.idle());
  while (!workers.wait_for_others(kShort)) {
    if (runtime.pausing() != 0) snapshot.meet(static_cast<std::size_t>(runtime.worker()));
    else look(steady_micros());
  }
}

/// Calls step() until all is done (true) or a stop is requested (false). Rows gathered in outputs leave when every
/// source waits, and at least once a second. The clock is read once in many steps when steps are short. Of several workers
/// the first shows progress and asks for checkpoints, and each goes on after a stop until what others sent is done.
bool drive(const AnyPipeline& type, void* pipeline, Runtime& runtime, Progress* progress, Snapshot* snapshot) {
  constexpr int kMost = 64;
  constexpr std::int64_t kFlushPeriod = 1'000'000;
  constexpr std::int64_t kLongWait = 60'000'000;
  constexpr int kStepsToSave = 8;
  int between = 1, left = 1, steps_to_save = kStepsToSave;
  bool more_to_save = false;
  std::int64_t looked = steady_micros(), flushed = looked;
  StuckWatch stuck(runtime, looked);
  const auto look = [&](std::int64_t now) {
    stuck.tick(now);
    if (snapshot && runtime.worker() == 0) snapshot->tick(now);
    if (progress) progress->tick(now, progress->shown() ? stuck.brief(now) : std::string());
  };
  const bool alone = runtime.workers() == 1;
  const bool eager = snapshot && snapshot->eager();
  Bell& bell = runtime.all_workers().bell(runtime.worker());
  while (!alone || !runtime.stopping()) {
    Step step = type.step(pipeline);
    pace_memory();
    if (step == Step::idle && !alone) {
      bell.doze();
      step = type.step(pipeline);  // what came before it was known that this worker sleeps
    }
    if (step == Step::paused) {
      snapshot->meet(static_cast<std::size_t>(runtime.worker()));
      bell.rise();
      continue;
    }
    if (step == Step::done) {
      if (!alone) runtime.flush_outputs();  // the others may go on for long
      if (!alone && snapshot) stay(runtime, *snapshot, look);
      return alone || !runtime.stopping();
    }
    if (!alone && runtime.all_workers().failed()) throw Abandoned{};
    // Where little is left to say, looking for it after each step would cost more than it saves.
    if (snapshot && (more_to_save || step == Step::idle || eager || --steps_to_save == 0)) {
      more_to_save = snapshot->save_ahead(static_cast<std::size_t>(runtime.worker()));
      steps_to_save = kStepsToSave;
    }
    if (step == Step::idle) {
      if (alone && runtime.stopping()) return false;
      runtime.flush_outputs();
      flushed = steady_micros();
      look(flushed);
      std::int64_t longest = std::min(progress && progress->shown() ? Progress::kPeriod : kLongWait, stuck.wait(flushed));
      if (snapshot && runtime.worker() == 0) {
        const std::int64_t next = snapshot->next(flushed);
        longest = std::min(longest, next == kEndOfTime ? kShort : next > flushed ? next - flushed : 0);  // one is on its way
      }
      if (more_to_save) longest = 0;
      const Waiting here(runtime.presence(), runtime.idle());
      runtime.wait(longest);
      bell.rise();
      continue;
    }
    if (--left != 0) continue;
    const std::int64_t now = steady_micros();
    between = now - looked > kShort || eager ? 1 : between < kMost ? between * 2 : kMost;
    left = between;
    looked = now;
    look(now);
    if (now - flushed > kFlushPeriod) {
      runtime.flush_outputs();
      flushed = now;
    }
  }
  return false;
}

class Run {
 public:
  Run(const ProgramInfo& program, const AnyPipeline& type, void* params, const Start& start)
      : program_(program),
        start_(start),
        runtime_(start.options, program.for_workers ? std::max(1, start.options.parallelism) : 1),
        begun_(steady_micros()),
        owner_{type, params} {
    for (int w = 1; w < runtime_.workers(); ++w) others_.emplace_back(runtime_, w);
  }

  int run() {
    if (!program_.for_workers && start_.options.parallelism > 1)
      log::warning("one_worker", "this program was compiled for one worker and runs with one; `parallelism: " +
                                  std::to_string(start_.options.parallelism) +
                                  "` in the program's options compiles it for several");
    bool done = false;
    try {
      std::optional<AdminServer> admin;
      if (start_.options.admin) admin.emplace(program_, *start_.options.admin);
      if (owner_.type.open_checkpoints) {
        checkpoints_ = owner_.type.open_checkpoints(program_, start_.options.checkpoint);
        if (checkpoints_->complete()) return complete();
      }
      make();
      if (checkpoints_ && checkpoints_->complete()) return complete();
      if (admin) admin->ready(runtime_, checkpoints_ ? &checkpoints_->counters : nullptr);
      Progress progress(runtime_, program_);
      std::optional<Snapshot> snapshot;
      if (checkpoints_) snapshot.emplace(*checkpoints_, owner_.type, owner_.pipelines, runtimes());
      Snapshot* const saves = snapshot ? &*snapshot : nullptr;
      const Sampler sampler(program_, runtimes());
      done = others_.empty() ? drive(owner_.type, owner_.pipelines[0], runtime_, &progress, saves) : drive_all(progress, saves);
      if (snapshot) snapshot->finish(done);
      else if (!done) owner_.count_open();
      progress.clear();
      finish_outputs();
      for (Runtime& other : others_) other.tell_settled();
      runtime_.tell_settled();
    } catch (const Failure& f) {
      owner_.count_open();
      return fail(f);
    } catch (const ReaderGone&) {
      return reader_gone();
    } catch (const StoppedEarly&) {
    } catch (const std::bad_alloc&) {
      return fail(no_memory ? Failure(Exit::io, "no_state_file", no_memory) : Failure(Exit::internal, "out_of_memory", "out of memory"));
    } catch (const std::exception& e) {
      return fail(Failure(Exit::internal, "internal_error", std::string("internal error: ") + e.what()));
    }
    summary({.seconds = seconds(), .signal = done ? 0 : signals::stop_requested()});
    return static_cast<int>(Exit::ok);
  }

 private:
  std::vector<Runtime*> runtimes() {
    std::vector<Runtime*> all{&runtime_};
    for (Runtime& other : others_) all.push_back(&other);
    return all;
  }

  /// All pipelines, one after the other, and then the outputs.
  void make() {
    const AnyPipeline& type = owner_.type;
    owner_.shared = type.share(runtime_.workers());
    owner_.pipelines.push_back(type.make(runtime_, owner_.params, owner_.shared));
    for (Runtime& other : others_) owner_.pipelines.push_back(type.make(other, owner_.params, owner_.shared));
    if (checkpoints_) checkpoints_->begin(runtime_.decider(), runtime_.workers());
    const std::vector<Runtime*> all = runtimes();
    for (std::size_t w = 0; type.bind && w != all.size(); ++w) {
      Binder binder(*checkpoints_, static_cast<int>(w), {all[w]->presence(), runtime_.checkpoints()});
      type.bind(owner_.pipelines[w], binder);
    }
    if (checkpoints_ && checkpoints_->restored() != 0) {
      const int workers = runtime_.workers();
      for (int w = 0; w != workers; ++w) {
        Loader loader(*checkpoints_, w, workers);
        type.load(owner_.pipelines[static_cast<std::size_t>(w)], loader);
      }
      checkpoints_->all_loaded();
      if (!checkpoints_->complete()) log::info("restored", "goes on from checkpoint " + std::to_string(checkpoints_->restored()) + " in `" + start_.options.checkpoint.dir + "`");
    }
    runtime_.open_outputs(checkpoints_.get());
    if (others_.empty()) return;
    runtime_.flush_outputs();  // headers stand before the rows of all workers
    for (Runtime& other : others_) other.join_outputs(runtime_);
  }

  /// Each pipeline on a thread of its own, the first on this one. The first failure is thrown when all have ended.
  bool drive_all(Progress& progress, Snapshot* snapshot) {
    Workers& workers = runtime_.all_workers();
    std::atomic<bool> done{true};
    const auto work = [&](std::size_t w, Runtime& runtime, Progress* shown) {
      if (start_.options.pin_workers) pin_thread(static_cast<int>(w));
      try {
        if (!drive(owner_.type, owner_.pipelines[w], runtime, shown, snapshot)) done = false;
      } catch (const Abandoned&) {
      } catch (...) {
        workers.fail(std::current_exception());
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t w = 1; w != owner_.pipelines.size(); ++w)
        threads.emplace_back([&, w] { work(w, others_[w - 1], nullptr); });
      work(0, runtime_, &progress);
    }
    if (const std::exception_ptr failure = workers.failure()) std::rethrow_exception(failure);
    return done;
  }

  void finish_outputs() {
    for (Runtime& other : others_) other.finish_outputs();
    runtime_.finish_outputs();
  }

  /// The last run came to its end, and nothing is left to do.
  int complete() const {
    log::info("complete", "the program came to its end in an earlier run, with checkpoint " + std::to_string(checkpoints_->restored()) + " in `" +
                              start_.options.checkpoint.dir + "`; `--fresh` runs it anew");
    return static_cast<int>(Exit::ok);
  }

  double seconds() const { return static_cast<double>(steady_micros() - begun_) / 1e6; }

  void summary(const Ending& ending) const {
    if (start_.options.quiet || !log::shows(log::Level::info)) return;
    log::write_raw(log::format() == log::Format::json ? summary_json(program_, runtime_, ending)
                                                      : summary_text(program_, runtime_, ending));
  }

  /// What was produced before the failure is kept: outputs are written out, open windows are not.
  int fail(const Failure& failure) {
    log::write(log::Level::error, failure.event, failure.message, failure.fields);
    if (failure.exit == Exit::usage) return static_cast<int>(failure.exit);
    finish_rest();
    if (failure.exit != Exit::no_input && failure.exit != Exit::cannot_create)
      summary({.seconds = seconds(), .failed = true});
    return static_cast<int>(failure.exit);
  }

  int reader_gone() {
    finish_rest();
    return static_cast<int>(Exit::ok);
  }

  void finish_rest() {
    try {
      finish_outputs();
    } catch (const Failure& f) {
      log::write(log::Level::error, f.event, f.message, f.fields);
    } catch (const ReaderGone&) {
    }
  }

  const ProgramInfo& program_;
  const Start& start_;
  std::unique_ptr<Checkpoints> checkpoints_;
  Runtime runtime_;                // of the process and of its first worker
  std::deque<Runtime> others_;     // of further workers
  std::int64_t begun_;
  Owner owner_;
};

}  // namespace

int run_program(const ProgramInfo& program, const AnyPipeline& pipeline, int argc, const char* const* argv) {
  const std::string_view command = argc > 0 ? argv[0] : program.name;
  if (pipeline.checkpoint_command && argc > 1 && std::string_view(argv[1]) == "checkpoint") return pipeline.checkpoint_command(argc, argv);
  if (pipeline.state_command && argc > 1 && std::string_view(argv[1]) == "state") return pipeline.state_command(program, argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "health") return health_command(argc, argv);
  Start start = read_start(program, argc, argv);
  log::configure(start.options.log_format, start.options.log_level);
  if (start.instead == Instead::help) return print(help_text(program, command));
  // A wrong command line is told together with wrong params, so only what prevents reading them ends here.
  if (start.instead != Instead::nothing && !start.problems.empty()) return refuse(start, command);
  if (start.instead == Instead::describe) return print(std::string(program.describe) + "\n");
  if (start.instead == Instead::version) return print(version_text(program));
  if (start.instead == Instead::version_json) return print(version_json(program));
  signals::install();
  // Params say how many workers there are.
  ParamReader reader(program, start);
  void* const params = pipeline.read(reader);
  return params ? Run(program, pipeline, params, start).run() : refuse(start, command);
}

}  // namespace gress::engine
