// A source of records: partitions of bytes, decoded into blocks of rows, with event time and watermarks exact to the
// row. Of several partitions the one whose watermark is lowest is read next, so that state stays small and results do
// not hang on timing.
//
// Spec (generated):
//   Pipeline, Block (borrowing its rows), kHasTime
//   static bool time(Eval&, const Row&, std::int64_t& t);   // false: failed, in ev
//   static void invalid(Pipeline&, const Record&, std::string_view error);
//   static void out(Pipeline&, const Block&);  static void watermark(Pipeline&, std::int64_t);
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/file/file_input.h"
#include "runtime/core/block.h"
#include "runtime/core/decode/decoded.h"
#include "runtime/core/eval.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/run.h"

namespace gress {

struct SourceTime {
  std::int64_t delay = 0;               // watermark = highest time - delay; microseconds
  std::int64_t max_ahead = kEndOfTime;  // of the clock; rows further ahead are invalid
};

template <class Spec, class Input, class Decoder>
class RecordSource {
 public:
  using Pipeline = typename Spec::Pipeline;
  using Block = typename Spec::Block;

  RecordSource(Pipeline& pipeline, engine::Runtime& runtime, std::unique_ptr<Input> input, SourceTime time, double rate)
      : pipeline_(pipeline),
        runtime_(runtime),
        input_(std::move(input)),
        time_(time),
        limiter_(rate),
        partitions_(input_->partitions()) {}

  /// Lowest of all partitions; the end of time when all have ended.
  std::int64_t watermark() const { return told_; }
  bool done() const { return done_; }

  /// Reads and hands on about one block. `ev` is the pipeline's, emptied before the call.
  engine::Step step(Eval& ev) {
    if (input_->done()) return finish();
    bool idle = false;
    const std::uint32_t p = next_partition(idle);
    if (p == kNone) return engine::Step::idle;
    file::ByteReader& reader = input_->reader(p);
    Partition& partition = partitions_[p];
    const std::int64_t allowed = limiter_.allowance(runtime_);
    if (allowed == 0) return engine::Step::idle;
    if (!partition.decoder) begin(partition);
    for (;;) {
      const std::span<const char> all = reader.bytes();
      const std::span<const char> bytes = allowed == INT64_MAX ? all : engine::first_lines(all, allowed);
      if (partition.headed || header(partition, reader, p)) {
        if (partition.headed_now) {
          partition.headed_now = false;
          continue;
        }
        if (!bytes.empty()) {
          const bool at_end = reader.at_end() && bytes.size() == all.size();
          const std::size_t used = partition.decoder->decode(bytes.data(), bytes.size(), at_end, decoded_, ev);
          if (used != 0 || decoded_.count != 0 || !decoded_.bad.empty()) {
            hand_on(partition, p, reader, bytes.data(), ev);
            reader.consume(used);
            return engine::Step::more;
          }
        }
      }
      switch (reader.more()) {
        case file::Read::data:
          continue;
        case file::Read::end:
          if (reader.bytes().empty()) return end_partition(p);
          if (partition.ending) return end_partition(p);
          partition.ending = true;
          continue;
        case file::Read::stopped:
          return engine::Step::idle;
        case file::Read::idle:
          partition.idle = true;
          return engine::Step::idle;
      }
    }
  }

