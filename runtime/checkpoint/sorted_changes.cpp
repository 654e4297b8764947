#include "runtime/checkpoint/sorted_changes.h"

#include <algorithm>
#include <cstring>

namespace gress::checkpoint {

SortedChanges::SortedChanges(const StateChanges& changes) {
  std::size_t count = 0;
  std::vector<const char*> erased;
  changes.each_place([&](const char* at) {
    if (StateChanges::said(at).kind == StateChanges::Kind::erase_all) erased.push_back(at);
    else ++count;
  });
  entries_.reserve(count);
  changes.each_place([&](const char* at) {
    if (StateChanges::said(at).kind != StateChanges::Kind::erase_all) entries_.push_back({0, at});
  });
  sort();
  keep_last();
  if (!erased.empty()) erase(erased);
}

/// By key, then as they were said. Comparing keys where they stand would wait for memory each time.
void SortedChanges::sort() {
  if (entries_.empty()) return;
  std::string_view common = entries_[0].key();
  for (const Entry& e : entries_) {
    const std::string_view key = e.key();
    const auto both = static_cast<std::ptrdiff_t>(std::min(common.size(), key.size()));
    common = common.substr(0, static_cast<std::size_t>(std::mismatch(common.begin(), common.begin() + both, key.begin()).first - common.begin()));
  }
  for (Entry& e : entries_) {
    unsigned char bytes[8] = {};
    const std::string_view rest = e.key().substr(common.size());
    std::memcpy(bytes, rest.data(), std::min<std::size_t>(rest.size(), 8));
    for (const unsigned char byte : bytes) e.head = e.head << 8 | byte;
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    if (a.head != b.head) return a.head < b.head;
    if (const int order = a.key().compare(b.key()); order != 0) return order < 0;
    return a.at < b.at;
  });
}

void SortedChanges::keep_last() {
  std::size_t to = 0;
  for (std::size_t i = 0; i != entries_.size(); ++i) {
    if (i % kPaced == 0) pace_memory();
    if (i + 1 == entries_.size() || entries_[i].head != entries_[i + 1].head || entries_[i].key() != entries_[i + 1].key())
      entries_[to++] = entries_[i];
  }
  entries_.resize(to);
}

/// What had been said before goes with the rest.
void SortedChanges::erase(const std::vector<const char*>& erased) {
  std::vector<bool> gone(entries_.size());
  for (const char* at : erased) {
    const std::string_view prefix = erased_.emplace_back(StateChanges::said(at).key);
    const auto first = std::lower_bound(entries_.begin(), entries_.end(), prefix, [](const Entry& e, std::string_view p) { return e.key() < p; });
    for (auto e = first; e != entries_.end() && e->key().starts_with(prefix); ++e)
      if (e->at < at) gone[static_cast<std::size_t>(e - entries_.begin())] = true;
  }
  std::size_t to = 0;
  for (std::size_t i = 0; i != entries_.size(); ++i)
    if (!gone[i]) entries_[to++] = entries_[i];
  entries_.resize(to);
}

}  // namespace gress::checkpoint
