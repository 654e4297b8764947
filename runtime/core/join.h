// Words that the joins of two streams share.
#pragma once
#include <cstdint>

namespace gress {

enum class JoinKind : std::uint8_t { inner, left, full, semi, anti };

/// What became of a row's key: there, absent in a part (such a row matches nothing), not computed (the row was routed),
/// or not asked for because the row is late.
enum class Keyed : std::uint8_t { present, absent, failed, late };

}  // namespace gress
