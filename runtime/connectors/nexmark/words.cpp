#include "runtime/connectors/nexmark/words.h"

#include <algorithm>
#include <map>
#include <memory>

namespace gress::nexmark {
namespace {

constexpr std::size_t kPool = std::size_t{1} << 16;
constexpr std::size_t kBehind = 1024;  // the longest slice, and what wide loads read

constexpr std::string_view kFirst[] = {"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::string_view kLast[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
constexpr std::string_view kCity[] = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
                                      "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::string_view kState[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::string_view kHot[] = {"Google", "Facebook", "Baidu", "Apple"};
static_assert(std::size(kFirst) * std::size(kLast) == kNames && std::size(kCity) == kCities && std::size(kState) == kStates &&
              std::size(kHot) == kHotChannels);

/// Pools are drawn by position, as events are, of an epoch that no event reaches.
constexpr std::uint64_t kPhrases = std::uint64_t{1} << 50, kLetters = kPhrases + 1, kUrls = kPhrases + 2;

std::uint32_t reversed(std::uint32_t x) {
  std::uint32_t out = 0;
  for (int i = 0; i != 32; ++i, x >>= 1) out = out << 1 | (x & 1);
  return out;
}

}  // namespace

Words& Words::of(std::uint64_t seed) {
  static std::mutex mutex;
  static auto& made = *new std::map<std::uint64_t, std::unique_ptr<Words>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<Words>& words = made[seed];
  if (!words) words.reset(new Words(seed));
  return *words;
}

Words::Words(std::uint64_t seed) : seed_(seed) {
  const std::uint32_t phrases = draw_key(seed, kPhrases, 0), letters = draw_key(seed, kLetters, 0);
  for (std::uint32_t i = 0; i != kPool + kBehind; ++i) {
    const std::uint32_t u = draw(i, phrases);
    phrases_ += below<16>(u, 13) == 0 ? ' ' : static_cast<char>('a' + below<16>(u >> 16, 26));
    letters_ += static_cast<char>('a' + below(draw(i, letters), 26));
  }
  for (const std::string_view first : kFirst)
    for (const std::string_view last : kLast) name_bytes_.push_back(std::string(first) + ' ' + std::string(last));
  for (const std::string& name : name_bytes_) names_.push_back(Text::lasting(name));
  cities_.assign(std::begin(kCity), std::end(kCity));
  states_.assign(std::begin(kState), std::end(kState));
}

void Words::make_channels() {
  std::call_once(channels_made_, [this] { make_urls(); });
}

void Words::make_urls() {
  url_bytes_.reserve((kHotChannels + kChannels) * 96);
  for (std::uint32_t i = 0; i != kHotChannels + kChannels; ++i) {
    const std::uint32_t cold = i - kHotChannels;
    if (i < kHotChannels) channels_.emplace_back(kHot[i]);
    else channels_.emplace_back("channel-" + std::to_string(cold));
    const std::size_t begin = url_bytes_.size();
    url_bytes_ += "https://www.nexmark.com";
    for (std::uint32_t part = 0; part != 3; ++part) {
      const std::uint32_t u = draw(i, draw_key(seed_, kUrls, kDrawUrl + part));
      std::string word(phrase(u, u << 16, 5).view());
      std::replace(word.begin(), word.end(), ' ', '_');
      url_bytes_ += '/' + word;
    }
    url_bytes_ += "/item.htm?query=1";
    if (i >= kHotChannels && below(draw(i, draw_key(seed_, kUrls, kDrawHasId)), 10) != 0) {
      const auto signed_id = static_cast<std::int64_t>(static_cast<std::int32_t>(reversed(cold)));
      url_bytes_ += "&channel_id=" + std::to_string(signed_id < 0 ? -signed_id : signed_id);
    }
    urls_.push_back(Text::lasting(std::string_view(url_bytes_).substr(begin)));
  }
}

}  // namespace gress::nexmark
