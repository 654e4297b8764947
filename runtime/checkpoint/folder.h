// A folder of checkpoints on disk: its lock, and files that are there whole or not at all.
//
//   LOCK                  held by the process that uses the folder
//   manifest-00000012     what checkpoint 12 is (manifest.h); it stands as soon as this file does
//   state-00000012/       its state: files of RocksDB, hard links where an earlier one has them too
//   live/                 the state at work; of no use after a crash
//   savepoint-NAME/       a checkpoint that was kept by name: a manifest and its state, as above
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/failure.h"

namespace gress::checkpoint {

class Folder {
 public:
  /// Makes it if need be.
  explicit Folder(std::filesystem::path path);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Throws Failure (temporary) when another process has it.
  void lock();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path manifest(std::uint64_t epoch) const;
  std::filesystem::path state(std::uint64_t epoch) const;
  std::filesystem::path live() const { return path_ / "live"; }
  /// Epochs that have a manifest, ascending.
  std::vector<std::uint64_t> epochs() const;
  /// All but the last two checkpoints, what never became one, and what was at work.
  void remove_old(std::uint64_t newest) const;
  void remove_all() const;
  /// One that was prepared and does not count.
  void remove(std::uint64_t epoch) const;

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

/// The manifests in a folder, oldest first. Throws Failure (no_input) when it is none.
std::vector<std::filesystem::path> manifests_in(const std::filesystem::path& folder);
/// What was asked for by name: a manifest, or a folder, whose newest is meant. Throws Failure (no_input).
std::filesystem::path manifest_at(const std::filesystem::path& given);
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
/// CRC-32 of a file's bytes.
std::uint32_t checksum_of(const std::filesystem::path& path);
std::uint32_t checksum(std::string_view bytes);

[[noreturn]] void fail_io(const std::string& what, const std::filesystem::path& path, int error);

/// For tests of crashes: kills the process when GRESS_CRASH_AT names this point (`name`, or `name:3`, the third time), and
/// stops it, as SIGSTOP does, when GRESS_STOP_AT does.
void crash_point(std::string_view name);

}  // namespace gress::checkpoint
