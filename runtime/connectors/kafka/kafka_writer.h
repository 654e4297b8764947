// A sink's messages. Generated code prints the parts of a message one behind the other into out(); where they begin and
// end is kept beside it:
//   to.value();  … or to.tombstone();      // the message begins
//   to.key();    …                         // at most once
//   to.header("trace"); …                  // any number of times
//   to.topic(text);                        // where the topic is by row; false: not the name of a topic, see refuse_topic()
//   to.fits(ev);                           // where rows may be refused
//   to.end();                              // or drop()
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/kafka/topic_limits.h"
#include "runtime/connectors/kafka/transaction.h"
#include "runtime/core/eval.h"
#include "runtime/engine/output.h"

namespace gress::kafka {

/// In the order of the connector's description; times in microseconds.
struct SinkOptions {
  std::string_view partitioner = "murmur2";
  std::string_view transactional_id = {};
  std::string_view compression = "none";
  bool tls = false;
  std::string_view tls_ca = {}, tls_certificate = {}, tls_key = {};
  std::string_view sasl = {}, user = {}, password = {};
  std::int64_t connect_timeout = 30'000'000;
  std::vector<Property> librdkafka = {};
  /// Under `delivery: exactly_once`: the transactional id if none is given; else empty.
  std::string_view transaction = {};
  /// Rows that a topic refuses go elsewhere: it is asked what it takes.
  bool rejects = false;
};

class KafkaWriter final : public engine::Output {
 public:
  /// `topic` is empty when it is by row.
  KafkaWriter(engine::Runtime& runtime, std::string_view sink, std::string_view brokers, std::string_view topic,
              const SinkOptions& options, int line = 0);
  ~KafkaWriter() override;

  void open() override;
  void join(engine::Output& first) override;
  void flush() override;
  void finish() override;
  void settle() override;
  std::string position() override;
  engine::Decider* decider() override { return transaction_.get(); }

  void value() {
    message_ = {.value = out().size(), .headers = headers_.size(), .topic = topic_};
    part_ = Part::value;
  }
  void tombstone() {
    value();
    message_.deletes = true;
  }
  void key() {
    close();
    message_.keyed = true;
    part_ = Part::key;
  }
  void header(std::string_view name) {
    close();
    headers_.push_back({name, out().size(), 0});
    part_ = Part::header;
  }
  /// True when it is a name that a topic can have; throws Failure when there is none of that name.
  bool topic(std::string_view name);
  /// Of a sink that rejects, before end(): whether the message is one that its topic takes; else `ev` says why not.
  bool fits(Eval& ev);
  void end() {
    close();
    message_.headers_end = headers_.size();
    messages_.push_back(message_);
  }
  /// Instead of end(): the row fails.
  void drop() {
    out().cut(message_.value);
    headers_.resize(message_.headers);
  }

 private:
  enum class Part : std::uint8_t { none, value, key, header };
  struct Header {
    std::string_view name;
    std::size_t begin, end;
  };
  struct Sent {
    std::size_t value = 0, value_end = 0, key_end = 0;
    std::size_t headers = 0, headers_end = 0;
    const Topic* topic = nullptr;
    bool keyed = false, deletes = false;
  };
  /// Messages and the buffer that they stand in.
  struct Block {
    Out out;
    std::vector<Sent> messages;
    std::vector<Header> headers;
  };
  void close() {
    switch (part_) {
      case Part::none:
        break;
      case Part::value:
        message_.value_end = message_.key_end = out().size();
        break;
      case Part::key:
        message_.key_end = out().size();
        break;
      case Part::header:
        headers_.back().end = out().size();
        break;
    }
    part_ = Part::none;
  }
  /// What waits in out() and beside it.
  std::size_t gathered() {
    return out().size() + messages_.size() * sizeof(Sent) + headers_.size() * sizeof(Header);
  }
  void hold();
  void send_all();
  /// False: a stop was requested before the brokers answered.
  bool send(const Out& out, const std::vector<Sent>& messages, const std::vector<Header>& headers);
  void send_batch(const Out& out, const std::vector<Sent>& messages, std::size_t from, std::size_t to);
  void send_with_headers(const Out& out, const std::vector<Header>& headers, const Sent& message);
  /// `since`: when it was first full, 0 if that is now.
  void wait_for_room(std::int64_t& since);
  void look_up(const Topic* topic, engine::Exit exit);
  [[noreturn]] void refused(int error, const Sent& message);
  void refuse_unsent();

  const Connection connection_;
  const std::vector<Property> own_;
  const std::string topic_name_;
  const bool rejects_;
  std::shared_ptr<Transaction> transaction_;  // null: what is sent counts at once
  std::shared_ptr<Producer> producer_;
  const Topic* topic_ = nullptr;
  std::map<std::string, const Topic*, std::less<>> topics_;  // by row
  std::map<const Topic*, TopicLimits> limits_;  // if it rejects
  Part part_ = Part::none;
  Sent message_;
  std::vector<Sent> messages_;
  std::vector<Header> headers_;
  std::vector<Block> held_;  // until the last transaction has ended
  std::size_t held_bytes_ = 0;
  struct Batch;
  std::unique_ptr<Batch> batch_;
  KafkaWriter* first_ = nullptr;  // of the first worker; null: this is it
  bool unsent_ = false;  // a stop was requested before the brokers said whether a topic is there: its rows, and those behind
  bool broken_ = false;  // something was thrown: what is here is not sent again
};

/// A row whose topic cannot be the name of one fails.
void refuse_topic(Eval& ev, const Text& topic);

}  // namespace gress::kafka
