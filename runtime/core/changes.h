// `changes`: an upsert stream as facts. A retract with its insert behind it is an update; a row that stands alone is an
// insert or a delete. Of rows whose key is the whole row, the two are of different rows: a delete, and an insert.
//
// Spec (generated): Pipeline, In (with kOp), Out,
//   static constexpr bool kKeyed;     // some columns of the row are its key
//   static void insert(const In&, int i, Out::Row&);
//   static void update(const In&, int old, int i, Out::Row&);
//   static void remove(const In&, int i, Out::Row&);
//   out, watermark.
#pragma once
#include "runtime/core/rolling.h"

namespace gress {

/// A row as an optional record, as far as its members are read.
template <class Row>
struct OldRow {
  bool has;
  const Row& value;
};

template <class Spec>
class Changes {
 public:
  using In = typename Spec::In;

  explicit Changes(typename Spec::Pipeline& pipeline) : emitter_(pipeline) {}

  void process(const In& in) {
    emitter_.set_others(in.others);
    for (int i = 0; i < in.count; ++i) {
      const int insert = Spec::kKeyed && Cause<In>::retracts(in, i) ? Cause<In>::insert_of(in, i) : -1;
      if (insert >= 0) Spec::update(in, i, insert, emitter_.next());
      else if (Cause<In>::retracts(in, i)) Spec::remove(in, i, emitter_.next());
      else Spec::insert(in, i, emitter_.next());
      if (insert >= 0) i = insert;
      emitter_.commit(Cause<In>::stamp(in, i), in.watermark_of(i), Op::insert);
    }
    emitter_.flush();
  }

  template <class Io>
  void archive(Io& io) { emitter_.archive(io); }

  void watermark(std::int64_t t) { Spec::watermark(emitter_.pipeline(), t); }

 private:
  Emitter<Spec> emitter_;
};

}  // namespace gress
