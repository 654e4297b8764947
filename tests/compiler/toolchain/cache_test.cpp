#include "compiler/toolchain/cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <utime.h>

#include <ctime>

#include "compiler/toolchain/sha256.h"
#include "tests/compiler/toolchain/scratch.h"

namespace gress::toolchain {
namespace {

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

// The examples of FIPS 180-2, appendix B.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsDoNotRunTogether) {
  Sha256 one, other;
  one.part("ab"), one.part("c");
  other.part("a"), other.part("bc");
  EXPECT_NE(one.hex(), other.hex());
}

struct CacheTest : testing::Test {
  ScratchFolder folder{""};
  Variable place{"GRESS_CACHE", (folder.path() + "/cache").c_str()};

  std::string entry(Cache& cache, const std::string& key, std::size_t size, std::time_t used) {
    const std::string made = cache.work_folder() + "/made";
    write_file(made, std::string(size, 'x'));
    const std::string stored = cache.store("bin", key, made);
    const utimbuf times{used, used};
    ::utime(stored.c_str(), &times);
    return stored;
  }
};

TEST_F(CacheTest, StoresAndFinds) {
  Cache cache = Cache::open();
  ASSERT_TRUE(cache.usable());
  EXPECT_EQ(cache.find("bin", "k"), "");
  const std::string stored = entry(cache, "k", 3, 1000);
  EXPECT_EQ(cache.find("bin", "k"), stored);
  struct stat about{};
  ASSERT_EQ(::stat(stored.c_str(), &about), 0);
  EXPECT_GT(about.st_mtime, 1000) << "finding marks as used";
}

TEST_F(CacheTest, TrimDropsWhatWasNotUsedForLongest) {
  const Variable bound("GRESS_CACHE_SIZE", "1");
  Cache cache = Cache::open();
  const std::time_t now = std::time(nullptr);
  const std::string oldest = entry(cache, "a", 500 << 10, now - 300000);
  const std::string older = entry(cache, "b", 500 << 10, now - 200000);
  const std::string young = entry(cache, "c", 500 << 10, now - 60);
  cache.trim();
  EXPECT_FALSE(is_file(oldest));
  EXPECT_FALSE(is_file(older));
  EXPECT_TRUE(is_file(young)) << "used within the last hour";
}

TEST_F(CacheTest, APlaceThatCannotBeWrittenGivesNoCache) {
  write_file(folder.path() + "/file", "");
  const Variable elsewhere("GRESS_CACHE", (folder.path() + "/file/cache").c_str());
  Cache cache = Cache::open();
  EXPECT_FALSE(cache.usable());
  EXPECT_EQ(cache.find("bin", "k"), "");
  EXPECT_EQ(cache.store("bin", "k", "/nonexistent"), "");
  EXPECT_EQ(cache.work_folder(), "");
  cache.trim();
}

TEST_F(CacheTest, AFolderThatEveryoneMayWriteIsNotTrusted) {
  ASSERT_TRUE(make_folders(folder.path() + "/open"));
  ::chmod((folder.path() + "/open").c_str(), 0777);
  const Variable elsewhere("GRESS_CACHE", (folder.path() + "/open").c_str());
  EXPECT_FALSE(Cache::open().usable());
}

TEST_F(CacheTest, TheSecondOfTwoFinishedFoldersIsLeft) {
  Cache cache = Cache::open();
  for (const char* text : {"first", "second"}) {
    const std::string made = cache.work_folder() + "/made";
    ASSERT_TRUE(make_folders(made));
    write_file(made + "/file", text);
    EXPECT_EQ(cache.store("pch", "k", made), cache.path("pch", "k"));
  }
  EXPECT_EQ(read_file(cache.path("pch", "k") + "/file"), "first");
}

}  // namespace
}  // namespace gress::toolchain
