// Keys as generated code writes them.
#pragma once
#include <cstdint>
#include <string>
#include <tuple>

#include "runtime/core/hash.h"
#include "runtime/core/state_value.h"
#include "runtime/core/text.h"

namespace gress::test {

struct NumberKey {
  std::int64_t id{};
  static constexpr auto members = Members<&NumberKey::id>{};
  friend bool operator==(const NumberKey&, const NumberKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::key_hash(id); }
};

/// All keys hash to a few neighbouring places at the end of the table, so that probe runs are long and wrap around.
struct CrowdedKey {
  std::int64_t id{};
  std::int64_t other = 0;  // one number is not hashed by hash()
  static constexpr auto members = Members<&CrowdedKey::id, &CrowdedKey::other>{};
  friend bool operator==(const CrowdedKey&, const CrowdedKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return ~std::uint64_t{0} - static_cast<std::uint64_t>(id % 5) * 3; }
};

struct TextKey {
  Text name{};
  static constexpr auto members = Members<&TextKey::name>{};
  friend bool operator==(const TextKey&, const TextKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::key_hash(name); }
};

struct DenseKey {
  std::uint8_t kind{};
  static constexpr auto members = Members<&DenseKey::kind>{};
  friend bool operator==(const DenseKey&, const DenseKey&) = default;
  static constexpr std::uint32_t kDense = 200;
  std::uint32_t dense() const { return kind; }
  std::uint64_t hash() const { return kind; }
};

}  // namespace gress::test
