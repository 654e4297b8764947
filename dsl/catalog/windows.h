// Every window that `window W(…)` may name, as data: one entry a checked::WindowKind, in its order.
#pragma once
#include <span>
#include <string_view>

namespace gress::dsl {

/// What a named argument of windows means.
struct WindowArgument {
  std::string_view name;
  std::string_view form;  // as it is written
  std::string_view doc;   // one line
};

struct WindowInfo {
  std::string_view name;
  std::string_view form;                   // as it is usually written
  std::string_view doc;                    // one line
  std::span<const std::string_view> args;  // names of those that it takes
  bool sized = true;                       // the first argument is a size
};

std::span<const WindowInfo> windows();
/// Null when no window takes an argument of that name.
const WindowArgument* find_window_argument(std::string_view name);
/// What other languages call a window that is here: "hop" → "`sliding(10m, every: 1m)`". Empty if nothing is known.
std::string_view foreign_window_hint(std::string_view name);

}  // namespace gress::dsl
