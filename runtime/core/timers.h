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
  };
  std::int64_t next() const { return heap_.empty() ? INT64_MAX : heap_.front().at; }
  void push(std::int64_t at, std::uint32_t entry) {
    heap_.push_back({at, entry});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Note pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Note n = heap_.back();
    heap_.pop_back();
    return n;
  }
  void clear() { heap_.clear(); }

 private:
  static bool later(const Note& a, const Note& b) { return a.at != b.at ? a.at > b.at : a.entry > b.entry; }
  std::vector<Note> heap_;
};

}  // namespace gress
