// The entries of a table that memory has no room for, on disk (docs/decisions/0024). runtime/checkpoint makes it.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/state_changes.h"

namespace gress {

class ColdEntries {
 public:
  virtual ~ColdEntries() = default;
  /// Bytes of memory that the table may take.
  virtual std::size_t memory() const = 0;
  /// What keys begin with, before that of the operator.
  virtual const std::string& section() const = 0;
  /// Carries out what was said, and forgets it. Waits while a checkpoint is being written, since that has the state of its
  /// own moment.
  virtual void write(StateChanges& changes) = 0;
  /// The values of whole keys, kBlock at most; without data where there is none. Views are good until it is asked again.
  virtual void read(const std::string_view* keys, int n, std::string_view* values) = 0;
  /// The first keys, `most` at most, that begin with `beginning`, from `from` on, in order; they begin with section().
  virtual void keys(std::string_view beginning, std::string_view from, int most, std::vector<std::string>& found) = 0;
  /// What was read cannot be.
  [[noreturn]] virtual void damaged() const = 0;
};

}  // namespace gress
