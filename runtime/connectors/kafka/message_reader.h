// One partition of a topic: messages are taken from the client library's queue and laid one behind the other, each
// closed by the byte that ends a record, so that a decoder of lines reads them. What belongs to a message beside its
// value stands in lists of the same order. A message that cannot be laid down so (a tombstone, bytes that would end it
// too early) is laid down as one byte that no decoder takes, and problem() says why.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/kafka/client.h"
#include "runtime/connectors/record_input.h"
#include "runtime/core/arena.h"
#include "runtime/core/value.h"
#include "runtime/engine/runtime.h"

namespace gress::kafka {

/// What is kept of messages beside their values; by generated code.
struct Wants {
  bool timestamp = false;
  bool key = false;
  bool deletes = false;        // messages without a value delete the row of their key
  bool skips_deletes = false;  // they say again what a message before them said
  std::vector<std::string> headers = {};
  char end = '\n';  // of a record
};

class MessageReader;

/// A message of a block that is on its way.
class Message {
 public:
  Message(const MessageReader& reader, std::size_t at) : reader_(reader), at_(at) {}
  std::int64_t timestamp() const;
  Opt<Text> key() const;
  std::int64_t partition() const;
  std::int64_t offset() const;
  Text topic() const;
  Opt<Text> header(std::size_t number) const;

  std::string_view key_bytes() const;
  bool deletes() const;
  /// Why it is no record; empty: it may be one.
  std::string_view problem() const;

 private:
  const MessageReader& reader_;
  std::size_t at_;
};

class MessageReader {
 public:
  /// Messages are gathered up to so many bytes: some of what the library fetches at a time, and little enough for the caches.
  static constexpr std::size_t kMost = 1 << 20;

  MessageReader(Client& client, engine::Runtime& runtime, engine::SourceCounters& counters, rd_kafka_topic_s* topic,
                Text topic_name, int partition, const Wants& wants);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  /// Begins at `offset`, and ends before `until` unless that is negative.
  void start(std::int64_t offset, std::int64_t until);
  /// Goes on from an offset that an earlier run came to, before anything is read.
  bool skip_to(std::uint64_t offset);
  /// The offset behind the last message that was consumed.
  std::int64_t position() const { return position_; }
  /// Messages of the partition behind that; negative: not known.
  std::int64_t lag() const;

  // As RecordReader says.
  std::span<const char> bytes() const { return {data_.get() + begin_, size_ - begin_}; }
  std::span<const char> first(std::int64_t records) const;
  bool at_end() const { return false; }
  std::uint64_t offset_at(std::size_t begin) { return static_cast<std::uint64_t>(offsets_[find(begin)]); }
  void consume(std::size_t n);
  Read more();
  Message message(std::size_t begin) { return {*this, find(begin)}; }

  /// Called by the client library for each message.
  void take(rd_kafka_message_s& message);

 private:
  friend class Message;
  enum class Problem : std::uint8_t {
    none,
    tombstone,
    no_key,
    no_value,
    empty,
    end_inside,
    key_text,
    header_text,
    no_timestamp
  };
  struct Place {
    std::uint32_t begin;
    Problem problem;
  };
  struct Free {
    void operator()(char* p) const;
  };

  /// The message whose value holds byte `begin` of bytes(); quick when asked in order.
  std::size_t find(std::size_t begin) {
    const std::size_t at = begin_ + begin;
    std::size_t i = found_;
    if (places_[i].begin > at) i = first_;
    while (i + 1 != places_.size() && places_[i + 1].begin <= at) ++i;
    return found_ = i;
  }
  void room(std::size_t bytes);
  Problem lay(const rd_kafka_message_s& message);
  bool take_headers(rd_kafka_message_s& message);
  void take_error(const rd_kafka_message_s& message);
  bool fetch();
  [[noreturn]] void fail() const;

  Client& client_;
  engine::Runtime& runtime_;
  engine::SourceCounters& counters_;
  rd_kafka_topic_s* topic_;
  Text topic_name_;
  int partition_;
  const Wants& wants_;
  rd_kafka_queue_s* queue_;
  int descriptor_ = -1;  // readable when the queue is no longer empty

  std::unique_ptr<char, Free> data_;
  std::size_t capacity_ = 0, begin_ = 0, size_ = 0;
  std::vector<Place> places_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int64_t> times_;  // microseconds; if wanted, as the two below
  std::vector<Opt<Text>> keys_;
  std::vector<Opt<Text>> headers_;  // as many a message as are wanted
  Arena texts_;
  std::size_t first_ = 0;  // message that is not consumed
  std::size_t found_ = 0;

  std::int64_t taken_ = 0;  // behind the last message that was taken
  std::int64_t position_ = 0;
  std::int64_t until_ = -1;
  std::size_t fetched_ = 0;              // bytes of values that were taken last
  const std::int64_t most_queued_;       // messages from which on the library stops fetching
  const std::size_t most_queued_bytes_;  // the same
  bool started_ = false;
  bool caught_up_ = false;
  bool ended_ = false;
  int error_ = 0;
  std::string error_text_;
};

inline std::int64_t Message::timestamp() const { return reader_.times_[at_]; }
inline Opt<Text> Message::key() const { return reader_.keys_[at_]; }
inline std::int64_t Message::partition() const { return reader_.partition_; }
inline std::int64_t Message::offset() const { return reader_.offsets_[at_]; }
inline Text Message::topic() const { return reader_.topic_name_; }
inline Opt<Text> Message::header(std::size_t number) const {
  return reader_.headers_[at_ * reader_.wants_.headers.size() + number];
}
inline bool Message::deletes() const { return reader_.places_[at_].problem == MessageReader::Problem::tombstone; }

}  // namespace gress::kafka
