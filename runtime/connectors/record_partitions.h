// The partitions that a source reads: which is next, what each holds of the watermark, how far a checkpoint had
// come. What does not hang on the rows; compiled once for each kind of input, by the input's own file, which says
//   #include "runtime/connectors/record_partitions_impl.h"
//   template class gress::RecordPartitions<Input>;
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/connectors/partition_times.h"
#include "runtime/connectors/record_input.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/text.h"
#include "runtime/engine/clock.h"
#include "runtime/engine/hold.h"
#include "runtime/engine/pace.h"
#include "runtime/engine/pieces.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/runtime.h"

namespace gress {

/// What a program says of a source.
struct RecordSourceForm {
  std::string_view name;
  bool timed;   // its rows have event times
  bool headed;  // records stand under a header, and may hold line feeds
};

template <PartitionedInput Input>
class RecordPartitions : engine::WatermarkHolder {
 public:
  using Reader = typename Input::Reader;
  static constexpr std::uint32_t kNone = PartitionTimes::kNone;

  RecordPartitions(const RecordPartitions&) = delete;
  RecordPartitions& operator=(const RecordPartitions&) = delete;

  /// Lowest of the partitions that hold it; the end of time when all have ended.
  std::int64_t watermark() const { return times_.told(); }
  bool done() const { return done_; }
  /// The lowest of those that hold it, of all workers; kEndOfTime when none does.
  std::int64_t held() const { return times_.lowest_of_all(); }
  /// Nothing holds its watermark: all partitions are silent.
  bool idle() const { return times_.watches() && !done_ && times_.nothing_holds(); }
  const SourceTime& time() const { return time_; }
  /// It has taken a piece of a file that is not at its end. No other source is read then: who waits for the rest of one
  /// piece never waits for a worker that waits for the rest of another.
  bool amid_piece() const { return piece_.number != 0; }

  // Of its partitions, for operators that keep watermarks of their own (`time`): those that hold a watermark back are
  // neither ended nor silent.
  /// The file, or the topic and the number in it; a view.
  Text partition_name(std::uint32_t p) const { return Text(std::string_view(input_->name(p))); }
  /// kNone: there is none of that name.
  std::uint32_t partition_number(Text name) const;
  std::uint32_t partitions() const { return static_cast<std::uint32_t>(partitions_.size()); }
  bool holds(std::uint32_t p) const { return times_.holds(p); }
  bool silent(std::uint32_t p) const { return times_.idle(p); }

  /// Counts a row that failed after it was read.
  void failed() { input_->counters().invalid.add(1); }

  // ---- checkpoints, between two steps

  static constexpr bool kOwnersChange = true;  // of partitions, when others are there at a restart
  void save(StateChanges& changes);
  /// Before the first step. Partitions are known by their names. Of one that several workers have read the pieces of,
  /// each says how far it has come.
  void load(StateIn& key, StateIn& value);
  void loaded();

 protected:
  static constexpr bool kPlaced = requires { Input::kPlaced; };
  static constexpr std::int64_t kLook = 1'000;         // microseconds until partitions that waited are looked at again
  static constexpr std::int64_t kClockTick = 100'000;  // between steps of a watermark that follows the clock, or other workers

  /// Where an earlier run was.
  struct Resume {
    std::uint64_t offset;
    bool in_piece;        // between two pieces: maybe in the middle of a record that has been read
    std::string decoder;  // its state
  };
  struct Partition {
    bool decodes = false;  // a decoder has begun with it
    bool headed = false, headed_now = false;  // the header, if there is one, is read
    bool ending = false;
    bool waiting = false;  // had nothing to read, and is not asked again just now
    bool empty = false;    // had nothing to read when it was last asked
    bool known = false;    // to the checkpoint that the program goes on from
    bool over = false;     // the store knows that it has ended
    std::unique_ptr<Resume> resume;
  };

  RecordPartitions(engine::Runtime& runtime, std::unique_ptr<Input> input, const RecordSourceForm& form, SourceTime time, double rate,
                   engine::Pieces* pieces);
  ~RecordPartitions();

  /// The state of the decoder of a partition that has one; of one whose rows are given, where that is.
  virtual void save_decoder(std::uint32_t p, StateOut& out) = 0;

  /// Of those that may have something to read, the one with the lowest watermark.
  std::uint32_t next_partition() const;
  /// While some partitions are busy, the silent ones are asked now and then.
  void look_again() {
    if (waiting_ != 0) [[unlikely]] ask_all_after(kLook);
  }
  /// Whether a block of the partition may be read now; else the worker is to look again soon.
  bool may_read(std::uint32_t p) {
    if (pace_.may_read(times_.of(p))) return true;
    runtime_.wake_at(engine::steady_micros() + engine::Pace::kLook);
    return false;
  }
  /// None had anything. True if the watermark has risen, with that of other workers or with the clock.
  bool rest();
  /// The partition had nothing. True if it has fallen silent by that.
  bool found_nothing(std::uint32_t p, Read read);
  /// There are more partitions than before; they count from the source's watermark on, as idle ones that are active again
  /// do.
  void grow();
  /// Goes on behind what an earlier run has read. False when the program is stopped first.
  bool skip_to(Resume& resume, Reader& reader);
  void end(std::uint32_t p) {
    times_.end(p);
    input_->ended(p);
  }

  engine::Runtime& runtime_;
  const std::unique_ptr<Input> input_;
  const RecordSourceForm form_;
  const SourceTime time_;
  engine::RateLimiter limiter_;
  /// In which all workers read the input, null if each reads partitions of its own.
  engine::Pieces* const pieces_;
  engine::Piece piece_;
  GrowingArray<Partition> partitions_;
  PartitionTimes times_;
  engine::Pace pace_;  // with other workers
  bool done_ = false;
  bool restored_ = false;  // and nothing has been read since

 private:
  /// How far a partition is.
  struct At {
    RecordPartitions& source;
    std::uint32_t p;
    void archive(StateOut& out) { source.save_place(p, out); }
  };
  bool ended(std::uint32_t p) const { return times_.of(p) == kEndOfTime && !is_active(p); }
  void save_place(std::uint32_t p, StateOut& out);
  void resume(std::uint32_t p, StateIn& value);
  void share_rate();
  engine::Pieces* cut(engine::Pieces* pieces, double rate);
  bool is_active(std::uint32_t p) const;
  void ask_all_after(std::int64_t micros);
  void ask_all();
  std::optional<engine::Hold> hold() const override;

  mutable std::unordered_map<std::string_view, std::uint32_t> numbers_;  // of partitions, once they were asked for
  int waiting_ = 0;  // partitions that had nothing to read
  std::int64_t looked_ = 0;
  std::int64_t drifts_at_ = 0;
  bool took_over_ = false;  // partitions, and nothing has been saved since
};

}  // namespace gress
