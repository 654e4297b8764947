// Regular joins against their definition: after every block the result, folded from inserts and retracts, is the join of
// the rows that are there.
#include "runtime/core/retained_join.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "runtime/core/append_join.h"
#include "tests/runtime/operators/keys.h"

namespace gress::test {
namespace {

struct InRow {
  std::int64_t id, key;  // key below 0: absent
  Text note;
};
struct SideRow {
  std::int64_t id{};
  Text note{};
  static constexpr auto members = Members<&SideRow::id, &SideRow::note>{};
};
struct OutRow {
  std::int64_t left, right;  // ids, -1 without the side
  Text left_note, right_note;
};

constexpr unsigned kLanes = kTime | kWatermark | kPosition;

/// What a row shows, its time, and what it is judged by.
struct Judged {
  std::int64_t left, right, time, watermark;
  auto operator<=>(const Judged&) const = default;
};

/// Rows in the result, by what they show: with the stamps that a retract has to repeat.
struct Result {
  std::multimap<std::pair<std::int64_t, std::int64_t>, Stamp> rows;
  std::vector<Judged> facts;
  std::vector<std::string> wrong;
  std::int64_t told = kStartOfTime;

  static std::string note(std::int64_t id) { return "a note of some length about row " + std::to_string(id); }

  template <class Out>
  void take(const Out& out) {
    for (int i = 0; i != out.count; ++i) {
      const OutRow& r = out.rows[i];
      if (r.left >= 0 && r.left_note.view() != note(r.left)) wrong.push_back("left text");
      if (r.right >= 0 && r.right_note.view() != note(r.right)) wrong.push_back("right text");
      bool retract = false;
      if constexpr (Out::has(kOp)) {
        retract = out.op[i] == Op::retract;
      } else {
        facts.push_back({r.left, r.right, out.time[i], out.watermark[i]});
        if (out.watermark[i] < told) wrong.push_back("judged by less than what has been told");
        if (out.watermark_before(i) > told) wrong.push_back("a watermark that has not been told");
      }
      if (!retract) {
        rows.insert({{r.left, r.right}, {out.time[i], out.position[i]}});
        continue;
      }
      auto [at, end] = rows.equal_range({r.left, r.right});
      while (at != end && !(at->second.time == out.time[i] && at->second.position == out.position[i])) ++at;
      if (at == end) wrong.push_back("retract of what is not there");
      else rows.erase(at);
      if constexpr (Out::has(kOp))
        if (i + 1 < out.count && out.op[i + 1] == Op::insert) {
          // One change of a row: it keeps a side, or that side's successor (ids of one entity are congruent).
          const OutRow& n = out.rows[i + 1];
          if (n.left % 1000 != r.left % 1000 && n.right % 1000 != r.right % 1000) wrong.push_back("an update of another row");
        }
    }
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs() const {
    std::vector<std::pair<std::int64_t, std::int64_t>> v;
    for (const auto& [ids, stamp] : rows) v.push_back(ids);
    return v;
  }
};

template <JoinKind kJoin, bool kMore, bool kLeftUpsert, bool kRightUpsert, bool kAlways>
struct JoinSpec {
  using Pipeline = Result;
  using Left = Block<InRow, kLanes | (kLeftUpsert ? kOp : 0)>;
  using Right = Block<InRow, kLanes | (kRightUpsert ? kOp : 0)>;
  static constexpr bool kFacts = !kLeftUpsert && !kRightUpsert && (kJoin == JoinKind::inner || kJoin == JoinKind::semi);
  using Out = Block<OutRow, kLanes | (kFacts ? 0 : kOp)>;
  using Key = TextKey;
  using LeftRow = SideRow;
  using RightRow = SideRow;
  static constexpr JoinKind kKind = kJoin;
  static constexpr bool kRest = kMore, kRestFails = false, kForever = kAlways;
  template <class In>
  static Keyed key_of(const In& in, int i, Key& key) {
    if (in.rows[i].key < 0) return Keyed::absent;
    static std::string text;
    text = "a key of more than sixteen bytes " + std::to_string(in.rows[i].key);
    static Arena arena;
    key.name = arena.copy(std::string_view(text));
    return Keyed::present;
  }
  static Keyed left_key(Pipeline&, const Left& in, int i, Key& key) { return key_of(in, i, key); }
  static Keyed right_key(Pipeline&, const Right& in, int i, Key& key) { return key_of(in, i, key); }
  static SideRow left_row(const InRow& r) { return {r.id, r.note}; }
  static SideRow right_row(const InRow& r) { return {r.id, r.note}; }
  static bool match(std::int64_t l, std::int64_t r) { return !kMore || (l + r) % 3 != 0; }
  static bool rest(Pipeline&, const SideRow& l, const SideRow& r) { return match(l.id, r.id); }
  static bool left_failed(Pipeline&, const Left&, int) { return false; }
  static bool right_failed(Pipeline&, const Right&, int) { return false; }
  static void pair(const SideRow& l, const SideRow& r, OutRow& o) { o = {l.id, r.id, l.note, r.note}; }
  static void left_only(const SideRow& l, OutRow& o) { o = {l.id, -1, l.note, {}}; }
  static void right_only(const SideRow& r, OutRow& o) { o = {-1, r.id, {}, r.note}; }
  static void out(Pipeline& p, const Out& block) { p.take(block); }
  static void watermark(Pipeline& p, std::int64_t t) { p.told = t; }
};

/// A row as the definition sees it.
struct Present {
  std::int64_t id, key, time, watermark = kStartOfTime;
};

template <class Spec>
bool meet(const Present& l, const Present& r, std::int64_t retain) {
  const auto over = [&](const Present& p, std::int64_t w) { return !Spec::kForever && w > p.time + retain; };
  return l.key >= 0 && l.key == r.key && Spec::match(l.id, r.id) && !over(l, r.watermark) && !over(r, l.watermark);
}

template <class Spec>
std::vector<std::pair<std::int64_t, std::int64_t>> join(const std::vector<Present>& left, const std::vector<Present>& right,
                                                        std::int64_t retain = kEndOfTime) {
  std::vector<std::pair<std::int64_t, std::int64_t>> v;
  constexpr JoinKind kind = Spec::kKind;
  for (const Present& l : left) {
    bool any = false;
    for (const Present& r : right)
      if (meet<Spec>(l, r, retain)) {
        any = true;
        if (kind != JoinKind::semi && kind != JoinKind::anti) v.push_back({l.id, r.id});
      }
    if ((!any && (kind == JoinKind::left || kind == JoinKind::full || kind == JoinKind::anti)) || (any && kind == JoinKind::semi))
      v.push_back({l.id, -1});
  }
  if (kind == JoinKind::full)
    for (const Present& r : right)
      if (std::none_of(left.begin(), left.end(), [&](const Present& l) { return meet<Spec>(l, r, retain); })) v.push_back({-1, r.id});
  std::sort(v.begin(), v.end());
  return v;
}

/// Feeds one side in blocks of random size. Rows of an upsert side belong to entities (id % 1000), each of which is
/// updated (perhaps to another key), deleted and comes again.
template <class BlockType>
class Feeder {
 public:
  Feeder(std::mt19937& random, std::int64_t from) : random_(random), next_(from) {}

