#include "compiler/toolchain/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/compiler/toolchain/scratch.h"

namespace gress::toolchain {
namespace {

int code_of(auto&& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.exit_code;
  }
  return 0;
}

TEST(Files, WriteReplacesAndSetsTheMode) {
  const ScratchFolder folder("");
  const std::string path = folder.path() + "/a";
  write_file(path, "one");
  write_file(path, "two", 0777);
  EXPECT_EQ(read_file(path), "two");
  struct stat about{};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_TRUE(about.st_mode & S_IXUSR);
}

TEST(Files, WriteIntoADevice) { write_file("/dev/null", "gone"); }

TEST(Files, WriteAFileWhoseNameIsAsLongAsNamesGet) {
  const ScratchFolder folder("");
  const std::string path = folder.path() + '/' + std::string(255, 'n');
  write_file(path, "x");
  EXPECT_EQ(read_file(path), "x");
}

TEST(Files, Failures) {
  const ScratchFolder folder("");
  EXPECT_EQ(code_of([&] { read_file(folder.path() + "/none"); }), exit_no_input);
  EXPECT_EQ(code_of([&] { read_file(folder.path()); }), exit_no_input);
  EXPECT_EQ(code_of([&] { write_file(folder.path() + "/none/a", ""); }), exit_cannot_create);
  EXPECT_EQ(code_of([&] { write_file(folder.path(), ""); }), exit_cannot_create);
  EXPECT_EQ(code_of([&] { write_file("/dev/full", "x"); }), exit_io);
}

TEST(Files, PartsOfPaths) {
  EXPECT_EQ(folder_of("a"), ".");
  EXPECT_EQ(folder_of("/a"), "/");
  EXPECT_EQ(folder_of("a/b/c"), "a/b");
  EXPECT_EQ(base_of("a/b/c"), "c");
  EXPECT_EQ(base_of("c"), "c");
}

TEST(Files, ScratchFoldersGoAwayWithWhatIsInThem) {
  std::string path;
  {
    const ScratchFolder folder("");
    path = folder.path();
    write_file(path + "/file", "");
    EXPECT_TRUE(is_folder(path));
  }
  EXPECT_FALSE(is_folder(path));
}

TEST(Files, ScratchFoldersFallBackToTheTemporaryFolder) {
  const ScratchFolder outer("");
  const Variable tmpdir("TMPDIR", outer.path().c_str());
  const ScratchFolder folder("/nonexistent");
  EXPECT_TRUE(folder.path().starts_with(outer.path()));
}

TEST(Files, SameFileByDeviceAndNumber) {
  const ScratchFolder folder("");
  write_file(folder.path() + "/a", "");
  ASSERT_EQ(::link((folder.path() + "/a").c_str(), (folder.path() + "/b").c_str()), 0);
  EXPECT_TRUE(same_file(folder.path() + "/a", folder.path() + "/./b"));
  EXPECT_FALSE(same_file(folder.path() + "/a", folder.path() + "/none"));
}

}  // namespace
}  // namespace gress::toolchain
