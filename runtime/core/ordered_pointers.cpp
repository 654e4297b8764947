#include "runtime/core/ordered_pointers.h"

namespace gress {

OrderedPointers::OrderedPointers() = default;
OrderedPointers::~OrderedPointers() = default;

void*& OrderedPointers::operator[](Key key) { return map_[key]; }

void* OrderedPointers::last() const { return map_.rbegin()->second; }

void* OrderedPointers::take_first() {
  const auto first = map_.begin();
  void* const p = first->second;
  map_.erase(first);
  return p;
}

OrderedPointers::Map::const_iterator OrderedPointers::from(Key key) const { return map_.lower_bound(key); }

void* OrderedPointers::take_spare() {
  if (spare_.empty()) return nullptr;
  void* const p = spare_.back();
  spare_.pop_back();
  return p;
}

bool OrderedPointers::keep_spare(void* p) {
  if (spare_.size() == 64) return false;
  spare_.push_back(p);
  return true;
}

}  // namespace gress
