#include <gtest/gtest.h>

#include "dsl/types/types.h"

namespace gress::dsl {

TEST(Types, AreInterned) {
  TypeTable types;
  const Type* i64 = types.basic(Kind::i64);
  EXPECT_EQ(types.list_of(i64), types.list_of(i64));
  EXPECT_NE(types.list_of(i64), types.list_of(types.basic(Kind::i32)));
  EXPECT_EQ(types.optional(types.optional(i64)), types.optional(i64));
  EXPECT_EQ(types.optional(types.error()), types.error());
  EXPECT_EQ(types.optional(types.basic(Kind::null)), types.basic(Kind::null));
  EXPECT_EQ(types.map_of(i64, i64), types.map_of(i64, i64));
  const auto record = [&](const char* a) { return types.record({{a, i64, "wire", nullptr, {}}}); };
  EXPECT_EQ(record("a"), record("a"));
  EXPECT_NE(record("a"), record("b"));
  EXPECT_EQ(record("a")->fields[0].wire, "a");
}

TEST(Types, ReadAsTheyAreWritten) {
  TypeTable types;
  const Type* i64 = types.basic(Kind::i64);
  const Type* text = types.basic(Kind::string);
  Type* order = types.declare(Kind::record, "Order", {});
  order->fields = {{"a", i64, "a", nullptr, {}}};
  EXPECT_EQ(to_string(types.list_of(types.optional(order))), "list<Order?>");
  EXPECT_EQ(to_string(types.map_of(text, types.list_of(i64))), "map<string, list<i64>>");
  EXPECT_EQ(to_string(types.record({{"a", i64, "a", nullptr, {}}, {"b", types.optional(text), "b", nullptr, {}}})),
            "{ a: i64, b: string? }");
  EXPECT_EQ(to_string(types.record({})), "{}");
  EXPECT_EQ(order->field("a"), 0);
  EXPECT_EQ(order->field("b"), -1);
}

TEST(Types, RecordsCompareByShape) {
  TypeTable types;
  const Type* i64 = types.basic(Kind::i64);
  Type* a = types.declare(Kind::record, "A", {});
  Type* b = types.declare(Kind::record, "B", {});
  a->fields = {{"x", i64, "x", nullptr, {}}};
  b->fields = {{"x", i64, "other_wire", nullptr, {}}};
  EXPECT_TRUE(same_shape(a, b));
  EXPECT_TRUE(same_shape(types.list_of(a), types.list_of(b)));
  EXPECT_TRUE(same_shape(types.optional(a), types.optional(b)));
  EXPECT_FALSE(same_shape(a, types.optional(b)));
  EXPECT_EQ(shape_key(types.list_of(a)), shape_key(types.list_of(b)));
  b->fields[0].type = types.basic(Kind::i32);
  EXPECT_FALSE(same_shape(a, b));
  EXPECT_NE(shape_key(a), shape_key(b));
  Type* e = types.declare(Kind::enumeration, "E", {0, 1, 2});
  Type* f = types.declare(Kind::enumeration, "E", {1, 1, 2});
  e->variants = f->variants = {{"v", "v", ""}};
  EXPECT_FALSE(same_shape(e, f));
  EXPECT_NE(shape_key(e), shape_key(f));
  EXPECT_EQ(e->variant("v"), 0);
}

TEST(Types, RecursionEnds) {
  // Refused elsewhere, with a diagnostic; until then nothing may hang.
  TypeTable types;
  Type* a = types.declare(Kind::record, "A", {});
  Type* b = types.declare(Kind::record, "B", {});
  a->fields = {{"next", types.optional(a), "next", nullptr, {}}};
  b->fields = {{"next", types.optional(b), "next", nullptr, {}}};
  EXPECT_TRUE(same_shape(a, b));
  EXPECT_EQ(to_string(a), "A");
  EXPECT_FALSE(shape_key(a).empty());
}

}  // namespace gress::dsl
