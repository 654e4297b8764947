// Rolling aggregate, top and latest over facts and over changelogs, against the same computed from the rows that are
// there: after each change what is out is what a batch gives, each retract takes back a row that is out with the time
// and position it came with, and the changes do not depend on where blocks end.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/core/aggregates/all.h"
#include "runtime/core/rolling_latest.h"
#include "runtime/core/rolling_top.h"
#include "tests/runtime/operators/keys.h"

namespace gress {
namespace {

struct InRow {
  Text group{};
  Text name{};
  std::int64_t v{};
  static constexpr auto members = Members<&InRow::group, &InRow::name, &InRow::v>{};
};
struct OutRow {
  Text group{};
  Text name{};
  std::int64_t v{}, rank{};
  static constexpr auto members = Members<&OutRow::group, &OutRow::name, &OutRow::v, &OutRow::rank>{};
};

/// A row with its lanes, on its own feet.
struct Given {
  Op op = Op::insert;
  std::string group, name;
  std::int64_t v = 0, time = 0, watermark = 0;
  std::uint64_t position = 0;
};
/// A row, or a retract with its insert.
using Change = std::vector<Given>;
struct Seen {
  Op op;
  std::string group, name;
  std::int64_t v, rank, time, watermark;
  std::uint64_t position;
  auto row() const { return std::tuple(group, name, v, rank, time, position); }
  friend bool operator==(const Seen&, const Seen&) = default;
};
using Shown = std::tuple<std::string, std::string, std::int64_t, std::int64_t>;

struct Pipeline {
  std::vector<Seen> out;
};

constexpr unsigned kLanes = kTime | kWatermark | kPosition;
struct Base {
  using Pipeline = gress::Pipeline;
  using Out = Block<OutRow, kLanes | kOp>;
  using Key = test::TextKey;
  static constexpr bool kOld = true;
  static Key key(const InRow& r) { return {r.group}; }
  static void show(Pipeline&, const InRow& r, std::int64_t rank, OutRow& o) { o = {r.group, r.name, r.v, rank}; }
  static void out(Pipeline& p, Out& b) {
    for (int i = 0; i < b.count; ++i) {
      const OutRow& r = b.rows[i];
      p.out.push_back({b.op[i], std::string(r.group.view()), std::string(r.name.view()), r.v, r.rank, b.time[i], b.watermark[i], b.position[i]});
    }
  }
  static void watermark(Pipeline&, std::int64_t) {}
};
template <bool Upserts>
struct Rows : Base {
  using In = Block<InRow, kLanes | (Upserts ? kOp : 0)>;
};

template <bool Upserts, bool Retains>
struct AggregateSpec : Rows<Upserts> {
  using In = typename Rows<Upserts>::In;
  using Max = std::conditional_t<Upserts, agg::retracting::Max<std::int64_t>, agg::Max<std::int64_t>>;
  using Last = std::conditional_t<Upserts, agg::retracting::Last<Text>, agg::Last<Text>>;
  static constexpr bool kRetain = Retains;
  struct State {
    agg::Count count;
    Max max;
    Last last;
    void clear() { count.clear(), max.clear(), last.clear(); }
  };
  /// Rows of -7 fail.
  static bool sound(Pipeline&, const In& in, int i) { return in.rows[i].v != -7; }
  static Place place(const In& in, int i) { return {in.time[i], in.position[i]}; }
  static bool add(Pipeline&, State& s, const In& in, int i) {
    Eval ev;
    s.count.add(ev);
    s.max.add(ev, in.rows[i].v);
    s.last.add(ev, in.rows[i].name, place(in, i));
    return true;
  }
  static void remove(Pipeline&, State& s, const In& in, int i) {
    if constexpr (Upserts) {
      Eval ev;
      s.count.remove(ev);
      s.max.remove(ev, in.rows[i].v);
      s.last.remove(ev, in.rows[i].name, place(in, i));
    }
  }
  static bool result(Pipeline&, Eval& ev, const test::TextKey& key, const State& s, OutRow& o) {
    o = {key.name, s.last.result(ev), s.max.result(ev), s.count.result(ev)};
    return true;
  }
};

struct NoOrder {
  static constexpr auto members = Members<>{};
  static int compare(const NoOrder&, const NoOrder&) { return 0; }
};
/// By v, descending.
struct ByV {
  std::int64_t v{};
  static constexpr auto members = Members<&ByV::v>{};
  static int compare(const ByV& a, const ByV& b) { return a.v > b.v ? -1 : a.v < b.v ? 1 : 0; }
};
template <bool Upserts, bool Retains, bool Ties, bool Rank, bool Latest>
struct TopSpec : Rows<Upserts> {
  using Order = std::conditional_t<Latest, NoOrder, ByV>;
  static constexpr bool kRetain = Retains, kTies = Ties, kRank = Rank, kLatest = Latest;
  static bool order(Pipeline&, const typename Rows<Upserts>::In& in, int i, Order& o) {
    if constexpr (!Latest) o.v = in.rows[i].v;
    return true;
  }
};
template <bool Retains>
struct LatestSpec : Rows<false> {
  static constexpr bool kRetain = Retains;
};
/// The same by a key of two parts.
struct GroupKey {
  Text name{};
  std::int64_t size{};
  static constexpr auto members = Members<&GroupKey::name, &GroupKey::size>{};
  friend bool operator==(const GroupKey&, const GroupKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::combine(fn::key_hash(name), fn::key_hash(size)); }
};
template <bool Retains>
struct LatestByPartsSpec : LatestSpec<Retains> {
  using Key = GroupKey;
  static Key key(const InRow& r) { return {r.group, static_cast<std::int64_t>(r.group.size())}; }
};

// ---------------------------------------------------------------- input

const char* const kGroups[] = {"a", "b", "a group that is not held inline"};

Given random_row(std::mt19937& random, std::int64_t& clock, std::uint64_t& position) {
  clock += static_cast<std::int64_t>(random() % 3);
  Given g;
  g.group = kGroups[random() % 3];
  g.name = random() % 2 == 0 ? "n" + std::to_string(position) : "a name that is not held inline " + std::to_string(position % 7);
  g.v = static_cast<std::int64_t>(random() % 6) - (random() % 40 == 0 ? 12 : 0);
  g.time = clock - static_cast<std::int64_t>(random() % 6);
  g.watermark = clock - 4;
  g.position = position++;
  return g;
}

std::vector<Change> facts(std::mt19937& random, int count) {
  std::vector<Change> out;
  std::int64_t clock = 100;
  std::uint64_t position = 0;
  for (int i = 0; i != count; ++i) {
    if (random() % 12 == 0) clock += 20;
    out.push_back({random_row(random, clock, position)});
  }
  return out;
}

/// Rows that come, are replaced (in their group or another) and go.
std::vector<Change> changelog(std::mt19937& random, int count) {
  std::vector<Change> out;
  std::vector<Given> live;
  std::int64_t clock = 100;
  std::uint64_t position = 0;
  for (int i = 0; i != count; ++i) {
    const auto kind = random() % 5;
    Given fresh = random_row(random, clock, position);
    if (kind < 2 || live.empty()) {
      live.push_back(fresh);
      out.push_back({fresh});
      continue;
    }
    const std::size_t at = random() % live.size();
    Given old = live[at];
    old.op = Op::retract;
    old.watermark = fresh.watermark;
    live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
    if (kind == 2) {
      out.push_back({old});
      continue;
    }
    live.push_back(fresh);
    out.push_back({old, fresh});
  }
  return out;
}

/// Feeds changes in blocks of at most `most` rows; no update is parted, and a delete ends its block.
template <class Operator, class Step>
void feed(Operator& op, const std::vector<Change>& changes, std::size_t most, Step step) {
  using In = typename Operator::In;
  auto in = std::make_unique<In>();
  std::size_t from = 0;
  while (from != changes.size()) {
    in->count = 0;
    std::size_t to = from;
    std::vector<std::string> room;
    room.reserve(2 * changes.size());
    for (; to != changes.size(); ++to) {
      if (in->count != 0 && static_cast<std::size_t>(in->count) + changes[to].size() > most) break;
      if (in->count != 0 && changes[to].front().op == Op::insert && changes[to - 1].back().op == Op::retract) break;
      for (const Given& g : changes[to]) {
        const int i = in->count++;
        room.push_back(g.name);
        const Text name(room.back());
        room.push_back(g.group);
        in->rows[i] = {Text(room.back()), name, g.v};
        in->time[i] = g.time;
        in->watermark[i] = g.watermark;
        in->position[i] = g.position;
        if constexpr (In::has(kOp)) in->op[i] = g.op;
      }
    }
    op.process(*in);
    for (std::string& text : room) text.assign(text.size(), '#');
    from = to;
    if (!step(from)) return;
  }
}

// ---------------------------------------------------------------- what a batch gives

bool earlier(const Given& a, const Given& b) { return a.time != b.time ? a.time < b.time : a.position < b.position; }

std::vector<Shown> aggregate_of(const std::vector<Given>& rows) {
  std::vector<Given> sound;
  for (const Given& g : rows)
    if (g.v != -7) sound.push_back(g);
  if (sound.empty()) return {};
  std::int64_t max = sound[0].v;
  const Given* last = &sound[0];
  for (const Given& g : sound) {
    max = std::max(max, g.v);
    if (!earlier(g, *last)) last = &g;
  }
  return {{rows[0].group, last->name, max, static_cast<std::int64_t>(sound.size())}};
}
std::vector<Shown> latest_of(const std::vector<Given>& rows) {
  const Given* last = &rows[0];
  for (const Given& g : rows)
    if (!earlier(g, *last)) last = &g;
  return {{last->group, last->name, last->v, 0}};
}
template <bool Ties, bool Rank, std::size_t N>
std::vector<Shown> top_of(std::vector<Given> rows) {
  std::sort(rows.begin(), rows.end(), [](const Given& a, const Given& b) { return a.v != b.v ? a.v > b.v : earlier(a, b); });
  std::vector<Shown> out;
  for (std::size_t k = 0; k != rows.size(); ++k) {
    if (k >= N && !(Ties && rows[k].v == rows[N - 1].v)) break;
    std::size_t rank = k;
    while (Ties && rank > 0 && rows[rank - 1].v == rows[k].v) --rank;
    out.push_back({rows[k].group, rows[k].name, rows[k].v, Rank ? static_cast<std::int64_t>(rank) + 1 : 0});
  }
  return out;
}

constexpr std::int64_t kKept = 15;  // of `retain`

/// The rows of each key that are there after each change; with `retain` keys that ran out before it have none.
struct Model {
  std::map<std::string, std::vector<Given>> rows;
  std::map<std::string, std::int64_t> last;
  bool retains;

