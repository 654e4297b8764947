// A program of one's own that has a pipeline in it: what it learns it pushes, what comes out it takes, and it says what
// time it is. Here rides are made up; they could as well come from a socket or a game's loop.
#include <cstdio>
#include <string>
#include <vector>

#include "fares.h"

using namespace std::chrono_literals;
using gress::embedded::Decimal;
using gress::embedded::Time;

namespace {

const Time kNoon = std::chrono::sys_days{std::chrono::January / 31 / 2026} + 12h;

std::vector<fares::Ride> rides_of_minute(int minute) {
  const Time at = kNoon + std::chrono::minutes(minute);
  return {
      {.ended = at, .area = "north", .fare = Decimal(7 + minute % 3)},
      {.ended = at + 20s, .area = minute % 2 == 0 ? "harbour" : "north", .fare = Decimal("12.50")},
      {.ended = at + 40s, .area = "harbour", .fare = Decimal("0.10")},
  };
}

/// 12:05
std::string clock_time(Time t) {
  const std::chrono::hh_mm_ss time(t - std::chrono::floor<std::chrono::days>(t));
  const long minutes = static_cast<long>(time.hours().count() * 60 + time.minutes().count());
  char text[16];
  std::snprintf(text, sizeof text, "%02ld:%02ld", minutes / 60, minutes % 60);
  return text;
}

void show(fares::Pipeline& pipeline) {
  for (const fares::BusyRow& row : pipeline.take_busy())
    std::printf("%s %-8s %2ld rides, %s\n", clock_time(row.window_start).c_str(), row.area.c_str(),
                static_cast<long>(row.rides), row.fares.text().c_str());
}

}  // namespace

int main() {
  try {
    fares::Pipeline pipeline({.least = Decimal(1)});
    for (int minute = 0; minute != 12; ++minute) {
      pipeline.push_rides(rides_of_minute(minute));
      show(pipeline);
    }
    // Nobody rides for a while: without rows it is the host that knows what time it is.
    std::puts("-- a quarter past");
    pipeline.advance_to(kNoon + 15min);
    show(pipeline);
    pipeline.push_rides({.ended = kNoon + 16min, .area = "north", .fare = Decimal(9)});
    std::puts("-- the end");
    pipeline.finish();
    show(pipeline);
  } catch (const gress::embedded::Error& error) {
    std::fprintf(stderr, "dispatch: %s\n", error.what());
    return 1;
  }
}
