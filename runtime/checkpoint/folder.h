// A folder of checkpoints on disk: its lock, and files that are there whole or not at all.
//
//   LOCK                      held by the process that uses the folder, and says who that is (Holder)
//   manifest-00000012-RUN     what checkpoint 12 of a run is (manifest.h); it stands as soon as this file does
//   state-00000012-RUN/       its state: files of RocksDB, hard links where an earlier one has them too
//   live-RUN/                 the state at work; of no use after a crash
//   savepoint-NAME/           a checkpoint that was kept by name: a manifest and its state, as above
//
// A run is what one start did: 8 hexadecimal digits that count the starts in the folder, 8 that chance has given. Locks do not
// reach everywhere, and a process that was stopped may come back when another has gone on from where it was. By their names
// they never write to one file; what is removed is of one's own run or an earlier one.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/decider.h"
#include "runtime/engine/failure.h"

namespace gress::checkpoint {

using engine::Decision;

/// Who has a folder, or had it last: `123 0000000a5f3c9d01 12 11`.
struct Holder {
  std::string pid, run;
  bool listens = false;  // it has begun, and can be asked for a checkpoint
  std::uint64_t begun = 0, counts = 0;  // the last one that was begun, and the last one that counts
};
Holder holder_of(const std::filesystem::path& folder);
/// It is a process of this machine, and has the folder.
bool is_there(const Holder&, const std::filesystem::path& folder);

class Folder {
 public:
  /// Makes it if need be.
  explicit Folder(std::filesystem::path path);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Draws the run. Throws Failure (temporary) when another process has the folder.
  void lock();
  /// Throws Failure (temporary) when a later run has taken the folder, where locks do not reach.
  void expect_held() const;

  const std::filesystem::path& path() const { return path_; }
  /// Which checkpoint is the last that was begun, and which the last that counts.
  void tell(std::uint64_t begun, std::uint64_t counts) const;
  const std::string& run() const { return run_; }
  std::filesystem::path manifest(const Decision&) const;
  std::filesystem::path state(const Decision&) const;
  std::filesystem::path live() const;
  /// Those that have a manifest, ascending.
  std::vector<Decision> all() const;
  /// What runs up to this one have left, but for these two checkpoints and what is at work.
  void remove_old(const Decision& newest, const Decision& before) const;
  void remove_all() const;
  /// What earlier runs had at work.
  void remove_unfinished() const;
  /// One that was prepared and does not count.
  void remove(const Decision&) const;

 private:
  void write_lock(const std::string& more) const;

  std::filesystem::path path_;
  std::string run_;
  int lock_ = -1;
};

/// All that stands in a folder, by name. Throws Failure (io).
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);
/// The manifests in a folder, oldest first. Throws Failure (no_input) when it is none.
std::vector<std::filesystem::path> manifests_in(const std::filesystem::path& folder);
/// What was asked for by name: a manifest, which may be named without its run, or a folder, whose newest is meant. Throws
/// Failure (no_input).
std::filesystem::path manifest_at(const std::filesystem::path& given);
/// The name of its manifest.
std::string manifest_name(const Decision&);
/// Where the state of a manifest stands.
std::filesystem::path state_of(const std::filesystem::path& manifest);
/// Where the savepoint of a name stands.
std::filesystem::path savepoint_in(const std::filesystem::path& folder, std::string_view name);

/// Writes a file, makes sure that it is on disk, then gives it its name. Throws Failure (io).
void write_whole(const std::filesystem::path& path, std::string_view content);
/// Throws Failure (no_input).
std::string read_whole(const std::filesystem::path& path);
void sync_file(const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& path);
struct Content {
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;
};
/// Of a file, read whole. Throws Failure (io).
Content content_of(const std::filesystem::path& path);
/// CRC-32.
std::uint32_t checksum(std::string_view bytes);

[[noreturn]] void fail_io(const std::string& what, const std::filesystem::path& path, int error);

/// For tests of crashes: kills the process when GRESS_CRASH_AT names this point (`name`, or `name:3`, the third time), and
/// stops it, as SIGSTOP does, when GRESS_STOP_AT does.
void crash_point(std::string_view name);

/// What f(path) makes of the manifest that was asked for (manifest_at()), from outside the program that owns the folder. It may
/// remove what is being read: then there is a newer one, and f is asked again.
template <class F>
auto with_manifest(const std::filesystem::path& given, F f) {
  constexpr int kTries = 5;
  for (int n = 1;; ++n) {
    const std::filesystem::path path = manifest_at(given);
    crash_point("manifest_chosen");
    try {
      return f(path);
    } catch (const engine::Failure&) {
      std::error_code error;
      if (n == kTries || std::filesystem::exists(path, error)) throw;
    }
  }
}

}  // namespace gress::checkpoint
