// q8: persons who came and opened an auction in the same tumbling window of 10 s: id, name, window. Persons are numbered, so
// a bit a person and window is all the state; a window's persons stand side by side.
#include <algorithm>
#include <vector>

#include "bench/hand/nexmark.h"

using namespace hand;

int main(int argc, char** argv) {
  Market m = market(argc, argv);
  constexpr i64 kSize = 10000;
  u64 rows = 0, sum = 0;
  std::vector<u64> sellers(static_cast<std::size_t>(m.events / 50 / 64 + 32));
  const i64 groups = m.events / 50;
  i64 first = 0;  // person that the window begins with
  const auto close = [&](i64 end, i64 window) {
    for (i64 p = first; p != end; ++p)
      if (sellers[static_cast<std::size_t>(p / 64)] >> (p % 64) & 1) {
        ++rows;
        sum += static_cast<u64>(p + 1000 + window % 1000) + ((static_cast<u64>(m.draw(p, 0, kName)) * 99) >> 32);
      }
    first = end;
  };
  i64 window = kBase / kSize;
  for (i64 g = 0; g != groups; ++g) {
    m.enter(g);
    for (u32 place = 0; place != 4; ++place) {
      const i64 at = m.millis(g * 50 + place) / kSize;
      if (at != window) {
        close(place == 0 ? g : g + 1, window);
        std::fill(sellers.begin(), sellers.end(), 0);
        window = at;
      }
      if (place == 0) continue;
      const i64 seller = m.seller(g, place) - 1000;
      sellers[static_cast<std::size_t>(seller / 64)] |= u64{1} << (seller % 64);
    }
  }
  close(groups, window);
  std::printf("%llu %llu\n", static_cast<unsigned long long>(rows), static_cast<unsigned long long>(sum));
}
