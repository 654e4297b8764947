// Rides by area and minute, by hand: count and sum of latitudes, watermark 10 s behind.
//   json_window RIDES.jsonl OUT.jsonl
#include <algorithm>
#include <charconv>

#include "bench/hand/rides.h"

namespace {

using namespace hand;

constexpr std::int64_t kMinute = 60000, kDelay = 10000;
/// Windows that can be open at once.
constexpr int kOpen = 2;

struct Area {
  std::int64_t rides = 0;
  double latitude = 0;
};
struct Minute {
  std::int64_t number = -1;
  std::vector<Area> areas;
};

struct Job {
  Names names;
  Minute minutes[kOpen];
  /// next_end: of the open window that ends first.
  std::int64_t watermark = INT64_MIN, next_end = INT64_MAX;
  std::uint64_t rows = 0, late = 0;
  Output out;

  explicit Job(const char* path) : out(path) {}

  void close(Minute& m) {
    for (std::uint32_t i = 0; i != m.areas.size(); ++i) {
      Area& a = m.areas[i];
      if (a.rides == 0) continue;
      const std::string& name = names.json(i);
      char* to = out.room(300 + name.size());
      to = put(to, "{\"area\":\"");
      to = put(to, name.data(), name.size());
      to = put(to, "\",\"window_start\":\"");
      to = put_time(to, m.number * kMinute / 1000);
      to = put(to, "\",\"window_end\":\"");
      to = put_time(to, (m.number + 1) * kMinute / 1000);
      to = put(to, "\",\"rides\":");
      to = std::to_chars(to, to + 24, a.rides).ptr;
      to = put(to, ",\"latitude\":");
      to = std::to_chars(to, to + 32, a.latitude).ptr;
      out.done(put(to, "}\n"));
      a = {};
    }
    m.number = -1;
  }

  void advance(std::int64_t time) {
    watermark = time;
    for (;;) {
      Minute* due = nullptr;
      for (Minute& m : minutes)
        if (m.number >= 0 && (m.number + 1) * kMinute <= watermark && (due == nullptr || m.number < due->number)) due = &m;
      if (due == nullptr) break;
      close(*due);
    }
    next_end = INT64_MAX;
    for (const Minute& m : minutes)
      if (m.number >= 0) next_end = std::min(next_end, (m.number + 1) * kMinute);
  }

  void add(const Rides<false>& r) {
    rows += static_cast<std::uint64_t>(r.count);
    for (Minute& m : minutes)
      if (m.areas.size() < names.size()) m.areas.resize(names.size() * 2);
    for (int i = 0; i != r.count; ++i) {
      const std::int64_t time = r.time[i];
      const std::int64_t number = time / kMinute - (time % kMinute < 0);
      if ((number + 1) * kMinute <= watermark) [[unlikely]] {
        ++late;
        continue;
      }
      Minute& m = minutes[number & (kOpen - 1)];
      if (m.number != number) [[unlikely]] {
        // A row so far ahead that it needs a window's place closes that window.
        if (m.number >= 0) advance(time - kDelay);
        m.number = number;
        next_end = std::min(next_end, (number + 1) * kMinute);
      }
      Area& a = m.areas[r.area[i]];
      ++a.rides;
      a.latitude += r.latitude[i];
      if (time - kDelay > watermark) {
        watermark = time - kDelay;
        if (watermark >= next_end) [[unlikely]] advance(watermark);
      }
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) die("usage: json_window RIDES.jsonl OUT.jsonl");
  static Input input(argv[1]);
  static Job job(argv[2]);
  static Rides<false> rides;
  const char *p, *end;
  while (input.next(p, end)) {
    while (p != end) {
      p = rides.take(p, end, job.names);
      job.add(rides);
    }
  }
  job.advance(INT64_MAX);
  std::fprintf(stderr, "%llu rows, %llu late\n", static_cast<unsigned long long>(job.rows), static_cast<unsigned long long>(job.late));
}
