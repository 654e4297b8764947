#include "runtime/connectors/kafka/message_reader.h"

#include <librdkafka/rdkafka.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/connectors/kafka/copy_finding.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/engine/clock.h"

namespace gress::kafka {

using engine::Exit;
using engine::Failure;

namespace {

constexpr std::size_t kPadding = 64;
constexpr char kNoRecord = '\0';  // neither JSON nor text

/// Messages lie behind one another as they came, and were written by another thread: those that follow this one are on their
/// way from its cache while this one is copied.
inline void prefetch_next(const char* value, std::size_t size) {
  constexpr std::size_t kAhead = 1024, kMost = 512, kLine = 64;
  for (std::size_t at = 0; at < std::min(size, kMost); at += kLine)
    __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(value) + kAhead + at));
}

bool is_utf8(const void* data, std::size_t size) {
  const char* p = static_cast<const char*>(data);
  return decode::is_utf8(p, p + size);
}

}  // namespace

std::string_view Message::key_bytes() const {
  const Opt<Text>& key = reader_.keys_[at_];
  return key.has ? key.value.view() : std::string_view();
}

std::string_view Message::problem() const {
  using Problem = MessageReader::Problem;
  switch (reader_.places_[at_].problem) {
    case Problem::none:
      return "";
    case Problem::tombstone:
      return "";
    case Problem::no_key:
      return "a message without a value deletes the row of its key, and this one has no key";
    case Problem::no_value:
      return "the message has no value";
    case Problem::empty:
      return "the message is empty";
    case Problem::end_inside:
      return "the message is not valid UTF-8";
    case Problem::key_text:
      return "the message's key is not valid UTF-8";
    case Problem::header_text:
      return "a header of the message is not valid UTF-8";
    case Problem::no_timestamp:
      return "the message has no timestamp";
  }
  return "";
}

void MessageReader::Free::operator()(char* p) const { std::free(p); }

MessageReader::MessageReader(Client& client, engine::Runtime& runtime, engine::SourceCounters& counters,
                             rd_kafka_topic_s* topic, Text topic_name, int partition, const Wants& wants)
    : client_(client),
      runtime_(runtime),
      counters_(counters),
      topic_(topic),
      topic_name_(topic_name),
      partition_(partition),
      wants_(wants),
      queue_(rd_kafka_queue_new(client.handle())),
      descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      most_queued_(static_cast<std::int64_t>(client.number("queued.min.messages"))),
      most_queued_bytes_(client.number("queued.max.messages.kbytes") * 1024) {
  constexpr std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue_, descriptor_, &one, sizeof one);
  room(256 * 1024);
}

MessageReader::~MessageReader() {
  if (started_) rd_kafka_consume_stop(topic_, partition_);
  rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
  rd_kafka_queue_destroy(queue_);
  ::close(descriptor_);
}

void MessageReader::start(std::int64_t offset, std::int64_t until) {
  taken_ = position_ = offset;
  until_ = until;
  ended_ = until >= 0 && offset >= until;
  if (ended_) return;
  if (rd_kafka_consume_start_queue(topic_, partition_, offset, queue_) != 0) {
    const rd_kafka_resp_err_t error = rd_kafka_last_error();
    throw Failure(Exit::no_input, "input_failed",
                  client_.owner() + ": partition " + std::to_string(partition_) + " of `" +
                      std::string(topic_name_.view()) + "` cannot be read: " + rd_kafka_err2str(error));
  }
  started_ = true;
}

bool MessageReader::skip_to(std::uint64_t offset) {
  if (started_) rd_kafka_consume_stop(topic_, partition_);
  started_ = false;
  start(static_cast<std::int64_t>(offset), until_);
  return true;
}

std::int64_t MessageReader::lag() const {
  std::int64_t low = 0, high = 0;
  const std::string topic(topic_name_.view());
  if (rd_kafka_get_watermark_offsets(client_.handle(), topic.c_str(), partition_, &low, &high) !=
          RD_KAFKA_RESP_ERR_NO_ERROR ||
      high < 0)
    return -1;
  return caught_up_ && first_ == places_.size() ? 0 : std::max<std::int64_t>(high - position_, 0);
}

std::span<const char> MessageReader::first(std::int64_t records) const {
  const std::size_t left = places_.size() - first_;
  if (static_cast<std::size_t>(records) >= left) return bytes();
  return bytes().first(places_[first_ + static_cast<std::size_t>(records)].begin - begin_);
}

void MessageReader::consume(std::size_t n) {
  begin_ += n;
  while (first_ != places_.size() && places_[first_].begin < begin_) ++first_;
  found_ = first_ == places_.size() ? first_ - 1 : first_;
  position_ = first_ == places_.size() ? taken_ : offsets_[first_];
}

void MessageReader::room(std::size_t bytes) {
  if (size_ + bytes + kPadding <= capacity_) return;
  const std::size_t capacity = std::max(size_ + bytes + kPadding, capacity_ + capacity_ / 2);
  char* grown = static_cast<char*>(std::realloc(data_.get(), capacity));
  if (!grown) throw std::bad_alloc();
  static_cast<void>(data_.release());
  data_.reset(grown);
  std::memset(grown + capacity_, 0, capacity - capacity_);
  capacity_ = capacity;
}

