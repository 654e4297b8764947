#include "compiler/audit/reader/library.h"

#include <llvm/Object/Archive.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "compiler/audit/reader/instructions.h"

namespace gress::audit {

namespace {

using llvm::object::ELFObjectFileBase;
using llvm::object::SectionRef;
using Is = Instruction::Is;

constexpr std::uint64_t kNowhere = UINT64_MAX;

/// What a relocation leads to: a place in a section of the same object, or a name from elsewhere.
struct Target {
  std::string name = {};  // empty: none of a function
  std::uint64_t section = kNowhere, offset = 0;
};

struct Symbol {
  std::size_t object = 0;
  std::uint64_t section = 0, address = 0, size = 0;
  bool cold = false;
};

struct Object {
  std::unique_ptr<llvm::object::Binary> binary;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> functions = {};                  // by section and address
  std::map<std::uint64_t, std::map<std::uint64_t, Target>> relocations = {};  // by section (read when needed) and offset
  const ELFObjectFileBase& file() const { return *llvm::cast<ELFObjectFileBase>(binary.get()); }
};

template <class T>
std::optional<T> got(llvm::Expected<T> value) {
  if (value) return std::move(*value);
  llvm::consumeError(value.takeError());
  return std::nullopt;
}
/// None of what is defined elsewhere.
std::optional<SectionRef> section_of(const ELFObjectFileBase& file, const llvm::object::ELFSymbolRef& symbol) {
  const auto at = got(symbol.getSection());
  if (!at || *at == file.section_end()) return std::nullopt;
  return **at;
}

bool leaves(std::string_view name) {
  static constexpr std::array<std::string_view, 12> names = {
      "__cxa_throw", "__cxa_rethrow", "_Unwind_Resume", "_ZSt9terminatev", "abort", "exit", "_exit", "__stack_chk_fail",
      "__assert_fail", "__chk_fail", "__clang_call_terminate", "__cxa_throw_bad_array_new_length"};
  for (const std::string_view one : names)
    if (name == one) return true;
  return name.starts_with("_ZSt") && name.find("__throw_") != std::string_view::npos;
}

}  // namespace

struct Library::Impl {
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  std::vector<std::unique_ptr<llvm::object::Archive>> archives;
  std::vector<Object> objects;
  std::unordered_map<std::string, Symbol> symbols;
  Functions functions;
  std::unordered_map<std::string, bool> returning;  // whether a function ever returns; those being read do
  Disassembler disassembler;

  void add(std::unique_ptr<llvm::object::Binary> binary) {
    if (!llvm::isa<ELFObjectFileBase>(binary.get())) return;
    const std::size_t number = objects.size();
    objects.push_back({std::move(binary)});
    Object& object = objects.back();
    for (const llvm::object::ELFSymbolRef symbol : object.file().symbols()) {
      if (symbol.getELFType() != llvm::ELF::STT_FUNC) continue;
      const auto section = section_of(object.file(), symbol);
      const auto name = got(symbol.getName());
      const auto address = got(symbol.getValue());
      if (!section || !name || !address) continue;
      // Functions of one file only may be called the same in several.
      std::string linkage = name->str();
      if (symbol.getBinding() == llvm::ELF::STB_LOCAL) linkage += ".local" + std::to_string(number);
      const std::uint64_t index = section->getIndex();
      const bool cold = got(section->getName()).value_or("").starts_with(".text.unlikely") || linkage.find(".cold") != std::string::npos;
      if (symbols.emplace(linkage, Symbol{number, index, *address, symbol.getSize(), cold}).second || symbol.getBinding() != llvm::ELF::STB_LOCAL)
        object.functions.emplace(std::pair(index, *address), linkage);
    }
  }

