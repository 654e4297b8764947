// The store as tables beyond memory see it, and when it merges what it has written.
#include "runtime/checkpoint/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
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
      store.write(1, changes);
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

}  // namespace
}  // namespace gress::checkpoint
