// SHA-256 (FIPS 180-4): names entries of the build cache.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gress::toolchain {

class Sha256 {
 public:
  void update(std::string_view bytes);
  /// Adds a part with its length, so that ("ab", "c") and ("a", "bc") differ.
  void part(std::string_view bytes);
  /// 64 hexadecimal digits; the object is spent.
  std::string hex();

 private:
  void block(const unsigned char* bytes);
  std::uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  unsigned char pending_[64];
  std::uint64_t total_ = 0;  // bytes so far
};

}  // namespace gress::toolchain
