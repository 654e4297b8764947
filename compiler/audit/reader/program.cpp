#include "compiler/audit/reader/program.h"

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <set>

namespace gress::audit {

namespace {

using Blocks = std::set<const llvm::BasicBlock*>;

/// What follows a block when nothing is thrown.
std::vector<const llvm::BasicBlock*> next(const llvm::BasicBlock* block) {
  if (const auto* invoke = llvm::dyn_cast<llvm::InvokeInst>(block->getTerminator())) return {invoke->getNormalDest()};
  return {llvm::succ_begin(block), llvm::succ_end(block)};
}

void reach(const llvm::BasicBlock* from, const Blocks& without, Blocks& all) {
  std::vector<const llvm::BasicBlock*> todo = {from};
  while (!todo.empty()) {
    const llvm::BasicBlock* block = todo.back();
    todo.pop_back();
    if (without.contains(block) || !all.insert(block).second) continue;
    for (const llvm::BasicBlock* after : next(block)) todo.push_back(after);
  }
}

bool is_cold(const llvm::CallBase& call) { return call.hasFnAttr(llvm::Attribute::Cold); }

/// Blocks from which each way leads to a call of something `cold`, or out of the program.
Blocks rare_blocks(const llvm::Function& function) {
  Blocks rare;
  for (const llvm::BasicBlock& block : function) {
    const bool calls = std::any_of(block.begin(), block.end(), [](const llvm::Instruction& i) {
      const auto* call = llvm::dyn_cast<llvm::CallBase>(&i);
      return call != nullptr && is_cold(*call);
    });
    if (calls || llvm::isa<llvm::UnreachableInst>(block.getTerminator())) rare.insert(&block);
  }
  for (bool more = true; more;) {
    more = false;
    for (const llvm::BasicBlock& block : function) {
      const auto after = next(&block);
      if (rare.contains(&block) || after.empty()) continue;
      if (std::all_of(after.begin(), after.end(), [&](const auto* one) { return rare.contains(one); }))
        more = rare.insert(&block).second;
    }
  }
  return rare;
}

std::string name_of(const llvm::DISubprogram* function) {
  return (function->getLinkageName().empty() ? function->getName() : function->getLinkageName()).str();
}

std::vector<Place> places(const llvm::Instruction& i) {
  std::vector<Place> out;
  for (const llvm::DILocation* at = i.getDebugLoc().get(); at != nullptr; at = at->getInlinedAt())
    out.push_back({plain_name(name_of(at->getScope()->getSubprogram())), at->getFilename().str(), at->getLine()});
  if (out.empty()) out.push_back({plain_name(i.getFunction()->getName().str())});
  return out;
}

bool holds(const llvm::Function& function, const std::string& root) {
  for (const llvm::BasicBlock& block : function)
    for (const llvm::Instruction& i : block)
      for (const llvm::DILocation* at = i.getDebugLoc().get(); at != nullptr; at = at->getInlinedAt())
        if (name_of(at->getScope()->getSubprogram()) == root) return true;
  return function.getName() == root;
}

/// Whether a function's address was read from the table of an object with virtual functions.
bool of_table(const llvm::Value* callee) {
  for (int depth = 0; depth != 4; ++depth) {
    if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(callee)) {
      if (const llvm::MDNode* tag = load->getMetadata(llvm::LLVMContext::MD_tbaa); tag != nullptr && tag->getNumOperands() > 1)
        if (const auto* type = llvm::dyn_cast<llvm::MDNode>(tag->getOperand(0)); type != nullptr && type->getNumOperands() != 0)
          if (const auto* name = llvm::dyn_cast<llvm::MDString>(type->getOperand(0)); name != nullptr && name->getString() == "vtable pointer")
            return true;
      callee = load->getPointerOperand();
    } else if (const auto* element = llvm::dyn_cast<llvm::GetElementPtrInst>(callee)) {
      callee = element->getPointerOperand();
    } else {
      return false;
    }
  }
  return false;
}

/// Where what is thrown here is caught, and the function goes on after it. Null when it is not: destructors run, handlers
/// throw again, or the program ends.
const llvm::Instruction* handler(const llvm::InvokeInst& invoke, const Blocks& normal, const Blocks& rare) {
  Blocks all;
  reach(invoke.getUnwindDest(), normal, all);
  const llvm::Instruction* begin = nullptr;
  bool goes_on = false;
  for (const llvm::BasicBlock* block : all) {
    for (const llvm::BasicBlock* after : next(block)) goes_on = goes_on || (normal.contains(after) && !rare.contains(after));
    goes_on = goes_on || llvm::isa<llvm::ReturnInst>(block->getTerminator());
    for (const llvm::Instruction& i : *block)
      if (const auto* call = llvm::dyn_cast<llvm::CallBase>(&i))
        if (const llvm::Function* callee = call->getCalledFunction(); callee != nullptr && callee->getName() == "__cxa_begin_catch") begin = call;
  }
  return goes_on ? begin : nullptr;
}

Function read(const llvm::Function& from) {
  Function function{from.getName().str(), from.hasFnAttribute(llvm::Attribute::Cold)};
  Blocks normal, hot, handlers;
  reach(&from.getEntryBlock(), {}, normal);
  const Blocks rare = rare_blocks(from);
  reach(&from.getEntryBlock(), rare, hot);
  for (const llvm::BasicBlock& block : from) {
    // What throws leads nowhere else, and is on no usual path.
    if (const auto* invoke = llvm::dyn_cast<llvm::InvokeInst>(block.getTerminator());
        invoke != nullptr && normal.contains(&block) && handlers.insert(invoke->getUnwindDest()).second)
      if (const llvm::Instruction* at = handler(*invoke, normal, rare)) function.sites.push_back({Site::What::caught, {}, places(*at)});
    if (!hot.contains(&block)) continue;
    for (const llvm::Instruction& i : block) {
      const auto* call = llvm::dyn_cast<llvm::CallBase>(&i);
      if (call == nullptr || llvm::isa<llvm::IntrinsicInst>(call)) continue;
      if (call->isInlineAsm()) {  // without text it only holds the optimiser back
        const auto* text = llvm::cast<llvm::InlineAsm>(call->getCalledOperand());
        if (!text->getAsmString().empty()) function.sites.push_back({Site::What::assembly, {}, places(i)});
        continue;
      }
      const llvm::Value* called = call->getCalledOperand()->stripPointerCastsAndAliases();
      if (const auto* callee = llvm::dyn_cast<llvm::Function>(called))
        function.sites.push_back({Site::What::call, callee->getName().str(), places(i)});
      else
        function.sites.push_back({of_table(called) ? Site::What::virtual_call : Site::What::pointer_call, {}, places(i)});
    }
  }
  return function;
}

}  // namespace

bool read_program(const std::string& path, const std::string& root, Program& program, std::string& error) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  const std::unique_ptr<llvm::Module> module = llvm::parseIRFile(path, diagnostic, context);
  if (module == nullptr) {
    llvm::raw_string_ostream out(error);
    diagnostic.print("gress-audit", out, false);
    return false;
  }
  for (const llvm::Function& function : *module) {
    if (function.isDeclaration() || function.hasAvailableExternallyLinkage()) continue;
    if (holds(function, root)) program.roots.push_back(function.getName().str());
    program.functions.emplace(function.getName().str(), read(function));
  }
  return true;
}

}  // namespace gress::audit
