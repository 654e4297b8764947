// A source without options and partitions, and a sink that others see when all is done: without checkpoints, at the end.
#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <span>
#include <string>

namespace files {

struct Step {
  std::int64_t n;
  std::optional<std::string> word;
  std::chrono::sys_time<std::chrono::microseconds> unused;
};
struct Stepped {
  std::optional<std::string> word;
  std::int64_t twice;
};

class Steps {
 public:
  std::optional<std::size_t> read(std::span<Step> rows) noexcept {
    if (n_ == 300) return std::nullopt;
    if (n_ % 100 == 0 && waited_++ % 2 == 0) return 0;  // nothing just now
    std::size_t i = 0;
    for (; i != rows.size() && i != 100; ++i, ++n_) rows[i] = {n_, n_ % 3 == 0 ? std::nullopt : std::optional("n" + std::to_string(n_)), {}};
    return i;
  }
  std::int64_t position() const { return n_; }
  void seek(std::int64_t n) { n_ = n; }

 private:
  std::int64_t n_ = 0, waited_ = 0;
};

class Summed {
 public:
  void write(std::span<const Stepped> rows) {
    for (const Stepped& row : rows) sum_ += row.twice, words_ += row.word.has_value();
  }
  long prepare() const { return sum_; }
  void commit(long sum) { std::ofstream("summed.txt") << sum << ' ' << words_ << '\n'; }
  void recover(const std::optional<long>&) { std::remove("summed.txt"); }

 private:
  long sum_ = 0, words_ = 0;
};

}  // namespace files
