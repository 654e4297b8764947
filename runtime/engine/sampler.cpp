#include "runtime/engine/sampler.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>

#include "runtime/engine/counted_groups.h"

namespace gress::engine {
namespace {

constexpr std::int64_t kShortest = 1'000, kLongest = 50'000;  // microseconds between two looks
constexpr std::int64_t kPatience = 2'000'000;
constexpr std::int64_t kLooks = 100;  // or so in any time since the start, so that the shares are right to some percent

std::string seconds_text(std::int64_t micros) {
  return micros < 1'000'000 ? std::to_string(micros / 1000) + " ms" : std::to_string(micros / 1'000'000) + " s";
}

}  // namespace

Sampler::Sampler(const ProgramInfo& program, std::vector<Runtime*> workers)
    : program_(program), workers_(std::move(workers)), waits_(workers_.size()), interval_(steady_micros()) {
  for (const SinkCounters& c : workers_[0]->sinks())
    if (std::none_of(sinks_.begin(), sinks_.end(), [&](const Sink& s) { return same_thing(*s.counters, c); })) sinks_.push_back({&c});
  // Signals are for the workers, whose waits they end.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::jthread([this] { look_on(); });
  } catch (const std::system_error&) {  // no more threads: then nothing is told of where the time goes
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Sampler::~Sampler() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  failed_ = std::uncaught_exceptions() != 0;
  changed_.notify_all();
}

void Sampler::look_on() {
  const std::int64_t begun = steady_micros();
  std::int64_t looked = begun;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto period = std::chrono::microseconds(std::clamp((looked - begun) / kLooks, kShortest, kLongest));
    const bool over = changed_.wait_for(lock, period, [&] { return stop_; });
    const std::int64_t now = steady_micros();
    if (over) {
      if (!failed_ && workers_[0]->options().stuck_after > 0) watch_waits(now);  // what ended since the last look
      return;
    }
    look(now, static_cast<std::uint64_t>(now - looked));
    looked = now;
  }
}

void Sampler::look(std::int64_t now, std::uint64_t micros) {
  const Counted* const idle = &workers_[0]->idle();
  const bool all_idle = std::all_of(workers_.begin(), workers_.end(), [&](const Runtime* w) { return w->presence().place().stage == idle; });
  for (const Runtime* worker : workers_) {
    Presence::Place at = worker->presence().place();
    workers_[0]->sampled().add(micros);
    if (at.stage == nullptr) continue;
    if (!at.waits) {
      at.stage->busy.add(micros);
    } else if (at.stage == idle ? !all_idle : at.worker >= 0) {
      at.stage->blocked.add(micros);
      // Who waits for one that waits is held by the last of them.
      for (std::size_t left = workers_.size(); left != 0 && at.waits && at.worker >= 0; --left)
        at = workers_[static_cast<std::size_t>(at.worker)]->presence().place();
      if (at.stage != nullptr && at.stage != idle && at.worker < 0) at.stage->held.add(micros);
    } else {
      at.stage->waiting.add(micros);
    }
  }
  if (workers_[0]->options().stuck_after <= 0) return;
  watch_waits(now);
  watch_interval(now);
}

Sampler::Sink* Sampler::sink_at(const Counted* stage) {
  if (stage == nullptr) return nullptr;
  const auto found = std::find_if(sinks_.begin(), sinks_.end(), [&](const Sink& s) { return same_thing(*s.counters, *stage); });
  return found == sinks_.end() ? nullptr : &*found;
}

std::string Sampler::place(const Sink& sink) const {
  return "sink `" + sink.counters->name + "` (" + program_.source_file + ":" + std::to_string(sink.counters->line) + ")";
}

/// One write that takes long is told, and its end.
void Sampler::watch_waits(std::int64_t now) {
  // Who has asked for a stop waits for an answer.
  const std::int64_t limit = workers_[0]->options().stuck_after, patience = workers_[0]->stopping() ? std::min(limit, kPatience) : limit;
  for (std::size_t w = 0; w != workers_.size(); ++w) {
    const Presence& presence = workers_[w]->presence();
    const Presence::Place at = presence.place();
    const Counted* const stage = at.waits && at.worker < 0 ? at.stage : nullptr;
    if (Wait& wait = waits_[w]; stage != wait.stage || presence.waits() != wait.number) {
      Sink* const sink = sink_at(wait.stage);
      wait = {stage, presence.waits(), now};
      if (sink == nullptr || !sink->stalled) continue;
      sink->stalled = false;
      log::write(log::Level::info, "sink_moves", place(*sink) + " writes again, after " + seconds_text(now - sink->since),
                 {{"sink", sink->counters->name, false}});
    } else if (Sink* const sink = sink_at(stage); sink != nullptr && !sink->stalled && now - wait.since >= patience) {
      sink->stalled = true;
      sink->since = wait.since;
      log::write(log::Level::warning, "sink_stalled",
                 place(*sink) + " has waited for `" + sink->counters->target + "` to take its rows for " + seconds_text(now - wait.since) +
                     "\nthe sources wait with it; nothing is lost, and no more memory is taken",
                 {{"sink", sink->counters->name, false},
                  {"line", std::to_string(sink->counters->line), true},
                  {"target", sink->counters->target, false}});
    }
  }
}

/// Of all workers' cells.
std::uint64_t Sampler::lost(const Sink& sink) const {
  std::uint64_t micros = 0;
  for (const SinkCounters& c : workers_[0]->sinks())
    if (same_thing(c, *sink.counters)) micros += c.waiting.get() + c.held.get();
  return micros;
}

/// A sink that takes rows, but so slowly that the rest waits for it most of the time.
void Sampler::watch_interval(std::int64_t now) {
  const std::int64_t length = workers_[0]->options().stuck_after;
  if (now - interval_ < length) return;
  const std::uint64_t all = static_cast<std::uint64_t>(now - interval_) * workers_.size();
  interval_ = now;
  for (Sink& sink : sinks_) {
    const std::uint64_t before = std::exchange(sink.lost_before, lost(sink));
    const std::uint64_t percent = (sink.lost_before - before) * 100 / all;
    const bool slow = percent >= (sink.slow ? 25 : 50);
    // One long wait is another story.
    const bool stands = std::any_of(waits_.begin(), waits_.end(), [&](const Wait& w) { return sink_at(w.stage) == &sink && now - w.since >= length / 2; });
    if (slow && !sink.slow && !stands)
      log::write(log::Level::info, "sink_slow",
                 place(sink) + " held the sources for " + std::to_string(percent) + " % of the last " + seconds_text(length) + ": `" +
                     sink.counters->target + "` takes its rows slowly",
                 {{"sink", sink.counters->name, false},
                  {"line", std::to_string(sink.counters->line), true},
                  {"target", sink.counters->target, false},
                  {"percent", std::to_string(percent), true}});
    sink.slow = slow && (sink.slow || !stands);
  }
}

}  // namespace gress::engine
