// The texts of the Nexmark generator. Random text is a slice of a pool of letters that the seed gives, so that a row's
// text costs no writing; names, channels and their urls are tables. They are made once a seed and stay, so that texts last.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/nexmark/random.h"
#include "runtime/core/text.h"

namespace gress::nexmark {

inline constexpr std::uint32_t kChannels = 10000;
inline constexpr std::uint32_t kHotChannels = 4;
inline constexpr std::uint32_t kNames = 11 * 9;
inline constexpr std::uint32_t kCities = 10;
inline constexpr std::uint32_t kStates = 6;

class Words {
 public:
  static Words& of(std::uint64_t seed);

  /// Text of some 3 to m letters, a space among 13, without spaces at its ends: `at` and `size` are draws.
  Text phrase(std::uint32_t at, std::uint32_t size, std::uint32_t m) const {
    const char* begin = phrases_.data() + (at >> 16);
    const char* end = begin + 3 + below(size, m - 3);
    while (begin != end && *begin == ' ') ++begin;
    while (begin != end && end[-1] == ' ') --end;
    return Text::lasting({begin, static_cast<std::size_t>(end - begin)});
  }
  /// Exactly so many letters.
  Text letters(std::uint32_t at, std::uint32_t size) const { return Text::lasting({letters_.data() + at, size}); }
  /// `size` ± 20 % letters from one draw: its high half says where, its low half how many.
  Text extra(std::uint32_t u, std::uint32_t size) const {
    const std::uint32_t spread = (size * 2 + 5) / 10;
    return letters(u >> 16, size - spread + below<16>(u, 2 * spread));
  }

  Text name(std::uint32_t i) const { return names_[i]; }
  Text city(std::uint32_t i) const { return cities_[i]; }
  Text state(std::uint32_t i) const { return states_[i]; }
  /// 0 to kHotChannels - 1, then the cold ones.
  const Text* channels() const { return channels_.data(); }
  const Text* urls() const { return urls_.data(); }
  /// `channels()` and `urls()` are there after this.
  void make_channels();

 private:
  explicit Words(std::uint64_t seed);
  void make_urls();

  std::uint64_t seed_;
  std::once_flag channels_made_;
  std::string phrases_, letters_;
  std::string url_bytes_;
  std::vector<Text> names_, cities_, states_, channels_, urls_;
  std::vector<std::string> name_bytes_;
};

}  // namespace gress::nexmark
