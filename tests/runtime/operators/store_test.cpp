// The store as tables beyond memory see it, and when it merges what it has written.
#include "runtime/checkpoint/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <tuple>

namespace gress::checkpoint {
namespace {

/// Of a worker that has to put entries aside while a checkpoint is written.
TEST(Store, AWorkerThatIsHeldUpWaits) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "gress-store-held";
  std::filesystem::remove_all(folder);
  {
    Store store(folder);
    engine::Presence presence;
    engine::Counted checkpoints;
    const std::unique_ptr<ColdEntries> cold = store.cold(1, 1 << 20, {presence, checkpoints});
    const auto write = [&](std::uint32_t key) {
      StateChanges changes;
      changes.put(std::tuple{key}, std::tuple{key});
      cold->write(changes);
    };
    write(1);
    EXPECT_EQ(presence.waits(), 0U);
    store.hold_cold();
    std::jthread worker([&] { write(2); });
    while (!presence.place().waits) std::this_thread::yield();
    EXPECT_EQ(presence.place().stage, &checkpoints);
    store.let_cold();
    worker.join();
    EXPECT_FALSE(presence.place().waits);
    EXPECT_EQ(presence.waits(), 1U);
  }
  std::filesystem::remove_all(folder);
}

/// What a restore reads stays as it is meanwhile, and what a program writes does not become ever more tables.
TEST(Store, TablesAreMergedFromTheMomentItIsSaid) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "gress-store-merged";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  {
    Store store(folder / "live");
    const auto tables = [&] {
      return std::ranges::count_if(std::filesystem::directory_iterator(folder / "live"), [](const auto& file) { return file.path().extension() == ".sst"; });
    };
    constexpr int kTables = 12;
    for (int i = 0; i != kTables; ++i) {
      StateChanges changes;
      for (std::uint32_t key = 0; key != 100; ++key) changes.put(std::tuple{key}, std::tuple{i});
      store.write({{1, &changes}});
      store.snapshot(folder / std::to_string(i));
      std::filesystem::remove_all(folder / std::to_string(i));
    }
    EXPECT_EQ(tables(), kTables);
    store.compact();
    for (int i = 0; i != 1000 && tables() >= kTables; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_LT(tables(), kTables);
    int entries = 0;
    store.entries(1)->each([&](StateOwner, StateIn& key, StateIn& value) {
      key.get<std::uint32_t>();
      EXPECT_EQ(value.get<int>(), kTables - 1);
      ++entries;
    });
    EXPECT_EQ(entries, 100);
  }
  std::filesystem::remove_all(folder);
}

/// What is in the store after a checkpoint is what was said last, whatever order it was said in and over how many tables it goes.
TEST(Store, WhatIsSaidLastCounts) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "gress-store-last";
  std::filesystem::remove_all(folder);
  {
    Store store(folder);
    std::map<std::pair<std::uint8_t, std::uint32_t>, std::string> model;
    std::mt19937 random(7);
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    for (int checkpoint = 0; checkpoint != 12; ++checkpoint) {
      StateChanges changes, other;
      // Some are large enough for several tables, where whole kinds of keys go before and after.
      const bool large = checkpoint % 4 == 3;
      const std::size_t bytes = large ? 2000 : 10;
      for (int i = 0, n = large ? 70'000 : 3000; i != n; ++i) {
        const auto kind = static_cast<std::uint8_t>(below(3));
        const std::uint32_t key = below(large ? 50'000 : 400);
        if (below(large ? 20'000 : 700) == 0) {
          changes.erase_all(std::tuple{kind});
          std::erase_if(model, [&](const auto& e) { return e.first.first == kind; });
        } else if (below(4) == 0) {
          changes.erase(std::tuple{kind, key});
          model.erase({kind, key});
        } else {
          const std::string value(bytes, static_cast<char>('a' + below(26)));
          changes.put(std::tuple{kind, key}, std::tuple{Text(value)});
          model[{kind, key}] = value;
        }
      }
      other.put(std::tuple{std::uint8_t{1}, std::uint32_t{1}}, std::tuple{checkpoint});
      store.write({{9, &other}, {3, &changes}});
      store.snapshot(folder / "snapshot");
      std::filesystem::remove_all(folder / "snapshot");
      if (checkpoint == 5) store.compact();
      std::map<std::pair<std::uint8_t, std::uint32_t>, std::string> held, in_parts;
      const auto read = [](StateEntries& entries, auto& into) {
        entries.each([&](StateOwner, StateIn& key, StateIn& value) {
          const auto kind = key.get<std::uint8_t>();
          Text text = value.get<Text>();
          EXPECT_TRUE(into.emplace(std::pair{kind, key.get<std::uint32_t>()}, text.view()).second);
          StateTraits<Text>::release(text);
        });
      };
      read(*store.entries(3), held);
      const StateEntries::Parts parts = store.entries(3)->parts();
      EXPECT_GE(parts.each.size(), large ? 2U : 0U);
      for (const auto& part : parts.each) read(*part, in_parts);
      if (!parts.each.empty()) {
        EXPECT_TRUE(in_parts == model);
        EXPECT_GE(parts.most, model.size());
      }
      ASSERT_TRUE(held == model) << "checkpoint " << checkpoint << ": " << held.size() << " entries, expected " << model.size();
      int others = 0;
      store.entries(9)->each([&](StateOwner, StateIn&, StateIn& value) {
        EXPECT_EQ(value.get<int>(), checkpoint);
        ++others;
      });
      EXPECT_EQ(others, 1);
    }
    store.erase(3);
    std::string_view key, value;
    EXPECT_FALSE(store.entries(3)->next(key, value));
    for (const auto& file : std::filesystem::directory_iterator(folder)) EXPECT_FALSE(file.path().filename().string().starts_with("new-"));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gress::checkpoint
