#include "runtime/core/decode/values.h"

namespace gress::decode {

Misfit read_decimal(std::string_view text, bool strict, gress::Decimal& out) {
  if (strict && scan_json_number(text.data(), text.data() + text.size()) != text.data() + text.size()) return Misfit::type;
  switch (decimal_from_text(text, out)) {
    case DecimalText::good: return Misfit::none;
    case DecimalText::not_a_number: return Misfit::type;
    case DecimalText::does_not_fit: return Misfit::range;
  }
  return Misfit::type;
}

}  // namespace gress::decode
