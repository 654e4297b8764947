#include <gtest/gtest.h>

#include "runtime/connectors/console/console_writer.h"

namespace gress::console {
namespace {

TEST(TableTest, aligns_numbers_right_and_text_left) {
  Table table;
  std::string out;
  table.add("{\"area\":\"pier\",\"rides\":7,\"mean\":null}\n{\"area\":\"old town\",\"rides\":1200,\"mean\":-0.5}\n",
            false, out);
  EXPECT_EQ(out,
            "area      rides  mean\n"
            "pier          7  -\n"
            "old town   1200  -0.5\n");
  out.clear();
  table.add("{\"area\":\"x\",\"rides\":1,\"mean\":2}\n", false, out);
  EXPECT_EQ(out, "x             1     2\n");
}

TEST(TableTest, text_cannot_steer_the_terminal) {
  Table table;
  std::string out;
  table.add("{\"t\":\"a\\\"b\\\\c\\u001b[2J\\n\xc2\x9b\"}\n", false, out);
  EXPECT_EQ(out, "t\na\"b\\c\\u001b[2J\\n?\n");
}

TEST(TableTest, nested_values_and_odd_names) {
  Table table;
  std::string out;
  table.add("{\"a,b\":{\"x\":[1,{\"y\":\"}\"}]},\"c\":true}\n", false, out);
  EXPECT_EQ(out, "a,b                  c\n{\"x\":[1,{\"y\":\"}\"}]}  true\n");
}

TEST(TableTest, new_columns_bring_new_headings) {
  Table table;
  std::string out;
  table.add("{\"a\":1}\n{\"b\":\"x\"}\n", false, out);
  EXPECT_EQ(out, "a\n1\nb\nx\n");
}

}  // namespace
}  // namespace gress::console
