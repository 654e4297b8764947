#include "runtime/core/aggregates/kll.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "runtime/core/aggregates/quantile.h"
#include "runtime/core/order.h"

namespace gress::agg {
namespace {

constexpr std::uint32_t kLeast = 8;    // capacity of the lowest levels
constexpr std::uint32_t kMost = 1700;  // values held by any sketch that is not being merged
constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15;

/// Capacities from the top level down: max(8, ceil(400 (2/3)^depth)).
struct Capacities {
  std::uint16_t at[60];     // by depth
  std::uint16_t total[61];  // of so many levels
  constexpr Capacities() : at(), total() {
    double capacity = KllSketch::kTop;
    for (int depth = 0; depth != 60; ++depth) {
      const auto whole = static_cast<std::uint16_t>(capacity);
      const auto up = static_cast<std::uint16_t>(whole < capacity ? whole + 1 : whole);
      at[depth] = up < kLeast ? static_cast<std::uint16_t>(kLeast) : up;
      total[depth + 1] = static_cast<std::uint16_t>(total[depth] + at[depth]);
      capacity *= 2.0 / 3.0;
    }
  }
};
constexpr Capacities kCapacities;
static_assert(kCapacities.total[60] <= kMost);

/// Merges the sorted runs [0, middle) and [middle, end).
void merge_runs(double* values, std::uint32_t middle, std::uint32_t end) {
  double right[kMost];
  std::uint32_t r = end - middle, l = middle;
  std::memcpy(right, values + middle, r * sizeof(double));
  for (std::uint32_t to = end; r != 0;) {
    if (l != 0 && fn::before(right[r - 1], values[l - 1]))
      values[--to] = values[--l];
    else
      values[--to] = right[--r];
  }
}

}  // namespace

KllSketch::~KllSketch() { std::free(block_); }

std::uint32_t KllSketch::level_capacity(std::uint32_t levels, std::uint32_t level) {
  return kCapacities.at[levels - 1 - level];
}
std::uint32_t KllSketch::limit(std::uint32_t levels) { return kCapacities.total[levels]; }

bool KllSketch::toss() {
  // xorshift64: G. Marsaglia, "Xorshift RNGs", 2003.
  std::uint64_t x = block_->coin;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  block_->coin = x;
  return (x >> 40 & 1) != 0;
}

void KllSketch::reset() {
  block_->rows = 0;
  block_->coin = kSeed;
  block_->size = 0;
  block_->base = 0;
  block_->levels = 1;
  std::memset(block_->level_size, 0, sizeof block_->level_size);
}

void KllSketch::clear() {
  if (block_ == nullptr) return;
  reset();
  block_->room = std::min(block_->capacity, limit(1));
}

void KllSketch::reserve(std::uint32_t capacity) {
  if (block_ != nullptr && capacity <= block_->capacity) return;
  const bool fresh = block_ == nullptr;
  void* memory = std::realloc(block_, sizeof(Block) + capacity * sizeof(double));
  if (memory == nullptr) throw std::bad_alloc();
  block_ = static_cast<Block*>(memory);
  block_->capacity = capacity;
  if (fresh) reset();
}

[[gnu::noinline]] void KllSketch::make_room() {
  if (block_ != nullptr) {
    if (block_->size >= limit(block_->levels)) compress();
    if (block_->size < block_->room) return;
  }
  // Room for as many values as the levels may hold, reached by doubling.
  const std::uint32_t most = block_ == nullptr ? limit(1) : limit(block_->levels);
  if (block_ == nullptr || block_->capacity < most)
    reserve(block_ == nullptr ? 8 : std::min(most, block_->capacity * 2));
  block_->room = std::min(block_->capacity, most);
}

/// Compacts until the levels hold less than they may.
void KllSketch::compress() {
  Block& b = *block_;
  b.level_size[0] = static_cast<std::uint16_t>(b.size - b.base);
  while (b.size >= limit(b.levels)) {
    std::uint32_t level = 0;
    while (b.level_size[level] < level_capacity(b.levels, level)) ++level;
    compact(level);
  }
  b.base = b.size - b.level_size[0];
  b.room = std::min(b.capacity, limit(b.levels));
}

/// Half of a level goes one level up; of an odd number of values one stays.
void KllSketch::compact(std::uint32_t level) {
  Block& b = *block_;
  if (level + 1 == b.levels) b.level_size[b.levels++] = 0;
  std::uint32_t above = 0;  // where level + 1 begins
  for (std::uint32_t h = b.levels - 1; h > level + 1; --h) above += b.level_size[h];
  double* const up = items(block_) + above;
  const std::uint32_t up_size = b.level_size[level + 1], size = b.level_size[level];
  double* const own = up + up_size;
  if (level == 0) {
    if (b.levels == 2 && up_size == 0) {
      b.least = own[0];
      b.greatest = own[0];
    }
    std::sort(own, own + size, [](double x, double y) { return fn::before(x, y); });
  }
  // Only values of level 0 are new, and no others can be extreme.
  if (level == 0) {
    if (fn::before(own[0], b.least)) b.least = own[0];
    if (fn::before(b.greatest, own[size - 1])) b.greatest = own[size - 1];
  }
  const std::uint32_t half = size / 2, odd = size % 2;
  // Which of an odd number stays is tossed too: the first or the last.
  const std::uint32_t begin = odd != 0 && toss() ? 1 : 0;
  const double stays = begin != 0 ? own[0] : own[size - 1];
  const std::uint32_t offset = begin + (toss() ? 1 : 0);
  for (std::uint32_t i = 0; i != half; ++i) own[i] = own[offset + 2 * i];
  merge_runs(up, up_size, up_size + half);
  double* end = up + up_size + half;
  if (odd != 0) *end++ = stays;
  double* const below = own + size;
  const std::size_t rest = static_cast<std::size_t>(items(block_) + b.size - below);
  std::memmove(end, below, rest * sizeof(double));
  b.level_size[level + 1] = static_cast<std::uint16_t>(up_size + half);
  b.level_size[level] = static_cast<std::uint16_t>(odd);
  b.size -= half;
}

void KllSketch::merge(const KllSketch& other) {
  if (other.rows() == 0) return;
  if (block_ == nullptr) reserve(other.block_->capacity);
  reserve(block_->size + other.block_->size);
  Block& b = *block_;
  Block& o = *other.block_;
  b.level_size[0] = static_cast<std::uint16_t>(b.size - b.base);
  o.level_size[0] = static_cast<std::uint16_t>(o.size - o.base);
  if (o.levels > 1) {
    const bool first = b.levels == 1;
    if (first || fn::before(o.least, b.least)) b.least = o.least;
    if (first || fn::before(b.greatest, o.greatest)) b.greatest = o.greatest;
  }
  b.levels = std::max(b.levels, o.levels);
  // From the lowest level, which stands last, to the highest: each moves behind the room that those above will need.
  double* from = items(block_) + b.size;                // behind our level
  const double* theirs = items(other.block_) + o.size;  // behind its level
  double* to = from + o.size;                           // behind both merged
  for (std::uint32_t level = 0; level != b.levels; ++level) {
    const std::uint32_t ours = b.level_size[level];
    const std::uint32_t more = level < o.levels ? o.level_size[level] : 0;
    from -= ours;
    theirs -= more;
    to -= ours + more;
    std::memmove(to, from, ours * sizeof(double));
    std::memcpy(to + ours, theirs, more * sizeof(double));
    if (level != 0) merge_runs(to, ours, ours + more);
    b.level_size[level] = static_cast<std::uint16_t>(ours + more);
  }
  b.rows += o.rows;
  b.size += o.size;
  b.base = b.size - b.level_size[0];
  compress();
}

double KllSketch::quantile(double q) const {
  Block& b = *block_;
  if (b.levels == 1) return select_quantile(items(block_), b.size, q);
  struct Weighted {
    double value;
    std::uint64_t rows;
  } values[kMost];
  const double* from = items(block_);
  b.level_size[0] = static_cast<std::uint16_t>(b.size - b.base);
  std::uint32_t n = 0;
  for (std::uint32_t level = b.levels; level-- != 0;)
    for (std::uint32_t i = 0; i != b.level_size[level]; ++i) values[n++] = {*from++, std::uint64_t{1} << level};
  std::sort(values, values + n, [](const Weighted& x, const Weighted& y) { return fn::before(x.value, y.value); });
  if (n == 0) return 0;  // not so while rows() > 0
  // The extremes are known exactly: those compacted, and what level 0 holds.
  const double least = fn::before(values[0].value, b.least) ? values[0].value : b.least;
  const double greatest = fn::before(b.greatest, values[n - 1].value) ? values[n - 1].value : b.greatest;
  const double rank = q * static_cast<double>(b.rows - 1);
  if (rank <= 0) return least;
  if (rank >= static_cast<double>(b.rows - 1)) return greatest;
  std::uint64_t behind = 0;
  for (std::uint32_t i = 0; i != n; ++i) {
    behind += values[i].rows;
    if (static_cast<double>(behind) > rank) return values[i].value;
  }
  return greatest;
}

}  // namespace gress::agg