  std::vector<Present> rows;
  std::int64_t watermark = kStartOfTime;
  std::int64_t fresh = -1;  // id of the row that comes, -1 for a delete

  template <class Before, class Give>
  void block(std::int64_t now, int keys, Before before, Give give) {
    auto& b = block_;
    b.count = 0;
    const int n = 1 + static_cast<int>(random_() % 9);
    for (int k = 0; k != n && b.count + 2 <= kBlock; ++k) {
      const std::int64_t time = now - static_cast<std::int64_t>(random_() % 20);
      const std::int64_t key = static_cast<std::int64_t>(random_() % static_cast<unsigned>(keys)) - (random_() % 8 == 0 ? 1000 : 0);
      if (BlockType::has(kOp) && !rows.empty() && random_() % 2 == 0) {
        const std::size_t at = random_() % rows.size();
        const Present old = rows[at];
        put(old, Op::retract);
        const bool update = random_() % 2 == 0;
        if (update) {
          const Present fresh{old.id + 1000, random_() % 2 == 0 ? old.key : key, time, watermark};
          put(fresh, Op::insert);
          before(fresh, watermark);
          remove(old);
          rows.push_back(fresh);
        } else {
          before(old, watermark);
          remove(old);
        }
        pass(time);
        if (!update) break;  // a pure insert behind a pure delete would be an update
      } else {
        const Present fresh{next_++, key, time, watermark};
        put(fresh, Op::insert);
        before(fresh, watermark);
        rows.push_back(fresh);
        pass(time);
      }
    }
    give(b);
  }

