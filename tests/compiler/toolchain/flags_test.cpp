#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "compiler/toolchain/compiler.h"
#include "compiler/toolchain/runtime_identity.h"
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

TEST(Flags, ProgramsAreHardened) {
  const Config config{.include = "/i"};
  const auto compile = compile_flags(config, {}), link = link_flags({}, config, {});
  for (const char* flag : {"-fPIE", "-fstack-protector-strong", "-fstack-clash-protection", "-D_FORTIFY_SOURCE=2"})
    EXPECT_TRUE(has(compile, flag)) << flag;
  EXPECT_TRUE(has(link, "-pie"));
}

TEST(Flags, LibrariesMayBePartOfSharedObjects) {
  const auto flags = compile_flags({.include = "/i"}, {.library = true});
  EXPECT_TRUE(has(flags, "-fPIC") && !has(flags, "-fPIE"));
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

TEST(RuntimeIdentity, TellsHeadersThatAreNewerThanAllLibraries) {
  ScratchFolder folder{""};
  ASSERT_TRUE(make_folders(folder.path() + "/runtime/core"));
  const std::string header = folder.path() + "/runtime/core/a.h", old = folder.path() + "/old.a", fresh = folder.path() + "/new.a";
  for (const std::string& path : {header, old, fresh}) write_file(path, "x");
  const auto built_at = [](const std::string& path, std::int64_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  };
  built_at(old, 100);
  built_at(header, 200);
  built_at(fresh, 300);
  Config config;
  config.include = folder.path();
  config.libraries = {old};
  EXPECT_TRUE(headers_are_newer(config));
  config.libraries = {old, fresh};
  EXPECT_FALSE(headers_are_newer(config));
}

}  // namespace
}  // namespace gress::toolchain
