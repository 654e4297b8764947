#include "runtime/engine/time_text.h"

#include <cstdio>
#include <ctime>

namespace gress::engine {
namespace {

std::int64_t micros_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

}  // namespace

std::int64_t now_micros() { return micros_of(CLOCK_REALTIME); }
std::int64_t steady_micros() { return micros_of(CLOCK_MONOTONIC); }

std::string time_text(std::int64_t micros) {
  std::int64_t second = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --second;
  }
  const std::time_t time = second;
  std::tm parts{};
  if (!gmtime_r(&time, &parts)) return std::to_string(micros) + "us";
  char text[80];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text, n);
  if (rest / 1000 != 0) {
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(rest / 1000));
    out += fraction;
  }
  return out += 'Z';
}

}  // namespace gress::engine
