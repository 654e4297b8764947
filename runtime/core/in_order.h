// `in_order`: rows held until the watermark is greater than their time, then let go by (time, partition, offset).
//
// Rows lie where they were put; what is ordered are small notes of them. These stand in runs, each in order; a row goes
// to the end of the first run that ends before it, so that rows that are nearly in order make few runs, and rows in
// order one. The runs' beginnings that are due are merged. Source: B. Chandramouli, J. Goldstein, Y. Li, "Impatience
// Is a Virtue: Revisiting Disorder in High-Performance Log Analytics", ICDE 2018.
//
// Spec (generated): Pipeline, In, Out,
//   static void copy(const In&, int i, Out::Row&);
//   static void late(Pipeline&, const In&, int i);
//   out, watermark.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/place.h"
#include "runtime/core/row_log.h"
#include "runtime/core/state_changes.h"

namespace gress {

template <class Spec>
class InOrder {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;

  explicit InOrder(typename Spec::Pipeline& pipeline) : pipeline_(pipeline) {}

  void process(const In& in) {
    for (int i = 0; i < in.count; ++i) {
      if (in.time_of(i) < in.watermark_of(i)) [[unlikely]] {
        Spec::late(pipeline_, in, i);
        continue;
      }
      Kept kept;
      Spec::copy(in, i, kept.row);
      put({{in.time_of(i), in.position_of(i)}, rows_.add(kept)});
    }
  }

  void watermark(std::int64_t t) {
    if (t == kEndOfTime) out_.others = told_;  // as Emitter::end()
    release(t);
    told_ = t;
    Spec::watermark(pipeline_, t);
  }

  /// All rows that wait, anew each time: they do not wait for long.
  void save(StateChanges& changes) {
    changes.erase_all(StatePart::entries);
    std::vector<Note> waiting;
    for (std::size_t r = 0; r != runs_; ++r)
      waiting.insert(waiting.end(), all_[r].notes.begin() + static_cast<std::ptrdiff_t>(all_[r].head), all_[r].notes.end());
    std::stable_sort(waiting.begin(), waiting.end());
    for (std::size_t i = 0; i != waiting.size(); ++i)
      changes.put(StateOwner::first(), std::tuple{StatePart::entries, InOrderOf{i}}, std::tie(waiting[i].place, rows_[waiting[i].row].row));
  }
  void load(StateIn& key, StateIn& value) {
    key.get<StatePart>();
    key.get<InOrderOf>();
    Kept kept{};
    Place place;
    value(place, kept.row);
    put({place, rows_.add(kept)});
    StateTraits<typename Out::Row>::release(kept.row);
  }

  /// Rows that wait.
  std::size_t held() const { return rows_.size(); }

 private:
  struct Kept {
    typename Out::Row row;
  };
  struct Note {
    Place place;
    std::uint32_t row;
    friend bool operator<(const Note& a, const Note& b) { return a.place < b.place; }
  };
  struct Run {
    std::vector<Note> notes;
    std::size_t head = 0;  // notes before it have gone
    Note last;
  };

  /// Ends of runs fall from each to the next, so equal rows stand in the order of their runs, as they came.
  void put(const Note& note) {
    std::size_t at = 0;
    if (runs_ != 0 && note < all_[0].last) [[unlikely]]
      at = static_cast<std::size_t>(
          std::partition_point(all_.begin() + 1, all_.begin() + static_cast<std::ptrdiff_t>(runs_),
                               [&](const Run& run) { return note < run.last; }) - all_.begin());
    if (at == runs_ && runs_++ == all_.size()) all_.emplace_back();
    all_[at].notes.push_back(note);
    all_[at].last = note;
  }

  void release(std::int64_t t) {
    due_.clear();
    ends_.clear();
    bool empty = false;
    for (std::size_t r = 0; r != runs_; ++r) {
      Run& run = all_[r];
      const std::size_t from = run.head;
      while (run.head != run.notes.size() && (run.notes[run.head].place.time < t || t == kEndOfTime)) ++run.head;
      if (run.head == from) continue;
      due_.insert(due_.end(), run.notes.begin() + static_cast<std::ptrdiff_t>(from), run.notes.begin() + static_cast<std::ptrdiff_t>(run.head));
      ends_.push_back(due_.size());
      empty = empty || run.head == run.notes.size();
      tidy(run);
    }
    if (due_.empty()) return;
    if (empty) close_up();
    merge();
    emit();
  }

  /// Notes that have gone are forgotten when they are the greater part.
  static void tidy(Run& run) {
    if (run.head * 2 < run.notes.size()) return;
    run.notes.erase(run.notes.begin(), run.notes.begin() + static_cast<std::ptrdiff_t>(run.head));
    run.head = 0;
  }
  /// Empty runs go behind the others, and keep their memory.
  void close_up() {
    std::size_t kept = 0;
    for (std::size_t r = 0; r != runs_; ++r) {
      if (all_[r].notes.empty()) continue;
      if (r != kept) std::swap(all_[r], all_[kept]);
      ++kept;
    }
    runs_ = kept;
  }

  /// Neighbours in pairs, until one is left.
  void merge() {
    while (ends_.size() > 1) {
      merged_.resize(due_.size());
      std::size_t begin = 0, kept = 0;
      for (std::size_t k = 0; k < ends_.size(); k += 2) {
        const std::size_t middle = ends_[k], end = k + 1 == ends_.size() ? middle : ends_[k + 1];
        const auto at = [&](std::size_t n) { return due_.begin() + static_cast<std::ptrdiff_t>(n); };
        std::merge(at(begin), at(middle), at(middle), at(end), merged_.begin() + static_cast<std::ptrdiff_t>(begin));
        ends_[kept++] = begin = end;
      }
      ends_.resize(kept);
      due_.swap(merged_);
    }
  }

  /// No row before the one that goes comes any more: that is the watermark which it carries.
  void emit() {
    for (const Note& note : due_) {
      const int o = out_.count++;
      out_.rows[o] = rows_[note.row].row;
      if constexpr (Out::has(kTime)) out_.time[o] = note.place.time;
      if constexpr (Out::has(kWatermark)) out_.watermark[o] = note.place.time;
      if constexpr (Out::has(kPosition)) out_.position[o] = note.place.position;
      rows_.erase(note.row);
      if (out_.full()) flush();
    }
    flush();
    rows_.recycle();
  }
  void flush() {
    if (out_.count == 0) return;
    Spec::out(pipeline_, out_);
    out_.count = 0;
  }

  typename Spec::Pipeline& pipeline_;
  RowLog<Kept> rows_;
  std::vector<Run> all_;
  std::size_t runs_ = 0;  // of all_, those in use
  std::vector<Note> due_, merged_;
  std::vector<std::size_t> ends_;  // of the pieces of due_ that are in order
  Out out_;
  std::int64_t told_ = kStartOfTime;
};

}  // namespace gress
