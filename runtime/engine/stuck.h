// A watermark that does not move while rows come is explained: which partition holds it, and why.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "runtime/engine/runtime.h"

namespace gress::engine {

/// The lowest of what the sources say, if others are ahead of it.
std::optional<Hold> held_back(const Runtime& runtime);
/// "source `slow`, partition 1 (`b.jsonl`): it waits for input and has no `idle:`"
std::string hold_text(const Hold& hold);

class StuckWatch {
 public:
  explicit StuckWatch(const Runtime& runtime, std::int64_t now) : runtime_(runtime), since_(now) {}

  /// Looks at the watermarks; `now` by steady_micros(). Warns once when they have stood for the option `stuck-after`,
  /// and says when they move again.
  void tick(std::int64_t now);
  /// How long a waiting program may sleep before it has to look again.
  std::int64_t wait(std::int64_t now) const;
  /// What a progress line adds: who holds the watermark for some seconds already; empty: nobody.
  std::string brief(std::int64_t now) const;

 private:
  const Runtime& runtime_;
  std::optional<Hold> hold_;
  std::int64_t since_;
  std::int64_t looked_ = 0;
  bool told_ = false;
  bool skipped_ = false;  // looked a moment ago: has to look again
};

}  // namespace gress::engine
