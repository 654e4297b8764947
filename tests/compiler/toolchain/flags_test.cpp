#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/toolchain/compiler.h"
#include "tests/compiler/toolchain/scratch.h"

namespace gress::toolchain {
namespace {

bool has(const std::vector<std::string>& flags, const std::string& flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

struct ConfigTest : testing::Test {
  ScratchFolder home{""};
  Variable variable{"GRESS_HOME", home.path().c_str()};
  void write(const std::string& text) {
    ASSERT_TRUE(make_folders(home.path() + "/share/gress"));
    write_file(home.path() + "/share/gress/toolchain.conf", text);
  }
};

TEST_F(ConfigTest, PathsAreRelativeToTheFile) {
  write(
      "# a comment\nversion = 1.2.3\ninclude = ../../include\nlibrary = ../../lib/a.a\nlibrary = /abs/b.a\nlink = "
      "-lz\n");
  const Config config = load_config();
  EXPECT_EQ(config.version, "1.2.3");
  EXPECT_EQ(config.include, home.path() + "/share/gress/../../include");
  EXPECT_EQ(config.libraries, (std::vector<std::string>{home.path() + "/share/gress/../../lib/a.a", "/abs/b.a"}));
  EXPECT_EQ(config.links, std::vector<std::string>{"-lz"});
}

TEST_F(ConfigTest, DamagedOrMissingFilesAreTold) {
  EXPECT_THROW(load_config(), Failure);
  write("include = x\nnonsense\n");
  EXPECT_THROW(load_config(), Failure);
  write("version = 1\n");
  EXPECT_THROW(load_config(), Failure);
}

TEST(Flags, OptimisedAndDebug) {
  const Config config{.include = "/i"};
  const auto optimised = compile_flags(config, {});
  EXPECT_TRUE(has(optimised, "-O2") && has(optimised, "-march=native") && has(optimised, "-I/i"));
  const auto debug = compile_flags(config, {.debug = true, .cpu = "baseline"});
  EXPECT_TRUE(has(debug, "-O1") && has(debug, "-g") && !has(debug, "-march=baseline"));
}

TEST(Flags, SanitizedRuntimesSanitizePrograms) {
  const Config config{.include = "/i", .flags = {"-fsanitize=address"}};
  EXPECT_TRUE(has(compile_flags(config, {}), "-fsanitize=address"));
  EXPECT_TRUE(has(link_flags({}, config, {}), "-fsanitize=address"));
}

TEST(Flags, ACpuIsAWord) {
  for (const char* bad : {"a b", "x;y", "`id`", "x\"y", "../x"}) {
    EXPECT_THROW(compile_flags({}, {.cpu = bad}), Failure) << bad;
  }
}

TEST(FindCompiler, NamesWhatItLooksFor) {
  const ScratchFolder folder("");
  const Variable path("PATH", folder.path().c_str());
  const Variable cxx("GRESS_CXX", nullptr);
  try {
    find_compiler("", {});
    FAIL() << "found one";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.exit_code, exit_unavailable);
    ASSERT_FALSE(failure.helps.empty());
    EXPECT_NE(failure.helps[0].find("apt-get install clang-19"), std::string::npos);
  }
  EXPECT_THROW(find_compiler("/nonexistent/c++", {}), Failure);
  write_file(folder.path() + "/g++", "", 0777);
  const Compiler found = find_compiler("", {});
  EXPECT_EQ(found.path, folder.path() + "/g++");
  EXPECT_FALSE(found.clang);
}

}  // namespace
}  // namespace gress::toolchain
