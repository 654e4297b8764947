#include <gtest/gtest.h>

#include "runtime/connectors/registry.h"

namespace gress::connectors {
namespace {

TEST(DescriptionsTest, each_is_complete_and_no_option_is_described_twice) {
  for (const ConnectorInfo* c : kConnectors) {
    EXPECT_FALSE(c->doc.empty()) << c->name;
    EXPECT_FALSE(c->example.empty()) << c->name;
    EXPECT_TRUE(c->is_source || c->is_table || c->is_sink) << c->name;
    EXPECT_EQ(find_connector(c->name), c);
    for (const std::uint8_t side : {kOnSource, kOnTable, kOnSink}) {
      for (const OptionInfo& o : c->options) {
        if (!takes(o, side)) continue;
        EXPECT_EQ(find_own_option(*c, o.name, side), &o);
        EXPECT_EQ(find_common_option(o.name, side), nullptr) << c->name << " " << o.name;
      }
    }
  }
  for (const std::uint8_t side : {kOnSource, kOnTable, kOnSink}) {
    for (const OptionInfo& o : kCommonOptions) {
      EXPECT_FALSE(o.doc.empty());
      EXPECT_NE(o.doc.back(), '.') << o.name;
      if (takes(o, side)) EXPECT_EQ(find_common_option(o.name, side), &o) << o.name;
    }
  }
}

TEST(DescriptionsTest, path_is_required_on_both_sides) {
  for (const std::uint8_t side : {kOnSource, kOnTable, kOnSink}) {
    const OptionInfo* path = find_own_option(kFile, "path", side);
    ASSERT_NE(path, nullptr);
    EXPECT_TRUE(path->required);
  }
  EXPECT_EQ(find_connector("postgres"), nullptr);
}

}  // namespace
}  // namespace gress::connectors