 private:
  void remove(const Present& p) {
    std::erase_if(rows, [&](const Present& r) { return r.id == p.id; });
  }
  void put(const Present& p, Op op) {
    fresh = op == Op::insert ? p.id : -1;
    texts_.push_back(Result::note(p.id));
    const int i = block_.count++;
    block_.rows[i] = {p.id, p.key, arena_.copy(std::string_view(texts_.back()))};
    block_.time[i] = p.time;
    block_.watermark[i] = watermark;
    block_.position[i] = static_cast<std::uint64_t>(p.id % 7);  // not unique
    if constexpr (BlockType::has(kOp)) block_.op[i] = op;
  }
  void pass(std::int64_t time) { watermark = std::max(watermark, time - 15); }

  std::mt19937& random_;
  std::int64_t next_;
  BlockType block_;
  std::vector<std::string> texts_;
  Arena arena_;
};

template <JoinKind kKind, bool kRest, bool kLeftUpsert, bool kRightUpsert>
void forever(unsigned seed, int keys) {
  using Spec = JoinSpec<kKind, kRest, kLeftUpsert, kRightUpsert, true>;
  using Join = std::conditional_t<Spec::kFacts, AppendJoin<Spec>, RetainedJoin<Spec>>;
  std::mt19937 random(seed);
  Result result;
  Join join_op(result, kEndOfTime);
  Feeder<typename Spec::Left> left(random, 0);
  Feeder<typename Spec::Right> right(random, 500);
  for (int step = 0; step != 60; ++step) {
    const auto nothing = [](const Present&, std::int64_t) {};
    if (random() % 2 == 0) {
      left.block(step * 5, keys, nothing, [&](const auto& b) { join_op.left(b); });
      join_op.left_watermark(left.watermark);
    } else {
      right.block(step * 5, keys, nothing, [&](const auto& b) { join_op.right(b); });
      join_op.right_watermark(right.watermark);
    }
    ASSERT_TRUE(result.wrong.empty()) << result.wrong[0] << " seed " << seed << " step " << step;
    ASSERT_EQ(result.pairs(), join<Spec>(left.rows, right.rows)) << "seed " << seed << " step " << step;
  }
  EXPECT_EQ(result.told, std::min(left.watermark, right.watermark));
}

template <JoinKind kKind, bool kRest>
void all_inputs() {
  for (unsigned seed = 0; seed != 30; ++seed) {
    forever<kKind, kRest, false, false>(seed, 6);
    forever<kKind, kRest, true, false>(seed, 6);
    forever<kKind, kRest, false, true>(seed, 6);
    forever<kKind, kRest, true, true>(seed, 4);
  }
}

TEST(RetainedJoin, Inner) { all_inputs<JoinKind::inner, false>(), all_inputs<JoinKind::inner, true>(); }
TEST(RetainedJoin, Left) { all_inputs<JoinKind::left, false>(), all_inputs<JoinKind::left, true>(); }
TEST(RetainedJoin, Full) { all_inputs<JoinKind::full, false>(), all_inputs<JoinKind::full, true>(); }
TEST(RetainedJoin, Semi) { all_inputs<JoinKind::semi, false>(), all_inputs<JoinKind::semi, true>(); }
TEST(RetainedJoin, Anti) { all_inputs<JoinKind::anti, false>(), all_inputs<JoinKind::anti, true>(); }

/// Bounded: the definition drops rows by the operator's watermark.
template <JoinKind kKind, bool kRest, bool kUpsert>
void bounded(unsigned seed) {
  using Spec = JoinSpec<kKind, kRest, kUpsert, kUpsert, false>;
  using Join = std::conditional_t<Spec::kFacts, AppendJoin<Spec>, RetainedJoin<Spec>>;
  const std::int64_t retain = seed % 4 == 0 ? 10 : 40;  // shorter than rows are late, or longer
  std::mt19937 random(seed);
  Result result;
  Join join_op(result, retain);
  Feeder<typename Spec::Left> left(random, 0);
  Feeder<typename Spec::Right> right(random, 500);
  std::vector<std::pair<std::int64_t, std::int64_t>> facts;
  std::vector<std::int64_t> given;
  const auto expire = [&](std::int64_t w) {
    const auto over = [&](const Present& p) { return w != kStartOfTime && w > p.time + retain; };
    std::erase_if(left.rows, over);
    std::erase_if(right.rows, over);
  };
  const auto give = [&](const Present& l, const Present& r) {
    if (!meet<Spec>(l, r, retain) || (kKind == JoinKind::semi && std::count(given.begin(), given.end(), l.id) != 0)) return;
    given.push_back(l.id);
    facts.push_back({l.id, kKind == JoinKind::semi ? -1 : r.id});
  };
  for (int step = 0; step != 80; ++step) {
    if (random() % 2 == 0) {
      left.block(step * 5, 5,
                 [&](const Present& l, std::int64_t w) {
                   expire(std::min(w, right.watermark));
                   for (const Present& r : right.rows) give(l, r);
                 },
                 [&](const auto& b) { join_op.left(b); });
      join_op.left_watermark(left.watermark);
    } else {
      right.block(step * 5, 5,
                  [&](const Present& r, std::int64_t w) {
                    expire(std::min(w, left.watermark));
                    for (const Present& l : left.rows) give(l, r);
                  },
                  [&](const auto& b) { join_op.right(b); });
      join_op.right_watermark(right.watermark);
    }
    expire(std::min(left.watermark, right.watermark));
    ASSERT_TRUE(result.wrong.empty()) << result.wrong[0] << " seed " << seed << " step " << step;
    if constexpr (Spec::kFacts) {
      std::sort(facts.begin(), facts.end());
      ASSERT_EQ(result.pairs(), facts) << "seed " << seed << " step " << step;
    } else {
      ASSERT_EQ(result.pairs(), join<Spec>(left.rows, right.rows, retain)) << "seed " << seed << " step " << step;
    }
  }
}

TEST(RetainedJoin, RowsGoWhenTheirTimeIsOver) {
  for (unsigned seed = 0; seed != 40; ++seed) {
    bounded<JoinKind::inner, false, false>(seed);
    bounded<JoinKind::inner, true, false>(seed);
    bounded<JoinKind::semi, false, false>(seed);
    bounded<JoinKind::semi, true, false>(seed);
    bounded<JoinKind::left, false, false>(seed);
    bounded<JoinKind::full, true, false>(seed);
    bounded<JoinKind::anti, false, false>(seed);
    bounded<JoinKind::inner, false, true>(seed);
    bounded<JoinKind::left, true, true>(seed);
    bounded<JoinKind::full, false, true>(seed);
    bounded<JoinKind::semi, true, true>(seed);
    bounded<JoinKind::anti, true, true>(seed);
  }
}

/// Two partitions of each side, in any order among those: the facts, their times and what they are judged by are those of the
/// definition over all pairs. Of `semi` that holds where the right side is one sequence. Of a result that is revised it is
/// what stands at the end.
template <JoinKind kKind, bool kAlways>
void any_order(unsigned seed) {
  using Spec = JoinSpec<kKind, true, false, false, kAlways>;
  using Join = std::conditional_t<Spec::kFacts, AppendJoin<Spec>, RetainedJoin<Spec>>;
  constexpr std::int64_t kRetain = kAlways ? kEndOfTime : 40;
  constexpr bool kSemi = kKind == JoinKind::semi;
  std::mt19937 random(seed);
  using Rows = std::vector<Present>;
  const auto partition = [&](std::int64_t from) {
    Rows rows;
    std::int64_t watermark = kStartOfTime;
    for (std::int64_t n = 0; n != 60; ++n) {
      const std::int64_t time = n * 5 - static_cast<std::int64_t>(random() % 4 == 0 ? random() % 60 : 0);
      rows.push_back({from + n, static_cast<std::int64_t>(random() % 6), time, watermark});
      watermark = std::max(watermark, time - 2);
    }
    return rows;
  };
  // Two of the left side, two of the right one.
  const Rows parts[] = {partition(0), partition(100), partition(500), kSemi ? Rows{} : partition(600)};

  std::vector<Judged> facts;
  for (const Rows* lefts : {&parts[0], &parts[1]})
    for (const Present& l : *lefts) {
      bool found = false;
      for (const Rows* rights : {&parts[2], &parts[3]})
        for (const Present& r : *rights) {
          if (!meet<Spec>(l, r, kRetain) || (kSemi && found)) continue;
          found = true;
          facts.push_back({l.id, kSemi ? -1 : r.id, std::max(l.time, r.time), std::max(l.watermark, r.watermark)});
        }
    }
  std::sort(facts.begin(), facts.end());

  for (int order = 0; order != 5; ++order) {
    Result result;
    Join join_op(result, kRetain);
    std::size_t at[4] = {};
    const auto watermark = [&](std::size_t p) { return at[p] == parts[p].size() ? kEndOfTime : parts[p][at[p]].watermark; };
    std::vector<std::string> notes(1000);
    const auto fill = [&](auto& block, std::size_t p) {
      block.count = 0;
      for (std::size_t n = 1 + random() % 9; n != 0 && at[p] != parts[p].size(); --n) {
        const Present& row = parts[p][at[p]++];
        std::string& note = notes[static_cast<std::size_t>(row.id)] = Result::note(row.id);
        const int i = block.count++;
        block.rows[i] = {row.id, row.key, Text(note.data(), note.size())};
        block.time[i] = row.time;
        block.watermark[i] = row.watermark;
        block.position[i] = 0;
      }
      block.others = watermark(p ^ 1);
    };
    const auto side = [&](std::size_t p) { return std::min(watermark(p), watermark(p + 1)); };
    std::int64_t last = kStartOfTime, furthest = kStartOfTime;  // of either side before its end, which decides at the end
    typename Spec::Left left;
    typename Spec::Right right;
    while (std::min({watermark(0), watermark(1), watermark(2), watermark(3)}) != kEndOfTime) {
      std::size_t p = order == 0 ? 0 : order == 1 ? 3 : random() % 4;  // one behind the other, or mixed
      while (watermark(p) == kEndOfTime) p = (p + (order == 1 ? 3 : 1)) % 4;
      const auto seen = [&](const auto& block, std::size_t others) {
        const std::int64_t w = std::min({block.watermark_before(block.count - 1), watermark(others), watermark(others + 1)});
        if (w != kEndOfTime) last = std::max(last, w);
      };
      if (p < 2) fill(left, p), seen(left, 2), join_op.left(left), join_op.left_watermark(side(0));
      else fill(right, p), seen(right, 0), join_op.right(right), join_op.right_watermark(side(2));
      for (const std::size_t n : {std::size_t{0}, std::size_t{2}})
        if (side(n) != kEndOfTime) furthest = std::max(furthest, side(n));
      if (result.told != kEndOfTime) last = std::max(last, result.told);
    }
    if constexpr (Spec::kFacts) {
      std::sort(result.facts.begin(), result.facts.end());
      ASSERT_EQ(result.facts, facts) << "seed " << seed << " order " << order;
    } else {
      last = std::max(last, furthest);
      Rows lefts, rights;
      for (std::size_t part = 0; part != 4; ++part)
        for (const Present& row : parts[part])
          if (kAlways || last == kStartOfTime || last <= row.time + kRetain) (part < 2 ? lefts : rights).push_back(row);
      ASSERT_EQ(result.pairs(), join<Spec>(lefts, rights, kRetain)) << "seed " << seed << " order " << order;
    }
    ASSERT_TRUE(result.wrong.empty()) << result.wrong[0] << " seed " << seed << " order " << order;
  }
}

TEST(RetainedJoin, MatchesHangOnTheirTwoRowsAlone) {
  for (unsigned seed = 0; seed != 20; ++seed) {
    any_order<JoinKind::inner, true>(seed);
    any_order<JoinKind::inner, false>(seed);
    any_order<JoinKind::semi, true>(seed);
    any_order<JoinKind::left, true>(seed);
    any_order<JoinKind::left, false>(seed);
    any_order<JoinKind::full, false>(seed);
    any_order<JoinKind::anti, false>(seed);
  }
}

/// A long stream of ever new keys: what is held is what `retain` says.
template <JoinKind kKind>
void long_stream() {
  using Spec = JoinSpec<kKind, false, false, false, false>;
  using Join = std::conditional_t<Spec::kFacts, AppendJoin<Spec>, RetainedJoin<Spec>>;
  Result result;
  Join join_op(result, 1000);
  typename Spec::Left left;
  typename Spec::Right right;
  std::size_t most = 0;
  const std::string note = Result::note(5);
  for (std::int64_t t = 0; t < 100'000;) {
    for (auto* b : {&left, &right}) {
      b->count = kBlock;
      for (int i = 0; i != kBlock; ++i) {
        b->rows[i] = {5, 2 * (t + i) + (b == &right), Text(note.data(), note.size())};  // no matches
        b->time[i] = t + i;
        b->watermark[i] = t + i - 10;
        b->position[i] = static_cast<std::uint64_t>(t + i);
      }
    }
    t += kBlock;
    join_op.left(left), join_op.left_watermark(t - 10);
    join_op.right(right), join_op.right_watermark(t - 10);
    result.rows.clear();
    result.wrong.clear();
    most = std::max(most, join_op.kept());
  }
  EXPECT_LE(most, 2 * (1000u + 3 * (1u << kRowLogShift)));
  EXPECT_GE(most, 2000u);
}

TEST(RetainedJoin, ALongStreamHoldsWhatRetainSays) {
  long_stream<JoinKind::inner>();
  long_stream<JoinKind::semi>();
  long_stream<JoinKind::left>();
  long_stream<JoinKind::anti>();
}

}  // namespace
}  // namespace gress::test
