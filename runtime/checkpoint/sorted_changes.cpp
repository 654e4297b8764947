#include "runtime/checkpoint/sorted_changes.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gress::checkpoint {

SortedChanges::SortedChanges(const StateChanges& changes) {
  std::uint32_t said = 0;
  std::vector<std::uint32_t> erased_at;
  changes.each([&](StateChanges::Kind kind, std::string_view key, std::string_view value) {
    if (kind == StateChanges::Kind::erase_all) {
      erased_.push_back(key);
      erased_at.push_back(said++);
      return;
    }
    const bool is_put = kind == StateChanges::Kind::put;
    entries_.push_back({0, key.data(), static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size()), said++, is_put});
  });
  sort();
  keep_last();
  for (std::size_t i = 0; i != erased_.size(); ++i) erase(erased_[i], erased_at[i]);
}

/// By key, then as they were said. Comparing keys where they stand would wait for memory each time.
void SortedChanges::sort() {
  if (entries_.empty()) return;
  std::string_view common = entries_[0].name();
  for (const Entry& e : entries_) {
    const auto both = std::min<std::size_t>(common.size(), e.key_size);
    const auto differs = std::mismatch(common.begin(), common.begin() + static_cast<std::ptrdiff_t>(both), e.key).first;
    common = common.substr(0, static_cast<std::size_t>(differs - common.begin()));
  }
  for (Entry& e : entries_) {
    unsigned char bytes[8] = {};
    const std::string_view rest = e.name().substr(common.size());
    std::memcpy(bytes, rest.data(), std::min<std::size_t>(rest.size(), 8));
    for (const unsigned char byte : bytes) e.head = e.head << 8 | byte;
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    if (a.head != b.head) return a.head < b.head;
    if (const int order = a.name().compare(b.name()); order != 0) return order < 0;
    return a.said < b.said;
  });
}

void SortedChanges::keep_last() {
  std::size_t to = 0;
  for (std::size_t i = 0; i != entries_.size(); ++i)
    if (i + 1 == entries_.size() || entries_[i].head != entries_[i + 1].head || entries_[i].name() != entries_[i + 1].name())
      entries_[to++] = entries_[i];
  entries_.resize(to);
}

/// What had been said before goes with the rest.
void SortedChanges::erase(std::string_view prefix, std::uint32_t said) {
  const auto first = std::lower_bound(entries_.begin(), entries_.end(), prefix, [](const Entry& e, std::string_view p) { return e.name() < p; });
  const auto last = std::find_if(first, entries_.end(), [&](const Entry& e) { return !e.name().starts_with(prefix); });
  entries_.erase(std::remove_if(first, last, [&](const Entry& e) { return e.said < said; }), last);
}

}  // namespace gress::checkpoint
