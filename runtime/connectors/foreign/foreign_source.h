// A source of a user's header: partitions that give structs, which become rows with event time and watermarks exact to the
// row. Of several partitions the one whose watermark is lowest is read next.
//
// Spec: that of record_source.h, and
//   static void row(Eval&, const C&, Row&);   // what does not fit fails, in ev
#pragma once
#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/foreign/concepts.h"
#include "runtime/connectors/foreign/foreign_failure.h"
#include "runtime/connectors/foreign/options.h"
#include "runtime/connectors/lost_partition.h"
#include "runtime/connectors/partition_times.h"
#include "runtime/connectors/record_input.h"
#include "runtime/core/block.h"
#include "runtime/core/state_changes.h"
#include "runtime/engine/clock.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/run.h"

namespace gress::foreign {

template <class Spec, Source S>
class ForeignSource final : engine::WatermarkHolder {
 public:
  using Pipeline = typename Spec::Pipeline;
  using Block = typename Spec::Block;
  using Row = typename Block::Row;

  [[gnu::cold]] ForeignSource(Pipeline& pipeline, engine::Runtime& runtime, std::string_view cpp, const OptionsOf<S>& options,
                              int line, const SourceTime& time, double rate, Take take = Take::own)
      : pipeline_(pipeline),
        runtime_(runtime),
        cpp_(cpp),
        counters_(runtime.add_source(Spec::kName, line)),
        time_(time),
        limiter_(rate),
        names_(names(options)),
        times_(names_.size(), time) {
    const auto workers = static_cast<std::size_t>(runtime_.workers()), worker = static_cast<std::size_t>(runtime_.worker());
    std::size_t own = 0;
    for (std::size_t p = 0; p != names_.size(); ++p) {
      partitions_.emplace_back();
      if (take == Take::first ? worker == 0 : p % workers == worker) {
        guarded([&] { make(partitions_[p], options, names_[p]); });
        ++own;
      } else {
        times_.end(static_cast<std::uint32_t>(p));
      }
    }
    open_ = own;
    limiter_.share(own, names_.size());
    if constexpr (Spec::kHasTime) runtime_.add_holder(this);  // users' constructors have not thrown
    if (own == 0) tell();  // nothing is for this worker: others need not wait for it
  }
  ~ForeignSource() { runtime_.remove_holder(this); }
  ForeignSource(const ForeignSource&) = delete;
  ForeignSource& operator=(const ForeignSource&) = delete;

  std::int64_t watermark() const { return times_.told(); }
  bool done() const { return done_; }
  bool idle() const { return times_.watches() && !done_ && times_.all_idle(); }
  const SourceTime& time() const { return time_; }
  void follow(std::int64_t t) {
    if (times_.raise_to(t)) tell_on();
  }

  /// Reads and hands on one batch. `ev` is the pipeline's, emptied before the call.
  engine::Step step(Eval& ev) {
    const engine::At here(runtime_.presence(), counters_);
    if (restored_) [[unlikely]] {
      restored_ = false;
      tell();
    }
    if (open_ == 0) {
      done_ = true;
      return engine::Step::done;
    }
    const std::int64_t allowed = limiter_.allowance(runtime_);
    if (allowed == 0) return engine::Step::idle;
    for (Partition& partition : partitions_) partition.waiting = false;
    for (;;) {
      const std::uint32_t p = next_partition();
      if (p == PartitionTimes::kNone) {
        if (time_.by_clock && times_.all_idle()) go_by_clock();
        runtime_.wake_at(engine::steady_micros() + kLook);
        return engine::Step::idle;
      }
      Partition& partition = partitions_[p];
      const auto most = static_cast<std::size_t>(std::min<std::int64_t>(kBlock, allowed));
      const std::optional<std::size_t> read = guarded([&] { return partition.source->read(std::span(given_, most)); });
      if (!read) {
        end(p);
        return engine::Step::more;
      }
      if (*read > most) guarded([] { throw std::length_error("read() says that it filled more rows than it was given"); });
      if (*read != 0) {
        hand_on(p, static_cast<int>(*read), ev);
        return engine::Step::more;
      }
      partition.waiting = partition.empty = true;
      if (times_.watches()) silent(p);
    }
  }

  // ---- checkpoints, between two steps

