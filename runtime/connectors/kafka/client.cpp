#include "runtime/connectors/kafka/client.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>
#include <utility>

#include "runtime/engine/clock.h"
#include "runtime/engine/nearest.h"
#include "runtime/engine/runtime.h"

namespace gress::kafka {

using engine::Exit;
using engine::Failure;

namespace {

void told_error(rd_kafka_t*, int code, const char* reason, void* client) {
  static_cast<Client*>(client)->on_error(code, reason);
}

void told_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* client) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::string why = "a message for `" + std::string(rd_kafka_topic_name(message->rkt)) + "` was not delivered: ";
  why += rd_kafka_err2str(message->err);
  if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    why += "\nit has " + std::to_string(message->len) +
           " bytes, or stood in a batch with one that is too large: the topic takes at most "
           "its `max.message.bytes`";
  if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
    why += "\nthe brokers were tried for as long as the property `message.timeout.ms` says";
  static_cast<Client*>(client)->on_lost(std::move(why));
}

void told_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  // What matters comes as an error; the rest is for those who say `debug`.
  static_cast<void>(handle);
  engine::log::write(level <= 6 ? engine::log::Level::debug : engine::log::Level::info, "kafka_client",
                     std::string("librdkafka: ") + facility + ": " + text);
}

// A broker may be asked for a topic before it was told that another one has just made it. Microseconds.
constexpr std::int64_t kAppears = 2'000'000;

bool by_now(std::int64_t deadline) { return engine::steady_micros() >= deadline; }

struct Metadata {
  const struct rd_kafka_metadata* data = nullptr;
  ~Metadata() {
    if (data) rd_kafka_metadata_destroy(data);
  }
};

}  // namespace

bool is_topic_name(std::string_view name) {
  if (name.empty() || name.size() > 249 || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

std::vector<Property> security(bool tls, std::string_view ca, std::string_view certificate, std::string_view key,
                               std::string_view sasl, std::string_view user, std::string_view password) {
  std::vector<Property> out;
  const bool login = !sasl.empty();
  if (tls || login) out.emplace_back("security.protocol", login ? (tls ? "sasl_ssl" : "sasl_plaintext") : "ssl");
  if (!ca.empty()) out.emplace_back("ssl.ca.location", ca);
  if (!certificate.empty()) out.emplace_back("ssl.certificate.location", certificate);
  if (!key.empty()) out.emplace_back("ssl.key.location", key);
  // librdkafka up to 2.1 checks names only when it is told to.
  if (tls) out.emplace_back("ssl.endpoint.identification.algorithm", "https");
  if (!login) return out;
  out.emplace_back("sasl.mechanisms", sasl == "plain"           ? "PLAIN"
                                      : sasl == "scram_sha_256" ? "SCRAM-SHA-256"
                                                                : "SCRAM-SHA-512");
  out.emplace_back("sasl.username", user);
  out.emplace_back("sasl.password", password);
  return out;
}

Client::Client(Kind kind, std::string owner, const Connection& connection, const std::vector<Property>& preferred,
               const std::vector<Property>& needed)
    : owner_(std::move(owner)), connection_(connection) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK) return;
    rd_kafka_conf_destroy(conf);
    throw Failure(Exit::usage, "bad_property", owner_ + ": the property `" + name + "`: " + why);
  };
  set("client.id", "gress");
  // A broker that comes back is not waited for any longer than this.
  set("reconnect.backoff.max.ms", "2000");
  set("log.connection.close", "false");
  for (const std::vector<Property>* list : {&preferred, &std::as_const(connection_).properties, &needed})
    for (const auto& [name, value] : *list) set(name, value);
  set("bootstrap.servers", connection_.brokers);
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_error_cb(conf, told_error);
  rd_kafka_conf_set_log_cb(conf, told_log);
  if (kind == Kind::producer) rd_kafka_conf_set_dr_msg_cb(conf, told_delivery);
  handle_ = rd_kafka_new(kind == Kind::consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!handle_) {
    rd_kafka_conf_destroy(conf);
    throw Failure(Exit::usage, "bad_property", owner_ + ": " + why);
  }
}

Client::~Client() {
  if (!handle_) return;
  // What is on its way to brokers that are gone is waited for until its `socket.timeout.ms`, which a program that was
  // asked to end has not: from then on the thread goes on by itself, until the process ends.
  constexpr std::chrono::seconds kPatience(2);
  std::promise<void> done;
  std::future<void> destroyed = done.get_future();
  std::thread([handle = handle_, done = std::move(done)]() mutable {
    // Consumers have joined no group, so there is none to leave.
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    done.set_value();
  }).detach();
  if (destroyed.wait_for(kPatience) != std::future_status::ready)
    engine::log::debug("kafka_client", owner_ + ": ends with requests that no broker has answered");
}

// No call is there for this. Of those that do it on the way this one alone asks no broker: it sets what is set.
void Client::wake() {
  const auto given = [&](std::string_view name) {
    const auto& all = connection_.properties;
    const auto at = std::find_if(all.rbegin(), all.rend(), [&](const Property& p) { return p.first == name; });
    return at == all.rend() ? "" : at->second.c_str();
  };
  if (rd_kafka_error_t* const error = rd_kafka_sasl_set_credentials(handle_, given("sasl.username"), given("sasl.password")))
    rd_kafka_error_destroy(error);
}

std::size_t Client::number(const char* property) const {
  char text[32];
  std::size_t size = sizeof text;
  if (rd_kafka_conf_get(rd_kafka_conf(handle_), property, text, &size) != RD_KAFKA_CONF_OK) return 0;
  return std::strtoull(text, nullptr, 10);
}

