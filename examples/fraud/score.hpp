// A scoring function as a team would bring it: plain C++, which knows nothing of Gress.
#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fraud {

/// What is done with a payment.
enum class Verdict { pass, review, block };

/// What a card did before this payment.
struct Behaviour {
  std::int64_t tries_10m;             ///< payments in ten minutes, this one too
  std::int64_t refused_10m;           ///< those of them that were refused
  double amount;                      ///< of this payment
  std::optional<double> usual;        ///< the average of the payments before
  bool new_country;                   ///< another one than the last time
};

/// Chance of fraud, in [0, 1].
inline double score(const Behaviour& b) noexcept {
  const double above = b.usual && *b.usual > 0 ? b.amount / *b.usual - 1 : 0;
  const double x = -5.0 + 0.6 * static_cast<double>(b.tries_10m) + 1.1 * static_cast<double>(b.refused_10m) + 0.25 * above + (b.new_country ? 1.5 : 0.0);
  return 1.0 / (1.0 + std::exp(-x));
}

/// The team's limits. A score that is none is a mistake in the data, and throws.
inline Verdict verdict(double score) {
  if (!(score >= 0 && score <= 1)) throw std::domain_error("a score lies between 0 and 1");
  return score < 0.3 ? Verdict::pass : score < 0.8 ? Verdict::review : Verdict::block;
}

/// A card's number as it may be shown: its last four digits.
inline std::string masked(std::string_view card) {
  return "…" + std::string(card.size() > 4 ? card.substr(card.size() - 4) : card);
}

/// The highest score, and how many were above a half.
class Alarm {
 public:
  void add(double score) noexcept {
    highest_ = score > highest_ ? score : highest_;
    above_ += score > 0.5;
  }
  void merge(const Alarm& other) noexcept {
    highest_ = other.highest_ > highest_ ? other.highest_ : highest_;
    above_ += other.above_;
  }
  double result() const noexcept { return static_cast<double>(above_) + highest_; }

 private:
  double highest_ = 0;
  std::int64_t above_ = 0;
};

}  // namespace fraud
