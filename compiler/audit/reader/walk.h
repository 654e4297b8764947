// The walk over all that hot loops reach.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "compiler/audit/reader/allowances.h"
#include "compiler/audit/reader/code.h"

namespace gress::audit {

struct Finding {
  Kind kind;
  std::string what;          // "a virtual call", "a call of `malloc`"
  std::vector<Place> chain;  // from the root to the place
};

struct Walked {
  std::vector<Finding> findings;
  std::size_t functions = 0;      // that were looked at
  std::vector<std::string> cold;  // that were not, since they are marked cold; plain names
};

/// `find` gives a function by its linkage name; null: its code is not there.
Walked walk(const std::vector<std::string>& roots, const std::function<const Function*(const std::string&)>& find,
            std::vector<Allowance>&);

}  // namespace gress::audit