void Client::on_error(int code, const char* reason) {
  const std::lock_guard lock(mutex_);
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
      refused_ = true;
      cause_ = reason;
      return;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      if (!down_)
        engine::log::warning("brokers_down", owner_ + ": no broker of `" + connection_.brokers +
                                                 "` answers, trying again" + (cause_.empty() ? "" : ": " + cause_));
      down_ = true;
      return;
    case RD_KAFKA_RESP_ERR__FATAL: {
      char why[512];
      fatal_ = rd_kafka_fatal_error(handle_, why, sizeof why);
      cause_ = why;
      return;
    }
    default:
      cause_ = reason;
      engine::log::debug("kafka_client", owner_ + ": " + reason);
  }
}

void Client::on_lost(std::string why) {
  const std::lock_guard lock(mutex_);
  if (lost_.empty()) lost_ = std::move(why);
}

std::string Client::cause() const {
  const std::lock_guard lock(mutex_);
  return cause_;
}

void Client::poll(int milliseconds) {
  rd_kafka_poll(handle_, milliseconds);
  check();
}

void Client::check() {
  const std::lock_guard lock(mutex_);
  if (told_ || (lost_.empty() && fatal_ == 0 && !refused_)) return;
  told_ = true;  // the program ends, and finishes what it can on its way
  if (fatal_ == RD_KAFKA_RESP_ERR__FENCED) fenced(cause_);
  if (!lost_.empty()) throw Failure(Exit::io, "delivery_failed", owner_ + ": " + lost_);
  if (fatal_ != 0) throw Failure(Exit::io, "client_failed", owner_ + ": the client library gave up: " + cause_);
  refused("the brokers of `" + connection_.brokers + "` do not let us in", cause_);
}

void Client::refused(const std::string& what, const std::string& why) {
  throw Failure(Exit::no_permission, "refused", owner_ + ": " + what + ": " + why);
}

void Client::fenced(const std::string& why) const {
  throw Failure(Exit::temporary, "fenced",
                owner_ +
                    ": this process may not write any more: another one writes with its transactional id, or a transaction "
                    "was open for longer than `transaction.timeout.ms` says: " +
                    why + "\nwhat it wrote since its last checkpoint does not count");
}

void Client::missing(const std::string& topic) {
  std::string message = owner_ + ": there is no topic `" + topic + "` at `" + connection_.brokers + "`";
  Metadata all;
  if (rd_kafka_metadata(handle_, 1, nullptr, &all.data, 5000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::vector<std::string_view> names;
    for (int i = 0; i != all.data->topic_cnt; ++i)
      if (const std::string_view name = all.data->topics[i].topic; !name.starts_with("__")) names.push_back(name);
    message += engine::did_you_mean(topic, names);
    std::sort(names.begin(), names.end());
    message += names.empty() ? "\nthere is none at all" : "\nthere are";
    for (std::size_t i = 0; i != std::min<std::size_t>(names.size(), 10); ++i)
      message += (i == 0 ? " `" : ", `") + std::string(names[i]) + '`';
    if (names.size() > 10) message += " and " + std::to_string(names.size() - 10) + " more";
  }
  throw Failure(owner_.starts_with("sink") ? Exit::cannot_create : Exit::no_input, "topic_missing", std::move(message));
}

std::optional<int> Client::count_partitions(const std::string& topic, int milliseconds) {
  rd_kafka_topic_t* named = rd_kafka_topic_new(handle_, topic.c_str(), nullptr);
  if (!named) return 0;
  Metadata found;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(handle_, 0, named, &found.data, milliseconds);
  rd_kafka_topic_destroy(named);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || found.data->topic_cnt == 0) return 0;
  const rd_kafka_metadata_topic_t& t = found.data->topics[0];
  if (t.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
  if (t.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    refused("the topic `" + topic + "` is not open to us", rd_kafka_err2str(t.err));
  return t.err == RD_KAFKA_RESP_ERR_NO_ERROR ? t.partition_cnt : 0;
}

int Client::find_topic(engine::Runtime& runtime, const std::string& topic) {
  if (!is_topic_name(topic))
    throw Failure(
        Exit::usage, "bad_topic",
        owner_ + ": `" + topic + "` cannot be the name of a topic: it takes letters, digits, `.`, `_` and `-`");
  std::int64_t deadline = engine::steady_micros() + connection_.connect_timeout;
  bool absent = false;
  do {
    const std::int64_t left = std::max<std::int64_t>(deadline - engine::steady_micros(), 0) / 1000;
    const std::optional<int> partitions = count_partitions(topic, static_cast<int>(std::clamp<std::int64_t>(left, 1, 500)));
    if (partitions.value_or(0) > 0) {
      const std::lock_guard lock(mutex_);
      down_ = false;
      return *partitions;
    }
    if (!partitions && !absent) {
      absent = true;
      deadline = std::min(deadline, engine::steady_micros() + kAppears);
    }
    poll(static_cast<int>(std::min<std::int64_t>(left, 20)));
    if (runtime.stopping()) return 0;
  } while (!by_now(deadline));
  if (absent) missing(topic);
  const std::string why = cause();
  throw Failure(Exit::temporary, "brokers_unreachable",
                owner_ + ": no broker of `" + connection_.brokers + "` answered within " +
                    std::to_string((connection_.connect_timeout + 999'999) / 1'000'000) + " s" +
                    (why.empty() ? "" : ": " + why) + "\n`connect_timeout:` says how long they are tried");
}

}  // namespace gress::kafka
