// One thing a function that hot loops must not hold, and one that holds none.
#pragma once
#include <memory>
#include <mutex>
#include <stdexcept>

namespace planted {

struct Rate {
  virtual ~Rate() = default;
  virtual double of(double amount) const noexcept = 0;
};
struct Flat final : Rate {
  double of(double amount) const noexcept override { return amount * 0.1; }
};
inline const Flat flat;
inline const Rate* rate = &flat;  // another file may set it
inline double (*correction)(double) noexcept = nullptr;
inline std::mutex guard;
inline double last = 0;

inline double plain(double amount) noexcept { return amount + 1; }
inline double called(double amount) noexcept { return rate->of(amount); }
inline double pointed(double amount) noexcept { return correction(amount); }
inline std::unique_ptr<double> kept;
inline double allocated(double amount) noexcept {
  kept = std::make_unique<double>(amount);
  return *kept;
}
inline double locked(double amount) noexcept {
  const std::lock_guard lock(guard);
  return last += amount;
}
inline double checked(double amount) {
  if (amount < 0) throw std::range_error("an amount is not negative");
  return amount;
}
inline double caught(double amount) noexcept {
  try {
    return checked(amount);
  } catch (const std::range_error&) {
    return 0;
  }
}

}  // namespace planted
