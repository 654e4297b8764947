// golden/*.gress beside their trees (.ast), tokens (.tokens, where there is such a file) and, for `fail_…`, messages
// (.stderr). GRESS_BLESS=1 writes what is, instead of comparing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

std::vector<std::filesystem::path> programs() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(test_folder() / "golden")) {
    if (entry.path().extension() == ".gress") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void compare(const std::filesystem::path& golden, const std::string& actual) {
  if (const char* bless = std::getenv("GRESS_BLESS"); bless != nullptr && *bless == '1') {
    std::ofstream(golden, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(read_file(golden), actual) << golden << "\nif this is right: GRESS_BLESS=1 ctest -R Golden";
}

TEST(Golden, TreesAndMessages) {
  const auto all = programs();
  ASSERT_FALSE(all.empty());
  for (std::filesystem::path path : all) {
    const std::string name = path.filename().string();
    const Parsed parsed(read_file(path), name);
    EXPECT_EQ(name.starts_with("fail_"), parsed.diagnostics.has_errors()) << parsed.messages();
    compare(path.replace_extension(".ast"), print_ast(parsed.file, parsed.sources));
    if (!parsed.diagnostics.all().empty()) compare(path.replace_extension(".stderr"), parsed.human());
    if (std::filesystem::exists(path.replace_extension(".tokens"))) {
      Diagnostics again;
      compare(path, print_tokens(lex(parsed.sources, parsed.id, again), parsed.sources));
    }
  }
}

}  // namespace
}  // namespace gress::dsl
