#include "compiler/audit/reader/instructions.h"

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstrAnalysis.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

#include <set>

namespace gress::audit {

struct Disassembler::Parts {
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> disassembler;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis;
};

Disassembler::Disassembler() : parts_(std::make_unique<Parts>()) {}
Disassembler::~Disassembler() = default;

bool Disassembler::open(const llvm::object::ObjectFile& object) {
  if (parts_->disassembler != nullptr) return true;
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetDisassembler();
  const llvm::Triple triple = object.makeTriple();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple.str(), error);
  if (target == nullptr) return false;
  parts_->registers.reset(target->createMCRegInfo(triple.str()));
  parts_->assembly.reset(target->createMCAsmInfo(*parts_->registers, triple.str(), llvm::MCTargetOptions()));
  parts_->subtarget.reset(target->createMCSubtargetInfo(triple.str(), "", ""));
  parts_->instructions.reset(target->createMCInstrInfo());
  parts_->context = std::make_unique<llvm::MCContext>(triple, parts_->assembly.get(), parts_->registers.get(), parts_->subtarget.get());
  parts_->disassembler.reset(target->createMCDisassembler(*parts_->subtarget, *parts_->context));
  parts_->analysis.reset(target->createMCInstrAnalysis(parts_->instructions.get()));
  return parts_->disassembler != nullptr && parts_->analysis != nullptr;
}

namespace {

/// Which registers hold a sum. What is called was loaded or handed over; where a `switch` goes is added to its table's address.
class Sums {
 public:
  Sums(const llvm::MCInstrInfo& instructions, const llvm::MCRegisterInfo& registers) : instructions_(instructions), registers_(registers) {}

  bool hold(const llvm::MCInst& jump) const { return jump.getNumOperands() == 1 && jump.getOperand(0).isReg() && sums_.contains(jump.getOperand(0).getReg()); }
  void after(const llvm::MCInst& one) {
    const llvm::MCInstrDesc& about = instructions_.get(one.getOpcode());
    const llvm::StringRef name = instructions_.getName(one.getOpcode());
    const bool adds = (name.starts_with("ADD") || name.starts_with("LEA")) && !about.mayLoad();
    if (about.isCall()) sums_.clear();
    for (const llvm::MCPhysReg set : about.implicit_defs()) forget(set);
    for (unsigned i = 0; i != about.getNumDefs() && i != one.getNumOperands(); ++i) {
      if (!one.getOperand(i).isReg()) continue;
      forget(one.getOperand(i).getReg());
      if (adds) sums_.insert(one.getOperand(i).getReg());
    }
  }

 private:
  void forget(unsigned changed) {
    for (const llvm::MCPhysReg whole : registers_.superregs_inclusive(changed)) sums_.erase(whole);
  }

  const llvm::MCInstrInfo& instructions_;
  const llvm::MCRegisterInfo& registers_;
  std::set<unsigned> sums_;
};

}  // namespace

std::map<std::uint64_t, Instruction> Disassembler::read(llvm::ArrayRef<std::uint8_t> code, std::uint64_t address) {
  using Is = Instruction::Is;
  std::map<std::uint64_t, Instruction> all;
  const llvm::MCInstrAnalysis& analysis = *parts_->analysis;
  Sums sums(*parts_->instructions, *parts_->registers);
  for (std::uint64_t at = 0; at < code.size();) {
    llvm::MCInst read;
    Instruction one;
    if (parts_->disassembler->getInstruction(read, one.size, code.slice(at), address + at, llvm::nulls()) != llvm::MCDisassembler::Success) break;
    const bool direct = analysis.evaluateBranch(read, address + at, one.size, one.target);
    if (analysis.isCall(read)) one.is = direct ? Is::call : Is::indirect_call;
    else if (analysis.isReturn(read)) one.is = Is::end, one.returns = true;
    else if (analysis.isConditionalBranch(read)) one.is = Is::branch;
    else if (analysis.isBranch(read)) one.is = direct ? Is::jump : Is::indirect_jump, one.computed = !direct && sums.hold(read);
    else if (parts_->instructions->get(read.getOpcode()).isTrap() || parts_->instructions->get(read.getOpcode()).isBarrier()) one.is = Is::end;
    sums.after(read);
    all.emplace(address + at, one);
    at += one.size;
  }
  return all;
}

}  // namespace gress::audit
