#include "runtime/connectors/kafka/transaction.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <charconv>

#include "runtime/connectors/kafka/offsets.h"
#include "runtime/engine/clock.h"
#include "runtime/engine/runtime.h"

namespace gress::kafka {

using engine::Decision;
using engine::Exit;
using engine::Failure;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kOutage = 300 * kSecond;       // how long brokers may be gone in the worst moment
constexpr std::int64_t kBrokersMost = 900 * kSecond;  // what they allow unless told otherwise
constexpr std::int64_t kLeast = 10 * kSecond;
constexpr const char* kTimeout = "transaction.timeout.ms";

std::int64_t given_timeout(const Connection& connection) {
  std::int64_t milliseconds = 0;
  for (const auto& [name, value] : connection.properties)
    if (name == kTimeout) std::from_chars(value.data(), value.data() + value.size(), milliseconds);
  return milliseconds * 1000;
}

std::int64_t timeout(const engine::Runtime& runtime, const Connection& connection) {
  const std::int64_t given = given_timeout(connection);
  return given != 0 ? given : std::min(runtime.options().checkpoint.every + kOutage, kBrokersMost);
}

std::vector<Property> with_transactions(std::vector<Property> own, const std::string& id, std::int64_t timeout) {
  own.emplace_back("transactional.id", id);
  own.emplace_back(kTimeout, std::to_string(timeout / 1000));
  own.emplace_back("retry.backoff.ms", "5");  // one transaction begins right behind another
  return own;
}

std::string seconds(std::int64_t micros) { return std::to_string(micros / kSecond) + " s"; }

}  // namespace

std::shared_ptr<Transaction> Transaction::join(engine::Runtime& runtime, const std::string& sink,
                                               const Connection& connection, const std::vector<Property>& own,
                                               const std::string& id, const std::string& topic) {
  static std::weak_ptr<Transaction> one;
  std::shared_ptr<Transaction> transaction = one.lock();
  if (!transaction) one = transaction = std::make_shared<Transaction>(runtime, sink, connection, own, id);
  const Transaction& t = *transaction;
  const char* differs =
      t.connection_.brokers != connection.brokers ? "`brokers`"
      : t.id_ != id                               ? "`transactional_id`"
      : t.connection_ != connection || t.own_ != own
          ? "options of how brokers are reached and messages are sent (`tls`, `sasl`, `compression`, `partitioner`, "
            "`librdkafka` …)"
          : nullptr;
  if (differs)
    throw Failure(Exit::usage, "transaction_conflict",
                  "sink `" + sink + "` and " + t.owner_ + " differ in their " + differs +
                      ": under `delivery: exactly_once` all are written in one transaction, by one producer; give them "
                      "the same, or "
                      "say `duplicates: allowed` in the options of one of them");
  if (transaction->topic_.empty()) transaction->topic_ = topic;
  return transaction;
}

Transaction::Transaction(engine::Runtime& runtime, const std::string& sink, const Connection& connection,
                         const std::vector<Property>& own, const std::string& id)
    : runtime_(runtime), owner_("sink `" + sink + "`"), id_(id), connection_(connection), own_(own) {}

Transaction::~Transaction() {
  constexpr int kPatience = 2000;  // milliseconds; else the brokers do it when the transaction's time is over
  if (!begun_) return;
  if (rd_kafka_error_t* const error = rd_kafka_abort_transaction(handle(), kPatience)) {
    engine::log::debug("transaction_left",
                       owner_ + ": its transaction was not aborted: " + rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
  }
}

bool Transaction::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !held() || given_up_; });
  return !held();
}

void Transaction::hear_stop(std::int64_t silent) const {
  if (!runtime_.stopping() || silent <= connection_.connect_timeout) return;
  throw Failure(Exit::temporary, "brokers_unreachable",
                owner_ + ": stopped while the brokers take no messages; what was written since the last checkpoint does "
                         "not count");
}

void Transaction::give_up() {
  {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
  }
  changed_.notify_all();
}

std::string Transaction::place() const { return "kafka/" + offsets_topic() + "/" + id_; }

void Transaction::check_timeout() const {
  const std::int64_t every = runtime_.options().checkpoint.every, most = timeout(runtime_, connection_);
  if (most >= every + kLeast) return;
  throw Failure(
      Exit::usage, "transaction_timeout",
      owner_ + ": the brokers abort a transaction after " + seconds(most) + ", and the program commits every " +
          seconds(every) +
          ": take checkpoints more often, or say `librdkafka: { transaction_timeout_ms: … }`, and to brokers with "
          "`transaction.max.timeout.ms` how long one may be");
}

void Transaction::open() {
  check_timeout();
  producer_ =
      std::make_shared<Producer>(owner_, connection_, with_transactions(own_, id_, timeout(runtime_, connection_)));
  if (!topic_.empty() && producer_->topic(runtime_, topic_) == nullptr) throw engine::StoppedEarly();
  initialise(true);
  begin();
}

void Transaction::initialise(bool at_start) {
  constexpr int kOnce = 1000;  // milliseconds; what was begun goes on in the next call
  const std::int64_t begun = engine::steady_micros();
  std::int64_t told = begun;
  for (;;) {
    rd_kafka_error_t* const error = rd_kafka_init_transactions(handle(), kOnce);
    if (!error) return;
    const std::string why = rd_kafka_error_string(error);
    if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT) {
      rd_kafka_error_destroy(error);
      throw Failure(Exit::usage, "transaction_timeout",
                    owner_ + ": the brokers do not take transactions of " + seconds(timeout(runtime_, connection_)) +
                        ": their `transaction.max.timeout.ms` is less; take checkpoints more often, or raise it");
    }
    fail_unless_passing(error, "transactions cannot be begun");
    producer_->client().poll();
    const std::int64_t now = engine::steady_micros();
    if (at_start && runtime_.stopping()) throw engine::StoppedEarly();
    const bool long_enough = now - begun > connection_.connect_timeout;
    if (given_up_ || (long_enough && (at_start || runtime_.stopping())))
      throw Failure(Exit::temporary, "brokers_unreachable",
                    owner_ + ": transactions cannot be begun: " + why + "\n" + producer_->client().cause());
    if (now - told < 5 * kSecond) continue;
    told = now;
    engine::log::warning("transaction_waits", owner_ + ": transactions cannot be begun yet: " + why);
  }
}

