// A source fed by a test: rows one by one, times and watermarks as for a source of one partition.
#pragma once
#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/record_source.h"
#include "runtime/core/block.h"
#include "runtime/core/eval.h"
#include "runtime/core/place.h"

namespace gress::testing {

/// Spec as in record_source.h.
template <class Spec>
class TestSource {
 public:
  using Block = typename Spec::Block;
  using Row = typename Block::Row;
  TestSource(typename Spec::Pipeline& pipeline, SourceTime time) : pipeline_(pipeline), time_(time) {}

  void feed(Eval& ev, const Row& fed) {
    row_ = fed;
    block_.rows = &row_;
    block_.count = 1;
    std::int64_t t = 0;
    if constexpr (Spec::kHasTime) Spec::time(ev, row_, t);
    // As far as a test has said what time it is.
    if (const std::int64_t now = pipeline_.ev.now; !ev.failed && now != 0 && time_.max_ahead != kEndOfTime && t > add_saturated(now, time_.max_ahead))
      ev.fail(too_far_ahead(t, time_.max_ahead));
    if (ev.failed) {
      Spec::invalid(pipeline_, record(0), ev.message);
      ev.clear();
      return;
    }
    if constexpr (Block::has(kTime)) block_.time[0] = t;
    if constexpr (Block::has(kWatermark)) block_.watermark[0] = watermark_;
    if constexpr (Block::has(kPosition)) block_.position[0] = numbering_of<Spec>().position(0, fed_);
    if constexpr (Block::has(kRecord)) block_.record[0] = 0;
    ++fed_;
    Spec::out(pipeline_, block_);
    if constexpr (Spec::kHasTime) advance(add_saturated(t, -time_.delay));
  }
  void advance(std::int64_t t) {
    if (t <= watermark_) return;
    watermark_ = t;
    Spec::watermark(pipeline_, t);
  }
  void finish() { advance(kEndOfTime); }
  /// A fed row has no text.
  Record record(std::uint32_t) const { return {Spec::kName, "test", 0, static_cast<std::int64_t>(fed_), {}}; }
  void failed() {}
  std::uint32_t partitions() const { return 1; }
  Text partition_name(std::uint32_t) const { return {}; }
  std::uint32_t partition_number(Text) const { return 0; }
  bool holds(std::uint32_t) const { return watermark_ != kEndOfTime; }
  bool silent(std::uint32_t) const { return false; }

 private:
  typename Spec::Pipeline& pipeline_;
  SourceTime time_;
  Row row_;
  Block block_;
  std::int64_t watermark_ = kStartOfTime;
  std::uint64_t fed_ = 0;
};

}  // namespace gress::testing
