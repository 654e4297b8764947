// The complete reader of CSV: headers, and records one by one, with explanations. csv_decoder.h has the quick way.
#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "runtime/core/decode/csv_record.h"
#include "runtime/core/decode/field_layout.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {

/// Reads a field's text as a W; `out`, a Member, may be null.
template <class W, class Member = typename W::Value>
struct CsvValue {
  [[gnu::cold, gnu::noinline]] static Misfit read(std::string_view text, Arena& arena, void* out) {
    typename Plain<W>::Value value{};
    const Misfit misfit = ValueReader<Plain<W>>::template read<Form::csv>(text, arena, value);
    if (misfit == Misfit::none && out != nullptr) *static_cast<Member*>(out) = value;
    return misfit;
  }
};
#define GRESS_CSV_VALUE(W)            \
  extern template struct CsvValue<W>; \
  extern template struct CsvValue<wire::Optional<W>>;
GRESS_FIXED_WIRES(GRESS_CSV_VALUE)
#undef GRESS_CSV_VALUE

struct CsvFieldLayout : FieldLayout {
  /// Null for types that have no CSV form.
  Misfit (*read)(std::string_view text, Arena& arena, void* out);
  TypeText type;
  bool is_optional;
};
template <class Schema, std::size_t I>
CsvFieldLayout csv_field_layout() {
  using W = typename FieldOf<Schema, I>::Wire;
  CsvFieldLayout field{field_layout<Schema, I>(), nullptr, type_text<W>(), is_optional<W>};
  if constexpr (is_looked_at<Schema, I> && !IsComposite<Plain<W>>::value && !std::is_same_v<W, wire::Presence>) field.read = CsvValue<W, MemberOf<Schema, I>>::read;
  return field;
}
template <class Schema>
struct CsvLayout {
  inline static const auto fields = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{csv_field_layout<Schema, I>()...};
  }(std::make_index_sequence<field_count<Schema>>{});
};

/// What became of a header: consumed bytes, or why it does not fit. Neither: more bytes are wanted.
struct CsvHeader {
  std::size_t consumed = 0;
  std::string error;
  bool done = false;
};
/// Of formats that have none.
inline CsvHeader no_header() { return {0, {}, true}; }

class CsvReader {
 public:
  CsvReader(std::span<const CsvFieldLayout> fields, std::size_t max_record) : fields_(fields) { state.max_record = max_record; }

  LineState state;
  /// Of the header: how many columns it has, and which is which.
  int column_count = 0;
  CsvColumns columns;
  /// Where the latest record ended, without its line end, and where the next begins.
  const char* record_end() const { return record_.end; }
  const char* next() const { return record_.next; }

  CsvHeader header(const char* data, std::size_t size, bool at_end);
  /// The record at `begin` into `row`, which is fresh; a bad one is noted with `number`. `open` if more bytes are wanted.
  Fate record(const char* data, std::size_t begin, std::size_t size, bool at_end, int number, void* row, std::vector<BadRecord>& bad, Arena& arena);

 private:
  Fate too_long(const char* data, std::size_t begin, std::size_t size, int number, std::vector<BadRecord>& bad);
  std::string open_quote(const CsvRecord& record, const char* begin, bool at_end) const;
  bool read_fields(void* row, Arena& arena, std::string& error);
  static bool read_field(const CsvField& text, const CsvFieldLayout& field, void* row, Arena& arena, std::string& error);

  std::span<const CsvFieldLayout> fields_;
  CsvRecord record_;
};

}  // namespace gress::decode
