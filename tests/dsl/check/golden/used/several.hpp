#pragma once
double thrice(double x) { return x * 3; }
int beside() { return 1; }