  const std::map<std::uint64_t, Target>& relocations(Object& object, std::uint64_t section) {
    const auto [at, fresh] = object.relocations.try_emplace(section);
    if (!fresh) return at->second;
    for (const SectionRef& list : object.file().sections()) {
      const auto of = got(list.getRelocatedSection());
      if (!of || *of == object.file().section_end() || (*of)->getIndex() != section) continue;
      for (const llvm::object::ELFRelocationRef one : list.relocations()) {
        Target target;
        const auto symbol = one.getSymbol();
        if (symbol == object.file().symbol_end()) continue;
        const llvm::object::ELFSymbolRef elf(*symbol);
        const auto in = section_of(object.file(), elf);
        const auto name = got(elf.getName());
        const auto value = got(elf.getValue());
        if (in && value) {
          target.section = in->getIndex();
          target.offset = *value + static_cast<std::uint64_t>(got(one.getAddend()).value_or(0));
        }
        if (name && elf.getELFType() != llvm::ELF::STT_SECTION && elf.getELFType() != llvm::ELF::STT_OBJECT) {
          target.name = name->str();
          if (elf.getBinding() == llvm::ELF::STB_LOCAL && value) target.name = object.functions[{target.section, *value}];
        }
        at->second.emplace(one.getOffset(), std::move(target));
      }
    }
    return at->second;
  }

  /// Whether control comes back from it.
  bool returns(const std::string& name) {
    if (leaves(name)) return false;
    if (const auto known = returning.find(name); known != returning.end()) return known->second;
    if (!symbols.contains(name)) return true;
    returning[name] = true;
    find(name);
    return returning[name];
  }
  bool cold(const std::string& name) const {
    const auto at = symbols.find(name);
    return at != symbols.end() && at->second.cold;
  }

  struct Step {
    std::vector<std::uint64_t> next = {};
    std::string calls = {};
    bool indirect = false, returns = false, rare = false;
  };

  /// Places that the tables of a function's `switch`es lead to: each holds how far they are from the table.
  std::set<std::uint64_t> switched(Object& object, const Symbol& symbol, const std::map<std::uint64_t, Target>& own) {
    std::set<std::uint64_t> out;
    for (auto at = own.lower_bound(symbol.address); at != own.end() && at->first < symbol.address + symbol.size; ++at) {
      const Target& table = at->second;
      if (!table.name.empty() || table.section == kNowhere || table.section == symbol.section) continue;
      const std::uint64_t begin = table.offset + 4;  // relative to the end of the instruction
      const auto& entries = relocations(object, table.section);
      for (std::uint64_t entry = begin; entries.contains(entry); entry += 4) {
        const Target& to = entries.at(entry);
        const std::uint64_t place = to.offset - (entry - begin);
        if (to.section != symbol.section || place < symbol.address || place >= symbol.address + symbol.size) break;
        out.insert(place);
      }
    }
    return out;
  }

