// A sketch of the distribution of many numbers in bounded memory: any quantile within 1 % of its rank, mergeable.
//
// Source: Z. Karnin, K. Lang, E. Liberty, "Optimal quantile approximation in streams", FOCS 2016 (KLL): levels of
// compactors, level h holding values that stand for 2^h rows each; a full level is sorted and every other value of it,
// beginning by the toss of a coin, goes one level up. Capacities shrink by 2/3 from the top level down. With k = 400 at
// the top the rank error is below 0.7 % with 99 % confidence, and the sketch holds at most 1,700 values. The coin is a
// generator of fixed seed: the same values in the same order always give the same sketch. Up to 400 values are all
// kept.
#pragma once
#include <cstdint>
#include <cstring>
#include <utility>

namespace gress::agg {

class KllSketch {
 public:
  static constexpr std::uint32_t kTop = 400;

  KllSketch() = default;
  KllSketch(KllSketch&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  KllSketch& operator=(KllSketch&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~KllSketch();

  void add(double x) {
    if (block_ == nullptr || block_->size == block_->room) [[unlikely]]
      make_room();
    ++block_->rows;
    items(block_)[block_->size++] = x;
  }
  void merge(const KllSketch& other);
  std::uint64_t rows() const { return block_ == nullptr ? 0 : block_->rows; }
  /// Value of quantile q in [0, 1], of rows() > 0: exact (linear between ranks) while all values are kept.
  double quantile(double q) const;
  /// Memory stays.
  void clear();
  /// The whole block as it stands, so that what is added later goes as it would have gone.
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      if (io.template get<bool>()) restore(io.raw(sizeof(Block)), io);
    } else {
      io(block_ != nullptr);
      if (block_ == nullptr) return;
      io.raw(block_, sizeof(Block));
      io.raw(items(block_), block_->size * sizeof(double));
    }
  }

 private:
  static constexpr int kLevels = 60;
  struct Block {
    std::uint64_t rows;
    std::uint64_t coin;      // state of the generator
    double least, greatest;  // of the values that were ever compacted
    std::uint32_t size;      // values held
    std::uint32_t room;      // values held when something is to be done: the lesser of capacity and limit
    std::uint32_t capacity;  // values there is memory for
    std::uint32_t base;      // where level 0 begins
    std::uint32_t levels;
    std::uint16_t level_size[kLevels];  // that of level 0 is size - base
  };
  // Values follow the block: the top level first, level 0 last, unsorted, the others sorted.
  static double* items(Block* block) { return reinterpret_cast<double*>(block + 1); }

  template <class Io>
  void restore(const char* block, Io& io) {
    Block saved;
    std::memcpy(&saved, block, sizeof saved);
    reserve(saved.capacity);
    const char* const values = io.raw(saved.size * sizeof(double));
    saved.capacity = block_->capacity;
    *block_ = saved;
    std::memcpy(items(block_), values, saved.size * sizeof(double));
  }
  void make_room();
  void reserve(std::uint32_t capacity);
  void reset();
  static std::uint32_t level_capacity(std::uint32_t levels, std::uint32_t level);
  static std::uint32_t limit(std::uint32_t levels);
  void compress();
  void compact(std::uint32_t level);
  bool toss();

  Block* block_ = nullptr;
};

}  // namespace gress::agg
