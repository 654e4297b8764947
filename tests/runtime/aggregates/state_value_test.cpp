#include "runtime/core/state_value.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/core/decimal.h"

namespace gress {
namespace {

struct Inner {
  Text name;
  std::int32_t number = 0;
  static constexpr auto members = Members<&Inner::name, &Inner::number>{};
  friend bool operator==(const Inner&, const Inner&) = default;
};
struct Outer {
  Inner inner;
  Opt<Text> note;
  List<Inner> all;
  Map<Text, List<Text>> by_name;
  double weight = 0;
  static constexpr auto members = Members<&Outer::inner, &Outer::note, &Outer::all, &Outer::by_name, &Outer::weight>{};
  friend bool operator==(const Outer&, const Outer&) = default;
};
struct Numbers {
  std::int64_t a = 0;
  Opt<double> b;
  Decimal c;
  static constexpr auto members = Members<&Numbers::a, &Numbers::b, &Numbers::c>{};
};
struct Nothing {};
enum class Color : std::uint8_t { red, green };

static_assert(StateTraits<std::int64_t>::is_plain && StateTraits<Color>::is_plain && StateTraits<Uuid>::is_plain);
static_assert(StateTraits<Decimal>::is_plain && StateTraits<Numbers>::is_plain && StateTraits<Nothing>::is_plain);
static_assert(StateTraits<Opt<std::int32_t>>::is_plain && !StateTraits<Opt<Text>>::is_plain);
static_assert(!StateTraits<Text>::is_plain && !StateTraits<List<std::int64_t>>::is_plain);
static_assert(!StateTraits<Outer>::is_plain && !StateTraits<Bytes>::is_plain);
static_assert(sizeof(Held<std::int64_t>) == 8 && sizeof(Held<Text>) == 24);

const char* const kLong = "a text that does not fit into fifteen bytes";
const char* const kLonger = "a text that is longer still than the text that does not fit into fifteen bytes";

/// A text whose bytes are gone when the test overwrites them.
struct Source {
  std::string bytes;
  Text text() const { return Text(bytes); }
  void spoil() { bytes.assign(bytes.size(), '#'); }
};

TEST(StateValue, TextOutlivesItsBytes) {
  Source source{kLong};
  Held<Text> held(source.text());
  source.spoil();
  EXPECT_EQ(held.get().view(), kLong);
  const Held<Text> copy = held.clone();
  held.assign(Text("short"));
  EXPECT_EQ(held.get().view(), "short");
  EXPECT_EQ(copy.get().view(), kLong);
}

TEST(StateValue, HeldTextKeepsItsBuffer) {
  Held<Text> held{Text(kLonger, 60)};
  const char* buffer = held.get().data();
  held.assign(Text("short"));
  held.assign(Text(kLong, 43));
  EXPECT_EQ(held.get().data(), buffer);
  EXPECT_EQ(held.get().view(), kLong);
  held.assign(Text(held.get().data() + 2, 20));  // a part of itself
  EXPECT_EQ(held.get().view(), std::string_view(kLong).substr(2, 20));
  held.assign(held.get());
  EXPECT_EQ(held.get().view(), std::string_view(kLong).substr(2, 20));
}

TEST(StateValue, AssignReusesLongText) {
  Text held = StateTraits<Text>::retain(Text(kLonger, 60));
  const char* buffer = held.data();
  StateTraits<Text>::assign(held, Text(kLong, 43));
  EXPECT_EQ(held.data(), buffer);
  EXPECT_EQ(held.view(), kLong);
  StateTraits<Text>::assign(held, Text(held.data() + 5, 30));
  EXPECT_EQ(held.view(), std::string_view(kLong).substr(5, 30));
  StateTraits<Text>::assign(held, Text(held.data() + 1, 3));  // short again
  EXPECT_EQ(held.view(), std::string_view(kLong).substr(6, 3));
  StateTraits<Text>::assign(held, Text(kLonger, 70));
  EXPECT_EQ(held.view(), std::string_view(kLonger, 70));
  StateTraits<Text>::release(held);
  StateTraits<Text>::release(held);
  EXPECT_TRUE(held.empty());
}

TEST(StateValue, OptionalText) {
  using Traits = StateTraits<Opt<Text>>;
  Opt<Text> held = Traits::retain(Opt<Text>());
  EXPECT_FALSE(held.has);
  Traits::assign(held, Opt<Text>(Text(kLong, 43)));
  EXPECT_EQ(held.value.view(), kLong);
  Traits::assign(held, absent);
  EXPECT_FALSE(held.has);
  EXPECT_TRUE(held.value.empty());
  Traits::release(held);
}

TEST(StateValue, ListsShrinkGrowAndTakePartsOfThemselves) {
  const std::vector<Text> texts{Text("one"), Text(kLong, 43), Text(kLonger, 78), Text("four")};
  using Traits = StateTraits<List<Text>>;
  List<Text> held = Traits::retain({texts.data(), texts.size()});
  const Text* items = held.items;
  EXPECT_NE(items, texts.data());
  EXPECT_NE(held.items[1].data(), texts[1].data());
  Traits::assign(held, {held.items + 1, 2});
  ASSERT_EQ(held.count, 2u);
  EXPECT_EQ(held.items[0].view(), kLong);
  EXPECT_EQ(held.items[1].view(), kLonger);
  Traits::assign(held, {texts.data(), 4});
  EXPECT_EQ(held, (List<Text>{texts.data(), 4}));
  EXPECT_EQ(held.items, items);
  Traits::assign(held, {});
  EXPECT_EQ(held.count, 0u);
  std::vector<Text> many;
  for (int i = 0; i != 100; ++i) many.push_back(texts[static_cast<std::size_t>(i) % 4]);
  Traits::assign(held, {many.data(), many.size()});
  EXPECT_EQ(held, (List<Text>{many.data(), many.size()}));
  Traits::assign(held, held);
  EXPECT_EQ(held, (List<Text>{many.data(), many.size()}));
  Traits::release(held);
  EXPECT_EQ(held.items, nullptr);
  Traits::release(held);
}

TEST(StateValue, ListOfNumbersMovesParts) {
  const std::int64_t numbers[] = {1, 2, 3, 4, 5};
  Held<List<std::int64_t>> held(List<std::int64_t>{numbers, 5});
  held.assign({held.get().items + 2, 3});
  EXPECT_EQ(held.get(), (List<std::int64_t>{numbers + 2, 3}));
  held.assign({});
  held.assign({numbers, 1});
  EXPECT_EQ(held.get().items[0], 1);
}

Outer make_outer(const Source& long_text, const Source& longer, std::vector<Inner>& inner,
                 std::vector<MapEntry<Text, List<Text>>>& entries, std::vector<Text>& texts) {
  texts = {long_text.text(), Text("x"), longer.text()};
  inner = {{Text("a"), 1}, {longer.text(), 2}};
  entries = {{long_text.text(), {texts.data(), 3}}, {Text("none"), {}}};
  Outer o;
  o.inner = {long_text.text(), 7};
  o.note = longer.text();
  o.all = {inner.data(), inner.size()};
  o.by_name = {entries.data(), entries.size()};
  o.weight = 1.5;
  return o;
}

TEST(StateValue, RecordsAreDeepCopies) {
  Source long_text{kLong}, longer{kLonger};
  const Source long_again{kLong}, longer_again{kLonger};
  std::vector<Inner> inner, inner_again;
  std::vector<MapEntry<Text, List<Text>>> entries, entries_again;
  std::vector<Text> texts, texts_again;
  const Outer fresh = make_outer(long_text, longer, inner, entries, texts);
  const Outer same = make_outer(long_again, longer_again, inner_again, entries_again, texts_again);
  Held<Outer> held(fresh), assigned;
  assigned.assign(fresh);
  long_text.spoil();
  longer.spoil();
  inner[0].number = 99;
  EXPECT_FALSE(fresh == same);
  EXPECT_EQ(held.get(), same);
  EXPECT_EQ(assigned.get(), same);
  for (int i = 0; i != 3; ++i) {
    assigned.assign(Outer{});
    EXPECT_EQ(assigned.get(), Outer{});
    assigned.assign(same);
    EXPECT_EQ(assigned.get(), same);
    assigned.assign(assigned.get());
    EXPECT_EQ(assigned.get(), same);
  }
  Held<Outer> moved = std::move(held);
  EXPECT_EQ(moved.get(), same);
  EXPECT_EQ(held.get(), Outer{});
  held = std::move(moved);
  EXPECT_EQ(held.get(), same);
  held.clear();
  EXPECT_EQ(held.get(), Outer{});
}

struct Pair {
  Text a, b;
  static constexpr auto members = Members<&Pair::a, &Pair::b>{};
};

TEST(StateValue, ReplaceMayExchangeMembers) {
  Held<Pair> held(Pair{Text(kLong, 43), Text(kLonger, 78)});
  held.replace(Pair{held.get().b, held.get().a});
  EXPECT_EQ(held.get().a.view(), kLonger);
  EXPECT_EQ(held.get().b.view(), kLong);
}

TEST(StateValue, HeldInAVector) {
  std::vector<Held<Pair>> rows;
  for (int i = 0; i != 100; ++i) {
    const std::string text = std::string(20, 'x') + std::to_string(i);
    rows.emplace_back(Pair{Text(text), Text("short")});
  }
  for (int i = 0; i != 100; ++i)
    EXPECT_EQ(rows[static_cast<std::size_t>(i)].get().a.view(), std::string(20, 'x') + std::to_string(i));
}

TEST(StateValue, Bytes) {
  const std::string raw("\0\1 longer than fifteen \xff bytes", 30);
  Held<Bytes> held(Bytes{Text(raw)});
  Held<Bytes> moved = std::move(held);
  EXPECT_EQ(moved.get().raw.view(), raw);
  const Bytes kept = StateTraits<Bytes>::retain(moved.get());
  Bytes mutable_kept = kept;
  moved.clear();
  EXPECT_EQ(kept.raw.view(), raw);
  StateTraits<Bytes>::release(mutable_kept);
}

}  // namespace
}  // namespace gress
