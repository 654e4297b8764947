#include "runtime/paging/paging.h"

#include <fcntl.h>
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>

#include "runtime/core/large_memory.h"
#include "runtime/engine/failure.h"
#include "runtime/paging/paged_file.h"

// Not there in programs with sanitizers, which have a malloc of their own.
#pragma weak mallctl
#pragma weak mallocx
#pragma weak rallocx
#pragma weak dallocx

/// As few arenas as keep threads apart, for each has memory of its own that is free; and none besides them for what is large.
extern "C" const char* malloc_conf = "narenas:4,oversize_threshold:0";

namespace gress::paging {

namespace {

constexpr std::size_t kBase = std::size_t{24} << 20;  // of a process that has no state

PagedFile* paged = nullptr;  // never destroyed: threads go on until the process has ended
std::size_t plain_most = 0;
std::atomic<std::size_t> plain = 0;

// ---- extents for jemalloc, which lie here as long as the process: it uses those again that are given back

bool is_paged(const void* p) { return paged->has(p); }

void* take_plain(std::size_t bytes, std::size_t alignment) {
  if (plain.fetch_add(bytes) + bytes > plain_most) {
    plain.fetch_sub(bytes);
    return nullptr;
  }
  const std::size_t more = alignment > kPage ? alignment : 0;
  void* const reserved = ::mmap(nullptr, bytes + more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return nullptr;
  if (more == 0) return reserved;
  const auto begin = reinterpret_cast<std::uintptr_t>(reserved), at = (begin + alignment - 1) & ~(alignment - 1);
  if (at != begin) ::munmap(reserved, at - begin);
  if (at + bytes != begin + bytes + more) ::munmap(reinterpret_cast<void*>(at + bytes), begin + more - at);
  if (bytes >= kHugePage) ::madvise(reinterpret_cast<void*>(at), bytes, MADV_HUGEPAGE);
  return reinterpret_cast<void*>(at);
}

void* extent_alloc(extent_hooks_t*, void* at, std::size_t bytes, std::size_t alignment, bool* zero, bool* commit, unsigned) {
  if (at != nullptr) return nullptr;
  void* taken = take_plain(bytes, alignment);
  if (taken == nullptr) taken = paged->take(bytes, alignment);
  if (taken == nullptr) no_memory = paged->why_not();
  *zero = *commit = true;
  return taken;
}
bool extent_dalloc(extent_hooks_t*, void*, std::size_t, bool, unsigned) { return true; }
bool extent_decommit(extent_hooks_t*, void*, std::size_t, std::size_t, std::size_t, unsigned) { return true; }
bool extent_purge_lazy(extent_hooks_t*, void* at, std::size_t, std::size_t offset, std::size_t bytes, unsigned) {
  if (!is_paged(at)) return true;
  paged->unmap(static_cast<char*>(at) + offset, bytes);
  return false;
}
bool extent_purge_forced(extent_hooks_t*, void* at, std::size_t, std::size_t offset, std::size_t bytes, unsigned) {
  return is_paged(at) || ::madvise(static_cast<char*>(at) + offset, bytes, MADV_DONTNEED) != 0;
}
bool extent_split(extent_hooks_t*, void*, std::size_t, std::size_t, std::size_t, bool, unsigned) { return false; }
bool extent_merge(extent_hooks_t*, void* a, std::size_t, void* b, std::size_t, bool, unsigned) { return is_paged(a) != is_paged(b); }

extent_hooks_t hooks = {extent_alloc, extent_dalloc, nullptr, nullptr, extent_decommit, extent_purge_lazy, extent_purge_forced, extent_split, extent_merge};

void take_over_arenas() {
  unsigned arenas = 0;
  std::size_t size = sizeof arenas;
  ::mallctl("opt.narenas", &arenas, &size, nullptr, 0);
  for (unsigned i = 0; i != arenas; ++i) {
    char name[64];
    std::snprintf(name, sizeof name, "arena.%u.extent_hooks", i);
    extent_hooks_t* mine = &hooks;
    const int problem = ::mallctl(name, nullptr, nullptr, &mine, sizeof mine);
    if (problem != 0 && no_memory != nullptr) throw engine::Failure(engine::Exit::io, "no_state_file", no_memory);
    if (problem != 0)
      throw engine::Failure(engine::Exit::internal, "internal_error", std::string("internal error: jemalloc refuses ") + name + ": " + std::strerror(problem));
  }
}

// ---- unmapping

/// What /proc/self/statm says, in bytes.
struct Resident {
  std::size_t all, of_files;
};
Resident resident(int statm) {
  char text[128];
  const ssize_t size = ::pread(statm, text, sizeof text - 1, 0);
  if (size <= 0) return {};
  text[size] = 0;
  char* at = nullptr;
  std::strtoull(text, &at, 10);
  const std::size_t all = std::strtoull(at, &at, 10), of_files = std::strtoull(at, &at, 10);
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return {all * page, of_files * page};
}

std::size_t most = 0;
int statm = -1;
std::atomic<bool> tight = false;  // pages were unmapped not long ago

/// Whether no more is mapped than `bytes`, or nothing to speak of that could be unmapped.
bool holds(std::size_t bytes) {
  const Resident now = resident(statm);
  return now.all <= bytes || now.of_files <= bytes / 8;
}

/// Unmaps pages until enough are, or all were come to.
void make_room() {
  static std::mutex one;  // who finds it taken waits, and maps nothing meanwhile
  const std::scoped_lock lock(one);
  for (std::size_t left = paged->used(), bytes = 1; left != 0 && bytes != 0 && !holds(most - most / 16); left -= std::min(left, bytes))
    bytes = paged->unmap_next();
}

/// Between the blocks of a worker. While memory is tight each block may map tens of megabytes, more than a thread that has to
/// wait for a CPU could follow.
void pace() {
  if (tight.load(std::memory_order_relaxed) && !holds(most)) make_room();
}

void watch() {
  for (int quiet = 0;; ++quiet) {
    std::this_thread::sleep_for(std::chrono::microseconds(paged->used() == 0 ? 20'000 : tight ? 100 : 1'000));
    if (!holds(most)) {
      make_room();
      quiet = 0;
    }
    tight.store(quiet < 1000 && paged->used() != 0, std::memory_order_relaxed);
  }
}

void start_watching() {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread(watch).detach();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// ---- arrays that grow to any size

int aligned_zeros() { return MALLOCX_ALIGN(kPage) | MALLOCX_ZERO; }

constexpr LargeSource kSource = {
    .map = [](std::size_t bytes, void* from, std::size_t) -> void* {
      void* const memory = from == nullptr ? ::mallocx(bytes, aligned_zeros()) : ::rallocx(from, bytes, aligned_zeros());
      if (memory == nullptr) throw std::bad_alloc();
      return memory;
    },
    .unmap = [](void* memory, std::size_t) { ::dallocx(memory, 0); },
    .pace = pace,
};

/// A page of the file that cannot be read: what it held is gone, and nothing that comes of it would be right.
void lost_page(int, siginfo_t* info, void*) {
  static constexpr char kText[] = "fatal: state beyond memory cannot be read back from its file; the last checkpoint stands, start again from it\n";
  if (is_paged(info->si_addr)) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText, sizeof kText - 1);
    ::_exit(static_cast<int>(engine::Exit::io));
  }
  ::signal(SIGBUS, SIG_DFL);
}

}  // namespace

void begin(const char* folder, std::size_t bytes) {
  if (&::mallctl == nullptr) return;
  const bool all = std::getenv("GRESS_PAGES") != nullptr;  // for tests: nothing is plain, and nothing stays mapped
  paged = new PagedFile(folder);
  plain_most = all ? 0 : bytes / 2;
  most = all ? 0 : bytes - bytes / 8 + kBase;
  statm = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  take_over_arenas();
  large_source = &kSource;
  struct sigaction action = {};
  action.sa_sigaction = lost_page;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
  start_watching();
}

}  // namespace gress::paging
