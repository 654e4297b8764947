// A block: up to kBlock rows on their way between two nodes, small enough to stay in the L1 cache. Beside the rows
// stand lanes of what a row carries (event time, its partition's watermark, position, record, op); a flow has exactly
// the lanes that some consumer needs, the others cost nothing.
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/members.h"
#include "runtime/core/time.h"

#ifndef GRESS_BLOCK_ROWS
#define GRESS_BLOCK_ROWS 128
#endif

namespace gress {

inline constexpr int kBlock = GRESS_BLOCK_ROWS;
static_assert(kBlock >= 2, "a block holds an update: a retract and the insert behind it");

inline constexpr unsigned kTime = 1;       // event time, microseconds
inline constexpr unsigned kWatermark = 2;  // of the row's own partition, just before the row
inline constexpr unsigned kPosition = 4;   // partition << 48 | offset
inline constexpr unsigned kRecord = 8;     // index of the record in the source's current block
inline constexpr unsigned kOp = 16;        // Op of rows of an upsert stream
inline constexpr unsigned kPair = 32;      // RowPair: where a join keeps what the row was made of
inline constexpr unsigned kTurn = 64;      // Turn: its place among the rows that went to other workers (turns.h)

/// Who has numbered a row << kTurnBits | its number, from 1; 0: it stands in no order.
using Turn = std::uint64_t;
inline constexpr int kTurnBits = 54;

/// An update travels as a retract of the old row directly followed by an insert of the new one.
enum class Op : std::uint8_t { insert, retract };

/// Numbers of a left and a right row that a join keeps for ever: it can make the joined row again from them.
struct RowPair {
  std::uint32_t left = 0, right = 0;
  static constexpr auto members = Members<&RowPair::left, &RowPair::right>{};
};

template <class T, bool Present>
struct Lane {
  T items[kBlock];
  T& operator[](int i) { return items[i]; }
  const T& operator[](int i) const { return items[i]; }
};
template <class T>
struct Lane<T, false> {};

/// Borrowed: the rows stand elsewhere (where a decoder put them), only the lanes are here.
template <class RowType, unsigned MetaBits, bool Borrowed = false>
struct Block {
  using Row = RowType;
  static constexpr unsigned kMeta = MetaBits;
  static constexpr bool has(unsigned bit) { return (kMeta & bit) != 0; }

  int count = 0;
  /// Lowest watermark of everything else that feeds the same consumer: its watermark just before row i is
  /// min(watermark[i], others).
  std::int64_t others = kEndOfTime;
  std::conditional_t<Borrowed, Row*, Row[kBlock]> rows;
  [[no_unique_address]] Lane<std::int64_t, has(kTime)> time;
  [[no_unique_address]] Lane<std::int64_t, has(kWatermark)> watermark;
  [[no_unique_address]] Lane<std::uint64_t, has(kPosition)> position;
  [[no_unique_address]] Lane<std::uint32_t, has(kRecord)> record;
  [[no_unique_address]] Lane<Op, has(kOp)> op;
  [[no_unique_address]] Lane<RowPair, has(kPair)> pair;
  [[no_unique_address]] Lane<Turn, has(kTurn)> turn;

  bool full() const { return count == kBlock; }

  /// Lanes of row i here = lanes of row j of `from`, as far as both have them.
  template <class Other>
  void take_lanes(int i, const Other& from, int j) {
    if constexpr (has(kTime) && Other::has(kTime)) time[i] = from.time[j];
    if constexpr (has(kWatermark) && Other::has(kWatermark)) watermark[i] = from.watermark[j];
    if constexpr (has(kPosition) && Other::has(kPosition)) position[i] = from.position[j];
    if constexpr (has(kRecord) && Other::has(kRecord)) record[i] = from.record[j];
    if constexpr (has(kOp) && Other::has(kOp)) op[i] = from.op[j];
    if constexpr (has(kTurn) && Other::has(kTurn)) turn[i] = from.turn[j];
  }

  /// The same of many rows: of rows i, i + 1, … here and rows[0], rows[1], … there.
  template <class Other>
  void take_lanes(int i, const Other& from, const std::uint16_t* rows, int count) {
    const auto take = [&](auto& lane, const auto& other) {
      for (int k = 0; k != count; ++k) lane[i + k] = other[rows[k]];
    };
    if constexpr (has(kTime) && Other::has(kTime)) take(time, from.time);
    if constexpr (has(kWatermark) && Other::has(kWatermark)) take(watermark, from.watermark);
    if constexpr (has(kPosition) && Other::has(kPosition)) take(position, from.position);
    if constexpr (has(kRecord) && Other::has(kRecord)) take(record, from.record);
    if constexpr (has(kOp) && Other::has(kOp)) take(op, from.op);
    if constexpr (has(kTurn) && Other::has(kTurn)) take(turn, from.turn);
  }

  std::int64_t time_of(int i) const {
    if constexpr (has(kTime)) return time[i];
    return 0;
  }
  std::int64_t watermark_of(int i) const {
    if constexpr (has(kWatermark)) return watermark[i];
    return kStartOfTime;
  }
  std::uint64_t position_of(int i) const {
    if constexpr (has(kPosition)) return position[i];
    return 0;
  }
  /// The consumer's watermark just before row i.
  std::int64_t watermark_before(int i) const {
    const std::int64_t own = watermark_of(i);
    return own < others ? own : others;
  }
};

/// Whether the block ends with a row that is deleted: an insert behind it, of another change, would make it an update.
template <class B>
bool lone_retract(const B& block) {
  if constexpr (B::has(kOp)) return block.count != 0 && block.op[block.count - 1] == Op::retract;
  return false;
}

}  // namespace gress
