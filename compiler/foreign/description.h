// The answer of gress-headers (reader/main.cpp says how it looks) as data.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "dsl/check/foreign.h"

namespace gress::foreign {

struct Answer {
  dsl::foreign::Header header;
  std::vector<std::string> depends;  // the header, and what it includes without the system's
};

/// The range of a place: path of a file, and bytes of it.
using PlaceOf = std::function<dsl::Range(const std::string& path, std::uint32_t begin, std::uint32_t end)>;

/// Failure exit_internal when the text is no such answer.
Answer read_answer(const std::string& json, const PlaceOf&);
/// Only what it depends on; empty when the text is no answer.
std::vector<std::string> dependencies(const std::string& json);

}  // namespace gress::foreign
