// Words that the joins of two streams share.
#pragma once
#include <cstdint>

namespace gress {

enum class JoinKind : std::uint8_t { inner, left, full, semi, anti };

/// Of which side a row is asked, before it is joined and kept, whether it may come in sight in the `top` that reads the join.
enum class Contest : std::uint8_t { none, left, right };

/// What became of a row's key: there, absent in a part (such a row matches nothing), not computed (the row was routed),
/// or not asked for because the row is late.
enum class Keyed : std::uint8_t { present, absent, failed, late };

}  // namespace gress
