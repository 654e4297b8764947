// English names of months and weekdays, and the conversions of time patterns.
#pragma once
#include <string_view>

namespace gress::fn {

inline constexpr std::string_view kMonthNames[12] = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
/// Monday first.
inline constexpr std::string_view kDayNames[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};

inline constexpr std::string_view kFormatConversions = "YymdejHIpMSfsaAbBhuwGVzZFTRDnt%";
/// A week alone makes no date: %G and %V cannot be parsed.
inline constexpr std::string_view kParseConversions = "YymdejHIpMSfsaAbBhuwzZFTRDnt%";

/// What a conversion stands for in others, empty if it stands for itself.
constexpr std::string_view expansion(char conversion) {
  switch (conversion) {
    case 'F':
      return "%Y-%m-%d";
    case 'T':
      return "%H:%M:%S";
    case 'R':
      return "%H:%M";
    case 'D':
      return "%m/%d/%y";
    default:
      return {};
  }
}

}  // namespace gress::fn
