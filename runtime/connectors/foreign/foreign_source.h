// A source of a user's header: partitions that give structs, which become rows with event time and watermarks exact to the
// row. Of several partitions the one whose watermark is lowest is read next.
//
// Spec: that of record_source.h, and
//   static void row(Eval&, const C&, Row&);   // what does not fit fails, in ev
#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/foreign/concepts.h"
#include "runtime/connectors/foreign/foreign_failure.h"
#include "runtime/connectors/foreign/foreign_input.h"
#include "runtime/connectors/foreign/options.h"
#include "runtime/connectors/partitioned_source.h"
#include "runtime/core/block.h"
#include "runtime/core/place.h"

namespace gress::foreign {

template <class Spec, Source S>
class ForeignSource final : public PartitionedSource<ForeignSource<Spec, S>, Spec, ForeignInput> {
  using Base = PartitionedSource<ForeignSource, Spec, ForeignInput>;
  friend Base;

 public:
  using typename Base::Pipeline, typename Base::Block;
  using Row = typename Block::Row;

  [[gnu::cold]] ForeignSource(Pipeline& pipeline, engine::Runtime& runtime, std::string_view cpp, const OptionsOf<S>& options,
                              int line, const SourceTime& time, double rate, Take take = Take::own)
      : Base(pipeline, runtime, make_input(runtime, cpp, options, line, take), RecordSourceForm{Spec::kName, Spec::kHasTime, false}, time, rate,
             nullptr),
        cpp_(cpp),
        sources_(input_->partitions()) {
    for (const std::uint32_t p : input_->active()) {
      guarded([&] { sources_[p] = make(options, input_->name(p)); });
      partitions_[p].decodes = partitions_[p].headed = true;
    }
    if (input_->done()) tell();  // nothing is for this worker: others need not wait for it
  }

  /// Of the batch that is on its way. Structs have no text; which one it was, is said.
  Record record(std::uint32_t i) {
    const std::uint64_t row = input_->reader(current_).position() + i;
    text_ = "row " + std::to_string(row + 1) + " of this partition";
    return {Spec::kName, input_->name(current_), current_, static_cast<std::int64_t>(row), text_};
  }

 private:
  using Base::block_, Base::current_, Base::input_, Base::partitions_, Base::pipeline_, Base::runtime_, Base::tell, Base::time_, Base::times_;
  using Given = decltype(row_read(&S::read));
  using PositionType = std::decay_t<decltype(std::declval<const S&>().position())>;
  static constexpr char kKind = std::is_integral_v<PositionType> ? 'n' : 't';
  static constexpr std::int64_t kLook = 5'000;  // microseconds until partitions that had nothing are asked again
  static constexpr std::size_t kMostPartitions = 1 << 16;  // as positions have room for

  static std::unique_ptr<ForeignInput> make_input(engine::Runtime& runtime, std::string_view cpp, const OptionsOf<S>& options, int line,
                                                  Take take) {
    const auto& names = runtime.partitions_of(Spec::kName, [&] {
      return or_fail("source", Spec::kName, cpp, [&] { return names_of(cpp, options); });
    });
    return std::make_unique<ForeignInput>(runtime, runtime.add_source(Spec::kName, line), names, take);
  }
  static std::vector<std::string> names_of(std::string_view cpp, [[maybe_unused]] const OptionsOf<S>& options) {
    std::vector<std::string> names = {std::string(cpp)};
    if constexpr (Partitioned<S> && HasOptions<S>) names = S::partitions(options);
    else if constexpr (Partitioned<S>) names = S::partitions();
    if (names.empty()) throw std::invalid_argument("there is no partition: partitions() gives no name");
    if (names.size() > kMostPartitions)
      throw std::invalid_argument(std::to_string(names.size()) + " partitions are too many: there can be " + std::to_string(kMostPartitions));
    if (std::set(names.begin(), names.end()).size() != names.size()) throw std::invalid_argument("two partitions have one name");
    return names;
  }
  static std::unique_ptr<S> make([[maybe_unused]] const OptionsOf<S>& options, [[maybe_unused]] std::string_view name) {
    if constexpr (Partitioned<S> && HasOptions<S>) return std::make_unique<S>(options, name);
    else if constexpr (Partitioned<S>) return std::make_unique<S>(name);
    else if constexpr (HasOptions<S>) return std::make_unique<S>(options);
    else return std::make_unique<S>();
  }
  template <class Call>
  auto guarded(Call call) const {
    return or_fail("source", Spec::kName, cpp_, call);
  }

  void save_decoder(std::uint32_t p, StateOut& out) override {
    out(kKind, guarded([&] { return std::as_const(*sources_[p]).position(); }));
  }
  [[gnu::cold, gnu::noinline]] void go_on(std::uint32_t p) {
    const auto at = std::move(partitions_[p].resume);
    this->skip_to(*at, input_->reader(p));
    StateIn in(at->decoder);
    if (in.get<char>() != kKind)
      throw engine::Failure(engine::Exit::data, "input_changed",
                            "source `" + std::string(Spec::kName) + "`: the checkpoint does not say places as `" + std::string(cpp_) +
                                "` does: it was another class when the checkpoint was taken; begin anew with `--fresh`",
                            {{"source", std::string(Spec::kName), false}});
    auto position = in.get<PositionType>();
    guarded([&] { sources_[p]->seek(std::move(position)); });
  }

  Read read_block(std::uint32_t p, std::int64_t allowed, Eval& ev) {
    if (partitions_[p].resume) [[unlikely]] go_on(p);
    const auto most = static_cast<std::size_t>(std::min<std::int64_t>(kBlock, allowed));
    const std::optional<std::size_t> read = guarded([&] { return sources_[p]->read(std::span(given_, most)); });
    if (!read) return Read::end;
    if (*read > most) guarded([] { throw std::length_error("read() says that it filled more rows than it was given"); });
    if (*read == 0) {
      runtime_.wake_at(engine::steady_micros() + kLook);
      return Read::idle;
    }
    hand_on(p, static_cast<int>(*read), ev);
    input_->reader(p).skip_to(input_->reader(p).position() + *read);
    input_->read(p);
    return Read::data;
  }
  bool close(std::uint32_t p) {
    sources_[p].reset();
    return true;
  }

  void hand_on(std::uint32_t p, int count, Eval& ev) {
    current_ = p;
    partitions_[p].empty = false;
    ev.now = runtime_.now();
    this->wake(p);
    this->limiter_.took(count);
    [[maybe_unused]] const std::int64_t latest = this->latest(ev);
    [[maybe_unused]] const std::uint64_t before = input_->reader(p).position();
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
        input_->counters().invalid.add(1);
        Spec::invalid(pipeline_, record(static_cast<std::uint32_t>(i)), why);
        continue;
      }
      if constexpr (Block::has(kTime)) block_.time[n] = t;
      if constexpr (Block::has(kWatermark)) block_.watermark[n] = watermark;
      if constexpr (Block::has(kPosition))
        block_.position[n] = numbering_of<Spec>().position(p, before + static_cast<std::uint64_t>(i));
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
    input_->counters().rows.add(static_cast<std::uint64_t>(n));
    block_.rows = rows_;
    block_.count = n;
    block_.others = times_.lowest_but(current_);
    Spec::out(pipeline_, block_);
  }

  const std::string_view cpp_;
  std::vector<std::unique_ptr<S>> sources_;  // by partition; none: it is another worker's, or has ended
  Given given_[kBlock];
  Row rows_[kBlock];
  std::string text_;
};

}  // namespace gress::foreign
