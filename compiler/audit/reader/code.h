// Code as the audit sees it: functions, and what stands at their places of call. Where it came from, LLVM's IR of a program
// or machine code of a library, makes no difference.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

namespace gress::audit {

/// A function's name without parameters, template arguments and result: `gress::GrowingArray::grow`.
std::string plain_name(const std::string& linkage_name);

struct Place {
  std::string function;  // plain name
  std::string file = {};  // empty where nobody knows
  unsigned line = 0;
};

struct Site {
  enum class What { call, virtual_call, pointer_call, caught, assembly };
  What what = What::call;
  std::string callee = {};      // linkage name, of a call
  std::vector<Place> at = {};   // what was inlined into what, innermost first; the last is the function itself
};

struct Function {
  std::string name;  // linkage name
  bool cold = false;
  bool unread = false;  // its code is there and could not be read to the end
  std::vector<Site> sites = {};  // without those that only rare paths reach
};

using Functions = std::unordered_map<std::string, Function>;

}  // namespace gress::audit
