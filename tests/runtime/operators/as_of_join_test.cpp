// As-of joins against their definition over all rows that came, whatever the order in which the two sides are read.
#include "runtime/core/as_of_join.h"

#include "tests/runtime/operators/two_sides.h"

namespace gress::test {
namespace {

enum class At { time, before, after };

std::int64_t at_of(At at, std::int64_t time, const SideRow& row) {
  switch (at) {
    case At::time: return time;
    case At::before: return time - 30;
    case At::after: return time + row.reach;
  }
  return time;
}

/// Rows of an append stream within a reach, or of a changelog.
template <JoinKind kJoin, bool kCondition, bool kFacts, At kAt>
struct AsOfSpec : JoinSpec<kJoin, kCondition> {
  using Right = Block<SideRow, kTime | kWatermark | kPosition | (kFacts ? 0 : kOp)>;
  using Key = typename JoinSpec<kJoin, kCondition>::Key;
  static constexpr bool kReach = kFacts;
  static Keyed right_key(Sink&, const Right& in, int i, Key& key) {
    key.id = in.rows[i].key;
    return in.rows[i].keyed ? Keyed::present : Keyed::absent;
  }
  static bool at(Sink&, const SideBlock& in, int i, std::int64_t& at) {
    at = at_of(kAt, in.time[i], in.rows[i]);
    return true;
  }
  static bool pair_failed(Sink&, const SideRow&) { return false; }
  static void pair(const SideRow& l, const SideRow& r, JoinedRow& o) { o = {l.id, r.id, 0, 0, l.text, r.text}; }
  static void left_only(const SideRow& l, JoinedRow& o) { o = {l.id, -1, 0, 0, l.text, {}}; }
};

constexpr std::int64_t kReachOf = 60;

/// A change as the definition sees it: a version from `time` on, seen from `watermark` on; of a changelog both are one.
struct Change {
  std::int64_t key, time, watermark;
  std::uint64_t order;
  std::int64_t id;  // -1: deleted
};

template <class Spec>
std::vector<Line> expected(const Side& left, const std::vector<Change>& changes, At at_kind) {
  std::vector<Line> lines;
  for (const Given& l : left.all()) {
    if (l.late()) continue;
    const std::int64_t at = at_of(at_kind, l.time, l.row);
    const Change* best = nullptr;
    for (const Change& c : changes) {
      if (!l.row.keyed || c.key != l.row.key || c.time > at || c.watermark > at || (Spec::kReach && c.time < at - kReachOf)) continue;
      if (best == nullptr || std::pair(c.time, c.order) >= std::pair(best->time, best->order)) best = &c;
    }
    const bool matched = best != nullptr && best->id >= 0 && (!Spec::kRest || (l.row.id + best->id) % 3 != 0);
    if (Spec::kKind == JoinKind::inner && !matched) continue;
    if (Spec::kKind == JoinKind::semi && !matched) continue;
    if (Spec::kKind == JoinKind::anti && matched) continue;
    const bool shows = matched && (Spec::kKind == JoinKind::inner || Spec::kKind == JoinKind::left);
    lines.emplace_back(l.row.id, shows ? best->id : -1, l.time, 0, 0);
  }
  return sorted(std::move(lines));
}

template <JoinKind kKind, bool kRest, At kAt>
void facts(unsigned seed) {
  using Spec = AsOfSpec<kKind, kRest, true, kAt>;
  std::mt19937 random(seed);
  Side left = make_side(random, {}, 0), right = make_side(random, {}, 100'000);
  std::vector<Change> changes;
  for (const Given& g : right.all())
    if (g.row.keyed) changes.push_back({g.row.key, g.time, g.watermark, g.position, g.row.id});
  const auto want = expected<Spec>(left, changes, kAt);
  for (int order = 0; order != 3; ++order) {
    for (Side* s : {&left, &right})
      for (Partition& p : s->partitions) p.next = 0, p.watermark = kStartOfTime;
    Sink sink;
    AsOfJoin<Spec> op(sink, kReachOf);
    run(random, op, left, right);
    ASSERT_EQ(lines_of(sink), want) << "seed " << seed;
    EXPECT_EQ(ids(sink.left_late), late_ids(left));
    EXPECT_EQ(sink.watermark, kEndOfTime);
  }
}

TEST(AsOfJoin, TheLastFactWithinReach) {
  for (unsigned seed = 0; seed != 20; ++seed) {
    facts<JoinKind::inner, false, At::time>(seed);
    facts<JoinKind::left, false, At::before>(seed);
    facts<JoinKind::left, true, At::after>(seed);
    facts<JoinKind::semi, false, At::time>(seed);
    facts<JoinKind::anti, true, At::time>(seed);
  }
}

/// A changelog of several keys: rows are updated (some move to another key), deleted, come again.
template <class Spec>
struct Changelog {
  using Right = typename Spec::Right;
  struct Step {
    SideRow old{}, fresh{};
    bool retract = false, insert = false;
    std::int64_t old_time = 0, time = 0, watermark = kStartOfTime;
  };
  std::vector<Step> steps;
  std::vector<Change> changes;

  Changelog(std::mt19937& random, int count) {
    struct Entity {
      SideRow row;
      std::int64_t time = 0;
      bool live = false;
    };
    std::vector<Entity> entities(8);
    std::int64_t now = 1000, highest = kStartOfTime, id = 100'000;
    std::uint64_t order = 0;
    for (int i = 0; i != count; ++i) {
      now += static_cast<std::int64_t>(random() % 6);
      Step s;
      s.time = now - (random() % 4 == 0 ? static_cast<std::int64_t>(random() % 40) : 0);
      s.watermark = highest == kStartOfTime ? kStartOfTime : highest - 25;
      highest = std::max(highest, s.time);
      const std::size_t which = random() % entities.size();
      Entity& e = entities[which];
      s.retract = e.live;
      s.insert = !e.live || random() % 4 != 0;
      s.old = e.row;
      s.old_time = e.time;
      if (s.insert) {
        s.fresh.id = id++;
        s.fresh.key = static_cast<std::int64_t>(random() % 8 == 0 ? random() % 5 : which % 5);
        s.fresh.keyed = random() % 20 != 0;
      }
      const bool stays = s.retract && s.insert && s.old.keyed && s.fresh.keyed && s.old.key == s.fresh.key;
      if (s.retract && s.old.keyed && !stays)
        changes.push_back({s.old.key, std::max(s.insert ? s.time : s.old_time, s.watermark), s.watermark, order++, -1});
      if (s.insert && s.fresh.keyed) changes.push_back({s.fresh.key, std::max(s.time, s.watermark), s.watermark, order++, s.fresh.id});
      e = {s.fresh, s.time, s.insert};
      steps.push_back(s);
    }
  }
};

template <JoinKind kKind, bool kRest, At kAt>
void changelog(unsigned seed) {
  using Spec = AsOfSpec<kKind, kRest, false, kAt>;
  std::mt19937 random(seed);
  Side left = make_side(random, {}, 0);
  Changelog<Spec> log(random, 400);
  const auto want = expected<Spec>(left, log.changes, kAt);
  for (int turn = 0; turn != 3; ++turn) {
    for (Partition& p : left.partitions) p.next = 0, p.watermark = kStartOfTime;
    Sink sink;
    AsOfJoin<Spec> op(sink, kEndOfTime);
    std::size_t next = 0;
    SideBlock block;
    typename Spec::Right changes;
    std::vector<std::string> texts;
    while (left.watermark() != kEndOfTime || next <= log.steps.size()) {
      if (left.watermark() != kEndOfTime && (next > log.steps.size() || random() % 2 == 0)) {
        hand_over(random, left, block, texts);
        op.left(block);
        for (std::string& text : texts) std::fill(text.begin(), text.end(), '?');
        op.left_watermark(left.watermark());
        continue;
      }
      changes.count = 0;
      texts.clear();
      texts.reserve(kBlock);
      bool lone = false;
      for (int most = 1 + static_cast<int>(random() % 60); next != log.steps.size() && most > 0 && changes.count + 2 <= kBlock; --most) {
        const auto& s = log.steps[next];
        if (lone && s.insert && !s.retract) break;  // would be an update with the delete before it
        const auto put = [&](const SideRow& row, std::int64_t time, Op kind) {
          const int i = changes.count++;
          changes.rows[i] = row;
          texts.push_back(text_of(row.id));
          changes.rows[i].text = Text(texts.back());
          changes.time[i] = time;
          changes.watermark[i] = s.watermark;
          changes.position[i] = 7;
          if constexpr (Spec::Right::has(kOp)) changes.op[i] = kind;
        };
        if (s.retract) put(s.old, s.old_time, Op::retract);
        if (s.insert) put(s.fresh, s.time, Op::insert);
        lone = s.retract && !s.insert;
        ++next;
      }
      op.right(changes);
      for (std::string& text : texts) std::fill(text.begin(), text.end(), '?');
      op.right_watermark(next == log.steps.size() ? kEndOfTime : log.steps[next].watermark);
      if (next == log.steps.size()) ++next;
    }
    ASSERT_EQ(lines_of(sink), want) << "seed " << seed;
    EXPECT_EQ(ids(sink.left_late), late_ids(left));
    EXPECT_EQ(sink.watermark, kEndOfTime);
  }
}

TEST(AsOfJoin, TheVersionOfAChangelog) {
  for (unsigned seed = 0; seed != 20; ++seed) {
    changelog<JoinKind::inner, false, At::time>(seed);
    changelog<JoinKind::left, true, At::before>(seed);
    changelog<JoinKind::left, false, At::after>(seed);
    changelog<JoinKind::semi, true, At::time>(seed);
    changelog<JoinKind::anti, false, At::time>(seed);
  }
}

/// Ever new versions and left rows: only what is still needed is kept.
template <bool kFacts>
void long_stream(std::int64_t keys) {
  using Spec = AsOfSpec<JoinKind::left, false, kFacts, At::time>;
  Sink sink;
  AsOfJoin<Spec> op(sink, kFacts ? kReachOf : kEndOfTime);
  SideBlock left;
  typename Spec::Right right;
  std::size_t most = 0;
  for (std::int64_t t = 1000; t < 100'000; t += kBlock) {
    left.count = right.count = kBlock;
    for (int i = 0; i != kBlock; ++i) {
      SideRow row;
      row.key = kFacts ? t + i : (t + i) % keys;  // of facts every key is new
      left.rows[i] = right.rows[i] = row;
      left.time[i] = right.time[i] = t + i;
      left.watermark[i] = right.watermark[i] = t + i - 50;
      left.position[i] = right.position[i] = static_cast<std::uint64_t>(t + i);
      if constexpr (!kFacts) right.op[i] = Op::insert;
    }
    op.left(left), op.left_watermark(t + kBlock - 50);
    op.right(right), op.right_watermark(t + kBlock - 50);
    sink.rows.clear();
    most = std::max(most, op.kept());
  }
  EXPECT_LE(most, 5000u + 4 * kBlock);
}
TEST(AsOfJoin, ALongStreamKeepsWhatIsNeeded) {
  long_stream<true>(0);
  long_stream<false>(1);
  long_stream<false>(500);
}

}  // namespace
}  // namespace gress::test
