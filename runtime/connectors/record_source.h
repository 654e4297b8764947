// A source of records: partitions of bytes, decoded into blocks of rows, with event time and watermarks exact to the
// row. Of several partitions the one whose watermark is lowest is read next, so that state stays small and results do
// not hang on timing.
//
// Spec (generated):
//   Pipeline, Block (borrowing its rows), kHasTime
//   static bool time(Eval&, const Row&, std::int64_t& t);   // false: failed, in ev
//   static void invalid(Pipeline&, const Record&, std::string_view error);
//   static void out(Pipeline&, const Block&);  static void watermark(Pipeline&, std::int64_t);
//   static void partitions_changed(Pipeline&);   // optional: one has come, ended or fallen silent
//   static void begin_piece(Pipeline&, std::uint32_t number);  static void end_piece(Pipeline&);  // optional: a file may
//                                                // be read in pieces, what lies between these calls is one
// and where records are messages, if wanted,
//   Message; static void meta(Row&, const Message&);   // sets fields that stand beside the record
//   static bool key(std::string_view key, Row&, Arena&, std::string& error);   // the key's columns of a row to delete
//   static void deleted(Pipeline&, const Block&);
#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/partition_times.h"
#include "runtime/connectors/record_input.h"
#include "runtime/connectors/record_pieces.h"
#include "runtime/connectors/source_order.h"
#include "runtime/core/block.h"
#include "runtime/core/changelog.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/eval.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/owned.h"
#include "runtime/core/state_changes.h"
#include "runtime/engine/clock.h"
#include "runtime/engine/pieces.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/run.h"

namespace gress {

template <class Spec, RecordInput Input, class Decoder>
class RecordSource final : engine::WatermarkHolder {
 public:
  using Pipeline = typename Spec::Pipeline;
  using Block = typename Spec::Block;
  using Reader = typename Input::Reader;

  [[gnu::cold]] RecordSource(Pipeline& pipeline, engine::Runtime& runtime, std::unique_ptr<Input> input, SourceTime time, double rate,
                                     engine::Pieces* pieces = nullptr)
      : pipeline_(pipeline),
        runtime_(runtime),
        input_(std::move(input)),
        time_(time),
        limiter_(rate),
        pieces_(cut(pieces, rate)),
        partitions_(input_->partitions()),
        times_(input_->partitions(), time) {
    if constexpr (Spec::kHasTime) runtime_.add_holder(this);
    for (std::size_t p = 0; p != partitions_.size(); ++p)
      if (!input_->owns(p)) times_.end(static_cast<std::uint32_t>(p));
    share_rate();
    if (input_->done()) tell();  // nothing is for this worker: others need not wait for it
  }
  ~RecordSource() { runtime_.remove_holder(this); }
  RecordSource(const RecordSource&) = delete;
  RecordSource& operator=(const RecordSource&) = delete;

  /// Lowest of the partitions that hold it; the end of time when all have ended.
  std::int64_t watermark() const { return times_.told(); }
  bool done() const { return done_; }
  /// Nothing holds its watermark: all partitions are silent.
  bool idle() const { return times_.watches() && !done_ && times_.all_idle(); }
  const SourceTime& time() const { return time_; }
  /// It has taken a piece of a file that is not at its end. No other source is read then: who waits for the rest of one
  /// piece never waits for a worker that waits for the rest of another.
  bool amid_piece() const { return piece_.number != 0; }
  /// An idle source is taken along by others.
  void follow(std::int64_t t) {
    if (times_.raise_to(t)) tell_on();
  }

  /// Reads and hands on about one block. `ev` is the pipeline's, emptied before the call.
  engine::Step step(Eval& ev) {
    const engine::At here(runtime_.presence(), input_->counters());
    if (restored_) [[unlikely]] tell_restored();
    if (input_->done()) return finish();
    if constexpr (requires { input_->grows(); })
      if (input_->grows()) grow();
    const std::int64_t allowed = limiter_.allowance(runtime_);
    if (allowed == 0) return engine::Step::idle;
    look_again();
    for (;;) {
      const std::uint32_t p = next_partition();
      if (p == kNone) {
        waiting_ = 0;
        for (const std::uint32_t q : input_->active()) partitions_[q].waiting = false;
        if (time_.by_clock && times_.all_idle()) go_by_clock();
        return engine::Step::idle;
      }
      const Read read = read_block(p, allowed, ev);
      if (read == Read::data) return engine::Step::more;
      if (read == Read::end) return end_partition(p);
      if (read == Read::stopped) return engine::Step::idle;
      partitions_[p].waiting = partitions_[p].empty = true;
      if (waiting_++ == 0) looked_ = engine::steady_micros();
      if (times_.watches() && read == Read::idle) silent(p);
    }
  }