MessageReader::Problem MessageReader::lay(const rd_kafka_message_s& message) {
  if (!message.payload) return !wants_.deletes ? Problem::no_value : message.key ? Problem::tombstone : Problem::no_key;
  char* const to = data_.get() + size_;
  const char* const value = static_cast<const char*>(message.payload);
  prefetch_next(value, message.len);
  if (copy_finding(to, value, message.len, wants_.end)) [[unlikely]] {
    if (wants_.end != '\n') return Problem::end_inside;
    // Between the tokens of JSON any white space will do, and inside of its strings neither may stand.
    std::replace(to, to + message.len, '\n', '\r');
  }
  if (wants_.end == '\n' &&
      std::all_of(to, to + message.len, [](char c) { return c == ' ' || c == '\t' || c == '\r'; }))
    return Problem::empty;
  size_ += message.len;
  return Problem::none;
}

bool MessageReader::take_headers(rd_kafka_message_s& message) {
  rd_kafka_headers_t* headers = nullptr;
  const bool any = rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR;
  bool good = true;
  for (const std::string& name : wants_.headers) {
    const void* value = nullptr;
    std::size_t size = 0;
    Opt<Text>& header = headers_.emplace_back();
    if (!any || rd_kafka_header_get_last(headers, name.c_str(), &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || !value)
      continue;
    good = good && is_utf8(value, size);
    header = texts_.copy(std::string_view(static_cast<const char*>(value), size));
  }
  return good;
}

void MessageReader::take(rd_kafka_message_s& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return take_error(message);
  if (until_ >= 0 && message.offset >= until_) {
    ended_ = true;
    rd_kafka_yield(client_.handle());
    return;
  }
  caught_up_ = false;
  fetched_ += message.len;
  if (!message.payload && wants_.skips_deletes) {
    taken_ = message.offset + 1;
    return;
  }
  room(message.len + 2);
  Place place{static_cast<std::uint32_t>(size_), Problem::none};
  if (wants_.timestamp) {
    const std::int64_t t = rd_kafka_message_timestamp(&message, nullptr);
    if (t < 0) place.problem = Problem::no_timestamp;
    times_.push_back(t * 1000);
  }
  if (wants_.key) {
    Opt<Text>& key = keys_.emplace_back();
    if (message.key) {
      key = texts_.copy(std::string_view(static_cast<const char*>(message.key), message.key_len));
      if (!is_utf8(message.key, message.key_len)) place.problem = Problem::key_text;
    }
  }
  if (!wants_.headers.empty() && !take_headers(message)) place.problem = Problem::header_text;
  if (place.problem == Problem::none) place.problem = lay(message);
  if (place.problem != Problem::none) data_.get()[size_++] = kNoRecord;
  data_.get()[size_++] = wants_.end;
  places_.push_back(place);
  offsets_.push_back(message.offset);
  taken_ = message.offset + 1;
  if (size_ >= kMost) rd_kafka_yield(client_.handle());
}

void MessageReader::take_error(const rd_kafka_message_s& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    taken_ = std::max(taken_, message.offset);
    caught_up_ = true;
    if (until_ >= 0 && taken_ >= until_) ended_ = true;
    return;
  }
  if (error_ == 0) {
    error_ = message.err;
    error_text_ = message.payload ? std::string(static_cast<const char*>(message.payload), message.len)
                                  : rd_kafka_err2str(message.err);
  }
  rd_kafka_yield(client_.handle());
}

void MessageReader::fail() const {
  const std::string place = "partition " + std::to_string(partition_) + " of `" + std::string(topic_name_.view()) + "`";
  if (error_ == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || error_ == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    throw Failure(Exit::no_input, "offset_gone",
                  client_.owner() + ": the offset " + std::to_string(taken_) + " of " + place +
                      " is not there: the topic keeps its messages for a shorter time, or was created anew\n" +
                      error_text_);
  const bool refused = error_ == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  throw Failure(refused ? Exit::no_permission : Exit::io, refused ? "refused" : "input_failed",
                client_.owner() + ": " + place + ": " + error_text_);
}

bool MessageReader::fetch() {
  begin_ = size_ = first_ = found_ = 0;
  places_.clear();
  offsets_.clear();
  times_.clear();
  keys_.clear();
  headers_.clear();
  texts_.reset();
  if (ended_ || error_ != 0) return false;
  const std::int64_t before = taken_;
  fetched_ = 0;
  rd_kafka_consume_callback_queue(
      queue_, 0, [](rd_kafka_message_t* message, void* reader) { static_cast<MessageReader*>(reader)->take(*message); },
      this);
  // A fetcher that has found the queue full may be waiting. It counts what is left there only from now on.
  if (2 * fetched_ >= std::min(most_queued_bytes_, kMost) || 2 * (taken_ - before) >= most_queued_) client_.wake();
  counters_.bytes.add(size_ - places_.size());
  if (places_.empty()) position_ = taken_;
  return !places_.empty();
}

Read MessageReader::more() {
  if (first_ != places_.size()) return Read::data;
  if (fetch()) return Read::data;
  if (!ended_ && error_ == 0) {
    // What comes between the look and the wait makes the descriptor readable again.
    std::uint64_t ignored;
    while (::read(descriptor_, &ignored, sizeof ignored) > 0) {
    }
    if (fetch()) return Read::data;
  }
  if (ended_) return Read::end;
  if (error_ != 0) {
    switch (error_) {
      // Goes away by itself; the library goes on trying.
      case RD_KAFKA_RESP_ERR__TRANSPORT:
      case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      case RD_KAFKA_RESP_ERR__TIMED_OUT:
      case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
        error_ = 0;
        break;
      default:
        fail();
    }
  }
  if (runtime_.stopping()) return Read::stopped;
  runtime_.watch(descriptor_);
  return caught_up_ ? Read::idle : Read::behind;
}

}  // namespace gress::kafka
