// A join of what a join gives: the second keeps pairs of numbers, and makes the first one's rows again from them.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "runtime/core/append_join.h"
#include "tests/runtime/operators/keys.h"

namespace gress::test {
namespace {

struct Event {
  std::int64_t id{}, key{};
  Text note{};
  static constexpr auto members = Members<&Event::id, &Event::key, &Event::note>{};
};
struct Both {
  std::int64_t left{}, right{}, key{};
  Text left_note{}, right_note{};
};
struct Triple {
  std::int64_t a, b, c;
  auto operator<=>(const Triple&) const = default;
};
struct Pipe;

std::string note(std::int64_t id) { return "a note of some length about row " + std::to_string(id); }

template <class SpecType, class LeftType, class RightType, class OutType, class LeftKept>
struct Common {
  using Pipeline = Pipe;
  using Left = LeftType;
  using Right = RightType;
  using Out = OutType;
  using Key = NumberKey;
  using LeftRow = LeftKept;
  using RightRow = Event;
  static constexpr JoinKind kKind = JoinKind::inner;
  static constexpr bool kRest = false, kRestFails = false, kForever = true;
  static Keyed left_key(Pipe&, const Left& in, int i, Key& key) { return key.id = in.rows[i].key, Keyed::present; }
  static Keyed right_key(Pipe&, const Right& in, int i, Key& key) { return key.id = in.rows[i].key, Keyed::present; }
  static LeftRow left_row(const LeftKept& r) { return r; }
  static RightRow right_row(const Event& r) { return r; }
  static bool rest(Pipe&, const LeftRow&, const RightRow&) { return true; }
  static bool left_failed(Pipe&, const Left&, int) { return false; }
  static bool right_failed(Pipe&, const Right&, int) { return false; }
  static void watermark(Pipe&, std::int64_t) {}
};
using Events = Block<Event, 0>;
using Boths = Block<Both, kPair>;
struct First : Common<First, Events, Events, Boths, Event> {
  static void pair(const Event& l, const Event& r, Both& o) { o = {l.id, r.id, l.key, l.note, r.note}; }
  static void left_only(const Event&, Both&) {}
  static void right_only(const Event&, Both&) {}
  static void out(Pipe& p, const Boths& block);
};
struct Shown {
  Both both;
  Event event;
};
struct Second : Common<Second, Boths, Events, Block<Shown, 0>, Both> {
  static Both left_of(Pipe& p, RowPair pair);
  static void pair(const Both& l, const Event& r, Shown& o) { o = {l, r}; }
  static void left_only(const Both&, Shown&) {}
  static void right_only(const Event&, Shown&) {}
  static void out(Pipe& p, const Block<Shown, 0>& block);
};
struct Pipe {
  AppendJoin<First> first{*this, kEndOfTime};
  AppendJoin<Second> second{*this, kEndOfTime};
  std::vector<Triple> given;
  int wrong = 0;
};
void First::out(Pipe& p, const Boths& block) { p.second.left(block); }
Both Second::left_of(Pipe& p, RowPair pair) {
  Both joined;
  p.first.joined(pair, joined);
  return joined;
}
void Second::out(Pipe& p, const Block<Shown, 0>& block) {
  for (int i = 0; i != block.count; ++i) {
    const auto& [both, event] = block.rows[i];
    p.given.push_back({both.left, both.right, event.id});
    p.wrong += both.left_note.view() != note(both.left) || both.right_note.view() != note(both.right) || event.note.view() != note(event.id);
  }
}

TEST(JoinedPairs, AreTheRowsAgain) {
  for (unsigned seed = 0; seed != 20; ++seed) {
    std::mt19937 random(seed);
    Pipe pipe;
    std::vector<Event> sides[3];
    for (std::int64_t step = 0; step != 60; ++step) {
      const std::size_t side = random() % 3;
      Events block;
      std::vector<std::string> notes;  // gone after this block
      for (int i = 0; i != 5; ++i) notes.push_back(note(step * 10 + i));
      for (int i = 0; i != 5; ++i) {
        const Event e{step * 10 + i, static_cast<std::int64_t>(random() % 8), Text(notes[static_cast<std::size_t>(i)])};
        block.rows[block.count++] = e;
        sides[side].push_back({e.id, e.key, Text()});
      }
      if (side == 0) pipe.first.left(block);
      else if (side == 1) pipe.first.right(block);
      else pipe.second.right(block);
    }
    std::vector<Triple> expected;
    for (const Event& a : sides[0])
      for (const Event& b : sides[1])
        for (const Event& c : sides[2])
          if (a.key == b.key && b.key == c.key) expected.push_back({a.id, b.id, c.id});
    std::sort(pipe.given.begin(), pipe.given.end());
    EXPECT_EQ(pipe.wrong, 0) << seed;
    ASSERT_TRUE(pipe.given == expected) << seed;
  }
}

}  // namespace
}  // namespace gress::test
