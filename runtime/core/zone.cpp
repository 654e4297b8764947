#include "runtime/core/zone.h"

#include <algorithm>

#include "runtime/core/civil.h"
#include "runtime/core/time.h"

namespace gress::fn {

namespace {

constexpr std::int64_t kCycle = 146097 * kDay;  // 400 years
/// No two offsets of a zone are further apart.
constexpr std::int64_t kWidest = 2 * kDay;

}  // namespace

Zone::Zone(std::string name, std::vector<Interval> intervals, std::vector<std::string> abbreviations,
           std::int64_t cycle_from)
    : name_(std::move(name)),
      intervals_(std::move(intervals)),
      abbreviations_(std::move(abbreviations)),
      cycle_from_(cycle_from) {}

Zone::Interval Zone::search(std::int64_t t) const {
  std::int64_t shift = 0;
  if (t >= cycle_from_) shift = ((t - cycle_from_) / kCycle + 1) * kCycle;
  const auto after = std::upper_bound(intervals_.begin(), intervals_.end(), t - shift,
                                      [](std::int64_t x, const Interval& i) { return x < i.begin; });
  Interval found = *(after - 1);
  if (shift == 0) {
    __atomic_store_n(&recent_, static_cast<std::uint32_t>(after - 1 - intervals_.begin()), __ATOMIC_RELAXED);
  } else {
    found.begin += shift;
    found.end = add_saturated(found.end, shift);
  }
  return found;
}

std::int64_t Zone::local(std::int64_t t) const { return add_saturated(t, offset(t)); }

std::int64_t Zone::first_instant(std::int64_t local) const {
  Interval i = at(add_saturated(local, -kWidest));
  while (i.end != kEndOfTime && add_saturated(i.end, i.offset) <= local) i = at(i.end);
  return std::max(i.begin, add_saturated(local, -i.offset));
}

std::int64_t Zone::from_local(std::int64_t local) const {
  Interval i = at(add_saturated(local, -kWidest));
  std::int64_t before = i.offset;
  while (i.end != kEndOfTime && add_saturated(i.end, i.offset) <= local) {
    before = i.offset;
    i = at(i.end);
  }
  const std::int64_t t = add_saturated(local, -i.offset);
  return t >= i.begin ? t : add_saturated(local, -before);
}

const Zone& utc() {
  static const Zone zone("UTC", {{kStartOfTime, kEndOfTime, 0, 0}}, {"UTC"}, kEndOfTime);
  return zone;
}

}  // namespace gress::fn
