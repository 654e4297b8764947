// flights_daily by hand: departures, delays and reach of every airport, day by day (examples/flights_daily).
//   flights_daily FLIGHTS.csv DAILY.jsonl VERY_LATE.csv
#include <algorithm>
#include <charconv>

#include "bench/hand/flights.h"

namespace {

using namespace hand;

constexpr std::int64_t kDay = 86400, kDelay = 6 * 3600;
/// Windows that can be open at once: a day and what the watermark stays behind.
constexpr int kOpen = 2;

struct Airport {
  std::int64_t departures = 0, late = 0, delays = 0;
  std::int32_t worst = INT32_MIN, farthest = INT32_MIN;
  std::uint32_t farthest_name = 0;
  std::uint32_t reach = 0;
};

struct Day {
  std::int64_t number = -1;
  std::vector<Airport> airports;        // by the number of the origin
  std::vector<std::uint64_t> reached;   // bits by destination, `stride` words an origin
  std::size_t stride = 0;

  void grow(std::size_t names) {
    if (names <= airports.size()) return;
    const std::size_t wider = std::bit_ceil(names + 64) / 64, rows = std::bit_ceil(names + 64);
    std::vector<std::uint64_t> bits(rows * wider);
    for (std::size_t o = 0; o != airports.size(); ++o)
      for (std::size_t w = 0; w != stride; ++w) bits[o * wider + w] = reached[o * stride + w];
    reached.swap(bits);
    stride = wider;
    airports.resize(rows);
  }
};

struct Job {
  Names names;
  Day days[kOpen];
  /// next_end: of the open window that ends first.
  std::int64_t watermark = INT64_MIN, next_end = INT64_MAX;
  std::uint64_t rows = 0, late = 0;
  Output daily, very_late;

  Job(const char* daily_path, const char* late_path) : daily(daily_path), very_late(late_path) {
    very_late.done(put(very_late.room(64), "scheduled,delay,distance,origin,destination\n"));
  }

  void close(Day& day) {
    if (day.number < 0) return;
    for (std::uint32_t o = 0; o != names.size() && o < day.airports.size(); ++o) {
      Airport& a = day.airports[o];
      if (a.departures == 0) continue;
      const std::string& name = names.json(o);
      const std::string& far = names.json(a.farthest_name);
      char* to = daily.room(400 + name.size() + far.size());
      to = put(to, "{\"origin\":\"");
      to = put(to, name.data(), name.size());
      to = put(to, "\",\"window_start\":\"");
      to = put_time(to, day.number * kDay);
      to = put(to, "\",\"window_end\":\"");
      to = put_time(to, (day.number + 1) * kDay);
      to = put(to, "\",\"departures\":");
      to = std::to_chars(to, to + 24, a.departures).ptr;
      to = put(to, ",\"late_ones\":");
      to = std::to_chars(to, to + 24, a.late).ptr;
      to = put(to, ",\"mean_delay\":");
      to = std::to_chars(to, to + 32, static_cast<double>(a.delays) / static_cast<double>(a.departures)).ptr;
      to = put(to, ",\"worst_delay\":");
      to = std::to_chars(to, to + 24, a.worst).ptr;
      to = put(to, ",\"farthest\":\"");
      to = put(to, far.data(), far.size());
      to = put(to, "\",\"reach\":");
      to = std::to_chars(to, to + 24, a.reach).ptr;
      daily.done(put(to, "}\n"));
      a = {};
      std::memset(&day.reached[o * day.stride], 0, day.stride * 8);
    }
    day.number = -1;
  }

  void advance(std::int64_t time) {
    watermark = time;
    // The older window first.
    for (;;) {
      Day* due = nullptr;
      for (Day& d : days)
        if (d.number >= 0 && (d.number + 1) * kDay <= watermark && (due == nullptr || d.number < due->number)) due = &d;
      if (due == nullptr) break;
      close(*due);
    }
    next_end = INT64_MAX;
    for (const Day& d : days)
      if (d.number >= 0) next_end = std::min(next_end, (d.number + 1) * kDay);
  }

  void add(const Flights& f) {
    rows += static_cast<std::uint64_t>(f.count);
    for (Day& d : days) d.grow(names.size());
    for (int i = 0; i != f.count; ++i) {
      const std::int64_t time = f.time[i];
      const std::int64_t number = time / kDay - (time % kDay < 0);
      if ((number + 1) * kDay <= watermark) [[unlikely]] {
        ++late;
        const auto size = static_cast<std::size_t>(f.line[i + 1] - f.line[i]);
        very_late.done(put(very_late.room(size), f.line[i], size));
        continue;
      }
      Day& day = days[number & (kOpen - 1)];
      if (day.number != number) [[unlikely]] {
        // A row so far ahead that it needs a window's place closes that window.
        if (day.number >= 0) advance(time - kDelay);
        day.number = number;
        next_end = std::min(next_end, (number + 1) * kDay);
      }
      Airport& a = day.airports[f.origin[i]];
      const std::int32_t delay = f.delay[i], distance = f.distance[i];
      ++a.departures;
      a.late += delay > 15;
      a.delays += delay;
      a.worst = delay > a.worst ? delay : a.worst;
      // Of equal distances the flight that came first counts.
      if (distance > a.farthest) {
        a.farthest = distance;
        a.farthest_name = f.destination[i];
      }
      std::uint64_t& word = day.reached[f.origin[i] * day.stride + f.destination[i] / 64];
      const std::uint64_t bit = std::uint64_t{1} << (f.destination[i] % 64);
      a.reach += (word & bit) == 0;
      word |= bit;
      if (time - kDelay > watermark) {
        watermark = time - kDelay;
        if (watermark >= next_end) [[unlikely]] advance(watermark);
      }
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) die("usage: flights_daily FLIGHTS.csv DAILY.jsonl VERY_LATE.csv");
  static Input input(argv[1]);
  static Job job(argv[2], argv[3]);
  static Flights flights;
  const char *p, *end;
  bool first = true;
  while (input.next(p, end)) {
    if (first) p = skip_header(p, end);
    first = false;
    while (p != end) {
      p = flights.take(p, end, job.names);
      job.add(flights);
    }
  }
  job.advance(INT64_MAX);
  std::fprintf(stderr, "%llu rows, %llu late\n", static_cast<unsigned long long>(job.rows), static_cast<unsigned long long>(job.late));
}
