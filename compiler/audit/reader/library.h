// The runtime's libraries: machine code, read a function at a time, as the walk comes by. Which function calls which, the
// relocations say; what is called indirectly, the instructions.
#pragma once
#include <memory>
#include <string>

#include "compiler/audit/reader/code.h"

namespace gress::audit {

class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;

  /// Adds a static library. False, with `error`, when it cannot be read.
  bool add(const std::string& path, std::string& error);
  /// Null when it defines none of that name.
  const Function* find(const std::string& name);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gress::audit
