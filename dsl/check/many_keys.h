// Whether keys of some columns may be many: of enums and booleans there are few, and without columns there is one.
#pragma once
#include <algorithm>
#include <vector>

#include "dsl/check/checked.h"

namespace gress::dsl::checked {

inline bool many_values(const Type& type) {
  const Kind kind = type.plain()->kind;
  return kind != Kind::enumeration && kind != Kind::boolean;
}
inline bool many_keys(const Row& row, const std::vector<Index>& columns) {
  return std::ranges::any_of(columns, [&](Index c) { return many_values(*row.columns[c].type); });
}

}  // namespace gress::dsl::checked
