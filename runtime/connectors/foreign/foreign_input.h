// The partitions of a source of a user's header as record_partitions.h knows them: how many rows of each have been read.
// The objects that give the rows are ForeignSource's.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/connectors/record_input.h"
#include "runtime/engine/runtime.h"

namespace gress::foreign {

class ForeignInput {
 public:
  static constexpr bool kPlaced = true;
  class Reader {
   public:
    std::uint64_t position() const { return rows_; }
    bool skip_to(std::uint64_t rows) {
      rows_ = rows;
      return true;
    }

   private:
    std::uint64_t rows_ = 0;
  };

  ForeignInput(engine::Runtime& runtime, engine::SourceCounters& counters, const std::vector<std::string>& names, Take take)
      : counters_(counters),
        names_(names),
        readers_(names.size()),
        first_(static_cast<std::size_t>(runtime.worker())),
        stride_(take == Take::own ? static_cast<std::size_t>(runtime.workers()) : 1) {
    for (std::size_t p = 0; p != names_.size(); ++p)
      if (owns(p)) active_.push_back(static_cast<std::uint32_t>(p));
  }

  engine::SourceCounters& counters() { return counters_; }
  std::size_t partitions() const { return names_.size(); }
  bool owns(std::size_t partition) const { return first_ < stride_ && partition % stride_ == first_; }
  const std::string& path(std::size_t partition) const { return names_[partition]; }
  const std::string& name(std::size_t partition) const { return names_[partition]; }
  /// The one that was read last is the last: those that have come as far have their turns.
  std::span<const std::uint32_t> active() const { return active_; }
  bool done() const { return active_.empty(); }
  Reader& reader(std::size_t partition) { return readers_[partition]; }
  void ended(std::size_t partition) { std::erase(active_, static_cast<std::uint32_t>(partition)); }
  void read(std::uint32_t partition) {
    const auto at = std::find(active_.begin(), active_.end(), partition);
    std::rotate(at, at + 1, active_.end());
  }

 private:
  engine::SourceCounters& counters_;
  const std::vector<std::string> names_;
  std::vector<Reader> readers_;
  std::vector<std::uint32_t> active_;
  const std::size_t first_, stride_;  // of the partitions that this worker reads
};

}  // namespace gress::foreign
