// Machine code as instructions: where each goes on, and what it calls.
#pragma once
#include <llvm/ADT/ArrayRef.h>
#include <llvm/Object/ELFObjectFile.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gress::audit {

struct Instruction {
  enum class Is { plain, call, branch, jump, indirect_call, indirect_jump, end };
  Is is = Is::plain;           // branch: conditional; end: returns or traps
  bool returns = false;        // of `end`
  bool computed = false;       // of `indirect_jump`: to the sum of an address and a distance, as a `switch` makes it
  std::uint64_t size = 0, target = 0;  // of direct ones, an address in its section
};

class Disassembler {
 public:
  /// For an object file's machine. False when there is none for it.
  bool open(const llvm::object::ObjectFile&);
  /// The code of one function that begins at `address`; stops at what is no instruction.
  std::map<std::uint64_t, Instruction> read(llvm::ArrayRef<std::uint8_t> code, std::uint64_t address);

  Disassembler();
  ~Disassembler();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gress::audit
