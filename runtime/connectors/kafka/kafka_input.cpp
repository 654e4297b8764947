#include "runtime/connectors/kafka/kafka_input.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <map>

#include "runtime/connectors/kafka/offsets.h"
#include "runtime/engine/clock.h"

namespace gress::kafka {

using engine::Exit;
using engine::Failure;

namespace {

constexpr std::int64_t kTend = 100'000;  // microseconds between two looks at what is due
constexpr std::int64_t kCommit = 5'000'000;
constexpr int kAnswer = 10'000;  // milliseconds in which brokers that are there answer

/// Better than the library's own for reading as fast as can be.
const std::vector<Property>& preferred() {
  static const std::vector<Property> properties = {
      // What waits to be taken, and the library's bookkeeping of it, twice as much again, is written by one core and read by
      // another: it is to stay in the caches that they share, and in memory that has been used before.
      {"queued.min.messages", "1000000"},
      {"queued.max.messages.kbytes", "8192"},
      {"fetch.error.backoff.ms", "100"},
      {"fetch.wait.max.ms", "100"},
  };
  return properties;
}

std::vector<Property> needed(std::string_view group) {
  return {{"enable.partition.eof", "true"},
          {"auto.offset.reset", "error"},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"group.id", group.empty() ? "gress" : std::string(group)}};
}

/// How many workers read the source: no more than it had partitions when the first of them looked, so that one without
/// any has ended and holds nobody up. Pipelines are made one after the other, the first worker's before the others'.
std::size_t readers_of(const engine::Runtime& runtime, std::string_view source, int partitions) {
  static std::map<std::string, std::size_t, std::less<>> agreed;
  if (runtime.worker() == 0)
    agreed[std::string(source)] =
        std::clamp<std::size_t>(static_cast<std::size_t>(partitions), 1, static_cast<std::size_t>(runtime.workers()));
  return agreed.find(source)->second;
}

}  // namespace

void KafkaInput::FreeTopic::operator()(rd_kafka_topic_s* topic) const { rd_kafka_topic_destroy(topic); }

KafkaInput::KafkaInput(engine::Runtime& runtime, std::string_view source, std::string_view brokers,
                       std::string_view topic, const SourceOptions& options, int line, Take take)
    : runtime_(runtime),
      counters_(runtime.add_source(source, line)),
      topic_name_(topic),
      group_(options.group),
      wants_(options.wants),
      ends_(!options.until.empty()),
      discover_(options.discover),
      client_(Client::Kind::consumer, "source `" + std::string(source) + "`", connection(brokers, options), preferred(),
              needed(options.group)),
      first_(static_cast<std::size_t>(runtime.worker())),
      stride_(1),
      open_(!ends_),
      tended_(engine::steady_micros()),
      discovered_(tended_),
      committed_(tended_) {
  if (options.start.from == Start::From::group && group_.empty())
    throw Failure(Exit::usage, "no_group", client_.owner() + ": `start: group` needs a group: add `group: \"…\"`");
  const int count = client_.find_topic(runtime, topic_name_);
  stride_ = take == Take::first ? 1 : readers_of(runtime, source, count);
  open_ = open_ && first_ < stride_;
  topic_.reset(rd_kafka_topic_new(client_.handle(), topic_name_.c_str(), nullptr));
  add(count, options.start);
  runtime_.add_settled(this);
}

KafkaInput::~KafkaInput() {
  runtime_.remove_settled(this);
  readers_.clear();
  topic_.reset();
}

void KafkaInput::add(int count, Start start) {
  std::vector<int> own;
  for (int p = static_cast<int>(readers_.size()); p < count; ++p) {
    readers_.emplace_back();
    names_.push_back(topic_name_ + '/' + std::to_string(p));
    if (owns(static_cast<std::size_t>(p))) own.push_back(p);
  }
  const std::vector<std::int64_t> begin = offsets(own, start);
  for (std::size_t i = 0; i != own.size(); ++i) {
    auto& reader = readers_[static_cast<std::size_t>(own[i])];
    reader =
        std::make_unique<MessageReader>(client_, runtime_, counters_, topic_.get(), Text(topic_name_), own[i], wants_);
    reader->start(begin[i], ends_ ? edge(own[i], true) : -1);
    active_.push_back(static_cast<std::uint32_t>(own[i]));
  }
}

std::int64_t KafkaInput::edge(int partition, bool high) {
  std::int64_t lowest = 0, highest = 0;
  const int error = ask_settled(
      client_, [&] { return rd_kafka_query_watermark_offsets(client_.handle(), topic_name_.c_str(), partition, &lowest, &highest, kAnswer); });
  if (error != 0)
    throw Failure(Exit::temporary, "input_failed",
                  client_.owner() + ": the offsets of partition " + std::to_string(partition) + " of `" + topic_name_ +
                      "` cannot be asked for: " + rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error)));
  return high ? highest : lowest;
}

