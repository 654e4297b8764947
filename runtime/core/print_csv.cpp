#include "runtime/core/print_csv.h"

namespace gress::fn {

void csv_text(Out& out, std::string_view x) {
  if (!x.empty() && x.find_first_of(",\"\n\r") == std::string_view::npos) {
    out.write(x);
    return;
  }
  char* to = out.need(2 * x.size() + 2);
  *to++ = '"';
  for (const char c : x) {
    *to++ = c;
    if (c == '"') *to++ = c;
  }
  *to++ = '"';
  out.advance(to);
}

}  // namespace gress::fn
