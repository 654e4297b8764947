// The answer of gress-headers (reader/main.cpp says how it looks) as data.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dsl/check/foreign.h"

namespace gress::foreign {

/// The files that an answer rests on.
struct Sources {
  std::vector<std::string> depends;  // the header, and what it includes without the system's
  std::vector<std::string> watched;  // others, which may not be there
};

struct Answer {
  dsl::foreign::Header header;
  Sources sources;
};

/// The range of a place: path of a file, and bytes of it.
using PlaceOf = std::function<dsl::Range(const std::string& path, std::uint32_t begin, std::uint32_t end)>;

/// Failure exit_internal when the text is no such answer.
Answer read_answer(const std::string& json, const PlaceOf&);
/// Only what it rests on. None when the text is no answer, or one of a header that does not compile: what would mend it is
/// not known.
std::optional<Sources> sources_of(const std::string& json);

}  // namespace gress::foreign
