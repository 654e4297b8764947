#include "runtime/connectors/kafka/offsets.h"

#include <librdkafka/rdkafka.h>

#include <cstdlib>
#include <cstring>

namespace gress::kafka {

Offsets::Offsets(std::size_t size) : list_(rd_kafka_topic_partition_list_new(static_cast<int>(size))) {}
Offsets::~Offsets() { rd_kafka_topic_partition_list_destroy(list_); }

void Offsets::add(const std::string& topic, int partition, std::int64_t offset, std::string_view note) {
  rd_kafka_topic_partition_t* const one = rd_kafka_topic_partition_list_add(list_, topic.c_str(), partition);
  one->offset = offset;
  if (note.empty()) return;
  one->metadata = std::malloc(note.size());  // freed with the list
  one->metadata_size = note.size();
  std::memcpy(one->metadata, note.data(), note.size());
}

std::int64_t Offsets::offset(std::size_t i) const { return list_->elems[i].offset; }

std::string_view Offsets::note(std::size_t i) const {
  return {static_cast<const char*>(list_->elems[i].metadata), list_->elems[i].metadata_size};
}

int Offsets::ask_committed(Client& consumer, int milliseconds) {
  // A broker that has just started says for a moment that it does not keep the group.
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int tries = 0; tries != 50; ++tries) {
    error = rd_kafka_committed(consumer.handle(), list_, milliseconds);
    if (error != RD_KAFKA_RESP_ERR_NOT_COORDINATOR && error != RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE &&
        error != RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)
      break;
    consumer.poll(100);
  }
  return error;
}

}  // namespace gress::kafka
