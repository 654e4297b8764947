// Who holds the watermark back, and why: for messages about one that does not move.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace gress::engine {

/// The partition whose watermark is its source's.
struct Hold {
  enum class Why : std::uint8_t { waiting, not_begun, reading };

  std::string source;
  std::string partition;         // its file, or the like
  std::int64_t number = 0;       // of the partition, from 0
  std::int64_t watermark = 0;    // microseconds; INT64_MIN before the first row
  std::int64_t highest = 0;      // of the source's partitions
  Why why = Why::reading;
  bool idle_set = false;         // the source has an `idle:`
};

class WatermarkHolder {
 public:
  /// Nothing when no partition holds the source's watermark.
  virtual std::optional<Hold> hold() const = 0;

 protected:
  ~WatermarkHolder() = default;
};

}  // namespace gress::engine
