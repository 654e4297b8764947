// A row of a version that is out, and who it is, which its retract repeats: who keeps rows finds it by that.
#pragma once
#include "runtime/core/emitter.h"
#include "runtime/core/maybe.h"
#include "runtime/core/state_value.h"

namespace gress {

/// `Out`: the block that it was said in.
template <class Out>
class SaidRow {
 public:
  using Row = typename Out::Row;

  SaidRow() = default;
  SaidRow(const Row& row, Stamp stamp) : row_(row) { set(stamp); }

  const Row& get() const { return row_.get(); }
  Stamp stamp() const {
    if constexpr (kStamps) return stamp_.value;
    else return {};
  }
  void assign(const Row& row, Stamp stamp) {
    row_.assign(row);
    set(stamp);
  }
  template <class Io>
  void archive(Io& io) {
    io(row_);
    if constexpr (kStamps) io(stamp_.value);
  }

 private:
  static constexpr bool kStamps = Out::has(kTime) || Out::has(kPosition);
  void set([[maybe_unused]] Stamp stamp) {
    if constexpr (kStamps) stamp_.value = stamp;
  }

  Held<Row> row_;
  [[no_unique_address]] Maybe<Stamp, kStamps> stamp_;
};

}  // namespace gress
