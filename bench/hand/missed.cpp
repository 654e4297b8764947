// missed by hand: connections that a badly delayed flight may have missed (an interval join of flights with themselves).
//   missed FLIGHTS.csv MISSED.csv
#include <algorithm>
#include <charconv>

#include "bench/hand/flights.h"

namespace {

using namespace hand;

constexpr std::int64_t kDelay = 3 * 3600, kWithin = 1800;

/// Flights of an airport that others may still meet: times side by side, what else is wanted beside them. Those whose time
/// is over go when the list is full.
struct Ring {
  struct Rest {
    std::uint32_t other;  // the airport at the other end
    std::int32_t delay;
  };
  std::vector<std::int64_t> time;
  std::vector<Rest> rest;
  std::size_t count = 0;
  std::int64_t latest = INT64_MIN;

  void add(std::int64_t t, Rest r, std::int64_t over) {
    if (count == time.size()) [[unlikely]] make_room(over);
    time[count] = t;
    rest[count++] = r;
    latest = std::max(latest, t);
  }
  [[gnu::noinline]] void make_room(std::int64_t over) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i != count; ++i) {
      if (time[i] < over) continue;
      time[kept] = time[i];
      rest[kept++] = rest[i];
    }
    count = kept;
    if (kept * 2 < time.size()) return;
    time.resize(std::max<std::size_t>(8, time.size() * 2));
    rest.resize(time.size());
  }
  bool any(std::int64_t low, std::int64_t high) const {
    if (latest < low) return false;  // as most often
    bool found = false;
    for (std::size_t i = 0; i != count; ++i) found |= (time[i] >= low) & (time[i] <= high);
    return found;
  }
};

/// By the airport at which a passenger changes.
struct Airport {
  Ring arriving, leaving;
};

struct Job {
  Names names;
  std::vector<Airport> airports;
  std::int64_t watermark = INT64_MIN / 2, highest = INT64_MIN / 2;
  std::uint64_t rows = 0, late = 0, found = 0;
  Output out;

  explicit Job(const char* path) : out(path) { out.done(put(out.room(64), "first_leg,second_leg,from,via,to,delay\n")); }

  void give(std::int64_t first, std::int64_t second, std::uint32_t from, std::uint32_t via, std::uint32_t to_, std::int32_t delay) {
    if (to_ == from) return;
    ++found;
    const std::string &a = names.text(from), &b = names.text(via), &c = names.text(to_);
    char* to = out.room(200 + a.size() + b.size() + c.size());
    to = put_time(to, first);
    *to++ = ',';
    to = put_time(to, second);
    *to++ = ',';
    to = put(to, a.data(), a.size());
    *to++ = ',';
    to = put(to, b.data(), b.size());
    *to++ = ',';
    to = put(to, c.data(), c.size());
    *to++ = ',';
    to = std::to_chars(to, to + 12, delay).ptr;
    *to++ = '\n';
    out.done(to);
  }

  void add(const Flights& f) {
    rows += static_cast<std::uint64_t>(f.count);
    if (names.size() > airports.size()) airports.resize(names.size() + 64);
    for (int i = 0; i != f.count; ++i) {
      const std::int64_t t = f.time[i];
      if (t < watermark) [[unlikely]] {
        ++late;
        continue;
      }
      const std::uint32_t from = f.origin[i], to = f.destination[i];
      if (f.delay[i] > 120) [[unlikely]] {
        Airport& via = airports[to];
        if (via.leaving.any(t, t + kWithin))
          for (std::size_t k = 0; k != via.leaving.count; ++k)
            if (via.leaving.time[k] >= t && via.leaving.time[k] <= t + kWithin)
              give(t, via.leaving.time[k], from, to, via.leaving.rest[k].other, f.delay[i]);
        via.arriving.add(t, {from, f.delay[i]}, watermark - kWithin);
      }
      Airport& here = airports[from];
      if (here.arriving.any(t - kWithin, t)) [[unlikely]]
        for (std::size_t k = 0; k != here.arriving.count; ++k)
          if (here.arriving.time[k] >= t - kWithin && here.arriving.time[k] <= t)
            give(here.arriving.time[k], t, here.arriving.rest[k].other, from, to, here.arriving.rest[k].delay);
      here.leaving.add(t, {to, 0}, watermark);
      highest = std::max(highest, t);
      watermark = highest - kDelay;
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) die("usage: missed FLIGHTS.csv MISSED.csv");
  static Input input(argv[1]);
  static Job job(argv[2]);
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
  std::fprintf(stderr, "%llu rows, %llu late, %llu connections\n", static_cast<unsigned long long>(job.rows),
               static_cast<unsigned long long>(job.late), static_cast<unsigned long long>(job.found));
}
