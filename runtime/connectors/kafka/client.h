// What consumers and producers share: how they are set up, what the client library tells, and looking up a topic.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/core/text.h"
#include "runtime/engine/failure.h"

extern "C" {
struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_queue_s;
struct rd_kafka_message_s;
}

namespace gress::engine {
class Runtime;
}

namespace gress::kafka {

/// A property of the client library, by its own name.
using Property = std::pair<std::string, std::string>;
inline std::string property(Text value) { return std::string(value.view()); }
inline std::string property(bool value) { return value ? "true" : "false"; }
inline std::string property(std::int64_t value) { return std::to_string(value); }
inline std::string property(double value) { return std::to_string(value); }

/// How the brokers are reached; times in microseconds.
struct Connection {
  std::string brokers;
  std::vector<Property> properties;
  std::int64_t connect_timeout;
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// Of the options that sources and sinks have in common.
template <class Options>
Connection connection(std::string_view brokers, const Options& o);
/// Properties for `tls` and `sasl`.
std::vector<Property> security(bool tls, std::string_view ca, std::string_view certificate, std::string_view key,
                               std::string_view sasl, std::string_view user, std::string_view password);

template <class Options>
Connection connection(std::string_view brokers, const Options& o) {
  Connection c{std::string(brokers),
               security(o.tls, o.tls_ca, o.tls_certificate, o.tls_key, o.sasl, o.user, o.password), o.connect_timeout};
  c.properties.insert(c.properties.end(), o.librdkafka.begin(), o.librdkafka.end());
  return c;
}

class Client {
 public:
  enum class Kind : std::uint8_t { consumer, producer };
  /// `owner`: "source `x`". Later properties win over earlier ones, and all over what we prefer. Throws Failure (usage)
  /// for a property that the library does not take.
  Client(Kind kind, std::string owner, const Connection& connection, const std::vector<Property>& preferred,
         const std::vector<Property>& needed);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_s* handle() const { return handle_; }
  const std::string& owner() const { return owner_; }
  const std::string& brokers() const { return connection_.brokers; }

  /// Has the library's threads look at once whether there is something to do. One that has found a queue full looks again after
  /// a second only, however fast it is emptied.
  void wake();

  /// The value of a property that is a number.
  std::size_t number(const char* property) const;

  /// Number of partitions of the topic. Keeps trying until the brokers answer; throws Failure when they do not within
  /// the connection's time, when there is no such topic, or when it is not ours to use. 0 when a stop was requested.
  int find_topic(engine::Runtime& runtime, const std::string& topic);
  /// The same by asking once; 0 when nobody answers in time, none when the broker knows no such topic, which may be new.
  std::optional<int> count_partitions(const std::string& topic, int milliseconds);

  /// Serves what the library has to tell: delivery reports, errors, which are logged; throws Failure for those that
  /// will not go away.
  void poll(int milliseconds = 0);
  /// The last thing that went wrong with a connection.
  std::string cause() const;

  /// Another process has taken over from a producer that writes in transactions.
  [[noreturn]] void fenced(const std::string& why) const;

  /// Called by the library, within poll().
  void on_error(int code, const char* reason);
  /// A delivery that failed; the first one counts.
  void on_lost(std::string why);

 private:
  [[noreturn]] void missing(const std::string& topic);
  [[noreturn]] void refused(const std::string& what, const std::string& why);
  void check();

  std::string owner_;
  Connection connection_;
  rd_kafka_s* handle_ = nullptr;
  mutable std::mutex mutex_;  // of what follows: several workers poll one producer
  std::string cause_;
  std::string lost_;
  bool refused_ = false;  // login or certificate
  int fatal_ = 0;         // the library gave up, for this reason
  bool told_ = false;  // one of these was thrown
  bool down_ = false;  // was logged
};

/// Whether the name is one that brokers take.
bool is_topic_name(std::string_view name);

}  // namespace gress::kafka
