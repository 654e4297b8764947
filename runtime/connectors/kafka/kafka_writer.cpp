#include "runtime/connectors/kafka/kafka_writer.h"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "runtime/engine/clock.h"
#include "runtime/engine/runtime.h"

namespace gress::kafka {

using engine::Exit;
using engine::Failure;

namespace {

std::vector<Property> own(const SinkOptions& options) {
  const std::string partitioner = options.partitioner == "murmur2" ? "murmur2_random"
                                  : options.partitioner == "crc32" ? "consistent_random"
                                  : options.partitioner == "fnv1a" ? "fnv1a_random"
                                                                   : "random";
  return {{"partitioner", partitioner}, {"compression.codec", std::string(options.compression)}};
}

}  // namespace

struct KafkaWriter::Batch {
  std::vector<rd_kafka_message_t> messages;
};

KafkaWriter::KafkaWriter(engine::Runtime& runtime, std::string_view sink, std::string_view brokers,
                         std::string_view topic, const SinkOptions& options, int line)
    : Output(runtime, sink, topic.empty() ? "topics by row" : "topic " + std::string(topic), line),
      connection_(connection(brokers, options)),
      own_(own(options)),
      topic_name_(topic),
      rejects_(options.rejects),
      batch_(std::make_unique<Batch>()) {
  if (!options.transaction.empty()) {
    const std::string_view id = options.transactional_id.empty() ? options.transaction : options.transactional_id;
    transaction_ = Transaction::join(runtime, std::string(sink), connection_, own_, std::string(id), topic_name_);
  }
  runtime.add_output(this);
}

KafkaWriter::~KafkaWriter() { runtime().remove_output(this); }

void KafkaWriter::open() {
  producer_ = transaction_ ? transaction_->producer() : Producer::of("sink `" + sink() + "`", connection_, own_);
  if (!topic_name_.empty()) topic_ = producer_->topic(runtime(), topic_name_);
  look_up(topic_, engine::Exit::usage);
}

void KafkaWriter::join(engine::Output& first) {
  first_ = static_cast<KafkaWriter*>(&first);
  producer_ = first_->producer_;
  topic_ = first_->topic_;
  limits_ = first_->limits_;
}

bool KafkaWriter::topic(std::string_view name) {
  auto at = topics_.find(name);
  if (at == topics_.end()) {
    if (!is_topic_name(name)) return false;
    const bool ends = transaction_ && !transaction_->wait();
    at = topics_.emplace(name, ends ? nullptr : producer_->topic(runtime(), std::string(name))).first;
    look_up(at->second, engine::Exit::io);  // on the way: other sinks write out what they have
  }
  message_.topic = at->second;
  return true;
}

void KafkaWriter::look_up(const Topic* topic, engine::Exit exit) {
  if (rejects_ && topic != nullptr) limits_.try_emplace(topic, TopicLimits::of(producer_->client(), topic->name, connection_.connect_timeout, exit));
}

bool KafkaWriter::fits(Eval& ev) {
  if (message_.topic == nullptr) return true;  // the program is stopping, and it is not sent
  close();
  MessageSize size{.value = message_.deletes ? 0 : message_.value_end - message_.value, .key = message_.key_end - message_.value_end, .headers = headers_.size() - message_.headers};
  for (std::size_t h = message_.headers; h != headers_.size(); ++h)
    size.header_bytes += MessageSize::field(headers_[h].name.size()) + MessageSize::field(headers_[h].end - headers_[h].begin);
  const std::string why = limits_.at(message_.topic).refuses(size, message_.keyed);
  if (!why.empty()) ev.fail(why);
  return why.empty();
}

void KafkaWriter::flush() {
  if (broken_) return;
  if (transaction_ && transaction_->held()) return hold();
  if (producer_) send_all();
}

void KafkaWriter::hold() {
  constexpr std::size_t kMost = 64 << 20;
  const std::size_t bytes = gathered();
  if (bytes < kFlush) return;  // more may come into the same block
  held_bytes_ += bytes;
  held_.push_back({std::exchange(out(), Out()), std::exchange(messages_, {}), std::exchange(headers_, {})});
  if (held_bytes_ <= kMost) return;
  const engine::Waiting waiting(runtime().presence(), counters());
  transaction_->wait();
}

void KafkaWriter::send_all() {
  broken_ = true;
  producer_->client().poll();
  for (const Block& block : held_)
    if (!send(block.out, block.messages, block.headers)) return;
  held_.clear();
  held_bytes_ = 0;
  if (!send(out(), messages_, headers_)) return;
  messages_.clear();
  headers_.clear();
  out().clear();
  broken_ = false;
}

bool KafkaWriter::send(const Out& out, const std::vector<Sent>& messages, const std::vector<Header>& headers) {
  for (std::size_t i = 0; i != messages.size();) {
    if (messages[i].topic == nullptr) {
      unsent_ = true;
      return false;
    }
    std::size_t end = i;
    while (end != messages.size() && messages[end].topic == messages[i].topic &&
           messages[end].headers == messages[end].headers_end)
      ++end;
    if (end == i)
      send_with_headers(out, headers, messages[i++]);
    else
      send_batch(out, messages, i, end);
    i = std::max(i, end);
  }
  return true;
}

void KafkaWriter::send_batch(const Out& out, const std::vector<Sent>& messages, std::size_t from, std::size_t to) {
  char* const base = const_cast<char*>(out.data());
  std::vector<rd_kafka_message_t>& batch = batch_->messages;
  batch.assign(to - from, {});
  for (std::size_t i = from; i != to; ++i) {
    const Sent& m = messages[i];
    rd_kafka_message_t& b = batch[i - from];
    b.payload = m.deletes ? nullptr : base + m.value;
    b.len = m.deletes ? 0 : m.value_end - m.value;
    b.key = m.keyed ? base + m.value_end : nullptr;
    b.key_len = m.keyed ? m.key_end - m.value_end : 0;
  }
  std::size_t begin = 0;
  std::int64_t full_since = 0;
  while (begin != batch.size()) {
    const int sent = rd_kafka_produce_batch(messages[from].topic->handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                            batch.data() + begin, static_cast<int>(batch.size() - begin));
    if (static_cast<std::size_t>(sent) == batch.size() - begin) return;
    // The first that was not taken; behind it none is, so that messages keep their order.
    std::size_t failed = begin;
    while (batch[failed].err == RD_KAFKA_RESP_ERR_NO_ERROR) ++failed;
    if (batch[failed].err != RD_KAFKA_RESP_ERR__QUEUE_FULL) refused(batch[failed].err, messages[from + failed]);
    for (std::size_t i = failed; i != batch.size(); ++i) batch[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (failed != begin) full_since = 0;
    begin = failed;
    wait_for_room(full_since);
  }
}

void KafkaWriter::send_with_headers(const Out& out, const std::vector<Header>& all, const Sent& m) {
  const char* const base = out.data();
  rd_kafka_headers_t* headers = rd_kafka_headers_new(m.headers_end - m.headers);
  for (std::size_t h = m.headers; h != m.headers_end; ++h)
    rd_kafka_header_add(headers, all[h].name.data(), static_cast<ssize_t>(all[h].name.size()), base + all[h].begin,
                        static_cast<ssize_t>(all[h].end - all[h].begin));
  std::int64_t full_since = 0;
  for (;;) {
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        producer_->client().handle(), RD_KAFKA_V_RKT(m.topic->handle), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE(m.deletes ? nullptr : const_cast<char*>(base + m.value),
                         m.deletes ? 0 : m.value_end - m.value),
        RD_KAFKA_V_KEY(m.keyed ? base + m.value_end : nullptr, m.keyed ? m.key_end - m.value_end : 0),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_headers_destroy(headers);
      refused(error, m);
    }
    wait_for_room(full_since);
  }
}

void KafkaWriter::wait_for_room(std::int64_t& since) {
  const engine::Waiting waiting(runtime().presence(), counters());
  producer_->client().poll(10);
  const std::int64_t now = engine::steady_micros();
  if (since == 0) since = now;
  if (transaction_) transaction_->hear_stop(now - since);
}

void KafkaWriter::refused(int error, const Sent& message) {
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  std::string why = "sink `" + sink() + "`: a message for `" + message.topic->name +
                    "` was not taken: " + rd_kafka_err2str(code);
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    why += "\nits value has " + std::to_string(message.value_end - message.value) +
           " bytes; `librdkafka: { message_max_bytes: … }` says how many may be sent, and the topic's "
           "`max.message.bytes` how many it takes";
  if (code == RD_KAFKA_RESP_ERR__FATAL) producer_->client().poll();
  throw Failure(Exit::io, "delivery_failed", std::move(why));
}

void KafkaWriter::settle() {
  flush();
  const engine::Waiting waiting(runtime().presence(), counters());
  if (producer_ && !transaction_) producer_->wait();
}

std::string KafkaWriter::position() {
  if (!broken_) send_all();
  refuse_unsent();
  if (!transaction_) producer_->wait();
  else if (first_ == nullptr) transaction_->seal();  // the joined ones have sent theirs
  return {};
}

/// Neither a checkpoint nor a source's group may say that rows are there which are not.
void KafkaWriter::refuse_unsent() {
  if (std::exchange(unsent_, false))
    throw Failure(Exit::temporary, "brokers_unreachable", "sink `" + sink() + "`: stopped while the brokers were asked for a topic, and before its rows were sent");
}

/// What no transaction has committed does not count, and is not sent at a program's end.
void KafkaWriter::finish() {
  if (transaction_) return;
  settle();
  if (first_ == nullptr) refuse_unsent();
  else if (unsent_) first_->unsent_ = true;
}

void refuse_topic(Eval& ev, const Text& topic) { ev.fail("`" + std::string(topic.view()) + "` cannot be the name of a topic"); }

}  // namespace gress::kafka
