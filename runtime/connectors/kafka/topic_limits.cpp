#include "runtime/connectors/kafka/topic_limits.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "runtime/engine/failure.h"
#include "runtime/engine/log.h"
#include "runtime/engine/signals.h"

namespace gress::kafka {

namespace {

template <auto destroy>
struct Destroy {
  void operator()(auto* p) const { destroy(p); }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, Destroy<destroy>>;

using Resource = Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using AdminOptions = Handle<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using Queue = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;

constexpr int kTurn = 50;  // milliseconds between two looks whether the program is to stop

/// Calls f(name, value) for what a topic is set to; why not, where that is not known.
template <class F>
std::string settings(rd_kafka_t* handle, const std::string& topic, int milliseconds, F f) {
  Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const AdminOptions options(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  char problem[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds, problem, sizeof problem);
  const Queue queue(rd_kafka_queue_new(handle));
  rd_kafka_ConfigResource_t* asked = resource.get();
  rd_kafka_DescribeConfigs(handle, &asked, 1, options.get(), queue.get());
  Event event;
  for (int waited = 0; !event && waited < milliseconds + 1000 && engine::signals::stop_requested() == 0; waited += kTurn)
    event.reset(rd_kafka_queue_poll(queue.get(), kTurn));
  if (!event) return "no answer";
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_event_error_string(event.get());
  std::size_t n = 0;
  const rd_kafka_ConfigResource_t** const found = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &n);
  if (n != 1) return "no answer";
  if (const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(found[0]); error != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(error);
  const rd_kafka_ConfigEntry_t** const entries = rd_kafka_ConfigResource_configs(found[0], &n);
  for (std::size_t i = 0; i != n; ++i)
    if (const char* const value = rd_kafka_ConfigEntry_value(entries[i])) f(std::string_view(rd_kafka_ConfigEntry_name(entries[i])), value);
  return "";
}

/// Of a length as records have it: signed, seven bits a byte.
std::size_t varint(std::size_t n) { return static_cast<std::size_t>(std::bit_width(2 * n | 1) + 6) / 7; }

}  // namespace

std::size_t MessageSize::field(std::size_t bytes) { return varint(bytes) + bytes; }

std::size_t MessageSize::as_batch() const {
  constexpr std::size_t kBatch = 61, kPlace = 3;  // attributes, time and offset of the first one
  const std::size_t record = kPlace + field(key) + field(value) + varint(headers) + header_bytes;
  return kBatch + field(record);
}

TopicLimits TopicLimits::of(Client& client, const std::string& topic, std::int64_t timeout, engine::Exit exit) {
  TopicLimits limits;
  limits.topic = topic;
  limits.sent = client.number("message.max.bytes");
  const int milliseconds = static_cast<int>(std::clamp<std::int64_t>(timeout / 1000, 1, 3'600'000));
  const std::string why = settings(client.handle(), topic, milliseconds, [&](std::string_view name, const char* value) {
    if (name == "max.message.bytes") limits.batch = std::strtoull(value, nullptr, 10);
    if (name == "cleanup.policy") limits.keyed = std::string_view(value).find("compact") != std::string_view::npos;
  });
  if (!why.empty())
    engine::log::warning("limits_unknown", client.owner() + ": which messages the topic `" + topic + "` takes, brokers do not say (" + why +
                                               "); one that it refuses ends the program");
  const std::size_t together = std::min(client.number("batch.size"), limits.sent);
  if (limits.batch < together)
    throw engine::Failure(exit, "batches_too_large",
                          client.owner() + ": the topic `" + topic + "` takes batches of " + std::to_string(limits.batch) +
                              " bytes (`max.message.bytes`), and larger ones would be made of messages that fit\ngive the sink `librdkafka: { batch_size: " +
                              std::to_string(limits.batch) + " }`");
  return limits;
}

std::string TopicLimits::refuses(const MessageSize& size, bool has_key) const {
  const auto bytes = [](std::size_t n) { return std::to_string(n) + " bytes"; };
  if (keyed && !has_key) return "the topic `" + topic + "` is compacted, and the message has no key";
  constexpr std::size_t kFrame = 36;  // what librdkafka counts beside key, value and headers
  if (const std::size_t n = kFrame + size.value + size.key + size.header_bytes; n > sent)
    return "the message has " + bytes(n) + " with what frames it, and `message.max.bytes` of the client allows " + bytes(sent);
  if (const std::size_t n = size.as_batch(); n > batch)
    return "the message has " + bytes(n) + ", and the topic `" + topic + "` takes " + bytes(batch) + " (`max.message.bytes`)";
  return "";
}

}  // namespace gress::kafka
