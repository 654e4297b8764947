// Rows of a source of several types. A decoder gives them as UnionRows, in the order of the records; the source treats
// these as it treats all rows, and here they go on as blocks of their cases.
//
// A case (generated): Block (borrowing its rows), Schema, kTag, kRead (somebody reads it),
//   static void time(Eval&, const Row&, std::int64_t& t);  static void out(Pipeline&, const Block&);
// The spec is a source's (record_source.h) and has Cases, a tuple of these, and kInterleaved: rows go on in runs of one
// case, in the order of the records, instead of block by block.
#pragma once
#include <cstdint>
#include <tuple>
#include <utility>

#include "runtime/core/block.h"
#include "runtime/core/eval.h"

namespace gress {

/// Row `row` of case `which`; rows of one case that follow each other in a block stand side by side.
struct UnionRow {
  const void* row = nullptr;
  std::uint32_t which = 0;
};

template <class Cases>
inline constexpr std::size_t union_size = std::tuple_size_v<Cases>;

/// body.template operator()<I>() for the case numbered `which`.
template <class Cases, class Body>
inline void with_case(std::uint32_t which, Body&& body) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)((which == I ? (body.template operator()<I>(), true) : false) || ...);
  }(std::make_index_sequence<union_size<Cases>>{});
}

template <class Cases>
void union_time(Eval& ev, const UnionRow& row, std::int64_t& t) {
  with_case<Cases>(row.which, [&]<std::size_t I> {
    using Case = std::tuple_element_t<I, Cases>;
    Case::time(ev, *static_cast<const typename Case::Block::Row*>(row.row), t);
  });
}

/// Sets the fields that stand beside the record; the row lies where the decoder has put it.
template <class Cases, class Message>
void union_meta(UnionRow& row, const Message& message) {
  with_case<Cases>(row.which, [&]<std::size_t I> {
    using Case = std::tuple_element_t<I, Cases>;
    Case::meta(*static_cast<typename Case::Block::Row*>(const_cast<void*>(row.row)), message);
  });
}

template <class Cases>
struct UnionMeta;
template <class... Case>
struct UnionMeta<std::tuple<Case...>> {
  static constexpr unsigned bits = (Case::Block::kMeta | ...);
  using Blocks = std::tuple<typename Case::Block...>;
};
/// Has every lane that some case needs.
template <class Cases>
using UnionBlock = Block<UnionRow, UnionMeta<Cases>::bits, true>;

template <class Spec>
class UnionBlocks {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::Block;

  void out(Pipeline& p, const In& in) {
    if constexpr (Spec::kInterleaved) {
      for (int from = 0; from < in.count;) {
        const std::uint32_t which = in.rows[from].which;
        int to = from + 1;
        if (!read(which)) {
          from = to;
          continue;
        }
        while (to < in.count && (in.rows[to].which == which || !read(in.rows[to].which))) ++to;
        with_case<Cases>(which, [&]<std::size_t I> { hand_on<I>(p, in, from, to); });
        from = to;
      }
    } else {
      [&]<std::size_t... I>(std::index_sequence<I...>) { (hand_on<I>(p, in, 0, in.count), ...); }(std::make_index_sequence<union_size<Cases>>{});
    }
  }

 private:
  using Cases = typename Spec::Cases;

  static bool read(std::uint32_t which) {
    bool yes = false;
    with_case<Cases>(which, [&]<std::size_t I> { yes = std::tuple_element_t<I, Cases>::kRead; });
    return yes;
  }

  /// The rows of case I among [from, to).
  template <std::size_t I>
  void hand_on(Pipeline& p, const In& in, int from, int to) {
    using Case = std::tuple_element_t<I, Cases>;
    if constexpr (Case::kRead) {
      auto& block = std::get<I>(blocks_);
      int n = 0;
      for (int i = from; i != to; ++i) {
        if (in.rows[i].which != I) continue;
        // Borrowed rows are never changed; their type says otherwise for decoders alone.
        if (n == 0) block.rows = static_cast<typename Case::Block::Row*>(const_cast<void*>(in.rows[i].row));
        block.take_lanes(n++, in, i);
      }
      if (n == 0) return;
      block.count = n;
      block.others = in.others;
      Case::out(p, block);
    }
  }

  typename UnionMeta<Cases>::Blocks blocks_;
};

}  // namespace gress
