// Entries that are read by a thread of its own while those before them are used. The first block of them is read by who asks,
// so that small sections need no thread. Parts of them, which threads of their own ask for, are read by who asks.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/core/state_changes.h"

namespace gress::checkpoint {

class EntriesAhead final : public StateEntries {
 public:
  static constexpr int kLater = 16;  // how many entries later() is ahead
  /// `block`: bytes that are read at once, more where one entry has more; `alone`: by who asks.
  explicit EntriesAhead(std::unique_ptr<StateEntries> from, std::size_t block = std::size_t{256} << 10, bool alone = false)
      : from_(std::move(from)), bytes_(block), alone_(alone) {}
  ~EntriesAhead() override;
  bool next(std::string_view& key, std::string_view& value) override;
  std::string_view later() const override { return later_; }
  Parts parts() override;
  const StateEvolution* evolution() const override { return from_->evolution(); }

 private:
  static constexpr std::size_t kBlocks = 4;

  struct Entry {
    std::string_view key, value;
  };
  /// The first of these entries, which goes from them; there is one.
  static Entry take(std::string_view& entries);
  /// False: these are the last ones.
  bool fill(std::string& block);
  void read();
  bool turn();

  const std::unique_ptr<StateEntries> from_;
  const std::size_t bytes_;
  const bool alone_;
  std::string block_;  // sizes of key and value, and both, of each entry
  std::string_view left_, behind_;  // of it: what has not been given; what later() has not come to
  std::string_view later_;
  bool begun_ = false;

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> full_, used_;
  std::exception_ptr failure_;
  bool ended_ = false, stops_ = false;
};

}  // namespace gress::checkpoint
