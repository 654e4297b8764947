// JSON lines to rows. A block's records are first tried by shape (json_shape.h): fixed text compared, values read in
// short loops; records of no known shape, or with anything unusual, go through the complete reader (json_read.h), which
// is also the only one that explains. What the quick way accepts is exactly what the complete one would give.
#pragma once
#include "runtime/core/decode/json_block.h"

namespace gress::decode {

template <class Schema, int Block = kLibraryBlock>
class JsonDecoder : public JsonBlock<Block> {
 public:
  using Row = typename Schema::Row;
  using Output = Decoded<Row, Block>;

  explicit JsonDecoder(std::size_t max_record = kMaxRecord) : JsonBlock<Block>(max_record) {}

  /// Decodes up to Block records of [data, data + size), behind which 64 bytes are readable; `at_end`: no more follow,
  /// the last record may lack its line end. Gives the bytes consumed; 0 with nothing in `out`: a whole record is not
  /// there yet. Rows refer to `data` and to ev.arena.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    const auto [left_out, nothing, indexed] = this->begin(data, size, at_end, out);
    if (nothing) return left_out;
    const JsonRows to{JsonSchema<Schema>::layout, out.rows, sizeof(Row), [](void* row) { *static_cast<Row*>(row) = {}; }};
    const char* const from = data + left_out;
    const std::size_t used = indexed && index_.rows != 0 ? block(from, to, out, ev)
                                                         : this->each_record(from, size - left_out, at_end, indexed ? 1 : Block, to, out, ev);
    if (left_out != 0) this->move_on(left_out, out);
    return left_out + used;
  }

 private:
  using JsonBlock<Block>::index_, JsonBlock<Block>::shapes_, JsonBlock<Block>::picked_;

  std::size_t block(const char* data, const JsonRows& to, Output& out, Eval& ev) {
    int open = this->begin_lines(data, to, out, ev);
    for (std::size_t s = 0; s != shapes_.size() && open != 0; ++s) {
      const int before = open;
      open = this->pick(shapes_[s], data, open);
      if (picked_.count != 0) read(shapes_[s], out, ev);
      this->took(s, before - open);
    }
    const std::size_t consumed = this->consumed();
    if (this->end_lines(data, open, to, out, ev)) close_gaps(out, out.count, this->fates_);
    return consumed;
  }

  /// The picked rows, which have the shape.
  void read(const JsonShape& shape, Output& out, Eval& ev) {
    Picked<Block>& rows = picked_;
    for (const JsonShape::Value& v : shape.values) {
      if (v.field < 0) this->check_value(v, ev);
      else with_field<Schema>(static_cast<std::size_t>(v.field), [&]<std::size_t I> { return read_field<I>(v, rows, out, ev); });
    }
    for (const JsonShape::Missing& m : shape.missing)
      with_field<Schema>(static_cast<std::size_t>(m.field), [&]<std::size_t I> { return fill_missing<I>(rows, m.record_there, out); });
    for (const JsonShape::Presence& p : shape.presences)
      with_field<Schema>(static_cast<std::size_t>(p.field), [&]<std::size_t I> { return fill_presence<I>(rows, p.there, out); });
    this->take_picked();
  }

  template <std::size_t I>
  bool read_field(const JsonShape::Value& v, Picked<Block>& rows, Output& out, Eval& ev) {
    using F = FieldOf<Schema, I>;
    using W = typename F::Wire;
    if constexpr (!std::is_same_v<W, wire::Presence> && is_looked_at<Schema, I>) {
      const auto store = [&]([[maybe_unused]] std::uint16_t slot, [[maybe_unused]] const auto& value) {
        if constexpr (F::read) std::get<I>(Schema::fields).in(out.rows[slot]) = value;
      };
      if constexpr (!IsComposite<Plain<W>>::value) {
        if (v.kind == JsonShape::Kind::quoted) {
          read_column<W, Form::json_text>(rows, v.span, ev.arena, store);
          return true;
        }
        if (v.kind == JsonShape::Kind::bare) {
          read_column<W, Form::json_bare>(rows, v.span, ev.arena, store);
          return true;
        }
      }
      for (int k = 0; k != rows.count; ++k) {
        const std::int32_t begin = rows.at(k, v.span.begin), end = rows.at(k, v.span.end);
        JsonCursor c(rows.base + begin, rows.base + std::max(begin, end), ev.arena);
        typename W::Value value{};
        if (begin < end && JsonValue<W>::read(c, &value) && c.at_end()) {
          store(rows.slot[k], value);
        } else {
          rows.failed[k] = 1;
          rows.any_failed = true;
        }
      }
    }
    return true;
  }

  template <std::size_t I>
  bool fill_missing(Picked<Block>& rows, bool record_there, Output& out) {
    using F = FieldOf<Schema, I>;
    if constexpr (F::read && !std::is_same_v<typename F::Wire, wire::Presence>) {
      for (int k = 0; k != rows.count; ++k) {
        auto& member = std::get<I>(Schema::fields).in(out.rows[rows.slot[k]]);
        member = {};
        if constexpr (F::has_default) {
          if (record_there) member = std::get<I>(Schema::fields).standing_in();
        }
      }
    }
    return true;
  }
  template <std::size_t I>
  bool fill_presence(Picked<Block>& rows, bool there, Output& out) {
    if constexpr (FieldOf<Schema, I>::read && std::is_same_v<typename FieldOf<Schema, I>::Wire, wire::Presence>)
      for (int k = 0; k != rows.count; ++k) std::get<I>(Schema::fields).in(out.rows[rows.slot[k]]) = there;
    return true;
  }
};

}  // namespace gress::decode
