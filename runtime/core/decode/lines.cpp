#include "runtime/core/decode/lines.h"

#include <algorithm>

namespace gress::decode {

std::string LineState::too_long() const { return "record is longer than " + std::to_string(max_record) + " bytes"; }

void add_bad(std::vector<BadRecord>& bad, std::size_t begin, std::size_t end, int row, bool cut, std::string error) {
  bad.push_back({begin, end, row, cut, std::move(error)});
}

void sort_bad(std::vector<BadRecord>& bad) {
  std::sort(bad.begin(), bad.end(), [](const BadRecord& a, const BadRecord& b) { return a.begin < b.begin; });
}

void number_bad(std::vector<BadRecord>& bad, const Fate* fates) {
  for (BadRecord& b : bad) b.row = static_cast<int>(std::count(fates, fates + b.row, Fate::good));
}

}  // namespace gress::decode
