// A list of partitions with offsets, as the client library takes it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/connectors/kafka/client.h"

extern "C" {
struct rd_kafka_topic_partition_list_s;
}

namespace gress::kafka {

/// Brokers that have just started, or that hand something over, say this for a moment of what they lead or keep.
bool unsettled(int error);

/// What `ask` gets, an error of the library; asked again, for some seconds, while brokers settle among themselves.
template <class Ask>
int ask_settled(Client& client, Ask ask) {
  int error = 0;
  for (int tries = 0; tries != 50 && unsettled(error = ask()); ++tries) client.poll(100);
  return error;
}

class Offsets {
 public:
  explicit Offsets(std::size_t size = 1);
  ~Offsets();
  Offsets(const Offsets&) = delete;
  Offsets& operator=(const Offsets&) = delete;

  /// `note`: a text that a group commits beside the offset.
  void add(const std::string& topic, int partition, std::int64_t offset, std::string_view note = {});
  std::int64_t offset(std::size_t i) const;
  /// The first that the library has noted beside an offset; 0: none.
  int error() const;
  std::string_view note(std::size_t i) const;
  rd_kafka_topic_partition_list_s* list() const { return list_; }
  void swap(Offsets& o) noexcept { std::swap(list_, o.list_); }

  /// Replaces the offsets by those that the consumer's group has committed, negative where it has none; the library's
  /// error.
  int ask_committed(Client& consumer, int milliseconds);

 private:
  rd_kafka_topic_partition_list_s* list_;
};

}  // namespace gress::kafka
