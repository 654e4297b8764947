// Late departures as JSON lines, by hand: filter delay > 15, four of five fields.
//   flights_project FLIGHTS.csv OUT.jsonl
#include <charconv>

#include "bench/hand/flights.h"

using namespace hand;

int main(int argc, char** argv) {
  if (argc != 3) die("usage: flights_project FLIGHTS.csv OUT.jsonl");
  static Input input(argv[1]);
  static Output out(argv[2]);
  static Flights f;
  static Names names;
  std::uint64_t rows = 0, kept = 0;
  const char *p, *end;
  bool first = true;
  while (input.next(p, end)) {
    if (first) p = skip_header(p, end);
    first = false;
    while (p != end) {
      p = f.take(p, end, names);
      rows += static_cast<std::uint64_t>(f.count);
      // The numbers of the rows that stay, without a branch; then only those.
      std::uint16_t late[Flights::kRows];
      int n = 0;
      for (int i = 0; i != f.count; ++i) {
        late[n] = static_cast<std::uint16_t>(i);
        n += f.delay[i] > 15;
      }
      kept += static_cast<std::uint64_t>(n);
      for (int k = 0; k != n; ++k) {
        const int i = late[k];
        const std::string& origin = names.json(f.origin[i]);
        const std::string& destination = names.json(f.destination[i]);
        char* to = out.room(200 + origin.size() + destination.size());
        to = put(to, "{\"scheduled\":\"");
        // Read in this form only, so written as it came; a quoted one is made again.
        to = *f.line[i] != '"' ? put(to, f.line[i], 20) : put_time(to, f.time[i]);
        to = put(to, "\",\"origin\":\"");
        to = put(to, origin.data(), origin.size());
        to = put(to, "\",\"destination\":\"");
        to = put(to, destination.data(), destination.size());
        to = put(to, "\",\"delay\":");
        to = std::to_chars(to, to + 12, f.delay[i]).ptr;
        out.done(put(to, "}\n"));
      }
    }
  }
  std::fprintf(stderr, "%llu rows, %llu kept\n", static_cast<unsigned long long>(rows), static_cast<unsigned long long>(kept));
}
