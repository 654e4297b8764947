// Timestamps and durations as text, written straight to where they go; each writer returns the end.
#pragma once
#include <cstddef>
#include <cstdint>

namespace gress::fn {

/// Room for either.
inline constexpr std::size_t kTimeRoom = 48;

/// RFC 3339 in UTC with no more digits of a second than needed: 2026-01-31T12:00:00.5Z. Years outside 0000-9999, which
/// RFC 3339 does not know, as ISO 8601 has them, with a sign: +12026-01-31T…
char* write_timestamp(char* to, std::int64_t micros);

/// ISO 8601 in hours, minutes and seconds: PT1H30M, PT36H, -PT5M, PT0.25S, PT0S.
char* write_duration(char* to, std::int64_t micros);

/// A year: four digits, or a sign and five or more.
char* write_year(char* to, std::int32_t year);
/// ".5" and so on, nothing for 0; micros below a million.
char* write_fraction(char* to, std::uint32_t micros);

}  // namespace gress::fn
