#include "runtime/connectors/kafka/producer.h"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "runtime/engine/clock.h"
#include "runtime/engine/runtime.h"

namespace gress::kafka {

namespace {

const std::vector<Property>& preferred() {
  static const std::vector<Property> properties = {
      // What waits for the brokers is bounded by its size.
      {"queue.buffering.max.messages", "1000000"},
      {"queue.buffering.max.kbytes", "65536"},
  };
  return properties;
}

std::vector<Property> needed(const std::vector<Property>& own) {
  std::vector<Property> out = own;
  out.emplace_back("enable.idempotence", "true");
  out.emplace_back("delivery.report.only.error", "true");
  return out;
}

}  // namespace

std::shared_ptr<Producer> Producer::of(const std::string& owner, const Connection& connection,
                                       const std::vector<Property>& own) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::vector<Property>>, std::weak_ptr<Producer>> all;
  std::vector<Property> properties = connection.properties;
  properties.insert(properties.end(), own.begin(), own.end());
  const std::lock_guard lock(mutex);
  std::weak_ptr<Producer>& known = all[{connection.brokers, std::move(properties)}];
  std::shared_ptr<Producer> producer = known.lock();
  if (!producer) known = producer = std::make_shared<Producer>(owner, connection, own);
  return producer;
}

Producer::Producer(std::string owner, Connection connection, std::vector<Property> own)
    : owner_(std::move(owner)), connection_(std::move(connection)), own_(needed(own)) {
  make();
}

Producer::~Producer() { drop(); }

void Producer::make() {
  client_.emplace(Client::Kind::producer, owner_, connection_, preferred(), own_);
  for (auto& [name, topic] : topics_) topic.handle = rd_kafka_topic_new(client_->handle(), name.c_str(), nullptr);
}

Client& Producer::client() {
  if (client_) return *client_;
  throw engine::Failure(engine::Exit::temporary, "brokers_unreachable",
                        owner_ + ": there is no client to reach the brokers with any more");
}

void Producer::drop() {
  if (!client_) return;
  for (auto& [name, topic] : topics_) rd_kafka_topic_destroy(std::exchange(topic.handle, nullptr));
  // What a program that failed has left is not waited for.
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  client_.reset();
}

void Producer::renew() {
  const std::lock_guard lock(mutex_);
  drop();
  make();
}

const Topic* Producer::topic(engine::Runtime& runtime, const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto at = topics_.find(name); at != topics_.end()) return &at->second;
  if (client().find_topic(runtime, name) == 0) return nullptr;
  return &topics_.emplace(name, Topic{name, rd_kafka_topic_new(client_->handle(), name.c_str(), nullptr)}).first->second;
}

bool Producer::wait(const std::function<bool(std::int64_t)>& leave) {
  constexpr std::int64_t kTell = 5'000'000;
  rd_kafka_t* const handle = client().handle();
  std::int64_t told = engine::steady_micros(), delivered = told;
  int left = rd_kafka_outq_len(handle);
  while (rd_kafka_flush(handle, 100) == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    client_->poll();
    const std::int64_t now = engine::steady_micros();
    if (const int still = rd_kafka_outq_len(handle); still < left) {
      left = still;
      delivered = now;
    }
    if (leave && leave(now - delivered)) return false;
    if (now - told < kTell) continue;
    told = now;
    engine::log::warning("delivery_waits", owner_ + ": " + std::to_string(left) + " messages wait for the brokers");
  }
  client_->poll();
  return true;
}

}  // namespace gress::kafka
