// The partitions of a topic. Each worker has a consumer of its own and reads every n-th partition. Partitions are given
// out by number, not by a group's protocol; a group only has its committed offsets follow.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/kafka/message_reader.h"
#include "runtime/engine/settled.h"

namespace gress::kafka {

/// `start:`
struct Start {
  enum class From : std::uint8_t { earliest, latest, group, time };
  Start() = default;
  Start(const char* word) : Start(std::string_view(word)) {}
  Start(std::string_view word)
      : from(word == "latest"  ? From::latest
             : word == "group" ? From::group
                               : From::earliest) {}
  Start(std::int64_t micros) : from(From::time), time(micros) {}
  From from = From::earliest;
  std::int64_t time = 0;
};

/// In the order of the connector's description; times in microseconds.
struct SourceOptions {
  Start start = {};
  std::string_view until = {};
  std::string_view group = {};
  std::int64_t discover = 30'000'000;
  bool tls = false;
  std::string_view tls_ca = {}, tls_certificate = {}, tls_key = {};
  std::string_view sasl = {}, user = {}, password = {};
  std::int64_t connect_timeout = 30'000'000;
  std::vector<Property> librdkafka = {};
  Wants wants = {};
};

/// Where reading of a partition goes on.
struct Position {
  int partition;
  std::int64_t offset;
};

class KafkaInput final : engine::Settled {
 public:
  using Reader = MessageReader;
  using Options = SourceOptions;
  static constexpr bool kPlaced = true;

  /// Waits for the brokers; throws Failure when they, or the topic, are not to be had.
  KafkaInput(engine::Runtime& runtime, std::string_view source, std::string_view brokers, std::string_view topic,
             const SourceOptions& options, int line = 0, Take take = Take::own);
  ~KafkaInput();
  KafkaInput(const KafkaInput&) = delete;
  KafkaInput& operator=(const KafkaInput&) = delete;

  engine::SourceCounters& counters() { return counters_; }
  std::size_t partitions() const { return readers_.size(); }
  bool owns(std::size_t partition) const { return first_ < stride_ && partition % stride_ == first_; }
  const std::string& path(std::size_t) const { return topic_name_; }
  /// The topic and the number in it.
  const std::string& name(std::size_t partition) const { return names_[partition]; }
  std::span<const std::uint32_t> active() const { return active_; }
  bool done() const { return active_.empty() && !open_; }
  MessageReader& reader(std::size_t partition) { return *readers_[partition]; }
  void ended(std::size_t partition);
  /// Reads the partition from its first message, whatever `start` says.
  void from_beginning(std::size_t partition);

  /// Looks after what is due: errors of the client, committed offsets, new partitions. True when there are such.
  bool grows();

  /// Of the partitions that this worker reads: all before these offsets has been handed on.
  std::vector<Position> positions() const;

  /// A checkpoint is taken, so the one before it stands, and the group's offsets follow to where it was.
  void saved();

 private:
  struct FreeTopic {
    void operator()(rd_kafka_topic_s* topic) const;
  };
  void settled() override { commit(positions(), true); }
  void add(int count, Start start);
  std::vector<std::int64_t> offsets(const std::vector<int>& partitions, Start start);
  std::int64_t edge(int partition, bool high);
  void keep_committed(std::int64_t now);
  void commit(const std::vector<Position>& positions, bool wait);
  void measure_lag();

  engine::Runtime& runtime_;
  engine::SourceCounters& counters_;
  const std::string topic_name_, group_;
  const Wants wants_;
  const bool ends_;
  const std::int64_t discover_;
  Client client_;
  std::unique_ptr<rd_kafka_topic_s, FreeTopic> topic_;
  std::vector<std::string> names_;                       // of partitions
  std::vector<std::unique_ptr<MessageReader>> readers_;  // by partition; null for those of other workers
  std::vector<std::uint32_t> active_;
  std::size_t first_, stride_;  // of the partitions that this worker reads
  bool open_;                   // partitions may still come
  std::int64_t tended_, discovered_, committed_;
  std::vector<Position> last_;  // with several workers: as they were a while ago; with checkpoints: at the last one
};

}  // namespace gress::kafka
