#pragma once
inline double twice(double x) { return x * tow; }
