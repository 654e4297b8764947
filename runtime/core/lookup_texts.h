// Texts that hang on the row of a lookup table alone, numbered when the table is read: rows behind the look-up carry the
// number. A text keeps its number when the table is read again.
#pragma once
#include "runtime/core/growing_array.h"
#include "runtime/core/text.h"

namespace gress {

class LookupTexts {
 public:
  LookupTexts();
  ~LookupTexts();
  LookupTexts(const LookupTexts&) = delete;
  LookupTexts& operator=(const LookupTexts&) = delete;

  /// text_of(row) for all rows of the table.
  template <class Row, class TextOf>
  void build(const GrowingArray<Row>& rows, TextOf text_of) {
    numbers_.resize(rows.size());
    for (std::size_t r = 0; r != rows.size(); ++r) numbers_[r] = number_of(text_of(rows[r]));
  }
  std::int32_t number(std::uint32_t row) const { return static_cast<std::int32_t>(numbers_[row]); }
  Text text(std::int32_t number) const;

 private:
  std::uint32_t number_of(const Text& text);

  struct Numbers;
  Numbers* texts_;
  GrowingArray<std::uint32_t> numbers_;  // by row of the table
};

}  // namespace gress
