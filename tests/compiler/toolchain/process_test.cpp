#include "compiler/toolchain/process.h"

#include <gtest/gtest.h>

#include "tests/compiler/toolchain/scratch.h"

namespace gress::toolchain {
namespace {

TEST(Process, ArgumentsAreNotForAShell) {
  const ScratchFolder folder("");
  const std::string output = folder.path() + "/out";
  const Ended ended = run({{"echo", "$HOME; `id`", "a  b"}, "", output});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(read_file(output), "$HOME; `id` a  b\n");
}

TEST(Process, RunsInItsFolderWithBothStreamsInTheOutput) {
  const ScratchFolder folder("");
  const std::string output = folder.path() + "/out";
  const Ended ended = run({{"sh", "-c", "pwd; echo oh >&2; cat; exit 3"}, folder.path(), output});
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(read_file(output), folder.path() + "\noh\n");
  EXPECT_GT(ended.peak_memory, 100 << 10);
}

TEST(Process, SignalsAreTold) {
  const Ended ended = run({{"sh", "-c", "kill -9 $$"}, "", ""});
  EXPECT_EQ(ended.signal, 9);
  EXPECT_EQ(ended.status, 137);
}

TEST(Process, AProgramThatIsNotThere) { EXPECT_THROW(run({{"/nonexistent/program"}, "", ""}), Failure); }

TEST(Process, FindsProgramsOnPath) {
  const ScratchFolder folder("");
  write_file(folder.path() + "/plain", "", 0666);
  write_file(folder.path() + "/tool", "", 0777);
  const Variable path("PATH", ("/nonexistent:" + folder.path()).c_str());
  EXPECT_EQ(find_program("tool"), folder.path() + "/tool");
  EXPECT_EQ(find_program("plain"), "") << "not executable";
  EXPECT_EQ(find_program("absent"), "");
  EXPECT_EQ(find_program(""), "");
  EXPECT_EQ(find_program(folder.path() + "/tool"), folder.path() + "/tool");
}

}  // namespace
}  // namespace gress::toolchain
