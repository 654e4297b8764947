#pragma once
#include <map>

struct Odd {
  void add(double x) { seen[x] += 1; }
  void merge(const Odd& other) { for (const auto& [x, n] : other.seen) seen[x] += n; }
  double result() const { return static_cast<double>(seen.size()); }
  template <class Io>
  void archive(Io& io) { io(seen); }  // a map says nothing of its bytes
  std::map<double, int> seen;
};