  /// Counts a row that failed after it was read.
  void failed() { input_->counters().invalid.add(1); }
  /// The record of row i of the block that is on its way, for rows that fail later.
  Record record(std::uint32_t i) const {
    return {Spec::kName, input_->path(current_), static_cast<std::int64_t>(current_),
            static_cast<std::int64_t>(base_offset_ + decoded_.begin[i]),
            std::string_view(base_ + decoded_.begin[i], decoded_.end[i] - decoded_.begin[i])};
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Partition {
    std::unique_ptr<Decoder> decoder;
    std::int64_t watermark = kStartOfTime;    // what its next row is judged by
    bool headed = false, headed_now = false;  // the header, if there is one, is read
    bool ending = false;
    bool idle = false;
  };

  std::uint32_t next_partition(bool& idle) {
    std::uint32_t best = kNone;
    for (int round = 0; round != 2 && best == kNone; ++round) {
      for (const std::uint32_t p : input_->active()) {
        if (partitions_[p].idle) continue;
        if (best == kNone || partitions_[p].watermark < partitions_[best].watermark) best = p;
      }
      if (best != kNone || round == 1) break;
      // All have been found silent since the last round: say so once, then look again.
      for (const std::uint32_t p : input_->active()) partitions_[p].idle = false;
      idle = true;
      return kNone;
    }
    return best;
  }

  void begin(Partition& partition) {
    if (!spare_.empty()) {
      partition.decoder = std::move(spare_.back());
      spare_.pop_back();
    } else {
      partition.decoder = std::make_unique<Decoder>();
    }
    if constexpr (requires { partition.decoder->begin_input(); }) {
      partition.decoder->begin_input();
      partition.headed = true;
    }
  }

  /// True when the header is read (or none is needed).
  bool header(Partition& partition, file::ByteReader& reader, std::uint32_t p) {
    if constexpr (requires { partition.decoder->header(nullptr, 0, false); }) {
      const std::span<const char> bytes = reader.bytes();
      const auto header = partition.decoder->header(bytes.data(), bytes.size(), reader.at_end());
      if (!header.error.empty()) bad_header(Spec::kName, input_->path(p), header.error);
      if (!header.done) return false;
      reader.consume(header.consumed);
    }
    partition.headed = partition.headed_now = true;
    return true;
  }

  void hand_on(Partition& partition, std::uint32_t p, file::ByteReader& reader, const char* base, Eval& ev) {
    base_ = base;
    base_offset_ = reader.offset();
    current_ = p;
    partition.ending = false;
    engine::SourceCounters& counters = input_->counters();
    ev.now = runtime_.now();
    // In the order of the records, so that nothing hangs on where a block begins: what came before a bad record goes on
    // first, under `invalid: fail` too.
    int from = 0;
    if (decoded_.bad.size() > 1)
      std::sort(decoded_.bad.begin(), decoded_.bad.end(),
                [](const decode::BadRecord& a, const decode::BadRecord& b) { return a.begin < b.begin; });
    for (const decode::BadRecord& b : decoded_.bad) {
      rows(partition, from, b.row, ev);
      from = b.row;
      counters.invalid.add(1);
      Spec::invalid(
          pipeline_,
          {Spec::kName, input_->path(p), static_cast<std::int64_t>(p),
           static_cast<std::int64_t>(base_offset_ + b.begin), std::string_view(base + b.begin, b.end - b.begin)},
          b.error);
    }
    rows(partition, from, decoded_.count, ev);
    tell();
  }

  /// Hands on rows [from, to) of what was decoded; those without a usable time are invalid.
  void rows(Partition& partition, int from, int to, Eval& ev) {
    while (from != to) {
      int n = to - from;
      if constexpr (Spec::kHasTime) n = times(partition, from, to, ev);
      if (n != 0) {
        // What follows computes with `ev` too.
        const bool failed = from + n != to;
        const std::string why = failed ? std::string(ev.message) : std::string();
        ev.clear();
        block(from, n);
        if (failed) ev.fail(why);
      }
      from += n;
      if (from == to) return;
      input_->counters().invalid.add(1);
      Spec::invalid(pipeline_, record(static_cast<std::uint32_t>(from)), ev.message);
      ev.clear();
      ++from;
    }
  }

  void block(int from, int n) {
    input_->counters().rows.add(static_cast<std::uint64_t>(n));
    limiter_.took(n);
    block_.rows = decoded_.rows + from;
    block_.count = n;
    block_.others = lowest_but(current_);
    if constexpr (Block::has(kPosition))
      for (int i = 0; i != n; ++i)
        block_.position[i] =
            (static_cast<std::uint64_t>(current_) << 48) | (base_offset_ + decoded_.begin[from + i]);
    if constexpr (Block::has(kRecord))
      for (int i = 0; i != n; ++i) block_.record[i] = static_cast<std::uint32_t>(from + i);
    Spec::out(pipeline_, block_);
  }

  /// Event times and watermarks of rows [from, to) as far as they are usable; of the next one `ev` says why not.
  int times(Partition& partition, int from, int to, Eval& ev) {
    const std::int64_t latest = time_.max_ahead == kEndOfTime ? kEndOfTime : add_saturated(ev.now, time_.max_ahead);
    std::int64_t watermark = partition.watermark;
    int n = 0;
    for (int i = from; i != to; ++i, ++n) {
      std::int64_t t = 0;
      Spec::time(ev, decoded_.rows[i], t);
      if (ev.failed || t > latest) [[unlikely]] {
        if (!ev.failed) ev.fail(too_far_ahead(t, time_.max_ahead));
        break;
      }
      if constexpr (Block::has(kTime)) block_.time[n] = t;
      if constexpr (Block::has(kWatermark)) block_.watermark[n] = watermark;
      const std::int64_t w = t - time_.delay;
      watermark = w > watermark ? w : watermark;
    }
    partition.watermark = watermark;
    return n;
  }

  std::int64_t lowest_but(std::uint32_t but) const {
    std::int64_t t = kEndOfTime;
    for (std::uint32_t p = 0; p != partitions_.size(); ++p)
      if (p != but && partitions_[p].watermark < t) t = partitions_[p].watermark;
    return t;
  }

  void tell() {
    const std::int64_t t = lowest_but(kNone);
    if (t <= told_) return;
    told_ = t;
    input_->counters().watermark.set(t);
    Spec::watermark(pipeline_, t);
  }

  engine::Step end_partition(std::uint32_t p) {
    spare_.push_back(std::move(partitions_[p].decoder));
    partitions_[p].watermark = kEndOfTime;
    input_->ended(p);
    tell();
    return input_->done() ? finish() : engine::Step::more;
  }

  engine::Step finish() {
    done_ = true;
    return engine::Step::done;
  }

  Pipeline& pipeline_;
  engine::Runtime& runtime_;
  std::unique_ptr<Input> input_;
  SourceTime time_;
  engine::RateLimiter limiter_;
  std::vector<Partition> partitions_;
  std::vector<std::unique_ptr<Decoder>> spare_;
  Block block_;
  typename Decoder::Output decoded_;
  std::int64_t told_ = kStartOfTime;
  bool done_ = false;
  std::uint32_t current_ = 0;
  const char* base_ = nullptr;
  std::uint64_t base_offset_ = 0;
};

/// Lets the source with the lowest watermark go a step; sources that wait are passed over.
template <class... Sources>
engine::Step step_lowest(Eval& ev, Sources&... sources) {
  constexpr int n = sizeof...(Sources);
  if constexpr (n == 1) {
    return (sources.step(ev), ...);
  } else {
    bool waiting[n] = {};
    for (;;) {
      int best = -1, i = 0;
      std::int64_t lowest = kEndOfTime;
      const auto look = [&](const auto& source) {
        if (!source.done() && !waiting[i] && (best < 0 || source.watermark() < lowest)) {
          best = i;
          lowest = source.watermark();
        }
        ++i;
      };
      (look(sources), ...);
      if (best < 0) {
        const bool all_done = (sources.done() && ...);
        return all_done ? engine::Step::done : engine::Step::idle;
      }
      engine::Step result = engine::Step::idle;
      i = 0;
      ((i++ == best ? static_cast<void>(result = sources.step(ev)) : static_cast<void>(0)), ...);
      if (result != engine::Step::idle) return (sources.done() && ...) ? engine::Step::done : engine::Step::more;
      waiting[best] = true;
    }
  }
}

}  // namespace gress
