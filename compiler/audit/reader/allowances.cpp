#include "compiler/audit/reader/allowances.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace gress::audit {

namespace {

constexpr std::array kKinds = {Kind::indirect, Kind::allocation, Kind::lock, Kind::caught, Kind::unseen};

bool glob(const char* pattern, const char* text) {
  const char* star = nullptr;
  const char* again = nullptr;
  while (*text != '\0') {
    if (*pattern == '*') {
      star = pattern++;
      again = text;
    } else if (*pattern == *text) {
      ++pattern, ++text;
    } else if (star != nullptr) {
      pattern = star + 1;
      text = ++again;
    } else {
      return false;
    }
  }
  while (*pattern == '*') ++pattern;
  return *pattern == '\0';
}

bool read_kinds(const std::string& text, Allowance& entry) {
  if (text == "any") return true;
  std::istringstream words(text);
  for (std::string name; std::getline(words, name, ',');) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](Kind k) { return name == word(k); });
    if (kind == kKinds.end()) return false;
    entry.kinds.push_back(*kind);
  }
  return true;
}

}  // namespace

const char* word(Kind kind) {
  switch (kind) {
    case Kind::indirect: return "indirect";
    case Kind::allocation: return "allocation";
    case Kind::lock: return "lock";
    case Kind::caught: return "caught";
    case Kind::unseen: return "unseen";
  }
  return "";
}

bool Allowance::of(Kind kind) const { return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); }

bool Allowance::fits(const std::string& name) const {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return glob(pattern.c_str(), name.c_str()); });
}

bool read_allowances(const std::string& path, std::vector<Allowance>& all, std::string& error) {
  std::ifstream file(path);
  if (!file) {
    error = path + ": cannot be read";
    return false;
  }
  const std::size_t first = all.size();
  const auto wrong = [&](unsigned line, const std::string& what) {
    error = path + ':' + std::to_string(line) + ": " + what;
    return false;
  };
  unsigned line = 0;
  for (std::string text; std::getline(file, text);) {
    ++line;
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t')) text.pop_back();
    if (text.empty() || text[0] == '#') continue;
    if (text[0] == ' ' || text[0] == '\t') {
      if (all.size() == first) return wrong(line, "a reason without an entry before it");
      std::string& reason = all.back().reason;
      reason += (reason.empty() ? "" : " ") + text.substr(text.find_first_not_of(" \t"));
      continue;
    }
    if (all.size() != first && all.back().reason.empty()) return wrong(all.back().line, "the entry has no reason: say it on the next line, set in");
    std::istringstream words(text);
    Allowance entry{path, line};
    std::string kinds;
    words >> kinds;
    if (!read_kinds(kinds, entry))
      return wrong(line, "unknown kind `" + kinds + "`: say indirect, allocation, lock, caught, unseen, or any");
    for (std::string pattern; words >> pattern;) entry.patterns.push_back(pattern);
    if (entry.patterns.empty()) return wrong(line, "the entry names no function");
    all.push_back(std::move(entry));
  }
  if (all.size() != first && all.back().reason.empty()) return wrong(all.back().line, "the entry has no reason: say it on the next line, set in");
  return true;
}

}  // namespace gress::audit
