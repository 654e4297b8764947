#include "runtime/core/expr.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "runtime/core/kept.h"

namespace gress {
namespace {

TEST(Expr, MemberOfWhatMayBeAbsent) {
  struct Inner {
    std::int64_t x;
    Opt<std::int64_t> y;
  };
  Eval ev;
  const Opt<Inner> some(Inner{1, Opt<std::int64_t>(2)}), none;
  EXPECT_EQ(fn::member(ev, some, [](const Inner& v) { return v.x; }).value, 1);
  EXPECT_FALSE(fn::member(ev, none, [](const Inner& v) { return v.x; }).has);
  const Opt<std::int64_t> flat = fn::member(ev, some, [](const Inner& v) { return v.y; });
  EXPECT_TRUE(flat.has);
  EXPECT_EQ(flat.value, 2);
}

TEST(Expr, CoalesceLooksAtTheOtherOnlyWhenNeeded) {
  int looked = 0;
  const auto other = [&] {
    ++looked;
    return std::int64_t{7};
  };
  EXPECT_EQ(fn::coalesce(Opt<std::int64_t>(3), other), 3);
  EXPECT_EQ(looked, 0);
  EXPECT_EQ(fn::coalesce(Opt<std::int64_t>(), other), 7);
  EXPECT_EQ(looked, 1);
  EXPECT_EQ(fn::value_or(Opt<std::int64_t>(), std::int64_t{9}), 9);
}

TEST(Expr, ElementsOfLists) {
  Eval ev;
  const List<std::int64_t> list = fn::make_list<std::int64_t>(ev, {4, 5, 6});
  EXPECT_EQ(fn::element(ev, list, 0).value, 4);
  EXPECT_EQ(fn::element(ev, list, 2).value, 6);
  for (const std::int64_t i : {std::int64_t{3}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) EXPECT_FALSE(fn::element(ev, list, i).has);
  EXPECT_TRUE(fn::holds(ev, list, std::int64_t{5}));
  EXPECT_FALSE(fn::holds(ev, list, std::int64_t{7}));
  EXPECT_FALSE(fn::element(ev, fn::make_list<std::int64_t>(ev, {}), 0).has);
  EXPECT_TRUE(fn::one_of(std::int64_t{2}, std::int64_t{1}, std::int64_t{2}));
}

TEST(Expr, FailNotesTheFirstReason) {
  Eval ev;
  EXPECT_EQ(fn::fail<std::int64_t>(ev, Text("first")), 0);
  fn::fail<Text>(ev, Text("second"));
  EXPECT_TRUE(ev.failed);
  EXPECT_EQ(ev.message, "first");
  ev.clear();
  EXPECT_FALSE(ev.failed);
}

struct Inner {
  Text name{};
  List<Text> parts{};
  static constexpr auto members = Members<&Inner::name, &Inner::parts>{};
};
struct Outer {
  Opt<Inner> inner{};
  Map<Text, Text> map{};
  Opt<List<Text>> list{};
  std::int64_t v{};
  static constexpr auto members = Members<&Outer::inner, &Outer::map, &Outer::list, &Outer::v>{};
};

TEST(Kept, CopiesAreWhole) {
  std::string room = "a text that is longer than fifteen bytes";
  const std::string same = room;
  Text parts[] = {Text(room), Text("short")};
  MapEntry<Text, Text> entries[] = {{Text(room), Text(room)}};
  Outer outer;
  outer.inner = Opt<Inner>(Inner{Text(room), {parts, 2}});
  outer.map = {entries, 1};
  outer.list = Opt<List<Text>>({parts, 2});
  outer.v = 5;
  Eval ev;
  const Outer copy = fn::kept(ev, outer);
  room.assign(room.size(), '#');
  parts[1] = Text("x");
  entries[0] = {};
  ASSERT_TRUE(copy.inner.has);
  EXPECT_EQ(copy.inner.value.name.view(), same);
  EXPECT_EQ(copy.inner.value.parts.items[0].view(), same);
  EXPECT_EQ(copy.inner.value.parts.items[1].view(), "short");
  EXPECT_EQ(copy.list.value.items[0].view(), same);
  EXPECT_EQ(copy.list.value.items[1].view(), "short");
  EXPECT_EQ(copy.map.items[0].key.view(), same);
  EXPECT_EQ(copy.map.items[0].value.view(), same);
  EXPECT_EQ(copy.v, 5);
}

}  // namespace
}  // namespace gress
