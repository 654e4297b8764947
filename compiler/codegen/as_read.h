// How lines of generated code are known that ask the C++ compiler whether a header means to it what was read.
#pragma once
#include <string_view>

namespace gress::codegen {

/// Before the words, in backticks where they are the program's, that say of what.
inline constexpr std::string_view kAsRead = "// as read: ";

}  // namespace gress::codegen
