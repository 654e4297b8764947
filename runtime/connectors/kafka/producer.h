// A producer, one a process for all sinks that reach the same brokers in the same way.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/kafka/client.h"

namespace gress::kafka {

/// A topic to produce to; stays where it is as long as its producer.
struct Topic {
  std::string name;
  rd_kafka_topic_s* handle = nullptr;
};

class Producer {
 public:
  /// The one with these properties, made if there is none.
  static std::shared_ptr<Producer> of(const std::string& owner, const Connection& connection,
                                      const std::vector<Property>& own);
  /// `own`: what the library needs to be told beside the connection's properties. Messages speak of `owner`.
  Producer(std::string owner, Connection connection, std::vector<Property> own);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Throws Failure when renew() has left none.
  Client& client();
  /// A topic to produce to, looked up first; null when a stop was requested.
  const Topic* topic(engine::Runtime& runtime, const std::string& name);
  /// Until all that was produced is delivered (true), or `leave`, asked now and then with how many microseconds ago something
  /// was, says so; throws Failure when something was lost.
  bool wait(const std::function<bool(std::int64_t)>& leave = {});
  /// Drops the client, with all that waits in it, and makes it anew. Nobody else uses the producer meanwhile. Throws Failure,
  /// as the constructor does; then there is none.
  void renew();

 private:
  void make();
  void drop();

  const std::string owner_;
  const Connection connection_;
  const std::vector<Property> own_;
  std::optional<Client> client_;
  std::mutex mutex_;
  std::map<std::string, Topic, std::less<>> topics_;
};

}  // namespace gress::kafka
