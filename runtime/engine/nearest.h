#pragma once
#include <span>
#include <string>
#include <string_view>

namespace gress::engine {

/// The candidate nearest to `name` by edit distance (Damerau's, with swaps of neighbours), empty if none is near: at
/// most a third of the letters differ.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

/// "; did you mean `x`?", or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace gress::engine
