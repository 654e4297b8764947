// What the Kafka sink does without brokers: what it holds, and a producer that could not be made anew. All else is tested
// against a broker (tests/kafka).
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "runtime/connectors/kafka/kafka_writer.h"
#include "runtime/engine/runtime.h"

namespace gress::kafka {
namespace {

using namespace std::chrono_literals;

/// A sink whose transaction has not ended.
struct Holding {
  Holding() {
    options.transaction = "t";
    writer = std::make_unique<KafkaWriter>(runtime, "s", "127.0.0.1:1", "", options);
    transaction().seal();
  }
  Transaction& transaction() { return static_cast<Transaction&>(*writer->decider()); }
  void remove_row() {
    writer->tombstone();
    writer->key();
    writer->out().write("0123456789");
    writer->end();
  }
  engine::Runtime runtime;
  SinkOptions options;
  std::unique_ptr<KafkaWriter> writer;
};

TEST(KafkaWriterTest, what_is_held_is_bounded_with_all_that_stands_beside_the_text) {
  Holding holding;
  constexpr int kLeast = 900'000, kMost = 1'300'000;  // of some 70 bytes each in 64 MB
  std::atomic<int> rows{0};
  std::atomic<bool> enough{false};
  std::thread sink([&] {
    while (!enough) {
      holding.remove_row();
      holding.writer->flush_if();
      ++rows;
    }
  });
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (rows < kLeast && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
  EXPECT_GE(rows, kLeast);
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(rows, kMost);
  enough = true;
  holding.transaction().give_up();
  sink.join();
}

TEST(KafkaWriterTest, flushes_of_an_idle_program_make_no_blocks) {
  Holding holding;
  for (int i = 0; i != 3; ++i) {
    holding.remove_row();
    holding.writer->flush();
    holding.writer->flush();
  }
  EXPECT_EQ(holding.writer->out().size(), 30u);
}

/// The source's group would be committed behind them.
TEST(KafkaWriterTest, rows_that_a_stop_has_kept_from_their_topic_are_told) {
  engine::Runtime runtime({}, 2), second(runtime, 1);
  const SinkOptions options;
  KafkaWriter first(runtime, "s", "127.0.0.1:1", "", options), joined(second, "s", "127.0.0.1:1", "", options);
  first.open();
  joined.join(first);
  engine::signals::request_stop();
  joined.value();
  joined.out().write("row");
  EXPECT_TRUE(joined.topic("t"));
  joined.end();
  joined.finish();
  try {
    first.finish();
    FAIL();
  } catch (const engine::Failure& f) {
    EXPECT_EQ(f.exit, engine::Exit::temporary);
    EXPECT_STREQ(f.event, "brokers_unreachable");
  }
  first.finish();  // told once
  engine::signals::forget();
}

TEST(ProducerTest, one_that_could_not_be_made_anew_refuses) {
  std::string folder = std::filesystem::temp_directory_path() / "gress-kafka-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const Connection connection{"127.0.0.1:1", {{"security.protocol", "ssl"}, {"ssl.ca.location", folder}}, 1000};
  auto producer = std::make_unique<Producer>("sink `s`", connection, std::vector<Property>());
  std::filesystem::remove(folder);
  engine::Runtime runtime;
  for (int i = 0; i != 2; ++i) {
    EXPECT_THROW(producer->renew(), engine::Failure);
    EXPECT_THROW(producer->client(), engine::Failure);
    EXPECT_THROW(producer->topic(runtime, "t"), engine::Failure);
    EXPECT_THROW(producer->wait(), engine::Failure);
  }
  producer.reset();
}

}  // namespace
}  // namespace gress::kafka
