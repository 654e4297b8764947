// A producer, one a process for all sinks that reach the same brokers in the same way.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "runtime/connectors/kafka/client.h"

namespace gress::kafka {

class Producer {
 public:
  /// The one with these properties, made if there is none.
  static std::shared_ptr<Producer> of(const std::string& owner, const Connection& connection,
                                      const std::vector<Property>& own);
  Producer(const std::string& owner, const Connection& connection, const std::vector<Property>& own);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  Client& client() { return client_; }
  /// A topic to produce to, looked up first; null when a stop was requested. `owner` for messages.
  rd_kafka_topic_s* topic(engine::Runtime& runtime, const std::string& name);
  /// Until all that was produced is delivered; throws Failure when something was lost.
  void wait();

 private:
  Client client_;
  std::mutex mutex_;
  std::map<std::string, rd_kafka_topic_s*, std::less<>> topics_;
};

}  // namespace gress::kafka