std::vector<std::int64_t> KafkaInput::offsets(const std::vector<int>& partitions, Start start) {
  std::vector<std::int64_t> out;
  if (partitions.empty()) return out;
  Offsets asked(partitions.size());
  for (const int p : partitions) asked.add(topic_name_, p, RD_KAFKA_OFFSET_INVALID);
  int error = 0;
  if (start.from == Start::From::time) {
    error = ask_settled(client_, [&]() -> int {
      // It replaces the times by offsets, so each question is a list of its own.
      Offsets again(partitions.size());
      for (const int p : partitions) again.add(topic_name_, p, start.time / 1000);
      const int failed = rd_kafka_offsets_for_times(client_.handle(), again.list(), kAnswer);
      asked.swap(again);
      return failed != 0 ? failed : asked.error();
    });
  } else if (start.from == Start::From::group) {
    error = asked.ask_committed(client_, kAnswer);
  }
  if (error != 0)
    throw Failure(error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ? Exit::no_permission : Exit::temporary,
                  "input_failed",
                  client_.owner() + ": where to start in `" + topic_name_ + "`" +
                      (start.from == Start::From::group ? " for the group `" + group_ + "`" : "") +
                      " cannot be asked for: " + rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error)));
  for (std::size_t i = 0; i != partitions.size(); ++i) {
    const std::int64_t found = asked.offset(i);
    // No message of that time or later: from the end; nothing committed: from the beginning.
    out.push_back(
        found >= 0 ? found : edge(partitions[i], start.from == Start::From::latest || start.from == Start::From::time));
  }
  return out;
}

void KafkaInput::ended(std::size_t partition) {
  std::erase(active_, static_cast<std::uint32_t>(partition));
  measure_lag();
}

void KafkaInput::from_beginning(std::size_t partition) {
  readers_[partition]->skip_to(static_cast<std::uint64_t>(edge(static_cast<int>(partition), false)));
}

std::vector<Position> KafkaInput::positions() const {
  std::vector<Position> out;
  for (std::size_t p = 0; p != readers_.size(); ++p)
    if (readers_[p]) out.push_back({static_cast<int>(p), readers_[p]->position()});
  return out;
}

bool KafkaInput::grows() {
  const std::int64_t now = engine::steady_micros();
  if (now - tended_ < kTend) return false;
  tended_ = now;
  client_.poll();
  measure_lag();
  keep_committed(now);
  runtime_.wake_at(now + kTend * 10);
  if (!open_ || now - discovered_ < discover_) return false;
  discovered_ = now;
  const std::optional<int> asked = client_.count_partitions(topic_name_, 1000);
  const int count = asked ? *asked : client_.find_topic(runtime_, topic_name_);
  if (count <= static_cast<int>(readers_.size())) return false;
  engine::log::info("partitions_found", client_.owner() + ": `" + topic_name_ + "` has " + std::to_string(count) +
                                            " partitions now, " + std::to_string(readers_.size()) + " before");
  add(count, Start());
  return true;
}

void KafkaInput::saved() {
  commit(last_, false);
  last_ = positions();
}

void KafkaInput::keep_committed(std::int64_t now) {
  if (group_.empty() || runtime_.options().checkpoint.every != 0 || now - committed_ < kCommit) return;
  committed_ = now;
  // What was handed on with one worker has come to the outputs; with several it may be on its way to another.
  const std::vector<Position> reached = positions();
  runtime_.settle_outputs();
  commit(runtime_.workers() == 1 ? reached : last_, false);
  last_ = reached;
}

void KafkaInput::commit(const std::vector<Position>& reached, bool wait) {
  if (group_.empty() || reached.empty()) return;
  Offsets list(reached.size());
  for (const Position& p : reached) list.add(topic_name_, p.partition, p.offset);
  const rd_kafka_resp_err_t error = rd_kafka_commit(client_.handle(), list.list(), wait ? 0 : 1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    engine::log::warning("commit_failed", client_.owner() + ": the offsets of the group `" + group_ +
                                              "` were not committed: " + rd_kafka_err2str(error));
}

void KafkaInput::measure_lag() {
  std::int64_t sum = 0;
  for (const std::uint32_t p : active_) {
    const std::int64_t lag = readers_[p]->lag();
    if (lag < 0) return;
    sum += lag;
  }
  counters_.lag.set(sum);
}

}  // namespace gress::kafka
