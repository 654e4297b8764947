// Aggregates that keep what is not theirs, or take back what they were not given.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace state {

struct Latest {
  void add(std::string_view text) { last = text; }
  void merge(const Latest& other) { last = other.last; }
  double result() const { return static_cast<double>(last.size()); }
  std::string_view last;
};

struct Words {
  void add(std::string_view word) { words.push_back(word); }
  void merge(const Words& other) { words.insert(words.end(), other.words.begin(), other.words.end()); }
  double result() const { return static_cast<double>(words.size()); }
  std::vector<std::optional<std::string_view>> words;
};

struct Net {
  void add(double x) { sum += x; }
  void retract(std::int64_t x) { sum -= static_cast<double>(x); }
  void merge(const Net& other) { sum += other.sum; }
  double result() const { return sum; }
  double sum = 0;
};

struct Same {
  void add(const double& x) { sum += x; }
  void retract(double x) { sum -= x; }
  void merge(const Same& other) { sum += other.sum; }
  double result() const { return sum; }
  double sum = 0;
};

}  // namespace state
