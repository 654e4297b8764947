// The build cache: finished executables and precompiled headers by the hash of all that they were made from.
//   ROOT/bin/HASH           executables            ROOT/tmp/     work in progress
//   ROOT/pch/HASH/          precompiled headers    ROOT/failed/  generated code that a C++ compiler refused
//   ROOT/headers/HASH       what users' headers declare (compiler/foreign)    ROOT/ir/HASH/  bitcode (gressc audit)
// Entries appear by rename, so that compilers running side by side never see a part of one.
#pragma once
#include <string>

namespace gress::toolchain {

class Cache {
 public:
  /// $GRESS_CACHE, else $XDG_CACHE_HOME/gress, else ~/.cache/gress. A place that cannot be written gives a cache that
  /// holds nothing.
  static Cache open();

  bool usable() const { return !root_.empty(); }
  const std::string& root() const { return root_; }
  /// Folder for scratch folders, on the cache's file system; empty without a cache.
  std::string work_folder() const { return usable() ? root_ + "/tmp" : ""; }

  /// Path of an entry, marked as used just now; empty when there is none.
  std::string find(const std::string& kind, const std::string& key) const;
  /// Moves a finished file or folder in and returns its path there; empty when that did not work.
  std::string store(const std::string& kind, const std::string& key, const std::string& made);
  /// Where an entry of that key stands or would stand.
  std::string path(const std::string& kind, const std::string& key) const;

  /// Deletes the entries not used for longest until the cache is within its bound ($GRESS_CACHE_SIZE megabytes,
  /// default 1024), none that was used in the last hour; and old scratch folders.
  void trim() const;

 private:
  std::string root_;
};

}  // namespace gress::toolchain