  void take(const Change& change) {
    if (retains) {
      for (auto at = last.begin(); at != last.end();) {
        if (change.front().watermark <= at->second + kKept) {
          ++at;
          continue;
        }
        rows.erase(at->first);
        at = last.erase(at);
      }
    }
    for (const Given& g : change) {
      std::vector<Given>& group = rows[g.group];
      if (g.op == Op::insert) {
        group.push_back(g);
      } else {
        const auto found = std::find_if(group.begin(), group.end(), [&](const Given& o) { return o.position == g.position; });
        if (found != group.end()) group.erase(found);
      }
      if (group.empty()) rows.erase(g.group);
      // Rows that fail do not keep a key.
      auto [at, fresh] = last.try_emplace(g.group, g.time);
      if (!fresh) at->second = std::max(at->second, g.time);
    }
  }
};

template <class Make, class Batch>
void check(bool upserts, bool retains, Make make, Batch batch) {
  std::mt19937 random(static_cast<unsigned>(upserts) * 2 + static_cast<unsigned>(retains));
  for (int round = 0; round != 60; ++round) {
    const int count = round < 58 ? 40 : 400;
    const std::vector<Change> changes = upserts ? changelog(random, count) : facts(random, count);
    Pipeline one;
    auto op = make(one);
    Model model{{}, {}, retains};
    std::map<decltype(Seen{}.row()), int> out;  // rows that are out
    std::size_t seen = 0;
    feed(*op, changes, 1, [&](std::size_t done) {
      model.take(changes[done - 1]);
      for (; seen != one.out.size(); ++seen) {
        const Seen& s = one.out[seen];
        if (s.op == Op::insert) {
          ++out[s.row()];
        } else {
          const auto at = out.find(s.row());
          EXPECT_TRUE(at != out.end()) << "a retract of a row that is not out, round " << round << " change " << done;
          if (at != out.end() && --at->second == 0) out.erase(at);
        }
      }
      std::vector<Shown> got, want;
      for (const auto& [row, n] : out)
        for (int k = 0; k != n; ++k) got.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row)});
      for (const auto& [group, rows] : model.rows)
        for (const Shown& s : batch(rows)) want.push_back(s);
      std::sort(got.begin(), got.end());
      std::sort(want.begin(), want.end());
      EXPECT_EQ(got, want) << "round " << round << " change " << done;
      return !::testing::Test::HasFailure();
    });
    if (::testing::Test::HasFailure()) return;
    for (const std::size_t most : {2u, 7u, 128u}) {
      Pipeline other;
      auto again = make(other);
      feed(*again, changes, most, [](std::size_t) { return true; });
      ASSERT_TRUE(one.out == other.out) << "blocks of " << most << ", round " << round;
    }
  }
}

