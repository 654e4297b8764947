// Timers of keyed state, lazily: an entry keeps when it really expires, the heap holds one note an entry at that time
// or earlier; a note that comes up too early is put back at the real time. Pushing forward costs nothing.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace gress {

class Timers {
 public:
  struct Note {
    std::int64_t at;
    std::uint32_t entry;
    std::uint32_t order;  // of notes for one time
  };
  std::int64_t next() const {
    const std::int64_t others = heap_.empty() ? INT64_MAX : heap_.front().at;
    return head_ == run_.size() || others < run_[head_].at ? others : run_[head_].at;
  }
  void push(std::int64_t at, std::uint32_t entry) { push(at, entry, entry); }
  void push(std::int64_t at, std::uint32_t entry, std::uint32_t order) {
    const Note note{at, entry, order};
    if (head_ == run_.size() || !later(run_.back(), note)) return append(note);
    heap_.push_back(note);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Note pop() {
    if (head_ != run_.size() && (heap_.empty() || later(heap_.front(), run_[head_]))) return run_[head_++];
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Note n = heap_.back();
    heap_.pop_back();
    return n;
  }
  void clear() {
    heap_.clear();
    run_.clear();
    head_ = 0;
  }

 private:
  static bool later(const Note& a, const Note& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  void append(const Note& note) {
    // Popped ones make room when they are as many as those left.
    if (head_ * 2 >= run_.size()) {
      run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    run_.push_back(note);
  }
  /// Notes that were pushed in their order, which most are, from head_ on; the others in a heap.
  std::vector<Note> run_, heap_;
  std::size_t head_ = 0;
};

}  // namespace gress
