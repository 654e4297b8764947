#include "runtime/core/hash.h"
#include "runtime/core/members.h"

#include <cmath>
#include <set>

#include "tests/runtime/values/table.h"

namespace gress {

enum class Size : std::uint8_t { small, large };
template <>
struct EnumNames<Size> {
  static constexpr std::string_view names[] = {"a", "abc"};
};

namespace {

using namespace test;

struct Pair {
  std::int64_t a;
  Text b;
  static constexpr auto members = Members<&Pair::a, &Pair::b>{};
};

std::uint64_t hashed(std::string_view s) {
  Eval ev;
  const Exact x(s);
  return static_cast<std::uint64_t>(fn::hash(ev, x.text));
}

TEST(Hash, is_xxh64) {
  // Published values of XXH64 with seed 0.
  EXPECT_EQ(hashed(""), 0xef46db3751d8e999u);
  EXPECT_EQ(hashed("a"), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hashed("abc"), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hashed("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1u);
}

TEST(Hash, of_equal_values_is_equal) {
  Eval ev;
  EXPECT_EQ(fn::hash(ev, std::int32_t{-5}), fn::hash(ev, std::int64_t{-5}));
  EXPECT_EQ(fn::hash(ev, 0.0), fn::hash(ev, -0.0));
  EXPECT_EQ(fn::hash(ev, std::nan("")), fn::hash(ev, -std::nan("1")));
  EXPECT_EQ(fn::hash(ev, 1.5f), fn::hash(ev, 1.5));
  EXPECT_EQ(fn::hash(ev, decimal_literal(150, 2)), fn::hash(ev, decimal_literal(15, 1)));
  EXPECT_EQ(fn::hash(ev, Size::large), fn::hash(ev, Text("abc")));
  EXPECT_EQ(fn::hash(ev, Opt<Text>(Text("abc"))), fn::hash(ev, Text("abc")));
  EXPECT_NE(fn::hash(ev, Opt<Text>()), fn::hash(ev, Text("")));
  EXPECT_EQ(fn::hash(ev, Uuid{0x6162630000000000, 0}),
            static_cast<std::int64_t>(hashed(std::string("abc") + std::string(13, '\0'))));
  EXPECT_EQ(fn::hash(ev, std::int64_t{0x61}),
            static_cast<std::int64_t>(hashed(std::string("a") + std::string(7, '\0'))));
  EXPECT_EQ(fn::hash(ev, true), static_cast<std::int64_t>(hashed("\x01")));
  const MapEntry<Text, std::int64_t> ab[] = {{Text("a"), 1}, {Text("b"), 2}}, ba[] = {{Text("b"), 2}, {Text("a"), 1}};
  EXPECT_EQ(fn::hash(ev, Map<Text, std::int64_t>{ab, 2}), fn::hash(ev, Map<Text, std::int64_t>{ba, 2}));
  EXPECT_EQ(fn::key_hash(Map<Text, std::int64_t>{ab, 2}), fn::key_hash(Map<Text, std::int64_t>{ba, 2}));
}

TEST(Hash, never_changes) {
  Eval ev;
  // Written down once; data that was cut into parts by these must stay together.
  EXPECT_EQ(fn::hash(ev, std::int64_t{42}), static_cast<std::int64_t>(hashed(std::string("*") + std::string(7, '\0'))));
  const std::int64_t items[] = {1, 2};
  const std::int64_t one = fn::hash(ev, std::int64_t{1}), two = fn::hash(ev, std::int64_t{2});
  std::string both(16, 0);
  std::memcpy(both.data(), &one, 8);
  std::memcpy(both.data() + 8, &two, 8);
  EXPECT_EQ(fn::hash(ev, List<std::int64_t>{items, 2}), static_cast<std::int64_t>(hashed(both)));
  const Pair p{1, Text("x")};
  const std::int64_t x = fn::hash(ev, Text("x"));
  std::memcpy(both.data() + 8, &x, 8);
  EXPECT_EQ(fn::hash(ev, p), static_cast<std::int64_t>(hashed(both)));
}

TEST(KeyHash, agrees_with_equality) {
  const Exact a("a text of more than fifteen bytes"), b("a text of more than fifteen bytes");
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(fn::key_hash(a.text), fn::key_hash(b.text));
  EXPECT_EQ(fn::key_hash(0.0), fn::key_hash(-0.0));
  EXPECT_EQ(fn::key_hash(Opt<std::int64_t>()), fn::key_hash(Opt<std::int64_t>()));
  EXPECT_EQ(fn::key_hash(Pair{1, a.text}), fn::key_hash(Pair{1, b.text}));
  EXPECT_NE(fn::key_hash(Pair{1, a.text}), fn::key_hash(Pair{2, b.text}));
}

TEST(KeyHash, spreads_over_low_bits) {
  std::set<std::uint64_t> low, texts, longer;
  for (std::int64_t i = 0; i != 4096; ++i) {
    low.insert(fn::key_hash(i * 60000000) & 0xffff);
    texts.insert(fn::key_hash(Text("user" + std::to_string(i))) & 0xffff);
    const Exact text("a long common prefix of them " + std::to_string(i));
    longer.insert(fn::key_hash(text.text) & 0xffff);
  }
  // 4096 balls into 65536 boxes leave about 3968 boxes with something in them.
  for (const auto& set : {low, texts, longer}) EXPECT_GT(set.size(), 3850u);
}

}  // namespace
}  // namespace gress
