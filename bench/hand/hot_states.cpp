// hot_states by hand: the three states with the worst mean delay, hour by hour, over the last six hours.
//   hot_states FLIGHTS.csv AIRPORTS.csv OUT.jsonl
#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

#include "bench/hand/flights.h"

namespace {

using namespace hand;

constexpr std::int64_t kHour = 3600, kDelay = 12 * kHour, kSize = 6;
/// Hours whose rows may still count: a window and what the watermark stays behind.
constexpr std::int64_t kSlices = 32;

/// Airports by code: the number of their state, numbered in the order of their names.
struct Places {
  std::map<std::string, std::uint32_t> state_of;
  std::vector<std::string> states;

  explicit Places(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) die("cannot open ", path);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::vector<std::string>> rows(1);
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i != all.size(); ++i) {
      const char c = all[i];
      if (quoted ? c == '"' && all[i + 1] == '"' : false) {
        field += c;
        ++i;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        rows.back().push_back(field);
        field.clear();
        if (c == '\n') rows.emplace_back();
      } else if (c != '\r' || quoted) {
        field += c;
      }
    }
    const auto column = [&](const char* name) {
      const auto found = std::find(rows[0].begin(), rows[0].end(), name);
      if (found == rows[0].end()) die("no column ", name);
      return static_cast<std::size_t>(found - rows[0].begin());
    };
    const std::size_t code = column("iata"), state = column("state");
    std::map<std::string, std::uint32_t> numbers;
    for (std::size_t r = 1; r != rows.size(); ++r)
      if (rows[r].size() == rows[0].size()) numbers[rows[r][state].empty() ? "?" : rows[r][state]];
    for (auto& [name, number] : numbers) {
      number = static_cast<std::uint32_t>(states.size());
      states.push_back(name);
    }
    for (std::size_t r = 1; r != rows.size(); ++r) {
      if (rows[r].size() != rows[0].size()) continue;
      if (!state_of.emplace(rows[r][code], numbers[rows[r][state].empty() ? "?" : rows[r][state]]).second) die("twice in the table: ", rows[r][code].c_str());
    }
  }
};

struct State {
  std::int64_t departures = 0, delays = 0;
};

struct Job {
  static constexpr std::uint32_t kNowhere = 0xffffffff;
  Names names;
  Places places;
  std::vector<std::uint32_t> state_of;  // by the number of the origin
  std::vector<State> slices;            // kSlices hours, each all states
  std::vector<State> sums;              // of the last window
  std::int64_t watermark = INT64_MIN, next_end = INT64_MIN, last_hour = INT64_MIN;
  std::uint64_t rows = 0, late = 0;
  Output out;

  Job(const char* places_path, const char* path) : places(places_path), slices(kSlices * places.states.size()), sums(places.states.size()), out(path) {}

  State* slice(std::int64_t hour) { return &slices[static_cast<std::size_t>(hour & (kSlices - 1)) * places.states.size()]; }

  /// The window of kSize hours that ends at `end`; its first hour is then given up.
  void close(std::int64_t end) {
    const std::size_t n = places.states.size();
    std::fill(sums.begin(), sums.end(), State{});
    for (std::int64_t h = end - kSize; h != end; ++h) {
      const State* s = slice(h);
      for (std::size_t i = 0; i != n; ++i) {
        sums[i].departures += s[i].departures;
        sums[i].delays += s[i].delays;
      }
    }
    std::fill_n(slice(end - kSize), n, State{});
    struct Ranked {
      double mean;
      std::size_t state;
    } best[3];
    int ranked = 0;
    for (std::size_t i = 0; i != n; ++i) {
      if (sums[i].departures < 20) continue;
      const Ranked r{static_cast<double>(sums[i].delays) / static_cast<double>(sums[i].departures), i};
      int at = ranked;
      while (at != 0 && best[at - 1].mean < r.mean) --at;
      if (at == 3) continue;
      ranked = std::min(ranked + 1, 3);
      for (int k = ranked - 1; k > at; --k) best[k] = best[k - 1];
      best[at] = r;
    }
    for (int k = 0; k != ranked; ++k) {
      const std::string& state = places.states[best[k].state];
      char* to = out.room(300 + state.size());
      to = put(to, "{\"hour\":\"");
      to = put_time(to, end * kHour);
      to = put(to, "\",\"rank\":");
      to = std::to_chars(to, to + 4, k + 1).ptr;
      to = put(to, ",\"state\":\"");
      to = put(to, state.data(), state.size());
      to = put(to, "\",\"departures\":");
      to = std::to_chars(to, to + 24, sums[best[k].state].departures).ptr;
      to = put(to, ",\"mean_delay\":");
      to = std::to_chars(to, to + 32, best[k].mean).ptr;
      out.done(put(to, "}\n"));
    }
  }

  void advance(std::int64_t time) {
    watermark = time;
    const std::int64_t due = time / kHour - (time % kHour < 0);
    for (; next_end <= due && next_end <= last_hour + kSize; ++next_end) close(next_end);
    next_end = std::max(next_end, due + 1);
  }

  void add(const Flights& f) {
    rows += static_cast<std::uint64_t>(f.count);
    while (state_of.size() != names.size()) {
      const auto found = places.state_of.find(names.text(static_cast<std::uint32_t>(state_of.size())));
      state_of.push_back(found == places.state_of.end() ? kNowhere : found->second);
    }
    for (int i = 0; i != f.count; ++i) {
      const std::int64_t time = f.time[i];
      const std::int64_t hour = time / kHour - (time % kHour < 0);
      const std::uint32_t state = state_of[f.origin[i]];
      if ((hour + kSize) * kHour <= watermark) [[unlikely]] {
        ++late;
        continue;
      }
      if (watermark == INT64_MIN) next_end = hour + 1 - kDelay / kHour;
      // A row so far ahead that it needs an hour's place closes that hour's windows.
      if (hour - (next_end - kSize) >= kSlices) [[unlikely]] advance(time - kDelay);
      last_hour = std::max(last_hour, hour);
      if (state != kNowhere) {
        State& s = slice(hour)[state];
        ++s.departures;
        s.delays += f.delay[i];
      }
      if (time - kDelay > watermark) {
        watermark = time - kDelay;
        if (watermark >= next_end * kHour) [[unlikely]] advance(watermark);
      }
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) die("usage: hot_states FLIGHTS.csv AIRPORTS.csv OUT.jsonl");
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
