// The store as tables beyond memory see it.
#include "runtime/checkpoint/store.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gress::checkpoint
