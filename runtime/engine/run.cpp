#include "runtime/engine/run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "runtime/engine/help.h"
#include "runtime/engine/progress.h"
#include "runtime/engine/stuck.h"
#include "runtime/engine/summary.h"

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

/// Lives as long as the pipeline and destroys it.
struct Owner {
  const AnyPipeline& type;
  void* pipeline = nullptr;
  ~Owner() {
    if (pipeline) type.destroy(pipeline);
  }
};

/// Calls step() until all is done (true) or a stop is requested (false). Rows gathered in outputs leave when every
/// source waits, and at least once a second. The clock is read once in many steps when steps are short.
bool drive(const AnyPipeline& type, void* pipeline, Runtime& runtime, Progress& progress) {
  constexpr int kMost = 64;
  constexpr std::int64_t kShort = 20'000;  // microseconds between two looks at the clock
  constexpr std::int64_t kFlushPeriod = 1'000'000;
  constexpr std::int64_t kLongWait = 60'000'000;
  int between = 1, left = 1;
  std::int64_t looked = steady_micros(), flushed = looked;
  StuckWatch stuck(runtime, looked);
  const auto look = [&](std::int64_t now) {
    stuck.tick(now);
    progress.tick(now, progress.shown() ? stuck.brief(now) : std::string());
  };
  while (!runtime.stopping()) {
    const Step step = type.step(pipeline);
    if (step == Step::done) return true;
    if (step == Step::idle) {
      if (runtime.stopping()) return false;
      runtime.flush_outputs();
      flushed = steady_micros();
      look(flushed);
      runtime.wait(std::min(progress.shown() ? Progress::kPeriod : kLongWait, stuck.wait(flushed)));
      continue;
    }
    if (--left != 0) continue;
    const std::int64_t now = steady_micros();
    between = now - looked > kShort ? 1 : between < kMost ? between * 2 : kMost;
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
  Run(const ProgramInfo& program, const AnyPipeline& type, Start& start)
      : program_(program), type_(type), start_(start), runtime_(start.options), begun_(steady_micros()) {}

  int run(std::string_view command) {
    signals::install();
    ParamReader reader(program_, start_);
    Owner owner{type_};
    bool done = false;
    try {
      owner.pipeline = type_.make(runtime_, reader);
      if (!owner.pipeline) return refuse(start_, command);
      runtime_.open_outputs();
      Progress progress(runtime_, program_);
      done = drive(type_, owner.pipeline, runtime_, progress);
      if (!done) type_.count_open(owner.pipeline);
      progress.clear();
      runtime_.finish_outputs();
    } catch (const Failure& f) {
      if (owner.pipeline) type_.count_open(owner.pipeline);
      return fail(f);
    } catch (const ReaderGone&) {
      return reader_gone();
    } catch (const std::bad_alloc&) {
      return fail(Failure(Exit::internal, "out_of_memory", "out of memory"));
    } catch (const std::exception& e) {
      return fail(Failure(Exit::internal, "internal_error", std::string("internal error: ") + e.what()));
    }
    summary({.seconds = seconds(), .signal = done ? 0 : signals::stop_requested()});
    return static_cast<int>(Exit::ok);
  }

 private:
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
      runtime_.finish_outputs();
    } catch (const Failure& f) {
      log::write(log::Level::error, f.event, f.message, f.fields);
    } catch (const ReaderGone&) {
    }
  }

  const ProgramInfo& program_;
  const AnyPipeline& type_;
  Start& start_;
  Runtime runtime_;
  std::int64_t begun_;
};

}  // namespace

int run_program(const ProgramInfo& program, const AnyPipeline& pipeline, int argc, const char* const* argv) {
  const std::string_view command = argc > 0 ? argv[0] : program.name;
  Start start = read_start(program, argc, argv);
  log::configure(start.options.log_format, start.options.log_level);
  if (start.instead == Instead::help) return print(help_text(program, command));
  // A wrong command line is told together with wrong params, so only what prevents reading them ends here.
  if (start.instead != Instead::nothing && !start.problems.empty()) return refuse(start, command);
  if (start.instead == Instead::describe) return print(std::string(program.describe) + "\n");
  if (start.instead == Instead::version) return print(version_text(program));
  if (start.instead == Instead::version_json) return print(version_json(program));
  return Run(program, pipeline, start).run(command);
}

}  // namespace gress::engine
