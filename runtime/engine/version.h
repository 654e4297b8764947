#pragma once

namespace gress {
inline constexpr const char* kVersion = "0.1.0";
}
