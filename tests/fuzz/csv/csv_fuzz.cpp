// CSV, quick against complete. The first byte sets the size of the pieces in which the input comes, and whether a
// header that fits is put before it.
#include <cstdio>
#include <cstdlib>

#include "tests/runtime/decode/compare.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = data[0] < 128 ? 0 : std::size_t{1} << (data[0] % 13);
  if (data[0] % 2 == 0) input.insert(0, "scheduled,delay,distance,origin,destination\n");
  for (const std::string& wrong :
       {gress::testing::compare_csv<gress::testing::FlightSchema>(input, piece), gress::testing::compare_csv<gress::testing::FlatSchema>(input, piece)}) {
    if (wrong.empty()) continue;
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
