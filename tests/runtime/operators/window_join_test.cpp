// `join … window` against its definition: each window's rows of a key, compared one by one.
#include "runtime/core/window_join.h"

#include "runtime/core/session_window.h"
#include "runtime/core/sliced_window.h"
#include "runtime/core/window_aggregate.h"

#include <map>

#include "two_sides.h"

namespace gress::test {
namespace {

template <JoinKind kJoin, bool kCondition>
struct Spec : JoinSpec<kJoin, kCondition> {
  static void pair(const SideRow& l, const SideRow& r, std::int64_t s, std::int64_t e, JoinedRow& o) { o = {l.id, r.id, s, e, l.text, r.text}; }
  static void left_only(const SideRow& l, std::int64_t s, std::int64_t e, JoinedRow& o) { o = {l.id, -1, s, e, l.text, {}}; }
  static void right_only(const SideRow& r, std::int64_t s, std::int64_t e, JoinedRow& o) { o = {-1, r.id, s, e, {}, r.text}; }
  static bool pair_failed(Sink&, const SideRow&) { return false; }
};

template <class S>
using TumblingWindows = WindowAggregate<S, Tumbling>;
template <class S>
using SlidingWindows = SlicedWindow<S, SlidingSlices>;
template <class S>
using Sessions = SessionWindow<S, false>;

using Bounds = std::pair<std::int64_t, std::int64_t>;
/// By window and key (-1: absent): the rows of both sides.
struct Group {
  std::vector<const Given*> left, right;
};
using Groups = std::map<std::pair<Bounds, std::int64_t>, Group>;

std::vector<Line> definition(const Groups& groups, JoinKind kind, bool condition) {
  std::vector<Line> lines;
  const bool pairs = kind == JoinKind::inner || kind == JoinKind::left || kind == JoinKind::full;
  for (const auto& [place, group] : groups) {
    const auto [start, end] = place.first;
    std::vector<bool> met(group.right.size());
    for (const Given* l : group.left) {
      bool any = false;
      for (std::size_t k = 0; k != group.right.size(); ++k) {
        if (place.second < 0 || (condition && (l->row.id + group.right[k]->row.id) % 3 == 0)) continue;
        any = met[k] = true;
        if (pairs) lines.emplace_back(l->row.id, group.right[k]->row.id, end - 1, start, end);
      }
      if (kind == JoinKind::semi ? any : !any && kind != JoinKind::inner) lines.emplace_back(l->row.id, -1, end - 1, start, end);
    }
    if (kind == JoinKind::full)
      for (std::size_t k = 0; k != group.right.size(); ++k)
        if (!met[k]) lines.emplace_back(-1, group.right[k]->row.id, end - 1, start, end);
  }
  return sorted(std::move(lines));
}

std::int64_t key_of(const Given& g) { return g.row.keyed ? g.row.key : -1; }

/// Windows of `size` every `every`; a row counts in those that its own partition has not closed.
Groups sliding_groups(const std::vector<Given>& left, const std::vector<Given>& right, std::int64_t size, std::int64_t every,
                      std::vector<std::int64_t> late[2]) {
  Groups groups;
  for (const bool of_right : {false, true})
    for (const Given& g : of_right ? right : left) {
      bool any = false;
      for (std::int64_t start = floor_to(g.time, every, 0); start > g.time - size; start -= every) {
        if (start + size <= g.watermark) continue;
        any = true;
        Group& group = groups[{{start, start + size}, key_of(g)}];
        (of_right ? group.right : group.left).push_back(&g);
      }
      if (!any) late[of_right].push_back(g.row.id);
    }
  return groups;
}

template <template <class> class Windows, JoinKind kJoin, bool kCondition, class Form>
void check(unsigned seed, const Shape& shape, Form form, std::int64_t size, std::int64_t every) {
  std::mt19937 random(seed);
  Side left = make_side(random, shape, 0), right = make_side(random, shape, 1'000'000);
  Sink sink;
  WindowJoin<Spec<kJoin, kCondition>, Windows> join(sink, form);
  run(random, join, left, right);
  std::vector<std::int64_t> late[2];
  const std::vector<Given> l = left.all(), r = right.all();
  EXPECT_EQ(lines_of(sink), definition(sliding_groups(l, r, size, every, late), kJoin, kCondition)) << "seed " << seed;
  EXPECT_EQ(sink.watermark, kEndOfTime);
  EXPECT_EQ(join.open_windows(), 0u);
  EXPECT_EQ(ids(sink.left_late), ids(late[0]));
  EXPECT_EQ(ids(sink.right_late), ids(late[1]));
}

template <template <class> class Windows, bool kCondition, class Form>
void check_kinds(unsigned seed, const Shape& shape, Form form, std::int64_t size, std::int64_t every) {
  check<Windows, JoinKind::inner, kCondition>(seed, shape, form, size, every);
  check<Windows, JoinKind::left, kCondition>(seed, shape, form, size, every);
  check<Windows, JoinKind::full, kCondition>(seed, shape, form, size, every);
  check<Windows, JoinKind::semi, kCondition>(seed, shape, form, size, every);
  check<Windows, JoinKind::anti, kCondition>(seed, shape, form, size, every);
}

Shape shape_of(unsigned seed) {
  Shape shape;
  shape.rows = 150;
  shape.partitions = 1 + static_cast<int>(seed % 3);
  shape.keys = seed % 4 == 0 ? 1 : 6;
  shape.step = seed % 2 == 0 ? 10 : 3;
  shape.disorder = 90;
  return shape;
}

TEST(WindowJoin, TumblingIsItsDefinition) {
  for (unsigned seed = 0; seed != 30; ++seed) {
    check_kinds<TumblingWindows, false>(seed, shape_of(seed), Tumbling{50, 0}, 50, 50);
    check_kinds<TumblingWindows, true>(seed, shape_of(seed), Tumbling{7, 0}, 7, 7);
  }
}

TEST(WindowJoin, SlidingIsItsDefinition) {
  for (unsigned seed = 100; seed != 120; ++seed) {
    check_kinds<SlidingWindows, false>(seed, shape_of(seed), SlidingSlices{60, 20, 0}, 60, 20);
    check_kinds<SlidingWindows, true>(seed, shape_of(seed), SlidingSlices{50, 20, 0}, 50, 20);
  }
}

/// Rows of both sides make a session together, but those whose key is absent.
Groups session_groups(const std::vector<Given>& left, const std::vector<Given>& right, std::int64_t gap) {
  std::map<std::pair<std::int64_t, const Given*>, std::vector<std::pair<const Given*, bool>>> by_key;
  const auto place = [](const Given& g) { return std::pair{key_of(g), key_of(g) == -1 ? &g : nullptr}; };
  for (const Given& g : left) by_key[place(g)].emplace_back(&g, false);
  for (const Given& g : right) by_key[place(g)].emplace_back(&g, true);
  Groups groups;
  for (auto& [place_of_rows, rows] : by_key) {
    const std::int64_t key = place_of_rows.first;
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first->time < b.first->time; });
    for (std::size_t i = 0; i != rows.size();) {
      std::size_t end = i + 1;
      while (end != rows.size() && rows[end].first->time - rows[end - 1].first->time <= gap) ++end;
      Group& group = groups[{{rows[i].first->time, rows[end - 1].first->time + gap}, key}];
      for (; i != end; ++i) (rows[i].second ? group.right : group.left).push_back(rows[i].first);
    }
  }
  return groups;
}

template <JoinKind kJoin>
void check_sessions(unsigned seed) {
  std::mt19937 random(seed);
  Shape shape = shape_of(seed);
  shape.disorder = shape.delay = 20;  // no row is late: what is, session_window.h has tests of its own
  shape.keys = 30;
  Side left = make_side(random, shape, 0), right = make_side(random, shape, 1'000'000);
  Sink sink;
  WindowJoin<Spec<kJoin, false>, Sessions> join(sink, SessionForm{30, 0});
  run(random, join, left, right);
  const std::vector<Given> l = left.all(), r = right.all();
  EXPECT_EQ(lines_of(sink), definition(session_groups(l, r, 30), kJoin, false)) << "seed " << seed;
  EXPECT_EQ(sink.watermark, kEndOfTime);
}

TEST(WindowJoin, SessionsOfBothSides) {
  for (unsigned seed = 200; seed != 220; ++seed) {
    check_sessions<JoinKind::inner>(seed);
    check_sessions<JoinKind::full>(seed);
    check_sessions<JoinKind::semi>(seed);
    check_sessions<JoinKind::anti>(seed);
  }
}

}  // namespace
}  // namespace gress::test
