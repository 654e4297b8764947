// Macros with names of generated code.
#pragma once
#define in 3
#define more(x) less(x)
#define foreign
#define ev 2
#define std nowhere
#define row row.column
#define x y
#undef x
#undef more
inline double more(double x) noexcept { return x + in; }
#define more(x) less(x)
#define x y
