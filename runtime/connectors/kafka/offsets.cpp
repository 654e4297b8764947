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

int Offsets::error() const {
  for (int i = 0; i != list_->cnt; ++i)
    if (list_->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list_->elems[i].err;
  return 0;
}

int Offsets::ask_committed(Client& consumer, int milliseconds) {
  return ask_settled(consumer, [&] { return rd_kafka_committed(consumer.handle(), list_, milliseconds); });
}

bool unsettled(int error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION: return true;
    default: return false;
  }
}

}  // namespace gress::kafka
