// State on disk: RocksDB, the entries of all sections in one database, by section and key. What a program does between
// two checkpoints is not written ahead: only a checkpoint counts.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "runtime/core/state_changes.h"

namespace rocksdb {
class DB;
}

namespace gress::checkpoint {

/// Failures of the database are thrown as engine::Failure (io).
class Store {
 public:
  /// In an empty folder, or one that holds the files of a checkpoint.
  explicit Store(const std::filesystem::path& folder);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void write(std::uint32_t section, const StateChanges& changes);
  void erase(std::uint32_t section);
  /// All that was written, as files in a folder that is not there yet.
  void snapshot(const std::filesystem::path& to);
  std::unique_ptr<StateEntries> entries(std::uint32_t section) const;

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace gress::checkpoint
