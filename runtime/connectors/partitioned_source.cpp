#include "runtime/connectors/partitioned_source.h"

#include <algorithm>

#include "runtime/core/decode/lines.h"

namespace gress {

PartitionedSource::PartitionedSource(std::string_view name, bool has_time, engine::Runtime& runtime,
                                     std::unique_ptr<file::FileInput> input, SourceTime time, double rate, Block decoded)
    : runtime_(runtime),
      input_(std::move(input)),
      time_(time),
      limiter_(rate),
      times_(input_->partitions(), time),
      name_(name),
      has_time_(has_time),
      decoded_(decoded),
      partitions_(input_->partitions()) {
  if (has_time_) runtime_.add_holder(this);
  for (std::size_t p = 0; p != partitions_.size(); ++p)
    if (!input_->owns(p)) times_.end(static_cast<std::uint32_t>(p));
}

PartitionedSource::~PartitionedSource() { runtime_.remove_holder(this); }

engine::Step PartitionedSource::step(Eval& ev) {
  if (input_->done()) return finish();
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
    const file::Read read = read_block(p, allowed, ev);
    if (read == file::Read::data) return engine::Step::more;
    if (read == file::Read::end) return end_partition(p);
    if (read == file::Read::stopped) return engine::Step::idle;
    partitions_[p].waiting = partitions_[p].empty = true;
    if (waiting_++ == 0) looked_ = engine::steady_micros();
    if (times_.watches()) silent_now(p);
  }
}

/// A block of one partition: data (handed on), end, idle or stopped.
file::Read PartitionedSource::read_block(std::uint32_t p, std::int64_t allowed, Eval& ev) {
  file::ByteReader& reader = input_->reader(p);
  Partition& partition = partitions_[p];
  if (partition.decoder == nullptr) begin(partition);
  for (;;) {
    const std::span<const char> all = reader.bytes();
    const std::span<const char> bytes = allowed == INT64_MAX ? all : engine::first_lines(all, allowed);
    if (partition.headed || read_header(partition, reader, p)) {
      if (partition.headed_now) {
        partition.headed_now = false;
        continue;
      }
      if (!bytes.empty()) {
        const bool at_end = reader.at_end() && bytes.size() == all.size();
        const std::size_t used = decode(partition.decoder, bytes, at_end, ev);
        if (used != 0 || decoded_.count != 0 || !decoded_.bad.empty()) {
          hand_on(partition, p, reader, bytes.data(), ev);
          reader.consume(used);
          return file::Read::data;
        }
      }
    }
    const file::Read read = reader.more();
    partition.empty = false;
    if (read == file::Read::data) continue;
    if (read != file::Read::end || reader.bytes().empty() || partition.ending) return read;
    partition.ending = true;
  }
}

/// Of those that may have something to read, the one with the lowest watermark.
std::uint32_t PartitionedSource::next_partition() const {
  std::uint32_t best = kNone;
  for (const std::uint32_t p : input_->active())
    if (!partitions_[p].waiting && (best == kNone || times_.of(p) < times_.of(best))) best = p;
  return best;
}

/// While some partitions are busy, the silent ones are asked now and then.
void PartitionedSource::look_again() {
  if (waiting_ == 0 || engine::steady_micros() - looked_ < kLook) return;
  waiting_ = 0;
  for (const std::uint32_t p : input_->active()) partitions_[p].waiting = false;
}

void PartitionedSource::silent_now(std::uint32_t p) {
  const bool was = times_.idle(p);
  const std::int64_t at = times_.silent(p, engine::steady_micros());
  if (at != kEndOfTime) runtime_.wake_at(at);
  if (!was && times_.idle(p)) {
    tell();
    partitions_changed();
  }
}

void PartitionedSource::go_by_clock() {
  const std::int64_t now = engine::steady_micros();
  if (times_.raise_to(times_.by_clock(now))) tell_on();
  runtime_.wake_at(now + kClockTick);
}

void PartitionedSource::begin(Partition& partition) {
  if (spare_.empty()) {
    partition.decoder = make_decoder();
  } else {
    partition.decoder = spare_.back();
    spare_.pop_back();
  }
  partition.headed = begin_input(partition.decoder);
}

/// True when the header is read (or none is needed).
bool PartitionedSource::read_header(Partition& partition, file::ByteReader& reader, std::uint32_t p) {
  const decode::CsvHeader read = header(partition.decoder, reader.bytes(), reader.at_end());
  if (!read.error.empty()) bad_header(name_, input_->path(p), read.error);
  if (!read.done) return false;
  reader.consume(read.consumed);
  partition.headed = partition.headed_now = true;
  return true;
}

void PartitionedSource::hand_on(Partition& partition, std::uint32_t p, file::ByteReader& reader, const char* base, Eval& ev) {
  base_ = base;
  base_offset_ = reader.offset();
  current_ = p;
  partition.ending = false;
  ev.now = runtime_.now();
  if (has_time_ && times_.watches() && decoded_.count != 0) times_.active(p);
  // In the order of the records, so that nothing hangs on where a block begins: what came before a bad record goes on
  // first, under `invalid: fail` too.
  int from = 0;
  if (decoded_.bad.size() > 1) decode::sort_bad(decoded_.bad);
  for (const decode::BadRecord& b : decoded_.bad) {
    rows(from, b.row, ev);
    from = b.row;
    bad({name_, input_->path(p), static_cast<std::int64_t>(p), static_cast<std::int64_t>(base_offset_ + b.begin),
         std::string_view(base + b.begin, b.end - b.begin)},
        b);
  }
  rows(from, decoded_.count, ev);
  tell();
}

Record PartitionedSource::record(std::uint32_t i) const {
  return {name_, input_->path(current_), static_cast<std::int64_t>(current_),
          static_cast<std::int64_t>(base_offset_ + decoded_.begin[i]),
          std::string_view(base_ + decoded_.begin[i], decoded_.end[i] - decoded_.begin[i])};
}

void PartitionedSource::tell_on() {
  input_->counters().watermark.set(times_.told());
  tell_watermark(times_.told());
}

std::optional<engine::Hold> PartitionedSource::hold() const {
  const std::uint32_t p = times_.holder();
  if (p == kNone) return std::nullopt;
  engine::Hold hold{std::string(name_), input_->path(p), p, times_.of(p), times_.highest()};
  const auto active = input_->active();
  const bool begun = std::find(active.begin(), active.end(), p) != active.end();
  hold.why = !begun                 ? engine::Hold::Why::not_begun
             : partitions_[p].empty ? engine::Hold::Why::waiting
                                    : engine::Hold::Why::reading;
  hold.idle_set = times_.watches();
  return hold;
}

engine::Step PartitionedSource::end_partition(std::uint32_t p) {
  spare_.push_back(partitions_[p].decoder);
  partitions_[p].decoder = nullptr;
  times_.end(p);
  input_->ended(p);
  tell();
  partitions_changed();
  return input_->done() ? finish() : engine::Step::more;
}

engine::Step PartitionedSource::finish() {
  done_ = true;
  return engine::Step::done;
}

std::vector<void*> PartitionedSource::take_decoders() {
  for (Partition& partition : partitions_)
    if (partition.decoder != nullptr) spare_.push_back(partition.decoder);
  partitions_.clear();
  return std::move(spare_);
}

}  // namespace gress
