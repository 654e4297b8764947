// Surge prices by hand: demand (rides, riders) and supply (available drivers) by area and five minutes, joined.
//   surge RIDES.jsonl PINGS.jsonl OUT.jsonl
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>

#include "bench/hand/pings.h"
#include "bench/hand/rides.h"

namespace {

using namespace hand;

constexpr std::int64_t kSize = 300000, kDelay = 10000;
/// Windows of a source that can be open at once.
constexpr int kOpen = 2;

/// A set of small numbers.
struct Set {
  std::vector<std::uint64_t> words;
  void add(std::uint32_t n) {
    if (n / 64 >= words.size()) [[unlikely]] words.resize(n / 64 * 2 + 16);
    words[n / 64] |= std::uint64_t{1} << (n % 64);
  }
  std::int64_t take_count() {
    std::int64_t n = 0;
    for (std::uint64_t& w : words) {
      n += std::popcount(w);
      w = 0;
    }
    return n;
  }
};
struct Group {
  std::int64_t rows = 0;
  Set who;
};
struct Result {
  std::int64_t rows = 0, distinct = 0;
};
/// By area.
using Results = std::vector<Result>;

/// One source's windows: rows and distinct names by area.
struct Side {
  struct Window {
    std::int64_t number = -1;
    std::vector<Group> areas;
  };
  Window windows[kOpen];
  std::int64_t watermark = INT64_MIN, next_end = INT64_MAX;
  std::uint64_t late = 0;
  std::map<std::int64_t, Results> closed;  // those that wait for the other side

  void close(Window& w) {
    Results& results = closed[w.number];
    results.resize(w.areas.size());
    for (std::size_t a = 0; a != w.areas.size(); ++a) {
      if (w.areas[a].rows == 0) continue;
      results[a] = {w.areas[a].rows, w.areas[a].who.take_count()};
      w.areas[a].rows = 0;
    }
    w.number = -1;
  }
  [[gnu::noinline]] void advance(std::int64_t time) {
    watermark = time;
    next_end = INT64_MAX;
    for (Window& w : windows) {
      if (w.number >= 0 && (w.number + 1) * kSize <= watermark) close(w);
      if (w.number >= 0) next_end = std::min(next_end, (w.number + 1) * kSize);
    }
  }
  void add(std::int64_t time, std::uint32_t area, std::uint32_t who, bool counts) {
    const std::int64_t number = time / kSize - (time % kSize < 0);
    if (counts) {
      if ((number + 1) * kSize <= watermark) [[unlikely]] {
        ++late;
      } else {
        Window& w = windows[number & (kOpen - 1)];
        if (w.number != number) [[unlikely]] {
          // A row so far ahead that it needs a window's place closes that window.
          if (w.number >= 0) advance(time - kDelay);
          w.number = number;
          next_end = std::min(next_end, (number + 1) * kSize);
        }
        if (area >= w.areas.size()) [[unlikely]] w.areas.resize(area * 2 + 16);
        ++w.areas[area].rows;
        w.areas[area].who.add(who);
      }
    }
    if (time - kDelay > watermark) {
      watermark = time - kDelay;
      if (watermark >= next_end) [[unlikely]] advance(watermark);
    }
  }
};

struct Job {
  Names areas;
  Side demand, supply;
  Output out;

  explicit Job(const char* path) : out(path) {}

  /// Windows that both sides have closed.
  void join() {
    const std::int64_t watermark = std::min(demand.watermark, supply.watermark);
    while (!demand.closed.empty() && (demand.closed.begin()->first + 1) * kSize <= watermark) {
      const auto& [number, results] = *demand.closed.begin();
      const auto found = supply.closed.find(number);
      for (std::uint32_t a = 0; a != results.size(); ++a)
        if (results[a].rows != 0)
          print(a, number, results[a], found == supply.closed.end() || a >= found->second.size() ? 0 : found->second[a].distinct);
      demand.closed.erase(demand.closed.begin());
    }
    while (!supply.closed.empty() && (supply.closed.begin()->first + 1) * kSize <= watermark) supply.closed.erase(supply.closed.begin());
  }
  void print(std::uint32_t area, std::int64_t number, const Result& r, std::int64_t drivers) {
    const double ratio = static_cast<double>(r.rows) / static_cast<double>(std::max<std::int64_t>(drivers, 1));
    const double multiplier = std::clamp(1.0 + std::log2(ratio) * 0.5, 1.0, 5.0);
    const std::string& name = areas.json(area);
    char* to = out.room(300 + name.size());
    to = put(to, "{\"area\":\"");
    to = put(to, name.data(), name.size());
    to = put(to, "\",\"window_start\":\"");
    to = put_time(to, number * kSize / 1000);
    to = put(to, "\",\"requests\":");
    to = std::to_chars(to, to + 24, r.rows).ptr;
    to = put(to, ",\"riders\":");
    to = std::to_chars(to, to + 24, r.distinct).ptr;
    to = put(to, ",\"drivers\":");
    to = std::to_chars(to, to + 24, drivers).ptr;
    to = put(to, ",\"multiplier\":");
    to = std::to_chars(to, to + 32, multiplier).ptr;
    out.done(put(to, "}\n"));
  }
};

/// Blocks of a file, as the reader's lines come in.
template <class Rows>
struct Feed {
  Input input;
  Rows rows;
  const char *p = nullptr, *end = nullptr;
  bool over = false;

  explicit Feed(const char* path) : input(path) {}
  bool next(Names& areas) {
    if (p == end && !input.next(p, end)) return false;
    p = rows.take(p, end, areas);
    return true;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) die("usage: surge RIDES.jsonl PINGS.jsonl OUT.jsonl");
  static Feed<Rides<true>> rides(argv[1]);
  static Feed<Pings> pings(argv[2]);
  static Job job(argv[3]);
  // The source that is behind is read next, so that little waits for the other.
  while (!rides.over || !pings.over) {
    if (!rides.over && (pings.over || job.demand.watermark <= job.supply.watermark)) {
      if (rides.next(job.areas)) {
        for (int i = 0; i != rides.rows.count; ++i) job.demand.add(rides.rows.time[i], rides.rows.area[i], rides.rows.user[i], true);
      } else {
        rides.over = true;
        job.demand.advance(INT64_MAX);
      }
    } else if (pings.next(job.areas)) {
      const Pings& r = pings.rows;
      for (int i = 0; i != r.count; ++i) job.supply.add(r.time[i], r.area[i], r.driver[i], r.available[i]);
    } else {
      pings.over = true;
      job.supply.advance(INT64_MAX);
    }
    if (!job.demand.closed.empty() || !job.supply.closed.empty()) job.join();
  }
  std::fprintf(stderr, "%llu late\n", static_cast<unsigned long long>(job.demand.late + job.supply.late));
}
