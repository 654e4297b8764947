// The client library's best way of consuming one partition, and nothing else: counts messages and their bytes.
//   kafka_consume BROKERS TOPIC MESSAGES
#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <cstdlib>

namespace {

struct Count {
  long messages = 0, bytes = 0;
};

rd_kafka_t* consumer(const char* brokers) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const char* const settings[][2] = {{"bootstrap.servers", brokers}, {"group.id", "bench"}, {"queued.min.messages", "1000000"},
                                     {"queued.max.messages.kbytes", "1048576"}};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) std::fprintf(stderr, "%s\n", why), std::exit(1);
  return rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  rd_kafka_t* const client = consumer(argv[1]);
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(client, argv[2], nullptr);
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client);
  if (rd_kafka_consume_start_queue(topic, 0, RD_KAFKA_OFFSET_BEGINNING, queue) != 0) return 1;
  const long most = std::atol(argv[3]);
  Count count;
  while (count.messages < most)
    rd_kafka_consume_callback_queue(
        queue, 100,
        [](rd_kafka_message_t* message, void* to) {
          if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
          ++static_cast<Count*>(to)->messages;
          static_cast<Count*>(to)->bytes += static_cast<long>(message->len);
        },
        &count);
  std::printf("%ld messages, %ld bytes\n", count.messages, count.bytes);
  std::fflush(stdout);
  std::_Exit(0);
}
