// What sources of records share whatever their rows are, compiled once: which partition is read next, its bytes and
// header, the source's watermark, and who holds it. Of several partitions the one whose watermark is lowest is read next,
// so that state stays small and results do not hang on timing.
#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/file/file_input.h"
#include "runtime/connectors/partition_times.h"
#include "runtime/core/decode/csv_reader.h"
#include "runtime/core/decode/decoded.h"
#include "runtime/core/eval.h"
#include "runtime/engine/clock.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/run.h"

namespace gress {

class PartitionedSource : engine::WatermarkHolder {
 public:
  PartitionedSource(const PartitionedSource&) = delete;
  PartitionedSource& operator=(const PartitionedSource&) = delete;

  /// Lowest of the partitions that hold it; the end of time when all have ended.
  std::int64_t watermark() const { return times_.told(); }
  bool done() const { return done_; }
  /// Nothing holds its watermark: all partitions are silent.
  bool idle() const { return times_.watches() && !done_ && times_.all_idle(); }
  const SourceTime& time() const { return time_; }
  /// An idle source is taken along by others.
  void follow(std::int64_t t) {
    if (times_.raise_to(t)) tell_on();
  }

  /// Reads and hands on about one block. `ev` is the pipeline's, emptied before the call.
  engine::Step step(Eval& ev);

  // Of its partitions, for operators that keep watermarks of their own (`time`): those that hold a watermark back are
  // neither ended nor silent.
  std::uint32_t partitions() const { return static_cast<std::uint32_t>(partitions_.size()); }
  bool holds(std::uint32_t p) const { return times_.holds(p); }
  bool silent(std::uint32_t p) const { return times_.idle(p); }

  /// Counts a row that failed after it was read.
  void failed() { input_->counters().invalid.add(1); }
  /// The record of row i of the block that is on its way, for rows that fail later.
  Record record(std::uint32_t i) const;

 protected:
  /// What is decoded at a time; a Decoded without its types.
  struct Block {
    const int& count;
    const std::uint32_t *begin, *end;
    std::vector<decode::BadRecord>& bad;
  };

  PartitionedSource(std::string_view name, bool has_time, engine::Runtime& runtime, std::unique_ptr<file::FileInput> input,
                    SourceTime time, double rate, Block decoded);
  ~PartitionedSource();

  /// Its watermark, if it rose.
  void tell() {
    if (times_.raise()) tell_on();
  }
  virtual void tell_watermark(std::int64_t t) = 0;
  /// One has ended or fallen silent.
  virtual void partitions_changed() {}

  // Decoders of whatever type; none outlives its source.
  virtual void* make_decoder() = 0;
  /// Prepares for a partition; false if it begins with a header.
  virtual bool begin_input(void* decoder) = 0;
  virtual decode::CsvHeader header(void* decoder, std::span<const char> bytes, bool at_end) = 0;
  virtual std::size_t decode(void* decoder, std::span<const char> bytes, bool at_end, Eval& ev) = 0;
  /// Takes all of them.
  std::vector<void*> take_decoders();

  /// Hands on rows [from, to) of what was decoded; those without a usable time are invalid.
  virtual void rows(int from, int to, Eval& ev) = 0;
  virtual void bad(const Record& record, const decode::BadRecord& bad) = 0;

  engine::Runtime& runtime_;
  std::unique_ptr<file::FileInput> input_;
  SourceTime time_;
  engine::RateLimiter limiter_;
  PartitionTimes times_;
  engine::Clock clock_;
  std::uint32_t current_ = 0;
  std::uint64_t base_offset_ = 0;

 private:
  static constexpr std::uint32_t kNone = PartitionTimes::kNone;
  static constexpr std::int64_t kLook = 1'000;         // microseconds until partitions that waited are looked at again
  static constexpr std::int64_t kClockTick = 100'000;  // between steps of a watermark that follows the clock
  struct Partition {
    void* decoder = nullptr;
    bool headed = false, headed_now = false;  // the header, if there is one, is read
    bool ending = false;
    bool waiting = false;  // had nothing to read, and is not asked again just now
    bool empty = false;    // had nothing to read when it was last asked
  };

  file::Read read_block(std::uint32_t p, std::int64_t allowed, Eval& ev);
  std::uint32_t next_partition() const;
  void look_again();
  void silent_now(std::uint32_t p);
  void go_by_clock();
  void begin(Partition& partition);
  bool read_header(Partition& partition, file::ByteReader& reader, std::uint32_t p);
  void hand_on(Partition& partition, std::uint32_t p, file::ByteReader& reader, const char* base, Eval& ev);
  void tell_on();
  engine::Step end_partition(std::uint32_t p);
  engine::Step finish();
  std::optional<engine::Hold> hold() const override;

  std::string_view name_;
  bool has_time_;
  Block decoded_;
  std::vector<Partition> partitions_;
  std::vector<void*> spare_;
  int waiting_ = 0;  // partitions that had nothing to read
  std::int64_t looked_ = 0;
  bool done_ = false;
  const char* base_ = nullptr;
};

}  // namespace gress
