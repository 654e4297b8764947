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
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/time.h"

namespace gress {

template <class Spec>
class Retime {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;

  Retime(typename Spec::Pipeline& pipeline, std::int64_t delay) : pipeline_(pipeline), delay_(delay) {}

  /// The rows of a block are of one partition.
  void process(const In& in) {
    if (in.count == 0) return;
    const auto p = static_cast<std::uint32_t>(in.position_of(0) >> 48);
    const std::uint32_t n = partitions();
    Partition& own = partitions_[p];
    if (own.idle) {
      // It comes back: its rows are judged by what the others have come to.
      own.idle = false;
      if (own.watermark < told_) own.watermark = told_;
    }
    out_.others = lowest_but(p, n);
    for (int i = 0; i < in.count; ++i) {
      std::int64_t t = 0;
      if (!Spec::time(pipeline_, in, i, t)) [[unlikely]] continue;
      const int o = out_.count++;
      Spec::copy(in, i, out_.rows[o]);
      out_.take_lanes(o, in, i);
      if constexpr (Out::has(kTime)) out_.time[o] = t;
      if constexpr (Out::has(kWatermark)) out_.watermark[o] = own.watermark;
      const std::int64_t w = add_saturated(t, -delay_);
      own.watermark = w > own.watermark ? w : own.watermark;
    }
    if (out_.count != 0) {
      Spec::out(pipeline_, out_);
      out_.count = 0;
    }
    advance();
  }

  void save(StateChanges& changes) {
    changes.put(StatePart::rest, told_);
    for (std::uint32_t p = 0; p != partitions_.size(); ++p)
      changes.put(std::tuple{StatePart::entries, Spec::partition_name(pipeline_, p)}, partitions_[p]);
  }
  static constexpr bool kOwnersChange = true;  // as those of the source
  /// Of several workers the one that read a partition knows the most of it.
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) return value(told_);
    Text name = key.get<Text>();
    const auto saved = value.get<Partition>();
    const std::uint32_t p = Spec::partition_number(pipeline_, name);
    if (p < partitions() && saved.watermark >= partitions_[p].watermark) partitions_[p] = saved;
    StateTraits<Text>::release(name);
  }

  /// The source's own watermark says nothing here, but for its end.
  void watermark(std::int64_t t) {
    if (t == kEndOfTime)
      tell(t);
    else
      advance();
  }

  /// Something has passed, or a partition has ended or fallen silent.
  void advance() {
    const std::uint32_t n = partitions();
    std::int64_t lowest = kEndOfTime, highest_idle = kStartOfTime;
    for (std::uint32_t p = 0; p != n; ++p) {
      Partition& each = partitions_[p];
      if (Spec::holds(pipeline_, p)) {
        if (each.watermark < lowest) lowest = each.watermark;
      } else if (Spec::silent(pipeline_, p)) {
        each.idle = true;
        if (each.watermark > highest_idle) highest_idle = each.watermark;
      }
    }
    // With none that holds it: as far as the silent ones have come. When all have ended, watermark() says so.
    tell(lowest == kEndOfTime ? highest_idle : lowest);
  }

 private:
  struct Partition {
    std::int64_t watermark = kStartOfTime;
    bool idle = false;
    template <class Io>
    void archive(Io& io) { io(watermark, idle); }
  };
  std::uint32_t partitions() {
    const std::uint32_t n = Spec::partitions(pipeline_);
    if (n > partitions_.size()) [[unlikely]] partitions_.resize(n);
    return n;
  }
  std::int64_t lowest_but(std::uint32_t but, std::uint32_t n) const {
    std::int64_t t = kEndOfTime;
    for (std::uint32_t p = 0; p != n; ++p)
      if (p != but && Spec::holds(pipeline_, p) && partitions_[p].watermark < t) t = partitions_[p].watermark;
    return t;
  }
  void tell(std::int64_t t) {
    if (t <= told_) return;
    told_ = t;
    Spec::watermark(pipeline_, t);
  }

  typename Spec::Pipeline& pipeline_;
  std::int64_t delay_;
  std::vector<Partition> partitions_;
  std::int64_t told_ = kStartOfTime;
  Out out_;
};

}  // namespace gress
