#include "compiler/toolchain/depfile.h"

#include <gtest/gtest.h>

#include "compiler/toolchain/failure.h"

namespace gress::toolchain {
namespace {

TEST(Depfile, OneRuleAnInputALine) {
  EXPECT_EQ(depfile_text("rides", {"/a/rides.gress", "/a/./b/../types.gress"}),
            "rides: \\\n  /a/rides.gress \\\n  /a/types.gress\n");
}

TEST(Depfile, PathsAreEscapedAsMakeReadsThem) {
  EXPECT_EQ(depfile_text("a b", {"/x y/$z#1:2", R"(/back\slash\ space)"}),
            "a\\ b: \\\n  /x\\ y/$$z\\#1\\:2 \\\n  /back\\slash\\\\\\ space\n");
}

TEST(Depfile, ALineBreakIsRefused) {
  try {
    depfile_text("a", {"/b\nc"});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.exit_code, exit_usage);
  }
}

}  // namespace
}  // namespace gress::toolchain
