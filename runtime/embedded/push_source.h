// A source whose rows a host program pushes: one partition, in blocks, without a format and without waiting.
//
// Spec as in record_source.h, and kRefuses: the program says nothing of invalid rows, so that the host is told of them.
// Its pipeline has settle(): what was set aside while a block was made goes on.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/source_time.h"
#include "runtime/core/block.h"
#include "runtime/core/eval.h"
#include "runtime/core/place.h"
#include "runtime/embedded/calls.h"

namespace gress::embedded {

template <class Spec>
class PushSource {
 public:
  using Pipeline = typename Spec::Pipeline;
  using Block = typename Spec::Block;
  using Row = typename Block::Row;

  PushSource(Pipeline& pipeline, SourceTime time) : pipeline_(pipeline), time_(time) {}

  /// `take(ev, i, n, row)` makes row n of a block of what was given at i.
  template <class Take>
  void push(std::size_t count, Take take) {
    Eval& ev = pipeline_.ev;
    const std::int64_t latest = time_.max_ahead == kEndOfTime ? kEndOfTime : add_saturated(ev.now, time_.max_ahead);
    for (std::size_t i = 0; i != count;) {
      ev.arena.reset();
      first_ = rows_taken_;
      std::int64_t watermark = watermark_;
      int n = 0;
      for (; i != count && n != kBlock; ++i, ++rows_taken_) {
        rows_[n] = Row{};
        take(ev, i, n, rows_[n]);
        std::int64_t t = 0;
        if constexpr (Spec::kHasTime) {
          if (!ev.failed) Spec::time(ev, rows_[n], t);
          if (!ev.failed && (t < kFirstTime || t > kLastTime)) [[unlikely]] ev.fail(no_time(t));
          if (!ev.failed && t > latest) [[unlikely]] ev.fail(too_far_ahead(t, time_.max_ahead));
        }
        if (ev.failed) [[unlikely]] {
          // In the order of the rows: what came before goes on first. What follows computes with `ev` too.
          const std::string why(ev.message);
          ev.clear();
          hand_on(n, watermark);
          n = 0;
          invalid(i, count, why);
          continue;
        }
        if constexpr (Block::has(kTime)) block_.time[n] = t;
        if constexpr (Block::has(kWatermark)) block_.watermark[n] = watermark;
        if constexpr (Block::has(kPosition)) block_.position[n] = numbering_of<Spec>().position(0, rows_taken_);
        if constexpr (Block::has(kRecord)) block_.record[n] = static_cast<std::uint32_t>(rows_taken_ - first_);
        if constexpr (Spec::kHasTime) watermark = std::max(watermark, add_saturated(t, -time_.delay));
        ++n;
      }
      hand_on(n, watermark);
      pipeline_.settle();
    }
  }
  /// No row before `t` comes any more.
  void advance(std::int64_t t) {
    if (t <= watermark_) return;
    watermark_ = t;
    Spec::watermark(pipeline_, t);
  }
  void finish() { advance(kEndOfTime); }

  /// A row has no text; which one it was, is said.
  Record record(std::uint32_t i) {
    const std::uint64_t number = first_ + i;
    text_ = "row " + std::to_string(number + 1) + " that was pushed";
    return {Spec::kName, "", 0, static_cast<std::int64_t>(number), text_};
  }
  void failed() {}
  std::uint32_t partitions() const { return 1; }
  Text partition_name(std::uint32_t) const { return {}; }
  std::uint32_t partition_number(Text) const { return 0; }
  bool holds(std::uint32_t) const { return watermark_ != kEndOfTime; }
  bool silent(std::uint32_t) const { return false; }

 private:
  void hand_on(int n, std::int64_t watermark) {
    if (n == 0) return;
    block_.rows = rows_;
    block_.count = n;
    Spec::out(pipeline_, block_);
    advance(watermark);
  }
  [[gnu::cold]] void invalid(std::size_t i, std::size_t count, const std::string& why) {
    if constexpr (Spec::kRefuses) {
      pipeline_.settle();
      ++rows_taken_;
      throw RowRefused{"row " + std::to_string(i + 1) + " of " + std::to_string(count) + " for source `" + std::string(Spec::kName) + "`: " + why, i};
    } else {
      Spec::invalid(pipeline_, record(static_cast<std::uint32_t>(rows_taken_ - first_)), why);
    }
  }

  Pipeline& pipeline_;
  const SourceTime time_;
  Row rows_[kBlock];
  Block block_;
  std::int64_t watermark_ = kStartOfTime;
  std::uint64_t rows_taken_ = 0, first_ = 0;
  std::string text_;
};

}  // namespace gress::embedded
