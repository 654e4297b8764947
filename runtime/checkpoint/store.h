// State on disk: RocksDB, the entries of all sections in one database, by section and key. What a program does between
// two checkpoints is not written ahead: only a checkpoint counts. A checkpoint's changes become tables as they are, sorted;
// where memory is bounded, and entries come at other times too, they go through the database's own buffers.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/checkpoint/manifest.h"
#include "runtime/core/cold_entries.h"
#include "runtime/core/state_changes.h"
#include "runtime/engine/presence.h"

namespace rocksdb {
class DB;
}

namespace gress::checkpoint {

class SortedChanges;

/// Failures of the database are thrown as engine::Failure (io).
class Store {
 public:
  /// In an empty folder, or one that holds the files of a checkpoint.
  /// `memory`: bytes that it may hold; 0: as it likes, since it is only written.
  explicit Store(const std::filesystem::path& folder, std::size_t memory = 0);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// From now on its tables are merged in the background; not before, since that takes time from a restore.
  void compact();

  struct Section {
    std::uint32_t id;
    const StateChanges* changes;
  };
  /// A section comes once.
  void write(std::vector<Section> sections);
  void erase(std::uint32_t section);
  /// All that was written, as files in a folder that is not there yet.
  void snapshot(const std::filesystem::path& to);
  std::unique_ptr<StateEntries> entries(std::uint32_t section) const;

  /// Entries of a table of `memory` bytes that has no room for them.
  std::unique_ptr<ColdEntries> cold(std::uint32_t section, std::size_t memory, engine::WaitsAt waits);
  /// From the moment of a checkpoint until it has been written, cold entries wait.
  void hold_cold() { cold_held_ = true; }
  void let_cold() {
    cold_held_ = false;
    cold_held_.notify_all();
  }

 private:
  class Background;
  class Cold;
  class Tables;
  void write_cold(std::uint32_t section, const StateChanges& changes);

  std::shared_ptr<Background> background_;
  const std::filesystem::path folder_;
  std::atomic<std::uint64_t> made_{0};  // tables
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<bool> cold_held_{false};
};

/// Puts the files of a checkpoint into a folder, which is emptied before: links to those that never change, and copies.
void copy_snapshot(const std::filesystem::path& state, const std::vector<FileAt>& files, const std::filesystem::path& to);

/// A checkpoint's state for looking at: nothing is written anywhere. All its files are open from the start, so that a running
/// program may remove them meanwhile.
class SnapshotReader {
 public:
  explicit SnapshotReader(const std::filesystem::path& state);
  ~SnapshotReader();
  SnapshotReader(const SnapshotReader&) = delete;
  SnapshotReader& operator=(const SnapshotReader&) = delete;
  std::unique_ptr<StateEntries> entries(std::uint32_t section) const;

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace gress::checkpoint
