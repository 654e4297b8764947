// Features by the CPUID instruction, as in Intel's manual vol. 2A and AMD's vol. 3: leaf 1, leaf 7 (0 and 1), leaf
// 0x80000001; wide registers also need the system's consent (XGETBV).
#include "runtime/engine/cpu.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string_view>

#include "runtime/engine/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace gress::engine {
namespace {

#if defined(__x86_64__)

enum Register : std::uint8_t { eax, ebx, ecx, edx };
enum Needs : std::uint8_t { nothing, ymm, zmm };
struct Feature {
  const char* name;
  std::uint32_t leaf, subleaf;
  Register in;
  std::uint8_t bit;
  Needs needs;
};

constexpr Feature kFeatures[] = {
    {"sse3", 1, 0, ecx, 0, nothing},
    {"pclmul", 1, 0, ecx, 1, nothing},
    {"ssse3", 1, 0, ecx, 9, nothing},
    {"fma", 1, 0, ecx, 12, ymm},
    {"sse4.1", 1, 0, ecx, 19, nothing},
    {"sse4.2", 1, 0, ecx, 20, nothing},
    {"movbe", 1, 0, ecx, 22, nothing},
    {"popcnt", 1, 0, ecx, 23, nothing},
    {"aes", 1, 0, ecx, 25, nothing},
    {"avx", 1, 0, ecx, 28, ymm},
    {"f16c", 1, 0, ecx, 29, ymm},
    {"bmi", 7, 0, ebx, 3, nothing},
    {"avx2", 7, 0, ebx, 5, ymm},
    {"bmi2", 7, 0, ebx, 8, nothing},
    {"avx512f", 7, 0, ebx, 16, zmm},
    {"avx512dq", 7, 0, ebx, 17, zmm},
    {"avx512ifma", 7, 0, ebx, 21, zmm},
    {"avx512cd", 7, 0, ebx, 28, zmm},
    {"avx512bw", 7, 0, ebx, 30, zmm},
    {"avx512vl", 7, 0, ebx, 31, zmm},
    {"avx512vbmi", 7, 0, ecx, 1, zmm},
    {"avx512vbmi2", 7, 0, ecx, 6, zmm},
    {"gfni", 7, 0, ecx, 8, nothing},
    {"vaes", 7, 0, ecx, 9, ymm},
    {"vpclmulqdq", 7, 0, ecx, 10, ymm},
    {"avx512vnni", 7, 0, ecx, 11, zmm},
    {"avx512bitalg", 7, 0, ecx, 12, zmm},
    {"avx512vpopcntdq", 7, 0, ecx, 14, zmm},
    {"avxvnni", 7, 1, eax, 4, ymm},
    {"avx512bf16", 7, 1, eax, 5, zmm},
    {"lzcnt", 0x80000001, 0, ecx, 5, nothing},
};

/// What the CPU and the system say. Each CPUID is asked once: in a virtual machine it costs microseconds.
struct Cpu {
  struct Leaf {
    std::uint32_t leaf, subleaf;
    unsigned registers[4];
  };
  Leaf leaves[4] = {{1, 0, {}}, {7, 0, {}}, {7, 1, {}}, {0x80000001, 0, {}}};
  std::uint64_t saved = 0;  // bits of XCR0: which registers the system saves

  Cpu() {
    unsigned most = 0, most_extended = 0, b = 0, c = 0, d = 0;
    __cpuid(0, most, b, c, d);
    __cpuid(0x80000000, most_extended, b, c, d);
    for (Leaf& l : leaves) {
      if (l.leaf > (l.leaf & 0x80000000 ? most_extended : most)) continue;
      if (l.subleaf > 0 && (l.leaf != 7 || subleaves_ < l.subleaf)) continue;
      unsigned* r = l.registers;
      __cpuid_count(l.leaf, l.subleaf, r[0], r[1], r[2], r[3]);
      if (l.leaf == 7 && l.subleaf == 0) subleaves_ = r[eax];
    }
    if (leaves[0].registers[ecx] & (1u << 27)) {
      unsigned low = 0, high = 0;
      __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
      saved = (std::uint64_t{high} << 32) | low;
    }
  }

  bool has(std::string_view name) const {
    for (const Feature& f : kFeatures) {
      if (name != f.name) continue;
      for (const Leaf& l : leaves) {
        if (l.leaf != f.leaf || l.subleaf != f.subleaf) continue;
        const std::uint64_t wanted = f.needs == zmm ? 0xe6 : f.needs == ymm ? 0x06 : 0;
        return (l.registers[f.in] & (1u << f.bit)) != 0 && (saved & wanted) == wanted;
      }
    }
    return false;
  }

 private:
  unsigned subleaves_ = 0;  // of leaf 7
};

#else

struct Cpu {
  bool has(std::string_view) const { return true; }
};

#endif

/// body(name) for each name; std::string is not used, as nothing may allocate here.
template <class Body>
void for_each_name(const char* features, Body&& body) {
  const char* p = features;
  while (*p) {
    const char* end = p;
    while (*end && *end != ' ') ++end;
    if (end != p) body(std::string_view(p, static_cast<std::size_t>(end - p)));
    p = *end ? end + 1 : end;
  }
}

void say(std::string_view text) { [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size()); }

}  // namespace

std::string missing_cpu_features(const char* features) {
  const Cpu cpu;
  std::string missing;
  for_each_name(features, [&](std::string_view name) {
    if (cpu.has(name)) return;
    if (!missing.empty()) missing += ' ';
    missing += name;
  });
  return missing;
}

void require_cpu(const char* features) {
  const Cpu cpu;
  bool lacks = false;
  for_each_name(features, [&](std::string_view name) {
    if (cpu.has(name)) return;
    say(lacks ? ", " : "gress: error: this program was built for a CPU that has ");
    say(name);
    lacks = true;
  });
  if (!lacks) return;
  say("; this one does not. Rebuild it with `gressc build --cpu baseline`, or on this machine\n");
  _exit(70);
}

}  // namespace gress::engine
