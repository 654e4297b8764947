#pragma once
namespace tax {
inline constexpr double rate = 1.5;
}
