// `time e [delay d]`: another event time for rows that are still their source's. The watermark of a partition is the
// highest time that passed here, less the delay; the operator's the lowest of the partitions that the source still
// reads: one that has shown no row yet holds it back, one that has ended or is silent does not.
//
// Spec (generated): Pipeline, In, Out,
//   static bool time(Pipeline&, const In&, int i, std::int64_t& t);  // false: failed, routed
//   static void copy(const In&, int i, Out::Row&);
//   static std::uint32_t partitions(const Pipeline&);                // of the source
//   static Text partition_name(const Pipeline&, std::uint32_t p);    // the same after a restart
//   static std::uint32_t partition_number(const Pipeline&, Text name);  // of no partition: beyond them all
//   static bool holds(const Pipeline&, std::uint32_t p);             // neither ended nor idle
//   static bool silent(const Pipeline&, std::uint32_t p);            // idle
//   out, watermark.
#pragma once
#include <cstdint>
#include <tuple>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/partition_watermarks.h"
#include "runtime/core/place.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/time.h"

namespace gress {

template <class Spec>
class Retime {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;

  /// `shared`: other workers read partitions too, which may fall silent.
  Retime(typename Spec::Pipeline& pipeline, std::int64_t delay, SharedWatermark* shared = nullptr, int worker = 0)
      : pipeline_(pipeline), delay_(delay) {
    times_.share(shared, worker);
  }

  /// The rows of a block are of one partition.
  void process(const In& in) {
    if (in.count == 0) return;
    const auto p = static_cast<std::uint32_t>(numbering_of<Spec>().partition(in.position_of(0)));
    know_all();
    std::int64_t watermark = times_.of(p);
    out_.others = times_.lowest_but(p);
    for (int i = 0; i < in.count; ++i) {
      std::int64_t t = 0;
      if (!Spec::time(pipeline_, in, i, t)) [[unlikely]] continue;
      const int o = out_.count++;
      Spec::copy(in, i, out_.rows[o]);
      out_.take_lanes(o, in, i);
      if constexpr (Out::has(kTime)) out_.time[o] = t;
      if constexpr (Out::has(kWatermark)) out_.watermark[o] = watermark;
      const std::int64_t w = add_saturated(t, -delay_);
      watermark = w > watermark ? w : watermark;
    }
    times_.set(p, watermark);
    if (out_.count != 0) {
      Spec::out(pipeline_, out_);
      out_.count = 0;
    }
    advance();
  }

  /// Those that have ended are the source's to tell of.
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, times_);
    for (std::uint32_t p = 0; p != times_.size(); ++p)
      if (times_.of(p) != kEndOfTime && (times_.of(p) != kStartOfTime || times_.idle(p)))
        changes.put(std::tuple{StatePart::entries, Spec::partition_name(pipeline_, p)}, std::tuple{times_.of(p), times_.idle(p)});
  }
  static constexpr bool kOwnersChange = true;  // as those of the source
  /// Of several workers the one that read a partition knows the most of it.
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) return value(times_);
    grow(kStartOfTime);
    loaded_.resize(times_.size());
    Text name = key.get<Text>();
    const auto watermark = value.get<std::int64_t>();
    const bool idle = value.get<bool>();
    const std::uint32_t p = Spec::partition_number(pipeline_, name);
    if (p < times_.size()) loaded_[p] = true;
    if (p < times_.size() && watermark >= times_.of(p)) {
      times_.set(p, watermark);
      times_.set_idle(p, idle);
    }
    StateTraits<Text>::release(name);
  }

  /// Partitions that nothing was saved of have come since, and begin where the whole stood.
  void loaded() {
    grow(kStartOfTime);
    loaded_.resize(times_.size());
    for (std::uint32_t p = 0; p != times_.size(); ++p)
      if (!loaded_[p]) times_.set(p, times_.told());
    loaded_ = {};
  }

  /// The source's own watermark says nothing here, but for its end.
  void watermark(std::int64_t t) {
    if (t != kEndOfTime) return know_all(), advance();
    if (times_.raise_to(t)) Spec::watermark(pipeline_, t);
  }
  /// The partition has ended, fallen silent, or has rows again.
  void changed(std::uint32_t p) {
    know_all();
    know(p);
    advance();
  }

 private:
  void grow(std::int64_t from) {
    if (const std::uint32_t n = Spec::partitions(pipeline_); n != times_.size()) times_.resize(n, from);
  }
  /// What the source knows of partitions that are new here, or were before they were loaded.
  void know_all() {
    grow(times_.told());
    while (known_ != times_.size()) know(known_++);
  }
  void know(std::uint32_t p) {
    if (Spec::holds(pipeline_, p)) times_.wake(p);
    else if (Spec::silent(pipeline_, p)) times_.set_idle(p, true);
    else times_.end(p);
  }
  /// When all have ended, watermark() says so.
  void advance() {
    if (!times_.all_ended() && times_.raise()) Spec::watermark(pipeline_, times_.told());
  }

  typename Spec::Pipeline& pipeline_;
  std::int64_t delay_;
  PartitionWatermarks times_;
  std::uint32_t known_ = 0;  // partitions of which it is known what the source says
  std::vector<bool> loaded_;  // while a state is loaded
  Out out_;
};

}  // namespace gress
