// Pointers in the order of two numbers, and spare ones for reuse: what PaneMap is made of, compiled once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace gress {

class OrderedPointers {
 public:
  using Key = std::pair<std::int64_t, std::int64_t>;
  using Map = std::map<Key, void*>;

  OrderedPointers();
  OrderedPointers(const OrderedPointers&) = delete;
  OrderedPointers& operator=(const OrderedPointers&) = delete;
  ~OrderedPointers();

  /// Null where nothing was put yet.
  void*& operator[](Key key);
  bool empty() const { return map_.empty(); }
  std::size_t size() const { return map_.size(); }
  const Key& first_key() const { return map_.begin()->first; }
  void* first() const { return map_.begin()->second; }
  void* last() const;
  void* take_first();
  Map::const_iterator begin() const { return map_.begin(); }
  Map::const_iterator end() const { return map_.end(); }
  Map::const_iterator from(Key key) const;

  /// A pointer to use again, null without one.
  void* take_spare();
  /// False: there are enough.
  bool keep_spare(void* p);

 private:
  Map map_;
  std::vector<void*> spare_;
};

}  // namespace gress
