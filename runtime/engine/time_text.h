// Clocks and times for messages; rows have their own printers.
#pragma once
#include <cstdint>
#include <string>

namespace gress::engine {

/// Microseconds since the epoch, UTC.
std::int64_t now_micros();
/// Microseconds of a clock that never jumps.
std::int64_t steady_micros();
/// RFC 3339, UTC, with milliseconds where there are any.
std::string time_text(std::int64_t micros);

}  // namespace gress::engine
