// What may stand in hot loops after all, each with its reason. A file of entries:
//
//   # a remark
//   KIND[,KIND…] PATTERN PATTERN …
//     why: one or more lines, set in
//
// KIND: indirect, allocation, lock, caught, unseen; `any` allows all of them, and what is called from there is not looked at.
// PATTERN: a function's plain name (code.h), `*` stands for anything. It fits code of that function, inlined or not, and, for
// `unseen` and `any`, what is called.
#pragma once
#include <string>
#include <vector>

namespace gress::audit {

enum class Kind { indirect, allocation, lock, caught, unseen };
const char* word(Kind);

struct Allowance {
  std::string file;
  unsigned line = 0;
  std::vector<Kind> kinds = {};  // none: any
  std::vector<std::string> patterns = {};
  std::string reason = {};
  int used = 0;

  bool of(Kind) const;
  bool fits(const std::string& plain_name) const;
};

/// False, with `error` ("allow.txt:3: …"), when the file cannot be read or has a mistake.
bool read_allowances(const std::string& path, std::vector<Allowance>&, std::string& error);

}  // namespace gress::audit
