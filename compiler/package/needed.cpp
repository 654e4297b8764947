#include "compiler/package/needed.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "compiler/toolchain/files.h"
#include "compiler/toolchain/process.h"

namespace gress::package {

using toolchain::exit_unavailable;
using toolchain::Failure;

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Failure(exit_unavailable, why, {"make the image on a machine like that which will run it, or from the Dockerfile"});
}

template <class T>
T read_at(const std::string& bytes, std::size_t at) {
  T value;
  if (at > bytes.size() || bytes.size() - at < sizeof value) refuse("the executable is damaged");
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Path of the dynamic loader in the program header PT_INTERP; empty where there is none, of a static executable.
std::string loader_of(const std::string& bytes, const Elf64_Ehdr& head) {
  for (unsigned i = 0; i != head.e_phnum; ++i) {
    const auto part = read_at<Elf64_Phdr>(bytes, head.e_phoff + std::size_t{i} * head.e_phentsize);
    if (part.p_type != PT_INTERP) continue;
    if (part.p_offset > bytes.size() || bytes.size() - part.p_offset < part.p_filesz) refuse("the executable is damaged");
    return std::string(bytes.data() + part.p_offset, ::strnlen(bytes.data() + part.p_offset, part.p_filesz));
  }
  return "";
}

/// Lines `libz.so.1 => /lib/libz.so.1 (0x…)`, and `/opt/libx.so (0x…)` of what is asked for by its path, as the loader is; what
/// has no path (the kernel's own) is no file of ours.
void add_objects(std::string_view listing, Needed& needed) {
  while (!listing.empty()) {
    const std::string_view line = listing.substr(0, listing.find('\n'));
    listing.remove_prefix(std::min(line.size() + 1, listing.size()));
    const std::size_t arrow = line.find(" => ");
    if (arrow == std::string_view::npos) {
      const std::string path(line.substr(std::min(line.find_first_not_of(" \t"), line.size())));
      if (path.starts_with('/') && !path.starts_with(needed.loader + " (")) needed.by_path.push_back(path.substr(0, path.rfind(" (")));
      continue;
    }
    const std::string_view path = line.substr(arrow + 4, line.rfind(" (") - arrow - 4);
    if (!path.starts_with('/')) {
      refuse("a shared object is missing: " + std::string(line.substr(line.find_first_not_of(" \t"))));
    }
    needed.objects.emplace_back(path);
  }
  std::sort(needed.objects.begin(), needed.objects.end());
}

}  // namespace

Needed needed_by(const std::string& executable) {
  const std::string bytes = toolchain::read_file(executable);
  const auto head = read_at<Elf64_Ehdr>(bytes, 0);
  if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64) {
    refuse("the executable is damaged");
  }
  Needed needed;
  needed.architecture = head.e_machine == EM_X86_64 ? "amd64" : head.e_machine == EM_AARCH64 ? "arm64" : "";
  if (needed.architecture.empty()) refuse("the executable is for a kind of machine that is not known here");
  needed.loader = loader_of(bytes, head);
  if (needed.loader.empty()) return needed;
  const toolchain::ScratchFolder scratch("");
  const std::string output = scratch.path() + "/list";
  const toolchain::Ended ended = toolchain::run({{needed.loader, "--list", executable}, "", output});
  std::string listing;
  toolchain::try_read_file(output, listing);
  if (ended.status != 0) refuse("the dynamic loader refused the executable: " + listing.substr(0, listing.find('\n')));
  add_objects(listing, needed);
  return needed;
}

}  // namespace gress::package