void Transaction::begin() {
  insist("a transaction cannot be begun", [&] { return rd_kafka_begin_transaction(handle()); });
  begun_ = true;
  {
    const std::lock_guard lock(mutex_);
    held_.store(false, std::memory_order_release);
  }
  changed_.notify_all();
}

std::optional<Decision> Transaction::decided(std::string_view place) {
  const std::string ours = "/" + id_, kind = "kafka/";
  if (!place.starts_with(kind) || !place.ends_with(ours)) return std::nullopt;
  const std::string topic(place.substr(kind.size(), place.size() - kind.size() - ours.size()));
  Client client(Client::Kind::consumer, owner_, connection_, {}, {{"group.id", id_}, {"enable.auto.commit", "false"}});
  Offsets asked;
  asked.add(topic, 0, RD_KAFKA_OFFSET_INVALID);
  const auto error = static_cast<rd_kafka_resp_err_t>(
      asked.ask_committed(client, static_cast<int>(connection_.connect_timeout / 1000)));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw Failure(error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ? Exit::no_permission : Exit::temporary,
                  "transaction_unknown",
                  owner_ + ": what was committed with the transactional id `" + id_ +
                      "` cannot be asked for: " + rd_kafka_err2str(error));
  if (asked.offset(0) < 0) return Decision{};
  return Decision{std::string(asked.note(0)), static_cast<std::uint64_t>(asked.offset(0))};
}

void Transaction::prepare(const Decision& decision) {
  const auto leaves = [&](std::int64_t silent) {
    hear_stop(silent);
    return given_up_.load();
  };
  if (!producer_->wait(leaves))
    throw Failure(Exit::temporary, "stopped", owner_ + ": the transaction is given up");
  Offsets numbers;
  numbers.add(offsets_topic(), 0, static_cast<std::int64_t>(decision.epoch), decision.run);
  const std::unique_ptr<rd_kafka_consumer_group_metadata_t, void (*)(rd_kafka_consumer_group_metadata_t*)> group(
      rd_kafka_consumer_group_metadata_new(id_.c_str()), rd_kafka_consumer_group_metadata_destroy);
  const int patience = static_cast<int>(connection_.connect_timeout / 1000);
  insist("the checkpoint's number is not taken",
         [&] { return rd_kafka_send_offsets_to_transaction(handle(), numbers.list(), group.get(), patience); });
}

void Transaction::insist(const char* what, const std::function<rd_kafka_error_t*()>& call) {
  constexpr int kPause = 100;  // milliseconds
  while (rd_kafka_error_t* const error = call()) {
    const std::string why = rd_kafka_error_string(error);
    fail_unless_passing(error, what);
    if (given_up_ || runtime_.stopping())
      throw Failure(Exit::temporary, "brokers_unreachable", owner_ + ": " + what + ": " + why);
    producer_->client().poll(kPause);
  }
}

void Transaction::commit(const Decision& decision) {
  std::string why;
  if (!commits(why) && !commits(why)) {
    begun_ = false;
    // It may have been, or may still be. A producer that begins anew ends it one way or the other, and then it can be
    // asked.
    const std::string transaction = owner_ + ": the transaction of checkpoint " + std::to_string(decision.epoch);
    engine::log::warning("commit_unknown", transaction + " may have been committed or not (" + why + "): asking anew");
    producer_->renew();
    initialise(false);
    if (decided(place()) != decision)
      throw Failure(Exit::temporary, "transaction_aborted",
                    transaction + " was not committed: " + why +
                        "\nwhat was written since the checkpoint before does not count; started again, the program goes on "
                        "from that one");
    engine::log::info("commit_known", transaction + " was committed");
  }
  begin();
}

bool Transaction::commits(std::string& why) {
  rd_kafka_error_t* const error =
      rd_kafka_commit_transaction(handle(), static_cast<int>(connection_.connect_timeout / 1000));
  if (!error) return true;
  why = rd_kafka_error_string(error);
  fail_unless_passing(error, "the transaction is not committed", true);
  return false;
}

void Transaction::fail_unless_passing(rd_kafka_error_t* error, const char* what, bool asks) {
  const std::unique_ptr<rd_kafka_error_t, void (*)(rd_kafka_error_t*)> owned(error, rd_kafka_error_destroy);
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  const std::string why = rd_kafka_error_string(error);
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      begun_ = false;
      producer_->client().fenced(why);
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      throw Failure(Exit::no_permission, "refused",
                    owner_ + ": " + what + ": " + why + "\nit needs to write with the transactional id `" + id_ +
                        "`, to read the group `" + id_ + "`, and to read the topic `" + offsets_topic() + "`");
    default:
      break;
  }
  // Of a message that was not delivered the reason is better than that the transaction has failed.
  if (rd_kafka_error_txn_requires_abort(error) || rd_kafka_error_is_fatal(error)) producer_->client().poll();
  if (rd_kafka_error_txn_requires_abort(error) || (!rd_kafka_error_is_retriable(error) && !asks))
    throw Failure(Exit::io, "transaction_failed", owner_ + ": " + what + ": " + why);
}

}  // namespace gress::kafka
