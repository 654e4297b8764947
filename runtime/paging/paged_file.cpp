#include "runtime/paging/paged_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/engine/failure.h"

namespace gress::paging {

namespace {

[[noreturn]] void refuse(const std::string& folder, const char* what) {
  throw engine::Failure(engine::Exit::cannot_create, "no_state_file",
                        "cannot " + std::string(what) + " in `" + folder + "` for what `state_memory` has no room for: " + std::strerror(errno));
}

}  // namespace

PagedFile::PagedFile(const std::string& folder) {
  file_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {  // not every file system has files without a name
    std::string name = folder + "/paged-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ >= 0) ::unlink(name.c_str());
  }
  if (file_ < 0) refuse(folder, "create a file");
  void* const at = ::mmap(nullptr, kReserved, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file_, 0);
  if (at == MAP_FAILED) refuse(folder, "map a file");
  begin_ = static_cast<char*>(at);
  // Rows come to keys at random: pages that lie beside one that is read are not worth their memory.
  ::madvise(at, kReserved, MADV_RANDOM);
}

void* PagedFile::take(std::size_t bytes, std::size_t alignment) {
  const std::scoped_lock lock(growing_);
  const std::size_t at = (used_.load(std::memory_order_relaxed) + alignment - 1) & ~(alignment - 1);
  if (bytes > kReserved - at || !back(at + bytes)) return nullptr;
  used_.store(at + bytes, std::memory_order_release);
  return begin_ + at;
}

/// So that a full disk is met here, and not by a write to memory, for which there is no answer.
bool PagedFile::back(std::size_t bytes) {
  while (backed_ < bytes) {
    const int problem = ::posix_fallocate(file_, static_cast<off_t>(backed_), kStep);
    if (problem == EINTR) continue;
    if (problem != 0) {
      char text[64];
      std::snprintf(why_not_, sizeof why_not_, "the file for state beyond memory cannot grow to %zu MB: %s", (backed_ + kStep) >> 20,
                    ::strerror_r(problem, text, sizeof text));
      return false;
    }
    backed_ += kStep;
  }
  return true;
}

void PagedFile::unmap(void* from, std::size_t bytes) { ::madvise(from, bytes, MADV_DONTNEED); }

std::size_t PagedFile::unmap_next() {
  const std::size_t all = used();
  if (hand_ >= all) hand_ = 0;
  const std::size_t bytes = std::min(kStretch, all - hand_);
  if (bytes != 0) unmap(begin_ + hand_, bytes);
  hand_ += bytes;
  return bytes;
}

}  // namespace gress::paging
