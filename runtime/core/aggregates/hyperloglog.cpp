#include "runtime/core/aggregates/hyperloglog.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace gress::agg {
namespace {

/// Ertl 2017, section 3: what registers that are still 0 add to the estimate.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1, z = x, before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

/// The same of registers that are full.
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, before;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

}  // namespace

HyperLogLog::~HyperLogLog() { std::free(block_); }

void HyperLogLog::clear() {
  if (block_ != nullptr) std::memset(block_, 0, sizeof(std::uint64_t) << log2_);
  count_ = 0;
  dense_ = false;
}

void HyperLogLog::grow(unsigned log2) {
  const std::uint64_t size = std::uint64_t{1} << log2;
  auto* fresh = static_cast<std::uint64_t*>(std::calloc(size, sizeof(std::uint64_t)));
  if (fresh == nullptr) throw std::bad_alloc();
  const std::uint64_t old = block_ == nullptr ? 0 : std::uint64_t{1} << log2_;
  for (std::uint64_t i = 0; i != old; ++i) {
    if (block_[i] == 0) continue;
    std::uint64_t at = block_[i] >> (64 - log2);
    while (fresh[at] != 0) at = (at + 1) & (size - 1);
    fresh[at] = block_[i];
  }
  std::free(block_);
  block_ = fresh;
  log2_ = static_cast<std::uint8_t>(log2);
}

[[gnu::noinline]] void HyperLogLog::add_sparse(std::uint64_t hash) {
  if (hash == 0) hash = 1;  // 0 marks a free slot
  if (block_ == nullptr) grow(4);
  std::uint64_t mask = (std::uint64_t{1} << log2_) - 1, at = hash >> (64 - log2_);
  for (; block_[at] != 0; at = (at + 1) & mask)
    if (block_[at] == hash) return;
  if (count_ == kMostSparse) {
    make_dense();
    return add_dense(hash);
  }
  if ((count_ + 1) * 2 > mask + 1) {
    grow(log2_ + 1u);
    mask = (std::uint64_t{1} << log2_) - 1;
    at = hash >> (64 - log2_);
    while (block_[at] != 0) at = (at + 1) & mask;
  }
  block_[at] = hash;
  ++count_;
}

void HyperLogLog::make_dense() {
  std::uint64_t hashes[kRegisters / 8];
  const std::size_t old = block_ == nullptr ? 0 : std::size_t{1} << log2_;
  if (old != 0) std::memcpy(hashes, block_, old * sizeof(std::uint64_t));
  if (old != kRegisters / 8) {
    count_ = 0;
    std::free(block_);
    block_ = nullptr;
    log2_ = 0;
    grow(kPrecision - 3);
  }
  std::memset(block_, 0, kRegisters);
  dense_ = true;
  for (std::size_t i = 0; i != old; ++i)
    if (hashes[i] != 0) add_dense(hashes[i]);
}

void HyperLogLog::merge(const HyperLogLog& other) {
  if (other.dense_) {
    if (!dense_) make_dense();
    std::uint8_t* ours = registers();
    const std::uint8_t* theirs = other.registers();
    for (unsigned i = 0; i != kRegisters; ++i) ours[i] = theirs[i] > ours[i] ? theirs[i] : ours[i];
  } else if (other.block_ != nullptr) {
    for (std::uint64_t i = 0; i != std::uint64_t{1} << other.log2_; ++i)
      if (other.block_[i] != 0) add(other.block_[i]);
  }
}

std::uint64_t HyperLogLog::estimate() const {
  if (!dense_) return count_;
  constexpr unsigned kHighest = 64 - kPrecision;  // a register of kHighest + 1 saw no set bit at all
  constexpr double m = kRegisters;
  unsigned of[kHighest + 2] = {};
  for (unsigned i = 0; i != kRegisters; ++i) ++of[registers()[i]];
  double z = m * tau(1 - of[kHighest + 1] / m);
  for (unsigned k = kHighest; k != 0; --k) z = 0.5 * (z + of[k]);
  z += m * sigma(of[0] / m);
  return static_cast<std::uint64_t>(std::llround(m * m / (2 * std::log(2.0)) / z));
}

}  // namespace gress::agg
