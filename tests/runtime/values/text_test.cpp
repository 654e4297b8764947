#include "runtime/core/hash.h"
#include "runtime/core/kept.h"
#include "runtime/core/split_some.h"
#include "runtime/core/text_fn.h"
#include "tests/runtime/values/table.h"

namespace gress {
namespace {

using namespace test;

std::string on(auto f, std::string_view s) {
  Eval ev;
  const Exact x(s);
  return string(f(ev, x.text));
}
std::string low(std::string_view s) {
  return on([](Eval& ev, const Text& t) { return fn::lower(ev, t); }, s);
}
std::string up(std::string_view s) {
  return on([](Eval& ev, const Text& t) { return fn::upper(ev, t); }, s);
}
std::string trimmed(std::string_view s) {
  return on([](Eval& ev, const Text& t) { return fn::trim(ev, t); }, s);
}

TEST(Text, length_is_in_code_points) {
  Eval ev;
  const auto length = [&](std::string_view s) { return fn::length(ev, Exact(s).text); };
  EXPECT_EQ(length(""), 0);
  EXPECT_EQ(length("abc"), 3);
  EXPECT_EQ(length("Zürich"), 6);
  EXPECT_EQ(length("日本語の文章です"), 8);
  EXPECT_EQ(length("😀😀😀😀😀"), 5);
  EXPECT_EQ(length("fifteen bytes!!"), 15);
  EXPECT_EQ(fn::length(ev, Bytes{Text("日本")}), 6);
}

TEST(Text, order_is_by_bytes_and_a_prefix_comes_first) {
  using namespace std::string_view_literals;
  const std::string_view texts[] = {"", "\0"sv, "\0\0"sv, "a", "a\0"sv, "a\0b"sv, "ab", "abcdefgh", "abcdefgh\0"sv, "abcdefghi", "abcdefghijklmno", "abcdefghijklmnop",
                                    "abcdefghijklmnoq", "b", "é", "\xff"};
  for (const std::string_view a : texts)
    for (const std::string_view b : texts) EXPECT_EQ(compare(Text(a), Text(b)) < 0, a < b) << a << " | " << b;
}

TEST(Text, that_lasts_is_the_same_text_and_never_copied) {
  static const std::string bytes = "more than the fifteen bytes that stand in a text";
  const std::string again = bytes;
  const Text lasting = Text::lasting(bytes), view(again);
  EXPECT_TRUE(lasting == view && view == lasting && lasting == lasting);
  EXPECT_FALSE(lasting == Text("more than the fifteen bytes that stand in a test"));
  EXPECT_EQ(compare(lasting, view), 0);
  EXPECT_EQ(lasting.size(), bytes.size());
  EXPECT_EQ(fn::key_hash(lasting), fn::key_hash(view));
  EXPECT_TRUE(Text::lasting("short") == Text("short") && Text::lasting("short").is_inline());
  EXPECT_TRUE(lasting.stays() && Text("short").stays() && Text().stays() && !view.stays());

  Arena arena;
  EXPECT_EQ(arena.copy(lasting).data(), bytes.data());
  EXPECT_NE(arena.copy(view).data(), again.data());
  EXPECT_EQ(fn::bytes_beside(lasting), 0u);
  using Traits = StateTraits<Text>;
  Text held = Traits::retain(lasting);
  EXPECT_EQ(held.data(), bytes.data());
  for (const Text& next : {view, lasting, Text("short"), lasting, view, Text(again.data(), 20), lasting}) {
    Traits::assign(held, next);
    EXPECT_TRUE(held == next);
    EXPECT_EQ(held.data() == bytes.data(), next.data() == bytes.data());
  }
  Traits::release(held);
  EXPECT_TRUE(held.empty());
  Held<Text> other(view);
  other.assign(lasting);
  EXPECT_EQ(other.get().data(), bytes.data());
  EXPECT_EQ(bytes, again);
}

TEST(Text, letter_case) {
  EXPECT_EQ(low("HELLO World @[`{ 09"), "hello world @[`{ 09");
  EXPECT_EQ(up("hello @[`{"), "HELLO @[`{");
  EXPECT_EQ(up("10km NE of Pahala, Hawaii"), "10KM NE OF PAHALA, HAWAII");
  EXPECT_EQ(low("AZaz"), "azaz");
  EXPECT_EQ(low("ÀÉÎÕÜŸŽ"), "àéîõüÿž");
  EXPECT_EQ(up("àéîõüÿž"), "ÀÉÎÕÜŸŽ");
  EXPECT_EQ(low("ΑΒΓΣΩ ΆΈ"), "αβγσω άέ");
  EXPECT_EQ(up("αβγσς"), "ΑΒΓΣΣ");
  EXPECT_EQ(low("ПРИВЕТ ЁЖ"), "привет ёж");
  EXPECT_EQ(up("привет ёж, это длинный текст"), "ПРИВЕТ ЁЖ, ЭТО ДЛИННЫЙ ТЕКСТ");
  // One code point becomes one: no SS for ß.
  EXPECT_EQ(up("straße"), "STRAßE");
  EXPECT_EQ(low("İI"), "ii");
  EXPECT_EQ(low("K"), "k");
  EXPECT_EQ(up("ɐɐɐɐɐɐɐɐɐɐɐɐ"), "ⱯⱯⱯⱯⱯⱯⱯⱯⱯⱯⱯⱯ");  // two bytes become three
  EXPECT_EQ(low("𐐀"), "𐐨");
  EXPECT_EQ(up("日本語"), "日本語");
  // What is no UTF-8 stays.
  EXPECT_EQ(up("a\xff\xc3z\xe2\x82"), "A\xff\xc3Z\xe2\x82");
  std::string text;
  for (int i = 0; i != 100; ++i) {
    EXPECT_EQ(up(text), std::string(text.size(), 'Q'));
    text += 'q';
  }
}

TEST(Text, trim) {
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed(" \t\r\n\v\f"), "");
  EXPECT_EQ(trimmed("  a b  "), "a b");
  EXPECT_EQ(trimmed("\u00a0\u2003x\u3000"), "x");
  EXPECT_EQ(trimmed("   a long text with blanks around it   "), "a long text with blanks around it");
  EXPECT_EQ(trimmed("\u2003\u2003\u2003\u2003\u2003\u2003"), "");
  EXPECT_EQ(trimmed("x\x80"), "x\x80");
  EXPECT_EQ(trimmed("\x80\x80"), "\x80\x80");
  EXPECT_EQ(trimmed("é"), "é");
}

TEST(Text, parts) {
  Eval ev;
  const Exact longer("the quick brown fox jumps over the lazy dog");
  EXPECT_TRUE(fn::contains(ev, longer.text, Text("fox")));
  EXPECT_TRUE(fn::contains(ev, longer.text, Text("")));
  EXPECT_TRUE(fn::contains(ev, Text(""), Text("")));
  EXPECT_FALSE(fn::contains(ev, Text("ab"), Text("abc")));
  EXPECT_TRUE(fn::starts_with(ev, longer.text, Text("the ")));
  EXPECT_FALSE(fn::starts_with(ev, Text("ab"), longer.text));
  EXPECT_TRUE(fn::ends_with(ev, longer.text, Text("dog")));
  EXPECT_TRUE(fn::ends_with(ev, Text("x"), Text("")));
  EXPECT_FALSE(fn::ends_with(ev, Text("dog"), longer.text));
}

TEST(Text, substring_clamps) {
  Eval ev;
  const auto sub = [&](std::string_view s, std::int64_t start, std::int64_t count) {
    const Exact x(s);
    return string(fn::substring(ev, x.text, start, count));
  };
  EXPECT_EQ(sub("hello", 1, 3), "ell");
  EXPECT_EQ(sub("hello", 0, 99), "hello");
  EXPECT_EQ(sub("hello", 5, 1), "");
  EXPECT_EQ(sub("hello", 99, 1), "");
  EXPECT_EQ(sub("hello", 2, 0), "");
  EXPECT_EQ(sub("Zürich", 1, 1), "ü");
  EXPECT_EQ(sub("日本語の文章です", 2, 3), "語の文");
  EXPECT_EQ(sub("a😀b😀c😀d😀e😀f😀g😀h", 9, 4), "😀f😀g");
  EXPECT_EQ(sub("hello", INT64_MAX, INT64_MAX), "");
  EXPECT_EQ(sub("hello", 0, INT64_MAX), "hello");
  const std::string all = "ab€déf😀ghi日本jklmnopqrstuvwxyz€€€0123456789";
  for (int start = 0; start != 50; ++start)
    for (int count = 0; count != 50; ++count) {
      std::string wanted;
      int n = 0;
      for (std::size_t i = 0; i != all.size(); ++i) {
        if (i != 0 && (all[i] & 0xc0) != 0x80) ++n;
        if (n >= start && n < start + count) wanted += all[i];
      }
      ASSERT_EQ(sub(all, start, count), wanted) << start << " " << count;
    }
  EXPECT_EQ(failure(ev), "");
  sub("x", -1, 2);
  EXPECT_EQ(failure(ev), "substring: start is -1");
  sub("x", 1, -2);
  EXPECT_EQ(failure(ev), "substring: count is -2");
}

TEST(Text, replace_split_join) {
  Eval ev;
  const auto replace = [&](std::string_view s, std::string_view what, std::string_view by) {
    const Exact a(s), b(what), c(by);
    return string(fn::replace(ev, a.text, b.text, c.text));
  };
  EXPECT_EQ(replace("banana", "an", "<>"), "b<><>a");
  EXPECT_EQ(replace("banana", "ana", "x"), "bxna");
  EXPECT_EQ(replace("banana", "", "x"), "banana");
  EXPECT_EQ(replace("banana", "a", ""), "bnn");
  EXPECT_EQ(replace("", "a", "b"), "");
  EXPECT_EQ(replace("aaa", "a", "a longer replacement "),
            "a longer replacement a longer replacement a longer replacement ");

  const auto split = [&](std::string_view s, std::string_view by) {
    const Exact a(s), b(by);
    std::vector<std::string> parts;
    for (const Text& part : fn::split(ev, a.text, b.text)) parts.push_back(string(part));
    return parts;
  };
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split("a,b,,c", ","), (Parts{"a", "b", "", "c"}));
  EXPECT_EQ(split(",", ","), (Parts{"", ""}));
  EXPECT_EQ(split("", ","), (Parts{""}));
  EXPECT_EQ(split("abc", ""), (Parts{"abc"}));
  EXPECT_EQ(split("one, two of many words, three", ", "), (Parts{"one", "two of many words", "three"}));
  EXPECT_EQ(split("ähöü", "\xb6"), (Parts{"äh\xc3", "ü"}));
  // Parts of all lengths at all places, more of them than there is room for at first.
  for (const std::string by : {"/", "::"})
    for (std::size_t n = 0; n != 60; ++n) {
      std::string whole;
      Parts expected;
      for (std::size_t i = 0; i <= n; ++i) {
        expected.push_back(std::string((i * 7 + n) % 19, static_cast<char>('a' + i % 26)));
        whole += (i == 0 ? "" : by) + expected.back();
      }
      EXPECT_EQ(split(whole, by), expected);
      const Exact text(whole), cut(by);
      const auto fixed = [&]<std::uint32_t kWhich>() {
        Text parts[std::bit_width(kWhich)];
        const List<Text> some = fn::split_some<'/', kWhich>(ev, text.text, parts);
        ASSERT_EQ(some.count, std::min<std::size_t>(n + 1, std::bit_width(kWhich)));
        for (std::size_t i = 0; i != some.count; ++i)
          if ((kWhich >> i & 1) != 0) EXPECT_EQ(string(some.items[i]), expected[i]);
      };
      if (by == "/") {
        fixed.operator()<0x1>();
        fixed.operator()<0x2>();
        fixed.operator()<0x28>();
        fixed.operator()<0x10001>();
        fixed.operator()<0x80000000>();
      }
      for (const std::uint32_t which : {0x1u, 0x2u, 0x28u, 0x10001u, 0x80000000u}) {
        const List<Text> some = fn::split_some(ev, text.text, cut.text, which);
        ASSERT_EQ(some.count, std::min<std::size_t>(n + 1, static_cast<std::size_t>(std::bit_width(which))));
        for (std::size_t i = 0; i != some.count; ++i)
          if ((which >> i & 1) != 0) EXPECT_EQ(string(some.items[i]), expected[i]);
      }
    }

