#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Geometric mean by a product, which can be taken back.
struct Product {
  void add(double x) noexcept { product *= x; ++n; }
  void retract(double x) noexcept { product /= x; --n; }
  void merge(const Product& other) noexcept { product *= other.product; n += other.n; }
  std::optional<double> result() const noexcept { return n == 0 ? std::nullopt : std::optional(product); }

 private:
  double product = 1;
  std::int64_t n = 0;
};

/// The words seen, each once, in their order.
class Words {
 public:
  void add(std::string_view word, std::optional<std::int64_t> weight) {
    if (word == "bad") throw std::invalid_argument("a bad word");
    if (std::find(words_.begin(), words_.end(), word) == words_.end()) words_.emplace_back(word);
    weight_ += weight.value_or(1);
  }
  void merge(const Words& other) {
    for (const std::string& word : other.words_) add(word, 0);
    weight_ += other.weight_;
  }
  std::string result() const {
    std::string all;
    for (const std::string& word : words_) all += (all.empty() ? "" : " ") + word;
    return all + " " + std::to_string(weight_);
  }
  template <class Io>
  void archive(Io& io) { io(words_, weight_); }

 private:
  std::vector<std::string> words_;
  std::int64_t weight_ = 0;
};
