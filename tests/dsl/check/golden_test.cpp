// Golden cases of the program checker: golden/X.gress with X.checked (what was understood) and X.stderr (diagnostics)
// beside it. A case is named fail_… exactly when it has errors. GRESS_BLESS=1 writes what came.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "compiler/foreign/read_headers.h"
#include "dsl/check/check.h"
#include "dsl/check/checked_json.h"
#include "dsl/check/print_checked.h"

namespace {

namespace fs = std::filesystem;
using namespace gress::dsl;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(GRESS_GOLDEN_DIR))
    if (entry.path().extension() == ".gress") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

struct Outcome {
  std::string messages, text, json;
  bool failed = false;
  std::set<std::string> codes;
};

Outcome run(const std::string& name) {
  // Diagnostics show the path as given: the same wherever the tests run.
  fs::current_path(GRESS_GOLDEN_DIR);
  SourceManager sources;
  Diagnostics diagnostics;
  auto files = load(sources, name + ".gress", diagnostics);
  const auto headers = gress::foreign::read_headers(sources, files, diagnostics);
  auto program = check(sources, files, diagnostics, default_catalog(), headers.headers);
  diagnostics.sort();
  Outcome out;
  out.failed = diagnostics.has_errors();
  out.messages = render(diagnostics, sources, MessageFormat::human, false);
  out.text = print_checked(program);
  out.json = checked_json(program, sources);
  for (const auto& d : diagnostics.all()) out.codes.insert(std::string(info(d.code).id));
  return out;
}

void compare(const fs::path& path, const std::string& seen) {
  if (std::getenv("GRESS_BLESS")) {
    if (seen.empty()) fs::remove(path);
    else std::ofstream(path, std::ios::binary) << seen;
    return;
  }
  EXPECT_EQ(read(path), seen) << "differs from " << path.filename() << "; to accept it: GRESS_BLESS=1 ctest -R CheckGolden";
}

class CheckGolden : public testing::TestWithParam<std::string> {};

TEST_P(CheckGolden, Matches) {
  const std::string& name = GetParam();
  Outcome out = run(name);
  EXPECT_EQ(out.failed, name.starts_with("fail_")) << out.messages;
  compare(fs::path(GRESS_GOLDEN_DIR) / (name + ".stderr"), out.messages);
  compare(fs::path(GRESS_GOLDEN_DIR) / (name + ".checked"), out.failed ? "" : out.text);
  EXPECT_TRUE(nlohmann::json::accept(out.json));
}

INSTANTIATE_TEST_SUITE_P(All, CheckGolden, testing::ValuesIn(cases()), [](const auto& i) {
  std::string name = i.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(CheckCoverage, EveryCodeHasACase) {
  std::set<std::string> seen;
  for (const auto& name : cases()) seen.merge(run(name).codes);
  for (const auto& code : all_codes()) {
    std::string_view group = code.id.substr(1, 2);
    const bool ours = group == "02" || group == "04" || group == "05" || (group == "09" && code.id >= "E0930");
    if (code.id == "E0513") continue;  // of a checkpoint: tests/e2e/evolution_test.py
    if (ours) EXPECT_TRUE(seen.contains(std::string(code.id))) << code.id << " " << code.slug << " has no golden case";
  }
}

TEST(CheckedJson, LeavesNoExpressionOut) {
  Outcome out = run("json");
  auto program = nlohmann::json::parse(out.json);
  std::set<std::string> kinds;
  auto walk = [&](auto& self, const nlohmann::json& node) -> void {
    if (node.is_object() && node.contains("kind") && node.contains("line") && node.contains("type")) kinds.insert(node["kind"]);
    for (const auto& child : node)
      if (child.is_structured()) self(self, child);
  };
  walk(walk, program);
  for (const char* kind : {"literal", "param", "ref", "member", "element", "negate", "not", "arithmetic", "compare", "and", "or",
                           "in_list", "is_null", "coalesce", "convert", "if", "match", "call", "user_call", "record", "list",
                           "concat", "fail"})
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  // Types are indices into the table, streams in an order in which inputs come first.
  const auto& streams = program["streams"];
  for (std::size_t i = 0; i < streams.size(); ++i)
    for (const auto& input : streams[i]["inputs"]) EXPECT_LT(input.get<std::size_t>(), i);
  for (const auto& param : program["params"]) EXPECT_LT(param["type"].get<std::size_t>(), program["type_table"].size());
}

TEST(CheckRobust, BrokenTextNeverCrashes) {
  // Every prefix of a program is a program with errors, or without.
  std::string text = read(fs::path(GRESS_GOLDEN_DIR) / "accept_quakes.gress");
  ASSERT_FALSE(text.empty());
  for (std::size_t n = 0; n <= text.size(); n += 7) {
    SourceManager sources;
    Diagnostics diagnostics;
    auto files = load_text(sources, "prefix.gress", text.substr(0, n), diagnostics);
    auto program = check(sources, files, diagnostics, default_catalog());
    checked_json(program, sources);
    print_checked(program);
  }
}

TEST(CheckRobust, ReorderedItemsGiveTheSameProgram) {
  std::string types = "type Row { id: i64, at: timestamp }\n";
  std::string source = "source rows: Row from file { path: \"x\", format: json, time: at }\n";
  std::string a = "stream a = rows |> filter id > 0\n", b = "stream b = a |> select { id }\n";
  std::string sink = "sink b to stdout { format: json }\n";
  auto print = [](const std::string& text) {
    SourceManager sources;
    Diagnostics diagnostics;
    auto files = load_text(sources, "p.gress", text, diagnostics);
    auto program = check(sources, files, diagnostics, default_catalog());
    EXPECT_FALSE(diagnostics.has_errors()) << render(diagnostics, sources, MessageFormat::human, false);
    return print_checked(program);
  };
  EXPECT_EQ(print(types + source + a + b + sink), print(sink + b + a + source + types));
}

}  // namespace
