#include "runtime/connectors/file/path_glob.h"

#include "runtime/connectors/file/file_input.h"
#include <gtest/gtest.h>

#include "tests/runtime/engine/process.h"

namespace gress::file {
namespace {

struct PathGlobTest : testing::Test {
  test::Folder folder;
  void SetUp() override {
    std::filesystem::create_directories(folder / "a/b");
    std::filesystem::create_directories(folder / ".git");
    for (const char* name :
         {"x1.csv", "x2.csv", "y.csv", ".hidden.csv", "a/z.csv", "a/b/w.csv", "a/b/n.txt", ".git/q.csv", "X.csv"}) {
      test::write_file(folder / name, "");
    }
    std::filesystem::create_directories(folder / "dir.csv");
    std::filesystem::create_directory_symlink(folder / "a", folder / "loop");
  }
  std::vector<std::string> matches(const std::string& pattern) {
    std::vector<std::string> unreadable;
    std::vector<std::string> found = expand_pattern(folder / pattern, unreadable);
    EXPECT_TRUE(unreadable.empty());
    for (std::string& f : found) f.erase(0, folder.path().string().size() + 1);
    return found;
  }
};
using Names = std::vector<std::string>;

TEST_F(PathGlobTest, links_that_lead_nowhere_are_said) {
  std::filesystem::create_symlink(folder / "gone.csv", folder / "x3.csv");
  std::vector<std::string> unreadable;
  EXPECT_EQ(expand_pattern(folder / "x*.csv", unreadable).size(), 2u);
  EXPECT_EQ(unreadable, (std::vector<std::string>{"`" + (folder / "x3.csv") + "`: No such file or directory"}));
  unreadable.clear();
  expand_pattern(folder / "y*.csv", unreadable);
  EXPECT_TRUE(unreadable.empty());
}

TEST_F(PathGlobTest, within_one_folder) {
  EXPECT_EQ(matches("*.csv"), (Names{"X.csv", "x1.csv", "x2.csv", "y.csv"}));
  EXPECT_EQ(matches("x?.csv"), (Names{"x1.csv", "x2.csv"}));
  EXPECT_EQ(matches("x[2-9].csv"), (Names{"x2.csv"}));
  EXPECT_EQ(matches("[!x]*.csv"), (Names{"X.csv", "y.csv"}));
  EXPECT_EQ(matches(".*.csv"), (Names{".hidden.csv"}));
  EXPECT_EQ(matches("*.none"), Names{});
  EXPECT_EQ(matches("none/*"), Names{});
}

TEST_F(PathGlobTest, across_folders) {
  EXPECT_EQ(matches("*/*.csv"), (Names{"a/z.csv", "loop/z.csv"}));
  EXPECT_EQ(matches("**/*.csv"), (Names{"X.csv", "a/b/w.csv", "a/z.csv", "x1.csv", "x2.csv", "y.csv"}));
  EXPECT_EQ(matches("a/**"), (Names{"a/b/n.txt", "a/b/w.csv", "a/z.csv"}));
  EXPECT_EQ(matches("**/b/*"), (Names{"a/b/n.txt", "a/b/w.csv"}));
}

/// 257 files in a folder of 256 names.
TEST(FileInputTest, more_files_than_positions_tell_apart_are_refused) {
  test::Folder folder;
  std::filesystem::create_directory(folder / "d0");
  for (int i = 0; i != 257; ++i) test::write_file(folder / ("d0/f" + std::to_string(i)), "");
  for (int i = 1; i != 256; ++i) std::filesystem::create_directory_symlink(folder / "d0", folder / ("d" + std::to_string(i)));
  engine::Runtime runtime;
  try {
    const FileInput input(runtime, "s", folder / "*/*");
    FAIL();
  } catch (const engine::Failure& f) {
    EXPECT_EQ(f.exit, engine::Exit::usage);
    EXPECT_NE(f.message.find("65792 files match"), std::string::npos) << f.message;
  }
  std::filesystem::remove(folder / "d255");
  const FileInput input(runtime, "s", folder / "*/*");
  EXPECT_EQ(input.partitions(), 65535U);
}

TEST(FileInputTest, those_that_an_earlier_run_has_read_are_not_opened) {
  test::Folder folder;
  for (int i = 10; i != 90; ++i) test::write_file(folder / ("f" + std::to_string(i)), "x");
  engine::Runtime runtime;
  FileInput input(runtime, "s", folder / "*");
  std::filesystem::remove(folder / "f85");  // opened, it would be told of
  for (std::size_t p = input.partitions(); p-- != 0;)
    if (p != 5 && p != 78) input.ended(p);
  EXPECT_EQ(std::vector(input.active().begin(), input.active().end()), (std::vector<std::uint32_t>{5, 78}));
  input.ended(5);
  input.ended(78);
  EXPECT_TRUE(input.done());
}

/// Whatever comes between the first worker's look and the others'.
TEST(FileInputTest, all_workers_see_the_same_files) {
  test::Folder folder;
  test::write_file(folder / "b", "");
  test::write_file(folder / "c", "");
  engine::Runtime first({}, 2), second(first, 1);
  const FileInput one(first, "s", folder / "*");
  test::write_file(folder / "a", "");
  const FileInput other(second, "s", folder / "*");
  ASSERT_EQ(other.partitions(), 2U);
  for (std::size_t p = 0; p != 2; ++p) {
    EXPECT_EQ(one.name(p), other.name(p));
    EXPECT_NE(one.owns(p), other.owns(p));
  }
}

}  // namespace
}  // namespace gress::file
