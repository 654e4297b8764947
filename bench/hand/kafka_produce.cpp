// The client library's best way of writing in a transaction, and nothing else: the lines of a file, a thousand at a time.
//   kafka_produce BROKERS TOPIC FILE
#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int kPatience = 30'000;  // milliseconds
constexpr std::size_t kBatch = 1000;

rd_kafka_t* producer(const char* brokers) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const char* const settings[][2] = {{"bootstrap.servers", brokers}, {"transactional.id", "bench"}, {"partitioner", "murmur2_random"},
                                     {"queue.buffering.max.messages", "1000000"}};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) std::fprintf(stderr, "%s\n", why), std::exit(1);
  return rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
}

void must(rd_kafka_error_t* error) {
  if (error) std::fprintf(stderr, "%s\n", rd_kafka_error_string(error)), std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  std::stringstream read;
  read << std::ifstream(argv[3]).rdbuf();
  std::string text = read.str();
  rd_kafka_t* const client = producer(argv[1]);
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(client, argv[2], nullptr);
  must(rd_kafka_init_transactions(client, kPatience));
  must(rd_kafka_begin_transaction(client));
  std::vector<rd_kafka_message_t> batch;
  const auto send = [&] {
    for (std::size_t sent = 0; sent != batch.size();) {
      sent += static_cast<std::size_t>(rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, batch.data() + sent,
                                                              static_cast<int>(batch.size() - sent)));
      rd_kafka_poll(client, sent == batch.size() ? 0 : 10);
    }
    batch.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    rd_kafka_message_t& message = batch.emplace_back();
    message = {};
    message.payload = text.data() + at;
    message.len = end - at;
    message.key = text.data() + at + 9;  // of {"area":"…
    message.key_len = 4;
    at = end + 1;
    if (batch.size() == kBatch) send();
  }
  send();
  must(rd_kafka_commit_transaction(client, kPatience));
  std::_Exit(0);
}