template <class Spec>
auto aggregate() {
  return [](Pipeline& p) { return std::make_unique<RollingAggregate<Spec>>(p, Spec::kRetain ? kKept : kEndOfTime); };
}
template <class Spec>
auto top(std::int64_t n) {
  return [n](Pipeline& p) { return std::make_unique<RollingTop<Spec>>(p, n, Spec::kRetain ? kKept : kEndOfTime); };
}
template <class Spec>
auto latest() {
  return [](Pipeline& p) { return std::make_unique<RollingLatest<Spec>>(p, Spec::kRetain ? kKept : kEndOfTime); };
}

TEST(Rolling, AggregateOfFacts) {
  check(false, false, aggregate<AggregateSpec<false, false>>(), aggregate_of);
}
TEST(Rolling, AggregateThatForgets) {
  check(false, true, aggregate<AggregateSpec<false, true>>(), aggregate_of);
}
TEST(Rolling, AggregateOfChanges) {
  check(true, false, aggregate<AggregateSpec<true, false>>(), aggregate_of);
}
TEST(Rolling, LatestOfFacts) {
  check(false, false, latest<LatestSpec<false>>(), latest_of);
  check(false, true, latest<LatestSpec<true>>(), latest_of);
  check(false, false, latest<LatestByPartsSpec<false>>(), latest_of);
  check(false, true, latest<LatestByPartsSpec<true>>(), latest_of);
}
TEST(Rolling, LatestOfChanges) {
  check(true, false, top<TopSpec<true, false, false, false, true>>(1), latest_of);
}
TEST(Rolling, TopOfFacts) {
  check(false, false, top<TopSpec<false, false, false, false, false>>(3), top_of<false, false, 3>);
  check(false, false, top<TopSpec<false, false, false, true, false>>(3), top_of<false, true, 3>);
  check(false, false, top<TopSpec<false, false, true, false, false>>(3), top_of<true, false, 3>);
  check(false, false, top<TopSpec<false, false, true, true, false>>(3), top_of<true, true, 3>);
  check(false, true, top<TopSpec<false, true, false, true, false>>(3), top_of<false, true, 3>);
  check(false, true, top<TopSpec<false, true, true, true, false>>(1), top_of<true, true, 1>);
}
TEST(Rolling, TopOfChanges) {
  check(true, false, top<TopSpec<true, false, false, false, false>>(3), top_of<false, false, 3>);
  check(true, false, top<TopSpec<true, false, false, true, false>>(3), top_of<false, true, 3>);
  check(true, false, top<TopSpec<true, false, true, false, false>>(3), top_of<true, false, 3>);
  check(true, false, top<TopSpec<true, false, true, true, false>>(3), top_of<true, true, 3>);
  check(true, false, top<TopSpec<true, false, true, true, false>>(1), top_of<true, true, 1>);
}

}  // namespace
}  // namespace gress
