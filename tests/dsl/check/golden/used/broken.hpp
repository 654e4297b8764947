#pragma once
#include "missing_part.hpp"
inline double twice(double x) { return x * tow; }
