// What a topic takes of one message, as its brokers say: rows that are larger, or lack a key that compaction needs, can be set
// aside one by one, before they fail the batch, and with it the transaction, that they would be sent in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/connectors/kafka/client.h"

namespace gress::kafka {

/// Bytes of the parts of a message; those of its headers as they stand in a record.
struct MessageSize {
  std::size_t value = 0, key = 0, headers = 0, header_bytes = 0;
  /// Of a part with its length before it.
  static std::size_t field(std::size_t bytes);
  /// As a batch of its own, uncompressed (format 2 of Kafka's records).
  std::size_t as_batch() const;
};

struct TopicLimits {
  std::string topic;
  std::size_t sent = SIZE_MAX;   // value and key, by the client
  std::size_t batch = SIZE_MAX;  // by the topic
  bool keyed = false;            // compaction needs keys

  /// Asks the brokers; where they do not say it, a warning does, and only the client's limit is known. Throws Failure (`exit`)
  /// where the client would make batches that the topic does not take.
  static TopicLimits of(Client&, const std::string& topic, std::int64_t timeout, engine::Exit exit);
  /// Why a message is not taken; empty: it is.
  std::string refuses(const MessageSize&, bool has_key) const;
};

}  // namespace gress::kafka
