#include "runtime/core/decimal.h"

#include "runtime/embedded/embedded.h"

namespace gress::embedded {

Decimal::Decimal(std::string_view text) {
  gress::Decimal read;
  switch (decimal_from_text(text, read)) {
    case DecimalText::good: break;
    case DecimalText::not_a_number: throw Error(Fault::misuse, "`" + std::string(text) + "` is no decimal number, such as 12.50");
    case DecimalText::does_not_fit: throw Error(Fault::misuse, "`" + std::string(text) + "` has more than 36 digits");
  }
  coefficient = read.coefficient();
  scale = read.scale();
}

namespace {

gress::Decimal checked(const Decimal& d) {
  if (d.scale < 0 || d.scale > gress::Decimal::kMaxScale || !gress::Decimal::fits(d.coefficient))
    throw Error(Fault::misuse, "a decimal has up to 36 digits and a scale of 0 to 127");
  return gress::Decimal::make(d.coefficient, d.scale);
}

}  // namespace

std::string Decimal::text() const {
  char room[kDecimalRoom];
  return {room, write_decimal(room, checked(*this))};
}

double Decimal::number() const { return double_from_decimal(checked(*this)); }

}  // namespace gress::embedded
