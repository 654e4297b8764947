#include "runtime/checkpoint/entries_ahead.h"

#include <cstring>
#include <utility>

namespace gress::checkpoint {
namespace {

struct Sizes {
  std::uint64_t key, value;
};

}  // namespace

EntriesAhead::~EntriesAhead() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool EntriesAhead::next(std::string_view& key, std::string_view& value) {
  if (left_.empty() && !turn()) return false;
  const Entry entry = take(left_);
  key = entry.key;
  value = entry.value;
  later_ = behind_.empty() ? std::string_view() : take(behind_).value;
  return true;
}

EntriesAhead::Entry EntriesAhead::take(std::string_view& entries) {
  Sizes sizes;
  std::memcpy(&sizes, entries.data(), sizeof sizes);
  const Entry entry{entries.substr(sizeof sizes, sizes.key), entries.substr(sizeof sizes + sizes.key, sizes.value)};
  entries.remove_prefix(sizeof sizes + sizes.key + sizes.value);
  return entry;
}

bool EntriesAhead::turn() {
  if (!begun_ || alone_) {
    begun_ = true;
    if (ended_) return false;
    ended_ = !fill(block_);
    if (!ended_ && !alone_) thread_ = std::thread([this] { read(); });
  } else {
    std::unique_lock lock(mutex_);
    used_.push_back(std::move(block_));
    block_.clear();
    changed_.notify_all();
    changed_.wait(lock, [&] { return !full_.empty() || ended_; });
    if (full_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
    } else {
      block_ = std::move(full_.front());
      full_.pop_front();
    }
  }
  left_ = behind_ = block_;
  for (int i = 0; i != kLater && !behind_.empty(); ++i) take(behind_);
  return !left_.empty();
}

bool EntriesAhead::fill(std::string& block) {
  block.clear();
  std::string_view key, value;
  while (block.size() < bytes_) {
    if (!from_->next(key, value)) return false;
    const Sizes sizes{key.size(), value.size()};
    block.append(reinterpret_cast<const char*>(&sizes), sizeof sizes).append(key).append(value);
  }
  return true;
}

StateEntries::Parts EntriesAhead::parts() {
  constexpr std::size_t kNear = std::size_t{32} << 10;  // stays in the caches of who reads it
  Parts parts = from_->parts();
  for (auto& each : parts.each) each = std::make_unique<EntriesAhead>(std::move(each), kNear, true);
  return parts;
}

void EntriesAhead::read() {
  std::string block;
  for (bool more = true; more;) {
    std::exception_ptr failure;
    try {
      more = fill(block);
    } catch (...) {
      failure = std::current_exception();
      more = false;
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return full_.size() < kBlocks || stops_; });
    if (stops_) return;
    if (!block.empty() && !failure) full_.push_back(std::move(block));
    failure_ = failure;
    ended_ = !more;
    block.clear();
    if (!used_.empty()) {
      block = std::move(used_.back());
      used_.pop_back();
    }
    changed_.notify_all();
  }
}

}  // namespace gress::checkpoint