  const Text parts[] = {Text("a"), Text(""), Text("a text of more than fifteen bytes")};
  EXPECT_EQ(string(fn::join(ev, List<Text>{parts, 3}, Text("--"))), "a----a text of more than fifteen bytes");
  EXPECT_EQ(string(fn::join(ev, List<Text>{parts, 1}, Text("--"))), "a");
  EXPECT_EQ(string(fn::join(ev, List<Text>{}, Text("--"))), "");
}

TEST(List, functions) {
  Eval ev;
  const std::int64_t items[] = {3, 1, 2};
  const List<std::int64_t> list{items, 3}, none;
  EXPECT_EQ(fn::length(ev, list), 3);
  EXPECT_TRUE(fn::contains(ev, list, 2));
  EXPECT_FALSE(fn::contains(ev, none, 2));
  EXPECT_EQ(fn::first(ev, list), Opt<std::int64_t>(3));
  EXPECT_EQ(fn::last(ev, list), Opt<std::int64_t>(2));
  EXPECT_EQ(fn::last(ev, none), Opt<std::int64_t>());
  EXPECT_EQ(fn::sum(ev, list), 6);
  EXPECT_EQ(fn::sum(ev, none), 0);
  EXPECT_EQ(fn::min(ev, list), Opt<std::int64_t>(1));
  EXPECT_EQ(fn::max(ev, list), Opt<std::int64_t>(3));
  EXPECT_EQ(fn::max(ev, none), Opt<std::int64_t>());
  EXPECT_EQ(fn::slice(ev, list, 1, 5), (List<std::int64_t>{items + 1, 2}));
  EXPECT_EQ(fn::slice(ev, list, 9, 5).count, 0u);
  EXPECT_EQ(failure(ev), "");
  fn::slice(ev, list, 0, -1);
  EXPECT_EQ(failure(ev), "slice: count is -1");
  const std::int32_t big[] = {2147483647, 1};
  fn::sum(ev, List<std::int32_t>{big, 2});
  EXPECT_EQ(failure(ev), "integer overflow in 2147483647 + 1");
  const Opt<std::int64_t> some[] = {{}, 5};
  EXPECT_EQ(fn::first(ev, List<Opt<std::int64_t>>{some, 2}), Opt<std::int64_t>());
}

}  // namespace
}  // namespace gress
