#include "runtime/engine/stuck.h"

#include <algorithm>

namespace gress::engine {
namespace {

constexpr std::int64_t kLook = 50'000;      // between two looks
constexpr std::int64_t kBrief = 5'000'000;  // a progress line speaks of it sooner than the log

std::string time_or_start(std::int64_t t) { return t == INT64_MIN ? "its start" : time_text(t); }

std::string span_text(std::int64_t micros) {
  return micros < 1'000'000 ? std::to_string(micros / 1000) + " ms" : std::to_string(micros / 1'000'000) + " s";
}

}  // namespace

std::optional<Hold> held_back(const Runtime& runtime) {
  std::optional<Hold> lowest;
  std::int64_t highest = INT64_MIN;
  for (const WatermarkHolder* holder : runtime.holders()) {
    std::optional<Hold> hold = holder->hold();
    if (!hold) continue;
    highest = std::max(highest, hold->highest);
    if (!lowest || hold->watermark < lowest->watermark) lowest = std::move(hold);
  }
  if (!lowest || highest <= lowest->watermark) return std::nullopt;
  lowest->highest = highest;
  return lowest;
}

std::string hold_text(const Hold& hold) {
  std::string text = "source `" + hold.source + "`, partition " + std::to_string(hold.number) + " (`" + hold.partition + "`): ";
  switch (hold.why) {
    case Hold::Why::waiting:
      return text + (hold.idle_set ? "it waits for input, and its `idle:` has not run out"
                                   : "it waits for input, and without `idle:` it does so for ever");
    case Hold::Why::not_begun: return text + "it is not begun, others are read first";
    case Hold::Why::reading: return text + "it is being read";
  }
  return text;
}

void StuckWatch::tick(std::int64_t now) {
  skipped_ = now - looked_ < kLook;
  if (skipped_) return;
  looked_ = now;
  std::optional<Hold> hold = held_back(runtime_);
  const bool same = hold && hold_ && hold->watermark == hold_->watermark;
  if (!same) {
    if (told_) log::info("watermark_moves", "the watermark moves again");
    told_ = false;
    since_ = now;
  }
  hold_ = std::move(hold);
  const std::int64_t limit = runtime_.options().stuck_after;
  if (!hold_ || told_ || limit <= 0 || now - since_ < limit) return;
  told_ = true;
  const Hold& h = *hold_;
  log::write(log::Level::warning, "watermark_stuck",
             "the watermark has stood at " + time_or_start(h.watermark) + " for " + span_text(now - since_) +
                 ", others have come to " + time_text(h.highest) + "\nheld by " + hold_text(h),
             {{"source", h.source, false},
              {"partition", std::to_string(h.number), true},
              {"file", h.partition, false},
              {"watermark", h.watermark == INT64_MIN ? "null" : '"' + time_text(h.watermark) + '"', true},
              {"highest", time_text(h.highest), false}});
}

std::int64_t StuckWatch::wait(std::int64_t now) const {
  const std::int64_t limit = runtime_.options().stuck_after;
  if (skipped_) return kLook;
  if (told_ || limit <= 0 || runtime_.holders().empty()) return INT64_MAX;
  return std::max<std::int64_t>(since_ + limit - now, 1'000);
}

std::string StuckWatch::brief(std::int64_t now) const {
  if (!hold_ || now - since_ < kBrief) return "";
  const char* why = hold_->why == Hold::Why::waiting     ? " waits"
                    : hold_->why == Hold::Why::not_begun ? " is not begun"
                                                         : "";
  return "held by " + hold_->source + "[" + std::to_string(hold_->number) + "]" + why;
}

}  // namespace gress::engine
