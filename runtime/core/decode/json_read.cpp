#include "runtime/core/decode/json_read.h"

namespace gress::decode {

#define GRESS_JSON_VALUE(W)     \
  template struct JsonValue<W>; \
  template struct JsonValue<wire::Optional<W>>;
GRESS_NUMBER_WIRES(GRESS_JSON_VALUE)
#undef GRESS_JSON_VALUE

JsonLayout::JsonLayout(std::initializer_list<JsonFieldLayout> list) : fields(list) {
  for (std::size_t i = 0; i != fields.size(); ++i)
    if (fields[i].looked_at) tree.add(fields[i].path, static_cast<int>(i), fields[i].is_presence);
}

}  // namespace gress::decode
