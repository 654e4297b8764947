// What record_partitions.h declares; for the file of each input, not for programs.
#pragma once
#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/connectors/lost_partition.h"
#include "runtime/connectors/record_partitions.h"

namespace gress {

template <PartitionedInput Input>
RecordPartitions<Input>::RecordPartitions(engine::Runtime& runtime, std::unique_ptr<Input> input, const RecordSourceForm& form,
                                          SourceTime time, double rate, engine::Pieces* pieces)
    : runtime_(runtime),
      input_(std::move(input)),
      form_(form),
      time_(time),
      limiter_(rate),
      pieces_(cut(pieces, rate)),
      partitions_(input_->partitions()),
      times_(input_->partitions(), time) {
  if (form_.timed) runtime_.add_holder(this);
  if (time_.peers >= 0) times_.share(runtime_.shared_watermark(form_.name), runtime_.worker());
  for (std::uint32_t p = 0; p != partitions(); ++p)
    if (!input_->owns(p)) times_.end(p);
  if (form_.timed && runtime_.workers() > 1 && pieces_ == nullptr) pace_.share(runtime_.shared_pace(form_.name), runtime_.worker());
  if (input_->done()) pace_.rest();
  share_rate();
}

template <PartitionedInput Input>
RecordPartitions<Input>::~RecordPartitions() {
  runtime_.remove_holder(this);
}

template <PartitionedInput Input>
engine::Pieces* RecordPartitions<Input>::cut([[maybe_unused]] engine::Pieces* pieces, [[maybe_unused]] double rate) {
  if constexpr (requires { input_->cut(*pieces); })
    if (pieces != nullptr && runtime_.workers() > 1 && rate == 0 && input_->cut(*pieces)) return pieces;
  return nullptr;
}

template <PartitionedInput Input>
void RecordPartitions<Input>::share_rate() {
  std::size_t own = 0;
  for (std::size_t p = 0; p != partitions_.size(); ++p) own += input_->owns(p) ? 1 : 0;
  limiter_.share(own, partitions_.size());
}

template <PartitionedInput Input>
void RecordPartitions<Input>::grow() {
  for (std::uint32_t p = partitions(); p != input_->partitions(); ++p) {
    partitions_.emplace_back();
    times_.add();
    if (!input_->owns(p)) times_.end(p);
  }
  share_rate();
}

template <PartitionedInput Input>
std::uint32_t RecordPartitions<Input>::partition_number(Text name) const {
  if (numbers_.size() != partitions_.size()) {
    numbers_.clear();  // where names stand may have changed
    for (std::uint32_t p = 0; p != partitions(); ++p) numbers_.emplace(input_->name(p), p);
  }
  const auto found = numbers_.find(name.view());
  return found == numbers_.end() ? kNone : found->second;
}

// ---- what is read next

template <PartitionedInput Input>
std::uint32_t RecordPartitions<Input>::next_partition() const {
  std::uint32_t best = kNone;
  for (const std::uint32_t p : input_->active())
    if (!partitions_[p].waiting && (best == kNone || times_.of(p) < times_.of(best))) best = p;
  return best;
}

template <PartitionedInput Input>
void RecordPartitions<Input>::ask_all() {
  waiting_ = 0;
  for (const std::uint32_t p : input_->active()) partitions_[p].waiting = false;
}

template <PartitionedInput Input>
void RecordPartitions<Input>::ask_all_after(std::int64_t micros) {
  if (engine::steady_micros() - looked_ >= micros) ask_all();
}

template <PartitionedInput Input>
bool RecordPartitions<Input>::rest() {
  ask_all();
  if (!times_.all_idle() || (!time_.by_clock && runtime_.workers() == 1)) return false;
  const std::int64_t now = engine::steady_micros();
  const bool due = now >= drifts_at_;
  if (due) drifts_at_ = now + kClockTick;
  runtime_.wake_at(drifts_at_);
  return due && times_.drift(now);
}

template <PartitionedInput Input>
bool RecordPartitions<Input>::found_nothing(std::uint32_t p, Read read) {
  partitions_[p].waiting = partitions_[p].empty = true;
  if (waiting_++ == 0) looked_ = engine::steady_micros();
  if (!times_.watches() || read != Read::idle) return false;
  const bool was = times_.idle(p);
  const std::int64_t at = times_.silent(p, engine::steady_micros());
  if (at != kEndOfTime) runtime_.wake_at(at);
  return !was && times_.idle(p);
}

template <PartitionedInput Input>
bool RecordPartitions<Input>::is_active(std::uint32_t p) const {
  const auto active = input_->active();
  return std::find(active.begin(), active.end(), p) != active.end();
}

template <PartitionedInput Input>
std::optional<engine::Hold> RecordPartitions<Input>::hold() const {
  const std::uint32_t p = times_.holder();
  if (p == kNone) return std::nullopt;
  engine::Hold hold{std::string(form_.name), input_->path(p), p, times_.of(p), times_.highest()};
  hold.why = !is_active(p)          ? engine::Hold::Why::not_begun
             : partitions_[p].empty ? engine::Hold::Why::waiting
                                    : engine::Hold::Why::reading;
  hold.idle_set = times_.watches();
  return hold;
}

// ---- checkpoints

template <PartitionedInput Input>
void RecordPartitions<Input>::save(StateChanges& changes) {
  if constexpr (requires { input_->saved(); }) input_->saved();
  changes.put(StatePart::rest, times_);
  for (std::uint32_t p = 0; p != partitions(); ++p) {
    const bool owned = input_->owns(p);
    if (owned ? partitions_[p].over : !took_over_) continue;
    const std::tuple key{StatePart::entries, partition_name(p)};
    if (!owned) {
      changes.erase(key);  // this worker's, maybe, in an earlier run
      continue;
    }
    changes.put(key, At{*this, p});
    partitions_[p].over = ended(p);
  }
  took_over_ = false;
}

template <PartitionedInput Input>
void RecordPartitions<Input>::save_place(std::uint32_t p, StateOut& out) {
  const Partition& partition = partitions_[p];
  const bool over = ended(p);
  out(over);
  times_.save(p, out);
  if (over) return;
  if (const Resume* at = partition.resume.get()) return out(at->offset, at->in_piece), out.raw(at->decoder.data(), at->decoder.size());
  const bool decoded = partition.decodes && partition.headed;
  if constexpr (kPlaced) {
    out(static_cast<std::uint64_t>(input_->reader(p).position()), false);
    return decoded ? save_decoder(p, out) : void();
  }
  const bool begun = is_active(p), read = begun && decoded, in_pieces = pieces_ != nullptr;
  const auto next = [&](const engine::Pieces& pieces) { return form_.headed ? pieces.next_record() : pieces.next(); };
  out(in_pieces ? next(*pieces_) : read ? static_cast<std::uint64_t>(input_->reader(p).position()) : std::uint64_t{0}, in_pieces && !form_.headed);
  if (read) save_decoder(p, out);
}

template <PartitionedInput Input>
void RecordPartitions<Input>::load(StateIn& key, StateIn& value) {
  if (key.get<StatePart>() == StatePart::rest) return value(times_);
  Text name = key.get<Text>();
  const std::uint32_t p = partition_number(name);
  const bool ended = value.get<bool>();
  if (p == kNone && !ended) lost_partition(form_.name, name.view());
  if (p != kNone && input_->owns(p)) {
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

template <PartitionedInput Input>
void RecordPartitions<Input>::resume(std::uint32_t p, StateIn& value) {
  const auto offset = value.get<std::uint64_t>();
  const bool in_piece = value.get<bool>();
  const std::size_t left = value.left();
  const std::string_view decoder(value.raw(left), left);
  if (offset == 0 && !kPlaced) return;
  if (pieces_ != nullptr) {
    if constexpr (requires(Reader& reader) { reader.has(offset); }) input_->reader(p).has(offset);
    return pieces_->go_on(offset);
  }
  // A worker that came to no piece has no decoder.
  std::unique_ptr<Resume>& known = partitions_[p].resume;
  if (!known || known->decoder.empty()) known.reset(new Resume{offset, in_piece, std::string(decoder)});
}

template <PartitionedInput Input>
void RecordPartitions<Input>::loaded() {
  restored_ = took_over_ = true;
  for (std::uint32_t p = 0; p != partitions(); ++p)
    if (!partitions_[p].known && input_->owns(p)) {
      times_.join(p);
      if constexpr (requires { input_->from_beginning(p); }) input_->from_beginning(p);  // it came meanwhile
    }
  // Files of low numbers are open, and others follow them that have not ended.
  for (std::uint32_t p = partitions(); p-- != 0;)
    if (partitions_[p].known && times_.of(p) == kEndOfTime) input_->ended(p);
}

template <PartitionedInput Input>
bool RecordPartitions<Input>::skip_to(Resume& resume, Reader& reader) {
  if constexpr (requires { reader.skip_to_line_behind(0); })
    if (resume.in_piece) {
      reader.skip_to_line_behind(resume.offset);
      return true;
    }
  return reader.skip_to(resume.offset);
}

}  // namespace gress