  static constexpr bool kOwnersChange = true;  // of partitions, when there are others at a restart
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, times_);
    for (std::uint32_t p = 0; p != partitions_.size(); ++p) {
      const std::tuple key{StatePart::entries, partition_name(p)};
      if (partitions_[p].owned) changes.put(key, At{*this, p});
      else if (took_over_) changes.erase(key);  // this worker's, maybe, in an earlier run
    }
    took_over_ = false;
  }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) return value(times_);
    Text name = key.get<Text>();
    const std::uint32_t p = partition_number(name);
    const bool ended = value.get<bool>();
    if (p == partitions_.size() && !ended) lost_partition(Spec::kName, name.view());
    if (p != partitions_.size() && partitions_[p].owned) {
      partitions_[p].known = true;
      times_.load(p, value, false);
      partitions_[p].rows = value.get<std::uint64_t>();
      if (ended) {
        times_.end(p);
        close(p);
      } else {
        auto position = value.get<PositionType>();
        guarded([&] { partitions_[p].source->seek(std::move(position)); });
      }
    }
    static_cast<void>(value.raw(value.left()));
    StateTraits<Text>::release(name);
  }
  void loaded() {
    restored_ = took_over_ = true;
    for (std::uint32_t p = 0; p != partitions_.size(); ++p)
      if (!partitions_[p].known && partitions_[p].owned) times_.join(p);  // it came meanwhile
  }

  // Of its partitions, for operators that keep watermarks of their own (`time`).
  Text partition_name(std::uint32_t p) const { return Text(std::string_view(names_[p])); }
  /// partitions() if there is none of that name.
  std::uint32_t partition_number(Text name) const {
    return static_cast<std::uint32_t>(std::find(names_.begin(), names_.end(), name.view()) - names_.begin());
  }
  std::uint32_t partitions() const { return static_cast<std::uint32_t>(names_.size()); }
  bool holds(std::uint32_t p) const { return times_.holds(p); }
  bool silent(std::uint32_t p) const { return times_.idle(p); }

  void failed() { counters_.invalid.add(1); }
  /// Of the batch that is on its way. Structs have no text; which one it was, is said.
  Record record(std::uint32_t i) {
    text_ = "row " + std::to_string(partitions_[current_].before + i + 1) + " of this partition";
    return {Spec::kName, names_[current_], current_, static_cast<std::int64_t>(partitions_[current_].before + i), text_};
  }

 private:
  using Given = decltype(row_read(&S::read));
  using PositionType = std::decay_t<decltype(std::declval<const S&>().position())>;
  static constexpr std::int64_t kLook = 5'000;  // microseconds until partitions that had nothing are asked again
  static constexpr std::int64_t kClockTick = 100'000;
  static constexpr std::size_t kMostPartitions = 1 << 16;  // as positions have room for
  struct Partition {
    std::unique_ptr<S> source;  // none: it is another worker's, or has ended
    bool owned = false, known = false, waiting = false, empty = false;
    std::uint64_t before = 0;   // rows before the batch
    std::uint64_t rows = 0;
  };
  struct At {
    ForeignSource& source;
    std::uint32_t p;
    void archive(StateOut& out) {
      const bool ended = source.partitions_[p].source == nullptr;
      out(ended);
      source.times_.save(p, out);
      out(source.partitions_[p].rows);  // of rows of one time the later one is told by it
      if (ended) return;
      out(source.guarded([&] { return std::as_const(*source.partitions_[p].source).position(); }));
    }
  };

  std::vector<std::string> names([[maybe_unused]] const OptionsOf<S>& options) {
    return guarded([&] {
      std::vector<std::string> names = {std::string(cpp_)};
      if constexpr (Partitioned<S> && HasOptions<S>) names = S::partitions(options);
      else if constexpr (Partitioned<S>) names = S::partitions();
      if (names.empty()) throw std::invalid_argument("there is no partition: partitions() gives no name");
      if (names.size() > kMostPartitions)
        throw std::invalid_argument(std::to_string(names.size()) + " partitions are too many: there can be " + std::to_string(kMostPartitions));
      if (std::set(names.begin(), names.end()).size() != names.size()) throw std::invalid_argument("two partitions have one name");
      return names;
    });
  }
  static void make(Partition& partition, [[maybe_unused]] const OptionsOf<S>& options, [[maybe_unused]] const std::string& name) {
    partition.owned = true;
    if constexpr (Partitioned<S> && HasOptions<S>) partition.source = std::make_unique<S>(options, std::string_view(name));
    else if constexpr (Partitioned<S>) partition.source = std::make_unique<S>(std::string_view(name));
    else if constexpr (HasOptions<S>) partition.source = std::make_unique<S>(options);
    else partition.source = std::make_unique<S>();
  }
  template <class Call>
  auto guarded(Call call) const {
    return foreign::or_fail("source", Spec::kName, cpp_, call);
  }

  /// Of those that may have rows the one with the lowest watermark, each in turn where they are the same.
  std::uint32_t next_partition() const {
    std::uint32_t best = PartitionTimes::kNone;
    for (std::uint32_t i = 1; i <= partitions_.size(); ++i) {
      const auto p = static_cast<std::uint32_t>((current_ + i) % partitions_.size());
      if (partitions_[p].source && !partitions_[p].waiting && (best == PartitionTimes::kNone || times_.of(p) < times_.of(best)))
        best = p;
    }
    return best;
  }

  void hand_on(std::uint32_t p, int count, Eval& ev) {
    current_ = p;
    Partition& partition = partitions_[p];
    partition.empty = false;
    partition.before = std::exchange(partition.rows, partition.rows + static_cast<std::uint64_t>(count));
    ev.now = runtime_.now();
    if constexpr (Spec::kHasTime)
      if (times_.watches()) times_.active(p);
    const std::int64_t latest =
        time_.max_ahead == kEndOfTime ? kEndOfTime : add_saturated(clock_.latest(ev.now), time_.max_ahead);
    limiter_.took(count);
    std::int64_t watermark = times_.of(p);
    int n = 0;
    for (int i = 0; i != count; ++i) {
      rows_[n] = Row{};
      Spec::row(ev, given_[i], rows_[n]);
      std::int64_t t = 0;
      if constexpr (Spec::kHasTime) {
        if (!ev.failed) Spec::time(ev, rows_[n], t);
        if (!ev.failed && t > latest) ev.fail(too_far_ahead(t, time_.max_ahead));
      }
      if (ev.failed) [[unlikely]] {
        // In the order of the rows: what came before goes on first. What follows computes with `ev` too.
        const std::string why(ev.message);
        ev.clear();
        block(n, watermark);
        n = 0;
        counters_.invalid.add(1);
        Spec::invalid(pipeline_, record(static_cast<std::uint32_t>(i)), why);
        continue;
      }
      if constexpr (Block::has(kTime)) block_.time[n] = t;
      if constexpr (Block::has(kWatermark)) block_.watermark[n] = watermark;
      if constexpr (Block::has(kPosition))
        block_.position[n] = (static_cast<std::uint64_t>(p) << 48) | (partition.before + static_cast<std::uint64_t>(i));
      if constexpr (Block::has(kRecord)) block_.record[n] = static_cast<std::uint32_t>(i);
      if constexpr (Spec::kHasTime) watermark = std::max(watermark, t - time_.delay);
      ++n;
    }
    block(n, watermark);
    tell();
  }
  void block(int n, std::int64_t watermark) {
    times_.set(current_, watermark);
    if (n == 0) return;
    counters_.rows.add(static_cast<std::uint64_t>(n));
    block_.rows = rows_;
    block_.count = n;
    block_.others = times_.lowest_but(current_);
    Spec::out(pipeline_, block_);
  }

  void close(std::uint32_t p) {
    partitions_[p].source.reset();
    --open_;
  }
  void end(std::uint32_t p) {
    close(p);
    times_.end(p);
    tell();
    partitions_changed();
  }
  void silent(std::uint32_t p) {
    const bool was = times_.idle(p);
    const std::int64_t at = times_.silent(p, engine::steady_micros());
    if (at != kEndOfTime) runtime_.wake_at(at);
    if (was || !times_.idle(p)) return;
    tell();
    partitions_changed();
  }
  void go_by_clock() {
    const std::int64_t now = engine::steady_micros();
    if (times_.raise_to(times_.by_clock(now))) tell_on();
    runtime_.wake_at(now + kClockTick);
  }
  void tell() {
    if (times_.raise()) tell_on();
  }
  void tell_on() {
    counters_.watermark.set(times_.told());
    Spec::watermark(pipeline_, times_.told());
  }
  void partitions_changed() {
    if constexpr (requires { Spec::partitions_changed(pipeline_); }) Spec::partitions_changed(pipeline_);
  }
  std::optional<engine::Hold> hold() const override {
    const std::uint32_t p = times_.holder();
    if (p == PartitionTimes::kNone) return std::nullopt;
    engine::Hold hold{std::string(Spec::kName), names_[p], p, times_.of(p), times_.highest()};
    hold.why = partitions_[p].empty ? engine::Hold::Why::waiting : engine::Hold::Why::reading;
    hold.idle_set = times_.watches();
    return hold;
  }

  Pipeline& pipeline_;
  engine::Runtime& runtime_;
  const std::string_view cpp_;
  engine::SourceCounters& counters_;
  SourceTime time_;
  engine::RateLimiter limiter_;
  const std::vector<std::string> names_;
  std::deque<Partition> partitions_;
  PartitionTimes times_;
  engine::Clock clock_;
  std::size_t open_ = 0;  // partitions of this worker that have not ended
  std::uint32_t current_ = 0;
  Given given_[kBlock];
  Row rows_[kBlock];
  Block block_;
  std::string text_;
  bool done_ = false;
  bool restored_ = false;   // and nothing has been read since
  bool took_over_ = false;  // and nothing has been saved since
};

}  // namespace gress::foreign
