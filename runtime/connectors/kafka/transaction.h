// What all Kafka sinks of a program write in under `delivery: exactly_once`: one transactional producer a process. A
// transaction holds the rows between two checkpoints, and commits when the second one's manifest stands. The number of
// that checkpoint is committed with them, as the offset of a group of the same name as the transactional id, so the
// brokers say which checkpoint counts.
//
// The next transaction cannot begin before the last has ended. Until then the sinks hold the rows that come meanwhile.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/kafka/producer.h"
#include "runtime/engine/decider.h"

extern "C" {
struct rd_kafka_error_s;
}

namespace gress::kafka {

class Transaction final : public engine::Decider {
 public:
  /// The process's, made by the first sink; throws Failure (usage) when this sink's options are others than the
  /// first's. `topic`: of this sink, empty when it is by row.
  static std::shared_ptr<Transaction> join(engine::Runtime& runtime, const std::string& sink,
                                           const Connection& connection, const std::vector<Property>& own,
                                           const std::string& id, const std::string& topic);
  Transaction(engine::Runtime& runtime, const std::string& sink, const Connection& connection,
              const std::vector<Property>& own, const std::string& id);
  /// Aborts what is open.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // ---- sinks
  /// Shared with them; there after open().
  std::shared_ptr<Producer> producer() { return producer_; }
  /// What was produced is all of the epoch: rows are held from now on. Called while no sink produces.
  void seal() { held_.store(true, std::memory_order_release); }
  /// Whether rows are to be held; then the producer must not be touched.
  bool held() const { return held_.load(std::memory_order_acquire); }
  /// Until they are not (true), or never will.
  bool wait();
  /// Throws Failure when a stop was requested, and brokers, who have taken nothing for `silent` microseconds, are not waited
  /// for any longer.
  void hear_stop(std::int64_t silent) const;

  // ---- checkpoints
  void open() override;
  std::optional<engine::Decision> decided(std::string_view place) override;
  std::string place() const override;
  void prepare(const engine::Decision& decision) override;
  void commit(const engine::Decision& decision) override;
  void give_up() override;

 private:
  const std::string& owner() const { return owner_; }
  rd_kafka_s* handle() { return producer_->client().handle(); }
  std::string offsets_topic() const { return topic_.empty() ? "__consumer_offsets" : topic_; }
  void check_timeout() const;
  /// Until the brokers answer: at start for as long as the connection says, later until a stop or giving up.
  void initialise(bool at_start);
  void begin();
  /// Calls until the library takes it; throws Failure when it never will, or when the program ends meanwhile.
  void insist(const char* what, const std::function<rd_kafka_error_s*()>& call);
  /// False: no answer came, for the reason `why`; it may be called again.
  bool commits(std::string& why);
  /// Frees the error, and throws Failure unless it may go away by itself, or is the one that commit() asks about.
  void fail_unless_passing(rd_kafka_error_s* error, const char* what, bool asks = false);

  engine::Runtime& runtime_;
  const std::string owner_, id_;
  const Connection connection_;
  const std::vector<Property> own_;
  std::string topic_;  // of the first sink that has one
  std::shared_ptr<Producer> producer_;
  bool begun_ = false;
  std::atomic<bool> held_{false}, given_up_{false};
  std::mutex mutex_;  // of what wait() waits for
  std::condition_variable changed_;
};

}  // namespace gress::kafka