  const Function* find(const std::string& name) {
    if (const auto known = functions.find(name); known != functions.end()) return &known->second;
    const auto found = symbols.find(name);
    if (found == symbols.end()) return nullptr;
    const Symbol symbol = found->second;
    Object& object = objects[symbol.object];
    Function& unread = functions[name] = {name, symbol.cold, true};
    if (!disassembler.open(object.file())) return &unread;
    const SectionRef section = *std::next(object.file().section_begin(), static_cast<std::ptrdiff_t>(symbol.section) - first_index(object));
    const auto contents = got(section.getContents());
    if (!contents || symbol.size == 0 || symbol.address + symbol.size > contents->size()) return &unread;
    const auto bytes = llvm::arrayRefFromStringRef(contents->substr(symbol.address, symbol.size));
    const auto code = disassembler.read(bytes, symbol.address);
    const auto& relocated = relocations(object, symbol.section);

    std::map<std::uint64_t, Step> steps;
    bool catches = false, throws_again = false;
    for (const auto& [at, one] : code) {
      Step step;
      const std::uint64_t after = at + one.size;
      const auto relocation = relocated.lower_bound(at);
      const Target* to = relocation != relocated.end() && relocation->first < after ? &relocation->second : nullptr;
      const auto callee = [&]() -> std::string {
        if (to != nullptr && !to->name.empty()) return to->name;
        if (to == nullptr && (one.is == Is::indirect_call || one.is == Is::indirect_jump)) return "";
        const std::uint64_t target = to != nullptr ? to->offset + 4 : one.target;
        const auto local = object.functions.find({to != nullptr ? to->section : symbol.section, target});
        return local == object.functions.end() ? "" : local->second;
      };
      const bool inside = to == nullptr && one.target >= symbol.address && one.target < symbol.address + symbol.size;
      if (to != nullptr && to->name == "__cxa_begin_catch") catches = true;
      if (to != nullptr && to->name == "__cxa_rethrow") throws_again = true;
      switch (one.is) {
        case Is::plain: step.next = {after}; break;
        case Is::end: step.returns = one.returns; break;
        case Is::indirect_call:
        case Is::call:
          step.calls = callee();
          step.indirect = step.calls.empty();
          if (step.indirect || returns(step.calls)) step.next = {after};
          break;
        case Is::branch:
          if (inside) step.next = {one.target, after};
          else step.calls = callee(), step.next = {after};
          break;
        case Is::jump:
          if (inside) step.next = {one.target};
          else step.calls = callee(), step.returns = step.calls.empty() || returns(step.calls);
          break;
        case Is::indirect_jump:
          if (const auto all = one.computed ? switched(object, symbol, relocated) : std::set<std::uint64_t>(); !all.empty()) {
            step.next.assign(all.begin(), all.end());
          } else {
            step.calls = callee();
            step.indirect = step.calls.empty();
            step.returns = step.indirect || returns(step.calls);
          }
          break;
      }
      step.rare = !step.calls.empty() && (cold(step.calls) || !returns(step.calls));
      steps.emplace(at, std::move(step));
    }
    for (bool more = true; more;) {
      more = false;
      for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        if (step->second.rare || step->second.returns || step->second.indirect) continue;
        bool rare = true;
        for (const std::uint64_t next : step->second.next) rare = rare && (!steps.contains(next) || steps.at(next).rare);
        if (rare) step->second.rare = more = true;
      }
    }
    Function function{name, symbol.cold};
    const Place here{plain_name(name)};
    std::set<std::uint64_t> hot, reached;
    for (std::set<std::uint64_t>* all : {&hot, &reached}) {
      std::vector<std::uint64_t> todo = {symbol.address};
      while (!todo.empty()) {
        const std::uint64_t at = todo.back();
        todo.pop_back();
        const auto step = steps.find(at);
        if (step == steps.end() && at - symbol.address < symbol.size) function.unread = true;
        if (step == steps.end() || (all == &hot && step->second.rare) || !all->insert(at).second) continue;
        todo.insert(todo.end(), step->second.next.begin(), step->second.next.end());
      }
    }
    for (const std::uint64_t at : hot) {
      const Step& step = steps.at(at);
      if (step.indirect) function.sites.push_back({Site::What::pointer_call, {}, {here}});
      if (!step.calls.empty()) function.sites.push_back({Site::What::call, step.calls, {here}});
    }
    if (catches && !throws_again && name != "__clang_call_terminate") function.sites.push_back({Site::What::caught, {}, {here}});
    bool comes_back = false;
    for (const std::uint64_t at : reached) comes_back = comes_back || steps.at(at).returns;
    returning[name] = comes_back;
    return &(functions[name] = std::move(function));
  }

  static std::ptrdiff_t first_index(const Object& object) { return static_cast<std::ptrdiff_t>(object.file().section_begin()->getIndex()); }
};

Library::Library() : impl_(std::make_unique<Impl>()) {}
Library::~Library() = default;

bool Library::add(const std::string& path, std::string& error) {
  auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
  if (!buffer) {
    error = path + ": cannot be read";
    return false;
  }
  llvm::Expected<std::unique_ptr<llvm::object::Archive>> archive = llvm::object::Archive::create((*buffer)->getMemBufferRef());
  if (!archive) {
    error = path + ": " + llvm::toString(archive.takeError());
    return false;
  }
  llvm::Error wrong = llvm::Error::success();
  for (const llvm::object::Archive::Child& child : (*archive)->children(wrong)) {
    llvm::Expected<std::unique_ptr<llvm::object::Binary>> binary = child.getAsBinary();
    if (binary) impl_->add(std::move(*binary));
    else llvm::consumeError(binary.takeError());
  }
  if (wrong) {
    error = path + ": " + llvm::toString(std::move(wrong));
    return false;
  }
  impl_->buffers.push_back(std::move(*buffer));
  impl_->archives.push_back(std::move(*archive));
  return true;
}

const Function* Library::find(const std::string& name) { return impl_->find(name); }

}  // namespace gress::audit
