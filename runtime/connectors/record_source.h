// A source of records: partitions of bytes, decoded into blocks of rows, with event time and watermarks exact to the
// row. Of several partitions the one whose watermark is lowest is read next, so that state stays small and results do
// not hang on timing. What does not hang on the rows is in record_partitions.h.
//
// Spec (generated): that of partitioned_source.h, whose Block borrows its rows, and
//   static bool time(Eval&, const Row&, std::int64_t& t);   // false: failed, in ev
//   static void invalid(Pipeline&, const Record&, std::string_view error);
//   static void begin_piece(Pipeline&, std::uint32_t number);  static void end_piece(Pipeline&);  // optional: a file may
//                                                // be read in pieces, what lies between these calls is one
// and where records are messages, if wanted,
//   Message; static void meta(Row&, const Message&);   // sets fields that stand beside the record
//   static bool key(std::string_view key, Row&, Arena&, std::string& error);   // the key's columns of a row to delete
//   static void deleted(Pipeline&, const Block&);
#pragma once
#include <memory>
#include <string>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/partitioned_source.h"
#include "runtime/connectors/record_input.h"
#include "runtime/connectors/record_pieces.h"
#include "runtime/connectors/source_order.h"
#include "runtime/core/block.h"
#include "runtime/core/changelog.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/eval.h"
#include "runtime/core/owned.h"
#include "runtime/core/place.h"

namespace gress {

template <class Spec, RecordInput Input, class Decoder>
class RecordSource final : public PartitionedSource<RecordSource<Spec, Input, Decoder>, Spec, Input> {
  using Base = PartitionedSource<RecordSource, Spec, Input>;
  friend Base;
  using typename Base::Partition;

 public:
  using typename Base::Pipeline, typename Base::Block, typename Base::Reader;

  [[gnu::cold]] RecordSource(Pipeline& pipeline, engine::Runtime& runtime, std::unique_ptr<Input> input, SourceTime time, double rate,
                             engine::Pieces* pieces = nullptr)
      : Base(pipeline, runtime, std::move(input), RecordSourceForm{Spec::kName, Spec::kHasTime, kHeaded}, time, rate, pieces) {
    grown();
    if (input_->done()) tell();  // nothing is for this worker: others need not wait for it
  }

  /// The record of row i of the block that is on its way, for rows that fail later.
  Record record(std::uint32_t i) const {
    return record_at(decoded_.begin[i], decoded_.end[i]);
  }

 private:
  using Base::block_, Base::current_, Base::input_, Base::limiter_, Base::partitions_, Base::piece_, Base::pieces_, Base::pipeline_,
      Base::runtime_, Base::tell, Base::time_, Base::times_;
  static constexpr bool kHeaded = requires(Decoder& decoder) { decoder.header(nullptr, 0, false); };
  static constexpr std::size_t kHeaderRead = 16 * 1024;

  void save_decoder(std::uint32_t p, StateOut& out) override { out(*decoders_[p]); }
  /// What comes before where it was, a header if there is one, has been read. False when the program is stopped first.
  [[gnu::cold, gnu::noinline]] bool go_on(Partition& partition, std::uint32_t p, Reader& reader) {
    if (!this->skip_to(*partition.resume, reader)) return false;
    if (!partition.resume->decoder.empty()) {
      StateIn in(partition.resume->decoder);
      in(*decoders_[p]);
    }
    partition.resume.reset();
    return true;
  }
  void grown() { decoders_.resize(partitions_.size()); }

  /// A block of one partition: data (handed on), end, idle or stopped.
  Read read_block(std::uint32_t p, std::int64_t allowed, Eval& ev) {
    Reader& reader = input_->reader(p);
    Partition& partition = partitions_[p];
    Decoder& decoder = partition.decodes ? *decoders_[p] : begin(p);
    for (;;) {
      if (partition.resume && partition.headed) [[unlikely]] {
        partition.headed_now = false;
        if (!go_on(partition, p, reader)) return Read::stopped;
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
          const std::size_t used = decoder.decode(bytes.data(), bytes.size(), at_end, decoded_, ev);
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

  [[gnu::cold, gnu::noinline]] Decoder& begin(std::uint32_t p) {
    Owned<Decoder>& decoder = decoders_[p];
    if (spare_.empty()) {
      decoder = Owned<Decoder>(new Decoder);
    } else {
      decoder = std::move(spare_.back());
      spare_.pop_back();
    }
    if constexpr (requires { decoder->begin_input(); }) {
      if (pieces_ == nullptr) decoder->begin_input();
      partitions_[p].headed = true;
    }
    partitions_[p].decodes = true;
    return *decoder;
  }

  /// True when the header is read (or none is needed).
  [[gnu::cold, gnu::noinline]] bool header(Partition& partition, Reader& reader, std::uint32_t p) {
    if constexpr (kHeaded) {
      if constexpr (requires { reader.load(0, 0); })
        if (pieces_ != nullptr && !partition.ending && reader.at_end()) reader.load(0, kHeaderRead);
      const std::span<const char> bytes = reader.bytes();
      const auto header = decoders_[p]->header(bytes.data(), bytes.size(), reader.at_end());
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
    if (decoded_.count != 0) this->wake(p);
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
        block_.position[i] = numbering_of<Spec>().position(current_, reader_->offset_at(decoded_.begin[from + i]));
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
      block_.position[0] = numbering_of<Spec>().position(current_, reader_->offset_at(begin));
    if constexpr (Block::has(kRecord)) block_.record[0] = kNoRecord;
    Spec::deleted(pipeline_, block_);
    return true;
  }

  Record record_at(std::size_t begin, std::size_t end) const {
    return {Spec::kName, input_->path(current_), static_cast<std::int64_t>(current_),
            static_cast<std::int64_t>(reader_->offset_at(begin)), std::string_view(base_ + begin, end - begin)};
  }

  /// Event times and watermarks of rows [from, to) as far as they are usable; of the next one `ev` says why not.
  int times(int from, int to, Eval& ev) {
    const std::int64_t latest = this->latest(ev), delay = time_.delay, earliest = kStartOfTime + (delay > 0 ? delay : 0);
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
      const std::int64_t w = (t > earliest ? t : earliest) - delay;
      watermark = w > watermark ? w : watermark;
    }
    times_.set(current_, watermark);
    return n;
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
        if (piece_.begin == 0) decoders_[p]->begin_input();
        input_->reader(p).take(piece_.begin, piece_.end);
      }
      Spec::begin_piece(pipeline_, piece_.number);
      return true;
    }
    return false;
  }

  [[gnu::cold, gnu::noinline]] bool close(std::uint32_t p) {
    if (next_piece(p)) return false;
    spare_.push_back(std::move(decoders_[p]));
    partitions_[p].decodes = false;
    return true;
  }

  std::uint64_t header_ = 0;  // of the input that is read in pieces: where it ends
  GrowingArray<Owned<Decoder>> decoders_, spare_;  // by partition; of those that have ended
  typename Decoder::Output decoded_;
  const char* base_ = nullptr;
  Reader* reader_ = nullptr;
};

}  // namespace gress
