// Runs after all others: every code, function and aggregate has come up in one of them.
#include <gtest/gtest.h>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/functions.h"
#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

namespace {

class Coverage : public testing::Environment {
 public:
  void TearDown() override {
    // Tests may be run one by one; coverage is asked of whole runs only.
    if (testing::UnitTest::GetInstance()->test_to_run_count() != testing::UnitTest::GetInstance()->total_test_count()) return;
    for (const CodeInfo& code : all_codes()) {
      if (!code.id.substr(1).starts_with("03") && code.id != "E0901") continue;
      if (code.id == "W0306") continue;  // a system without time zone database
      EXPECT_TRUE(Harness::seen_codes().contains(std::string(code.id))) << code.id << " is never reported";
    }
    for (const Function& function : functions()) {
      if (function.rule == FunctionRule::coalesce || function.rule == FunctionRule::concat || function.rule == FunctionRule::fail) continue;
      for (const Overload& overload : function.overloads) {
        const std::string name = std::string(function.name) + '/' + std::string(overload.cpp);
        EXPECT_TRUE(Harness::seen_calls().contains(name)) << name << " is never called";
      }
    }
    for (const AggregateFn& aggregate : aggregates()) {
      EXPECT_TRUE(Harness::seen_aggregates().contains(std::string(aggregate.name))) << aggregate.name;
    }
  }
};

const auto* registered = testing::AddGlobalTestEnvironment(new Coverage);

}  // namespace

TEST(Coverage, IsAskedAtTheEnd) { EXPECT_NE(registered, nullptr); }

}  // namespace gress::dsl::test
