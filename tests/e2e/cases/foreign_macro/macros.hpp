// A macro that generated code stumbles over.
#pragma once
#define in 3
inline double more(double x) noexcept { return x + in; }
