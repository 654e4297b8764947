// JSON lines, quick against complete, and whole records against another reader. The first byte sets the size of the
// pieces in which the input comes.
#include <cstdio>
#include <cstdlib>

#include "tests/runtime/decode/compare.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = data[0] < 128 ? 0 : std::size_t{1} << (data[0] % 13);
  // The input again, so that a shape learned from a record meets it and its neighbours.
  const std::string twice = std::string(input) + "\n" + std::string(input);
  for (const std::string& wrong :
       {gress::testing::compare_json<gress::testing::QuakeSchema>(twice, piece), gress::testing::compare_json<gress::testing::EverySchema>(twice, piece),
        gress::testing::compare_json<gress::testing::RideSchema>(twice, piece), gress::testing::compare_well_formed(twice)}) {
    if (wrong.empty()) continue;
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