  // ---- checkpoints, between two steps

  static constexpr bool kOwnersChange = true;  // of partitions, when others are there at a restart
  void save(StateChanges& changes) {
    if constexpr (requires { input_->saved(); }) input_->saved();
    changes.put(StatePart::rest, times_);
    for (std::uint32_t p = 0; p != partitions_.size(); ++p) {
      const bool owned = input_->owns(p);
      if (!owned && !took_over_) continue;
      const std::tuple key{StatePart::entries, partition_name(p)};
      if (owned) changes.put(key, At{*this, p});
      else changes.erase(key);  // this worker's, maybe, in an earlier run
    }
    took_over_ = false;
  }
  /// Before the first step. Partitions are known by their names. Of one that several workers have read the pieces of,
  /// each says how far it has come.
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) return value(times_);
    Text name = key.get<Text>();
    std::uint32_t p = 0;
    while (p != partitions_.size() && !(partition_name(p) == name)) ++p;
    const bool ended = value.get<bool>();
    if (p == partitions_.size() && !ended) lost_partition(Spec::kName, name.view());
    if (p != partitions_.size() && input_->owns(p)) {
      Partition& partition = partitions_[p];
      const bool goes_on = partition.known && times_.of(p) != kEndOfTime;
      if (!goes_on || !ended) times_.load(p, value, goes_on);
      if (ended && !goes_on) times_.end(p);
      if (!ended) resume(p, value);
      partition.known = true;
    }
    static_cast<void>(value.raw(value.left()));
    StateTraits<Text>::release(name);
  }
  void loaded() {
    restored_ = took_over_ = true;
    for (std::uint32_t p = 0; p != partitions_.size(); ++p)
      if (!partitions_[p].known && input_->owns(p)) {
        times_.join(p);
        if constexpr (kMessages) input_->from_beginning(p);  // it came meanwhile
      }
    const auto ended = [&](std::uint32_t p) { return partitions_[p].known && times_.of(p) == kEndOfTime; };
    for (;;) {
      const auto active = input_->active();
      const auto over = std::find_if(active.begin(), active.end(), ended);
      if (over == active.end()) return;
      input_->ended(*over);
    }
  }

  // Of its partitions, for operators that keep watermarks of their own (`time`): those that hold a watermark back are
  // neither ended nor silent.
  /// The file, or the topic and the number in it; a view.
  Text partition_name(std::uint32_t p) const { return Text(std::string_view(input_->name(p))); }
  std::uint32_t partitions() const { return static_cast<std::uint32_t>(partitions_.size()); }
  bool holds(std::uint32_t p) const { return times_.holds(p); }
  bool silent(std::uint32_t p) const { return times_.idle(p); }

  /// Counts a row that failed after it was read.
  void failed() { input_->counters().invalid.add(1); }
  /// The record of row i of the block that is on its way, for rows that fail later.
  Record record(std::uint32_t i) const {
    return record_at(decoded_.begin[i], decoded_.end[i]);
  }

 private:
  static constexpr std::uint32_t kNone = PartitionTimes::kNone;
  /// Records stand under a header, and may hold line feeds.
  static constexpr bool kHeaded = requires(Decoder& decoder) { decoder.header(nullptr, 0, false); };
  static constexpr std::size_t kHeaderRead = 16 * 1024;
  /// They have offsets before they are read, from where reading was to start; 0 is one too.
  static constexpr bool kMessages = requires(Reader& reader) { reader.message(0); };
  static constexpr std::int64_t kLook = 1'000;         // microseconds until partitions that waited are looked at again
  static constexpr std::int64_t kClockTick = 100'000;  // between steps of a watermark that follows the clock
  /// Where an earlier run was.
  struct Resume {
    std::uint64_t offset;
    bool in_piece;        // between two pieces: maybe in the middle of a record that has been read
    std::string decoder;  // its state
  };
  struct Partition {
    Owned<Decoder> decoder;
    bool headed = false, headed_now = false;  // the header, if there is one, is read
    bool ending = false;
    bool waiting = false;  // had nothing to read, and is not asked again just now
    bool empty = false;    // had nothing to read when it was last asked
    bool known = false;    // to the checkpoint that the program goes on from
    std::unique_ptr<Resume> resume;
  };
  /// How far a partition is.
  struct At {
    RecordSource& source;
    std::uint32_t p;
    void archive(StateOut& out) {
      const Partition& partition = source.partitions_[p];
      const auto active = source.input_->active();
      const bool begun = std::find(active.begin(), active.end(), p) != active.end();
      const bool ended = !begun && source.times_.of(p) == kEndOfTime;
      out(ended);
      source.times_.save(p, out);
      if (ended) return;
      if (const Resume* at = partition.resume.get()) return out(at->offset, at->in_piece), out.raw(at->decoder.data(), at->decoder.size());
      if constexpr (kMessages) {
        out(static_cast<std::uint64_t>(source.input_->reader(p).position()), false);
        return partition.decoder && partition.headed ? out(*partition.decoder) : void();
      }
      const bool read = begun && partition.decoder && partition.headed, in_pieces = source.pieces_ != nullptr;
      const auto next = [&](const engine::Pieces& pieces) { return kHeaded ? pieces.next_record() : pieces.next(); };
      out(in_pieces ? next(*source.pieces_) : read ? static_cast<std::uint64_t>(source.input_->reader(p).position()) : std::uint64_t{0}, in_pieces && !kHeaded);
      if (read) out(*partition.decoder);
    }
  };
  void resume(std::uint32_t p, StateIn& value) {
    const auto offset = value.get<std::uint64_t>();
    const bool in_piece = value.get<bool>();
    const std::size_t left = value.left();
    const std::string_view decoder(value.raw(left), left);
    if (offset == 0 && !kMessages) return;
    if (pieces_ != nullptr) {
      if constexpr (requires(Reader& reader) { reader.has(offset); }) input_->reader(p).has(offset);
      return pieces_->go_on(offset);
    }
    // A worker that came to no piece has no decoder.
    std::unique_ptr<Resume>& known = partitions_[p].resume;
    if (!known || known->decoder.empty()) known.reset(new Resume{offset, in_piece, std::string(decoder)});
  }
  /// What was told of the watermark may be more, or new, where there are others to tell.
  [[gnu::cold, gnu::noinline]] void tell_restored() {
    restored_ = false;
    tell();
  }
  /// What comes before where it was, a header if there is one, has been read. False when the program is stopped first.
  [[gnu::cold, gnu::noinline]] bool go_on(Partition& partition, Reader& reader) {
    bool there = false;
    if constexpr (requires { reader.skip_to_line_behind(0); })
      if ((there = partition.resume->in_piece)) reader.skip_to_line_behind(partition.resume->offset);
    if (!there && !reader.skip_to(partition.resume->offset)) return false;
    if (!partition.resume->decoder.empty()) {
      StateIn in(partition.resume->decoder);
      in(*partition.decoder);
    }
    partition.resume.reset();
    return true;
  }

  void share_rate() {
    std::size_t own = 0;
    for (std::size_t p = 0; p != partitions_.size(); ++p) own += input_->owns(p) ? 1 : 0;
    limiter_.share(own, partitions_.size());
  }

  /// The pieces in which all workers read the input, null if each reads partitions of its own.
  engine::Pieces* cut([[maybe_unused]] engine::Pieces* pieces, [[maybe_unused]] double rate) {
    if constexpr (requires { input_->cut(*pieces); })
      if (pieces != nullptr && runtime_.workers() > 1 && rate == 0 && input_->cut(*pieces)) return pieces;
    return nullptr;
  }

  /// A block of one partition: data (handed on), end, idle or stopped.
  Read read_block(std::uint32_t p, std::int64_t allowed, Eval& ev) {
    Reader& reader = input_->reader(p);
    Partition& partition = partitions_[p];
    if (!partition.decoder) begin(partition);
    for (;;) {
      if (partition.resume && partition.headed) [[unlikely]] {
        partition.headed_now = false;
        if (!go_on(partition, reader)) return Read::stopped;
      }
      const std::span<const char> all = reader.bytes();
      const std::span<const char> bytes = allowed == INT64_MAX ? all : reader.first(allowed);
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
            return Read::data;
          }
        }
      }
      const Read read = reader.more();
      partition.empty = false;
      if (read == Read::data) continue;
      if (read != Read::end || reader.bytes().empty() || partition.ending) return read;
      partition.ending = true;
    }
  }

  /// Of those that may have something to read, the one with the lowest watermark.
  std::uint32_t next_partition() const {
    std::uint32_t best = kNone;
    for (const std::uint32_t p : input_->active())
      if (!partitions_[p].waiting && (best == kNone || times_.of(p) < times_.of(best))) best = p;
    return best;
  }

  /// While some partitions are busy, the silent ones are asked now and then.
  void look_again() {
    if (waiting_ == 0 || engine::steady_micros() - looked_ < kLook) return;
    waiting_ = 0;
    for (const std::uint32_t p : input_->active()) partitions_[p].waiting = false;
  }

  void silent(std::uint32_t p) {
    const bool was = times_.idle(p);
    const std::int64_t at = times_.silent(p, engine::steady_micros());
    if (at != kEndOfTime) runtime_.wake_at(at);
    if (!was && times_.idle(p)) {
      tell();
      partitions_changed();
    }
  }

  void go_by_clock() {
    const std::int64_t now = engine::steady_micros();
    if (times_.raise_to(times_.by_clock(now))) tell_on();
    runtime_.wake_at(now + kClockTick);
  }

  [[gnu::cold, gnu::noinline]] void begin(Partition& partition) {
    if (!spare_.empty()) {
      partition.decoder = std::move(spare_.back());
      spare_.pop_back();
    } else {
      partition.decoder = Owned<Decoder>(new Decoder);
    }
    if constexpr (requires { partition.decoder->begin_input(); }) {
      if (pieces_ == nullptr) partition.decoder->begin_input();
      partition.headed = true;
    }
  }

  /// True when the header is read (or none is needed).
  [[gnu::cold, gnu::noinline]] bool header(Partition& partition, Reader& reader, std::uint32_t p) {
    if constexpr (kHeaded) {
      if constexpr (requires { reader.load(0, 0); })
        if (pieces_ != nullptr && !partition.ending && reader.at_end()) reader.load(0, kHeaderRead);
      const std::span<const char> bytes = reader.bytes();
      const auto header = partition.decoder->header(bytes.data(), bytes.size(), reader.at_end());
      if (!header.error.empty()) bad_header(Spec::kName, input_->path(p), header.error);
      if (!header.done) return false;
      reader.consume(header.consumed);
      if constexpr (requires { reader.take(0, 0); }) {
        if (pieces_ != nullptr) {
          header_ = header.consumed;
          reader.take(0, 0);
        }
      }
    }
    partition.headed = partition.headed_now = true;
    return true;
  }

  void hand_on(Partition& partition, std::uint32_t p, Reader& reader, const char* base, Eval& ev) {
    base_ = base;
    reader_ = &reader;
    current_ = p;
    partition.ending = false;
    engine::SourceCounters& counters = input_->counters();
    ev.now = runtime_.now();
    if constexpr (Spec::kHasTime)
      if (times_.watches() && decoded_.count != 0) times_.active(p);
    if constexpr (requires { typename Spec::Message; })
      for (int i = 0; i != decoded_.count; ++i) Spec::meta(decoded_.rows[i], reader.message(decoded_.begin[i]));
    // In the order of the records, so that nothing hangs on where a block begins: what came before a bad record goes on
    // first, under `invalid: fail` too.
    int from = 0;
    if (decoded_.bad.size() > 1) decode::sort_bad(decoded_.bad);
    for (const decode::BadRecord& b : decoded_.bad) {
      rows(from, b.row, ev);
      from = b.row;
      const Record bad = record_at(b.begin, b.end);
      if constexpr (requires { reader.message(b.begin); }) {
        std::string why(reader.message(b.begin).problem());
        if constexpr (requires { Spec::deleted(pipeline_, block_); })
          if (reader.message(b.begin).deletes() && erase(b.begin, why, ev)) continue;
        if (!why.empty()) {
          counters.invalid.add(1);
          Spec::invalid(pipeline_, bad, why);
          continue;
        }
      }
      if constexpr (requires { Spec::unknown(pipeline_, bad, b.error); }) {
        if (b.unknown) {
          counters.unknown.add(1);
          Spec::unknown(pipeline_, bad, b.error);
          continue;
        }
      }
      counters.invalid.add(1);
      Spec::invalid(pipeline_, bad, b.error);
    }
    rows(from, decoded_.count, ev);
    tell();
  }

  /// Hands on rows [from, to) of what was decoded; those without a usable time are invalid.
  void rows(int from, int to, Eval& ev) {
    while (from != to) {
      int n = to - from;
      if constexpr (Spec::kHasTime) n = times(from, to, ev);
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
    block_.others = times_.lowest_but(current_);
    if constexpr (Block::has(kPosition))
      for (int i = 0; i != n; ++i)
        block_.position[i] =
            (static_cast<std::uint64_t>(current_) << 48) | reader_->offset_at(decoded_.begin[from + i]);
    if constexpr (Block::has(kRecord))
      for (int i = 0; i != n; ++i) block_.record[i] = static_cast<std::uint32_t>(from + i);
    Spec::out(pipeline_, block_);
  }

  /// A message without a value, which deletes the row of its key. False: it cannot be told which, says `why`.
  bool erase(std::size_t begin, std::string& why, Eval& ev) {
    typename Decoder::Row row{};
    if (!Spec::key(reader_->message(begin).key_bytes(), row, ev.arena, why)) return false;
    input_->counters().rows.add(1);
    block_.rows = &row;
    block_.count = 1;
    block_.others = times_.lowest_but(current_);
    if constexpr (Block::has(kTime)) block_.time[0] = kNoRowTime;
    if constexpr (Block::has(kWatermark)) block_.watermark[0] = times_.of(current_);
    if constexpr (Block::has(kPosition))
      block_.position[0] = (static_cast<std::uint64_t>(current_) << 48) | reader_->offset_at(begin);
    if constexpr (Block::has(kRecord)) block_.record[0] = kNoRecord;
    Spec::deleted(pipeline_, block_);
    return true;
  }

  Record record_at(std::size_t begin, std::size_t end) const {
    return {Spec::kName, input_->path(current_), static_cast<std::int64_t>(current_),
            static_cast<std::int64_t>(reader_->offset_at(begin)), std::string_view(base_ + begin, end - begin)};
  }

  /// Partitions that have come count from the source's watermark on, as idle ones that are active again do.
  [[gnu::cold, gnu::noinline]] void grow() {
    for (std::size_t p = partitions_.size(); p != input_->partitions(); ++p) {
      partitions_.emplace_back();
      times_.add();
      if (!input_->owns(p)) times_.end(static_cast<std::uint32_t>(p));
    }
    share_rate();
    partitions_changed();
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

  void tell() {
    if (times_.raise()) tell_on();
  }
  void tell_on() {
    input_->counters().watermark.set(times_.told());
    Spec::watermark(pipeline_, times_.told());
  }

  void partitions_changed() {
    if constexpr (requires { Spec::partitions_changed(pipeline_); }) Spec::partitions_changed(pipeline_);
  }

  std::optional<engine::Hold> hold() const override {
    const std::uint32_t p = times_.holder();
    if (p == kNone) return std::nullopt;
    engine::Hold hold{std::string(Spec::kName), input_->path(p), p, times_.of(p), times_.highest()};
    const auto active = input_->active();
    const bool begun = std::find(active.begin(), active.end(), p) != active.end();
    hold.why = !begun                 ? engine::Hold::Why::not_begun
               : partitions_[p].empty ? engine::Hold::Why::waiting
                                      : engine::Hold::Why::reading;
    hold.idle_set = times_.watches();
    return hold;
  }

  /// Ends the piece that was read, or takes another; false when there is none.
  [[gnu::cold, gnu::noinline]] bool next_piece(std::uint32_t p) {
    if constexpr (requires { Spec::end_piece(pipeline_); }) {
      if (pieces_ == nullptr) return false;
      if (piece_.number != 0) {
        if (piece_.end == engine::Pieces::kEnd) pieces_->ended(input_->reader(p).position());
        Spec::end_piece(pipeline_);
        piece_ = {};
        return true;
      }
      piece_ = pieces_->take();
      if (piece_.number == 0) return false;
      partitions_[p].ending = false;
      if constexpr (kHeaded) {
        if (piece_.number == 1) input_->counters().bytes.add(header_);
        take_records(input_->reader(p), *pieces_, piece_, header_);
      } else {
        if (piece_.begin == 0) partitions_[p].decoder->begin_input();
        input_->reader(p).take(piece_.begin, piece_.end);
      }
      Spec::begin_piece(pipeline_, piece_.number);
      return true;
    }
    return false;
  }

  [[gnu::cold, gnu::noinline]] engine::Step end_partition(std::uint32_t p) {
    if (next_piece(p)) return engine::Step::more;
    spare_.push_back(std::move(partitions_[p].decoder));
    times_.end(p);
    input_->ended(p);
    tell();
    partitions_changed();
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
  engine::Pieces* const pieces_;
  engine::Piece piece_;
  std::uint64_t header_ = 0;  // of the input that is read in pieces: where it ends
  GrowingArray<Partition> partitions_;
  PartitionTimes times_;
  engine::Clock clock_;
  int waiting_ = 0;  // partitions that had nothing to read
  std::int64_t looked_ = 0;
  GrowingArray<Owned<Decoder>> spare_;
  Block block_;
  typename Decoder::Output decoded_;
  bool done_ = false;
  bool restored_ = false;   // and nothing has been read since
  bool took_over_ = false;  // and nothing has been saved since
  std::uint32_t current_ = 0;
  const char* base_ = nullptr;
  Reader* reader_ = nullptr;
};

}  // namespace gress
