// A source of records: partitions of bytes, decoded into blocks of rows, with event time and watermarks exact to the
// row.
//
// Spec (generated):
//   Pipeline, Block (borrowing its rows), kHasTime
//   static bool time(Eval&, const Row&, std::int64_t& t);   // false: failed, in ev
//   static void invalid(Pipeline&, const Record&, std::string_view error);
//   static void out(Pipeline&, const Block&);  static void watermark(Pipeline&, std::int64_t);
//   static void partitions_changed(Pipeline&);   // optional: one has ended or fallen silent
#pragma once
#include <string>

#include "runtime/connectors/partitioned_source.h"
#include "runtime/connectors/source_order.h"
#include "runtime/core/block.h"

namespace gress {

template <class Spec, class Decoder>
class RecordSource final : public PartitionedSource {
 public:
  using Pipeline = typename Spec::Pipeline;
  using Block = typename Spec::Block;

  [[gnu::cold]] RecordSource(Pipeline& pipeline, engine::Runtime& runtime, std::unique_ptr<file::FileInput> input,
                             SourceTime time, double rate)
      : PartitionedSource(Spec::kName, Spec::kHasTime, runtime, std::move(input), time, rate,
                          {decoded_.count, decoded_.begin, decoded_.end, decoded_.bad}),
        pipeline_(pipeline) {
    if (input_->done()) tell();  // nothing is for this worker: others need not wait for it
  }
  ~RecordSource() {
    for (void* const decoder : take_decoders()) delete static_cast<Decoder*>(decoder);
  }

 private:
  void tell_watermark(std::int64_t t) override { Spec::watermark(pipeline_, t); }
  void partitions_changed() override {
    if constexpr (requires { Spec::partitions_changed(pipeline_); }) Spec::partitions_changed(pipeline_);
  }

  void* make_decoder() override { return new Decoder; }
  bool begin_input(void* decoder) override {
    if constexpr (requires(Decoder& d) { d.begin_input(); }) static_cast<Decoder*>(decoder)->begin_input();
    return requires(Decoder& d) { d.begin_input(); };
  }
  decode::CsvHeader header(void* decoder, std::span<const char> bytes, bool at_end) override {
    if constexpr (requires(Decoder& d) { d.header(nullptr, 0, false); })
      return static_cast<Decoder*>(decoder)->header(bytes.data(), bytes.size(), at_end);
    else
      return decode::no_header();
  }
  std::size_t decode(void* decoder, std::span<const char> bytes, bool at_end, Eval& ev) override {
    return static_cast<Decoder*>(decoder)->decode(bytes.data(), bytes.size(), at_end, decoded_, ev);
  }

  void bad(const Record& record, const decode::BadRecord& b) override {
    engine::SourceCounters& counters = input_->counters();
    if constexpr (requires { Spec::unknown(pipeline_, record, b.error); }) {
      if (b.unknown) {
        counters.unknown.add(1);
        Spec::unknown(pipeline_, record, b.error);
        return;
      }
    }
    counters.invalid.add(1);
    Spec::invalid(pipeline_, record, b.error);
  }

  void rows(int from, int to, Eval& ev) override {
    while (from != to) {
      int n = to - from;
      if constexpr (Spec::kHasTime) n = times(from, to, ev);
      if (from + n == to) return block(from, n);
      unusable(from, n, ev);
      from += n + 1;
    }
  }
  /// Row from + n has no usable time: `ev` says why.
  [[gnu::cold, gnu::noinline]] void unusable(int from, int n, Eval& ev) {
    const std::string why(ev.message);
    ev.clear();
    if (n != 0) block(from, n);  // what follows computes with `ev` too
    input_->counters().invalid.add(1);
    Spec::invalid(pipeline_, record(static_cast<std::uint32_t>(from + n)), why);
  }

  void block(int from, int n) {
    input_->counters().rows.add(static_cast<std::uint64_t>(n));
    limiter_.took(n);
    block_.rows = decoded_.rows + from;
    block_.count = n;
    block_.others = times_.lowest_but(current_);
    if constexpr (Block::has(kPosition))
      for (int i = 0; i != n; ++i)
        block_.position[i] =
            (static_cast<std::uint64_t>(current_) << 48) | (base_offset_ + decoded_.begin[from + i]);
    if constexpr (Block::has(kRecord))
      for (int i = 0; i != n; ++i) block_.record[i] = static_cast<std::uint32_t>(from + i);
    Spec::out(pipeline_, block_);
  }

  /// Event times and watermarks of rows [from, to) as far as they are usable; of the next one `ev` says why not.
  int times(int from, int to, Eval& ev) {
    const std::int64_t latest =
        time_.max_ahead == kEndOfTime ? kEndOfTime : add_saturated(clock_.latest(ev.now), time_.max_ahead);
    std::int64_t watermark = times_.of(current_);
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
    times_.set(current_, watermark);
    return n;
  }

  Pipeline& pipeline_;
  Block block_;
  typename Decoder::Output decoded_;
};

}  // namespace gress
