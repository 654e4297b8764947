#include "dsl/diagnostics/diagnostics.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gress::dsl {

namespace {

constexpr CodeInfo codes[] = {
#define GRESS_ERROR(code, slug, title) {Code::code, #code, slug, title, Severity::error},
#define GRESS_WARNING(code, slug, title) {Code::code, #code, slug, title, Severity::warning},
#include "dsl/diagnostics/codes.def"
#undef GRESS_ERROR
#undef GRESS_WARNING
};

}  // namespace

std::span<const CodeInfo> all_codes() { return codes; }

// The table is generated from the same list as the enum, so a code is its index.
const CodeInfo& info(Code code) { return codes[static_cast<std::size_t>(code)]; }

const CodeInfo* find_code(std::string_view id) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  for (const CodeInfo& entry : codes) {
    if (std::equal(id.begin(), id.end(), entry.id.begin(), entry.id.end(),
                   [&](char a, char b) { return upper(a) == b; })) {
      return &entry;
    }
  }
  return nullptr;
}

Diagnostic& Diagnostics::report(Code code, Range range, std::string message) {
  if (!seen_.insert({static_cast<std::uint32_t>(code), range.file, range.begin, range.end}).second) {
    repeated_ = {};
    return repeated_;
  }
  errors_ += info(code).severity == Severity::error;
  Diagnostic& added = all_.emplace_back();
  added.code = code;
  added.message = std::move(message);
  added.range = range;
  return added;
}

void Diagnostics::sort() {
  // Sorted by way of places, the index keeping equals in order: std::stable_sort of libstdc++ 12 warns under clang.
  std::vector<std::array<std::uint32_t, 3>> order(all_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {all_[i].range.file, all_[i].range.begin, i};
  std::sort(order.begin(), order.end());
  std::vector<Diagnostic> sorted;
  sorted.reserve(all_.size());
  for (const auto& place : order) sorted.push_back(std::move(all_[place[2]]));
  all_ = std::move(sorted);
}

}  // namespace gress::dsl
