// Short text to small numbers: texts of up to eight bytes are one register, hashed once; the table stays at most a
// quarter full, so that a second probe is rare.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hand {

class Names {
 public:
  Names() : slots_(1024), shift_(64 - 10) {}

  /// `word`: the text's bytes, zero-padded.
  std::uint32_t short_name(std::uint64_t word) {
    for (std::uint64_t i = (word * kMultiplier) >> shift_;; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].word == word && slots_[i].number != kFree) [[likely]] return slots_[i].number;
      if (slots_[i].number == kFree) return add(word);
    }
  }
  std::uint32_t name(std::string_view text) {
    if (text.size() <= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), text.size());
      return short_name(word);
    }
    const auto found = long_.find(std::string(text));
    if (found != long_.end()) return found->second;
    long_.emplace(text, size());
    texts_.emplace_back(text);
    return size() - 1;
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
  const std::string& text(std::uint32_t number) const { return texts_[number]; }
  /// The text as it stands between the quotes of a JSON string.
  const std::string& json(std::uint32_t number) {
    while (json_.size() != texts_.size()) {
      std::string escaped;
      for (const char c : texts_[json_.size()]) {
        if (c == '"' || c == '\\') escaped += '\\';
        if (static_cast<unsigned char>(c) >= ' ') {
          escaped += c;
        } else {
          constexpr char kHex[] = "0123456789abcdef";
          escaped += "\\u00";
          escaped += kHex[c >> 4];
          escaped += kHex[c & 15];
        }
      }
      json_.push_back(escaped);
    }
    return json_[number];
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
  static constexpr std::uint32_t kFree = 0xffffffff;
  struct Slot {
    std::uint64_t word = 0;
    std::uint32_t number = kFree;
  };
  [[gnu::noinline]] std::uint32_t add(std::uint64_t word) {
    if (++shorts_ * 4 > slots_.size()) {
      std::vector<Slot> old(slots_.size() * 4);
      old.swap(slots_);
      shift_ -= 2;
      for (const Slot& s : old)
        if (s.number != kFree) place(s);
    }
    const std::uint32_t number = size();
    place({word, number});
    char bytes[9] = {};
    std::memcpy(bytes, &word, 8);
    texts_.emplace_back(bytes);
    return number;
  }
  void place(Slot s) {
    std::uint64_t i = (s.word * kMultiplier) >> shift_;
    while (slots_[i].number != kFree) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = s;
  }
  std::vector<Slot> slots_;
  int shift_;
  std::size_t shorts_ = 0;
  std::vector<std::string> texts_, json_;
  std::unordered_map<std::string, std::uint32_t> long_;
};

}  // namespace hand
