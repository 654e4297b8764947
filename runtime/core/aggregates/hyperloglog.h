// A sketch of the number of distinct hashes, mergeable, in at most 4 kB: exact up to 256, then within 1.6 % (one
// standard deviation).
//
// Sources: P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog", AofA 2007; S. Heule, M. Nunkesser, A. Hall,
// "HyperLogLog in practice" (HyperLogLog++), EDBT 2013: 64-bit hashes, sparse before dense; O. Ertl, "New cardinality
// estimation algorithms for HyperLogLog sketches", 2017: an estimator without bias over the whole range, which makes
// HyperLogLog++'s tables of corrections unnecessary.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace gress::agg {

class HyperLogLog {
 public:
  HyperLogLog() = default;
  HyperLogLog(HyperLogLog&& other) noexcept { *this = std::move(other); }
  HyperLogLog& operator=(HyperLogLog&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(count_, other.count_);
    std::swap(log2_, other.log2_);
    std::swap(dense_, other.dense_);
    return *this;
  }
  ~HyperLogLog();

  void add(std::uint64_t hash) {
    if (dense_) [[likely]]
      add_dense(hash);
    else
      add_sparse(hash);
  }
  void merge(const HyperLogLog& other);
  std::uint64_t estimate() const;
  void clear();
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      if (io.template get<bool>()) {
        make_dense();
        std::memcpy(registers(), io.raw(kRegisters), kRegisters);
      } else {
        for (std::uint64_t left = io.count(); left != 0; --left) add(io.template get<std::uint64_t>());
      }
    } else {
      io(dense_);
      if (dense_) return io.raw(registers(), kRegisters);
      io.count(count_);
      for (std::uint64_t i = 0; block_ != nullptr && i != std::uint64_t{1} << log2_; ++i)
        if (block_[i] != 0) io(block_[i]);
    }
  }

 private:
  static constexpr unsigned kPrecision = 12;                   // bits of a hash that choose its register
  static constexpr unsigned kRegisters = 1u << kPrecision;     // standard error 1.04 / sqrt(4096) = 1.6 %
  static constexpr unsigned kMostSparse = kRegisters / 8 / 2;  // hashes in a half full table of as many bytes

  /// A register holds the highest position, from 1, of the first set bit among its hashes' other 52 bits.
  void add_dense(std::uint64_t hash) {
    std::uint8_t& held = registers()[hash >> (64 - kPrecision)];
    const auto rank = static_cast<std::uint8_t>(1 + std::countl_zero(hash << kPrecision | 1u << (kPrecision - 1)));
    held = rank > held ? rank : held;
  }
  void add_sparse(std::uint64_t hash);
  void grow(unsigned log2);
  void make_dense();
  std::uint8_t* registers() const { return reinterpret_cast<std::uint8_t*>(block_); }

  // Sparse: an open-addressing table of 2^log2_ hashes, 0 is free. Dense: the registers, in the memory of its 512
  // slots.
  std::uint64_t* block_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint8_t log2_ = 0;  // 0: no block
  bool dense_ = false;
};

}  // namespace gress::agg
