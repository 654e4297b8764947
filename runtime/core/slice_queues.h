// States of sliding windows whose slices cannot be taken back: for each key a queue of its slices as two stacks. The
// front one, of the older slices, holds merged suffixes: each with all that came after it up to the front's end. The back
// one holds the slices as they came, and all of them merged. A window is the first suffix and the merged back. When the
// front is used up, the back becomes the front: one merge a slice.
// Source: K. Tangwongsan, M. Hirzel, S. Schneider, "Low-latency sliding-window aggregation in worst-case constant time"
// (DEBS 2017), section on the two-stacks algorithm.
#pragma once
#include <cstddef>
#include <type_traits>
#include <vector>

#include "runtime/core/slice_states.h"

namespace gress {

template <class Spec, class Panes>
class SliceQueues {
  using Pipeline = typename Spec::Pipeline;
  using State = typename Spec::State;
  struct Part {
    std::int64_t start = 0;
    State state;
    template <class Io>
    void archive(Io& io) { io(start, state); }
  };
  struct Queue {
    std::vector<Part> parts;       // by their starts
    std::size_t head = 0;          // those before it have left
    std::size_t front = 0;         // [head, front): suffixes; [front, end): as they came
    State back;                    // [front, end) merged
    std::uint32_t place = 0;       // in live_
    template <class Io>
    void archive(Io& io) { io(parts, head, front, back, place); }
    void clear() {
      parts.clear();
      head = front = 0;
      back.clear();
    }
  };

 public:
  void leave(Pipeline& p, Eval& ev, Panes&, std::int64_t start) {
    for (std::size_t i = 0; i != live_.size();) {
      Queue& q = queues_[live_[i]].value;
      if (q.parts.back().start < start) {
        live_.erase(queues_, live_[i]);  // the last one takes its place
        continue;
      }
      if (q.parts[q.head].start < start) {
        drop(p, ev, q, start);
        queues_.touch(live_[i]);
      }
      ++i;
    }
  }

  void enter(Pipeline& p, Eval& ev, Panes& panes, Owned<typename Panes::Pane> pane) {
    each_entry(pane->table, queues_, [&](std::uint32_t number, auto&& entry) {
      Queue& q = queues_[number].value;
      if (q.parts.empty()) live_.add(queues_, number);
      else if (q.parts.back().start >= pane->start) return insert(p, ev, q, {pane->start, std::move(entry.value)});
      Spec::merge(p, ev, q.back, entry.value);
      q.parts.push_back({pane->start, std::move(entry.value)});
    });
    panes.recycle(std::move(pane));
  }

  template <class F>
  void each(Pipeline& p, Eval& ev, F f) {
    std::size_t used = 0;
    for (std::size_t i = 0; i != live_.size(); ++i) {
      const auto& entry = queues_[live_[i]];
      const Queue& q = entry.value;
      if (q.head == q.front) {
        f(entry.key, q.back);
      } else if (q.front == q.parts.size()) {
        f(entry.key, q.parts[q.head].state);
      } else {
        if (used == both_.size()) both_.emplace_back();
        State& both = both_[used];
        if constexpr (!std::is_trivially_destructible_v<State>) ++used;
        both.clear();
        Spec::merge(p, ev, both, q.parts[q.head].state);
        Spec::merge(p, ev, both, q.back);
        f(entry.key, both);
      }
    }
  }

  template <class Io>
  void archive(Io&) {}
  void save(StateChanges& changes) { queues_.save(changes, std::tuple{StatePart::slices}); }
  void load(StatePart, StateIn& key, StateIn& value) { queues_.load(key, value); }
  void loaded() {
    queues_.loaded();
    live_.loaded(queues_);
  }

 private:
  /// Drops what begins before `start`; something stays.
  void drop(Pipeline& p, Eval& ev, Queue& q, std::int64_t start) {
    while (q.parts[q.head].start < start) ++q.head;
    if (q.head <= q.front) return;
    q.parts.erase(q.parts.begin(), q.parts.begin() + static_cast<std::ptrdiff_t>(q.head));
    q.head = 0;
    q.front = q.parts.size();
    for (std::size_t k = q.front - 1; k-- != 0;) Spec::merge(p, ev, q.parts[k].state, q.parts[k + 1].state);
    q.back.clear();
  }

  /// A slice that does not begin behind all others.
  void insert(Pipeline& p, Eval& ev, Queue& q, Part part) {
    std::size_t at = q.parts.size();
    while (at != q.head && q.parts[at - 1].start > part.start) --at;
    const bool known = at != q.head && q.parts[at - 1].start == part.start;
    const bool behind = known ? at - 1 >= q.front : at >= q.front;
    if (behind) {
      Spec::merge(p, ev, q.back, part.state);
      if (known) return Spec::merge(p, ev, q.parts[at - 1].state, part.state);
    } else {
      for (std::size_t k = q.head; k != at; ++k) Spec::merge(p, ev, q.parts[k].state, part.state);
      if (known) return;
      Spec::merge(p, ev, part.state, q.parts[at].state);
      ++q.front;
    }
    q.parts.insert(q.parts.begin() + static_cast<std::ptrdiff_t>(at), std::move(part));
  }

  using Table = KeyTable<typename Spec::Key, Queue>;
  Table queues_;
  LiveEntries<Table> live_;
  std::vector<State> both_;  // front and back of a window's keys, as long as its rows view them; one where nothing is viewed
};

}  // namespace gress
