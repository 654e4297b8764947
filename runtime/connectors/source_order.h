// Several sources: the one with the lowest watermark is read next; sources that wait are passed over, those of an
// `align` group that are too far ahead pause, and idle ones follow the sources that they meet in an operator.
#pragma once
#include <algorithm>
#include <cstdint>

#include "runtime/connectors/source_time.h"
#include "runtime/core/eval.h"
#include "runtime/engine/run.h"

namespace gress {

/// A source as the order sees it.
struct SourceAt {
  std::int64_t watermark;  // of the partitions that this worker reads
  bool done;
  bool idle;  // none of its partitions holds the watermark
  SourceTime time;
  std::int64_t held;        // its watermark as the partitions that all workers read hold it; kEndOfTime: none does
  bool amid_piece = false;  // others may wait for the rest of it
};

/// True while the slowest of its group is more than `max_drift` behind.
inline bool paused(const SourceAt* at, int n, int which) {
  if (at[which].time.group < 0) return false;
  std::int64_t slowest = kEndOfTime;
  for (int i = 0; i != n; ++i)
    if (i != which && at[i].time.group == at[which].time.group && at[i].held < slowest) slowest = at[i].held;
  return at[which].watermark > add_saturated(slowest, at[which].time.max_drift);
}

inline constexpr std::int64_t kAlignLook = 10'000;  // microseconds until a group that waits is looked at again

/// Which source is to be read; -1: none can be.
inline int next_source(const SourceAt* at, const bool* waiting, int n) {
  for (int i = 0; i != n; ++i)
    if (at[i].amid_piece && !waiting[i]) return i;
  int best = -1;
  for (int i = 0; i != n; ++i)
    if (!at[i].done && !waiting[i] && (best < 0 || at[i].watermark < at[best].watermark) && !paused(at, n, i)) best = i;
  return best;
}

/// How far an idle source is taken along: the lowest watermark of the others that it meets, or that of the furthest when
/// all of them are idle; kStartOfTime: nowhere.
inline std::int64_t followed(const SourceAt* at, int n, int which) {
  std::int64_t lowest = kEndOfTime, furthest = kStartOfTime;
  for (int i = 0; i != n; ++i) {
    if (i == which || at[i].time.peers != at[which].time.peers) continue;
    lowest = std::min(lowest, at[i].held);
    if (at[i].idle) furthest = std::max(furthest, at[i].watermark);
  }
  return lowest == kEndOfTime ? furthest : lowest;
}

template <class Source>
SourceAt source_at(const Source& source) {
  if constexpr (requires { source.held(); })
    return {source.watermark(), source.done(), source.idle(), source.time(), source.held(), source.amid_piece()};
  else if constexpr (requires { source.idle(); }) return {source.watermark(), source.done(), source.idle(), source.time(), source.watermark()};
  else return {source.watermark(), source.done(), false, {}, source.watermark()};
}

/// Idle sources go with those that they meet.
template <class... Sources>
void follow_peers(Sources&... sources) {
  constexpr int n = sizeof...(Sources);
  const SourceAt at[n] = {source_at(sources)...};
  int i = 0;
  const auto follow = [&](auto& source) {
    if constexpr (requires { source.follow(0); })
      if (at[i].idle && at[i].time.peers >= 0)
        if (const std::int64_t t = followed(at, n, i); t > at[i].watermark) source.follow(t);
    ++i;
  };
  (follow(sources), ...);
}

/// Lets one source go a step.
template <class... Sources>
engine::Step step_lowest(Eval& ev, Sources&... sources) {
  constexpr int n = sizeof...(Sources);
  if constexpr (n == 1) {
    return (sources.step(ev), ...);
  } else {
    bool waiting[n] = {};
    for (;;) {
      const SourceAt at[n] = {source_at(sources)...};
      const int best = next_source(at, waiting, n);
      if (best < 0) {
        const bool all_done = (sources.done() && ...);
        return all_done ? engine::Step::done : engine::Step::idle;
      }
      engine::Step result = engine::Step::idle;
      int i = 0;
      ((i++ == best ? static_cast<void>(result = sources.step(ev)) : static_cast<void>(0)), ...);
      follow_peers(sources...);
      if (result != engine::Step::idle) return (sources.done() && ...) ? engine::Step::done : engine::Step::more;
      waiting[best] = true;
    }
  }
}

/// The same where there may be several workers: nothing is read any more when the program stops or pauses, but for the
/// rest of a piece, which others wait for.
template <class... Sources>
engine::Step step_held(engine::Runtime& runtime, Eval& ev, Sources&... sources) {
  if (runtime.workers() != 1 && !(source_at(sources).amid_piece || ...)) {
    if (runtime.pausing() != 0) [[unlikely]] return engine::Step::paused;
    if (runtime.stopping()) [[unlikely]] return engine::Step::done;
  }
  const engine::Step step = step_lowest(ev, sources...);
  // The slowest of a group may be what another worker reads.
  if (step == engine::Step::idle && runtime.workers() != 1 && ((source_at(sources).time.group >= 0) || ...))
    runtime.wake_at(engine::steady_micros() + kAlignLook);
  return step;
}

}  // namespace gress
