// `extend` with frames against its definition, on rows in disorder of several partitions.
#include "runtime/core/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "runtime/core/aggregates/all.h"
#include "tests/runtime/operators/keys.h"

namespace gress {
namespace {

struct Row {
  std::int64_t key{};
  std::int64_t x{};
  Text name{};
};
struct Result {
  std::int64_t x{};
  std::int64_t count{}, sum{}, least{}, distinct{}, all{}, some{}, refused{};
  Opt<double> mean{};
  Opt<Text> before{};
};
using In = Block<Row, kTime | kWatermark | kPosition>;
using OutBlock = Block<Result, kTime | kPosition>;

struct Read {
  std::int64_t x{};
  Text name{};
  bool odd{};
  static constexpr auto members = Members<&Read::x, &Read::name, &Read::odd>{};
};
using Arrival = Arrived<Read>;

template <class A, Over kind, bool before>
struct CallOf {
  using Accumulator = A;
  static constexpr Over kOver = kind;
  static constexpr bool kBefore = before, kCheapMerge = true;
};
struct CountSpan : CallOf<agg::Count, Over::span, false> {
  static void add(Eval& ev, agg::Count& a, const Arrival&) { a.add(ev); }
  static void remove(Eval& ev, agg::Count& a, const Arrival&) { a.remove(ev); }
};
struct SumRows : CallOf<agg::Sum<std::int64_t>, Over::rows, false> {
  static void add(Eval& ev, Accumulator& a, const Arrival& r) { a.add(ev, r.read.x); }
  static void remove(Eval& ev, Accumulator& a, const Arrival& r) { a.remove(ev, r.read.x); }
};
struct LeastSpan : CallOf<agg::Min<std::int64_t>, Over::span, false> {
  static void add(Eval& ev, Accumulator& a, const Arrival& r) { a.add(ev, r.read.x); }
};
struct DistinctSpan : CallOf<agg::CountDistinct<std::int64_t>, Over::span, true> {
  static constexpr bool kCheapMerge = false;
  static void add(Eval& ev, Accumulator& a, const Arrival& r) { a.add(ev, r.read.x); }
};
struct CountAll : CallOf<agg::Count, Over::all, false> {
  static void add(Eval& ev, agg::Count& a, const Arrival&) { a.add(ev); }
  static void remove(Eval& ev, agg::Count& a, const Arrival&) { a.remove(ev); }
};
struct LeastAll : CallOf<agg::Min<std::int64_t>, Over::all, false> {
  static void add(Eval& ev, Accumulator& a, const Arrival& r) { a.add(ev, r.read.x); }
};
struct OddRows : CallOf<agg::Count, Over::rows, true> {
  static void add(Eval& ev, agg::Count& a, const Arrival& r) {
    if (r.read.odd) a.add(ev);
  }
  static void remove(Eval& ev, agg::Count& a, const Arrival& r) {
    if (r.read.odd) a.remove(ev);
  }
};
struct MeanSpan : CallOf<agg::Avg<double, true>, Over::span, true> {
  static void add(Eval& ev, Accumulator& a, const Arrival& r) { a.add(ev, static_cast<double>(r.read.x)); }
};
struct LastRow : CallOf<agg::Last<Text, true>, Over::rows, true> {
  static void add(Eval& ev, Accumulator& a, const Arrival& r) { a.add(ev, r.read.name, r.place); }
};

struct Pipeline {
  Eval ev;
  std::deque<std::string> texts;
  std::vector<std::pair<std::uint64_t, Result>> got;
  std::vector<std::uint64_t> failed;
};

/// Rows with x of kBadRead fail when read, of kBadResult when shown.
constexpr std::int64_t kBadRead = 1000, kBadResult = 1001;

struct Spec {
  using Pipeline = gress::Pipeline;
  using In = gress::In;
  using Out = OutBlock;
  using Key = test::NumberKey;
  using Read = gress::Read;
  using Calls = std::tuple<CountSpan, SumRows, LeastSpan, DistinctSpan, CountAll, LeastAll, OddRows, MeanSpan, LastRow>;
  static constexpr bool kMayFail = true;
  static Key key(const Row& r) { return {r.key}; }
  static void read(Pipeline& p, const In& in, int i, Read& to) {
    if (in.rows[i].x == kBadRead) p.ev.fail("read");
    to = {in.rows[i].x, in.rows[i].name, in.rows[i].x % 2 != 0};
  }
  template <class Values>
  static void outputs(Pipeline& p, const In& in, int i, const Values& v, Result& o) {
    Eval& ev = p.ev;
    if (in.rows[i].x == kBadResult) p.ev.fail("result");
    o = {in.rows[i].x, std::get<0>(v)->result(ev), std::get<1>(v)->result(ev), std::get<2>(v)->result(ev),
         std::get<3>(v)->result(ev), std::get<4>(v)->result(ev), std::get<5>(v)->result(ev), std::get<6>(v)->result(ev),
         std::get<7>(v)->result(ev), {}};
    const Opt<Text> last = std::get<8>(v)->result(ev);
    if (last.has) {
      p.texts.emplace_back(last.value.view());
      o.before = Opt<Text>(Text(p.texts.back().data(), p.texts.back().size()));
    }
  }
  static void failed(Pipeline& p, const In& in, int i) {
    p.ev.clear();
    p.failed.push_back(in.position[i]);
  }
  static void out(Pipeline& p, Out& block) {
    for (int i = 0; i < block.count; ++i) p.got.emplace_back(block.position[i], block.rows[i]);
  }
  static void watermark(Pipeline&, std::int64_t) {}
};

struct Given {
  std::int64_t key, x, time, own, all;  // own: its partition's watermark before it; all: the lowest of all
  std::uint64_t position;
  std::string name;
};

/// Rows of `partitions`, each with its own disorder and delay.
std::vector<Given> random_rows(std::mt19937& random, int count, int partitions, std::int64_t disorder, std::int64_t delay, bool bad) {
  std::vector<Given> rows;
  std::vector<std::int64_t> at(static_cast<std::size_t>(partitions)), mark(static_cast<std::size_t>(partitions), kStartOfTime);
  for (int i = 0; i != count; ++i) {
    const std::size_t p = random() % static_cast<std::size_t>(partitions);
    at[p] += static_cast<std::int64_t>(random() % 4);
    const std::int64_t t = at[p] - static_cast<std::int64_t>(disorder == 0 ? 0 : random() % static_cast<unsigned>(disorder + 1));
    std::int64_t x = static_cast<std::int64_t>(random() % 9);
    if (bad && random() % 11 == 0) x = random() % 2 ? kBadRead : kBadResult;
    rows.push_back({static_cast<std::int64_t>(random() % 3), x, t, mark[p], *std::min_element(mark.begin(), mark.end()),
                    static_cast<std::uint64_t>(p) << 48 | static_cast<std::uint64_t>(i),
                    "a name that is too long to be held inline " + std::to_string(i)});
    if (x != kBadRead) mark[p] = std::max(mark[p], t - delay);
  }
  return rows;
}

struct Sizes {
  std::int64_t count, sum, least, distinct, odd, mean;
};

Result by_definition(const std::vector<Given>& came, const Given& now, const Sizes& n) {
  std::vector<const Given*> mine;  // of its key, in the order of arrival
  for (const Given& g : came)
    if (g.key == now.key) mine.push_back(&g);
  const auto span = [&](std::int64_t d, bool before) {
    std::vector<const Given*> in;
    for (const Given* g : mine)
      if (g->time <= now.time && g->time >= std::max(now.time, now.own) - d) in.push_back(g);
    if (!before) in.push_back(&now);
    return in;
  };
  const auto last = [&](std::int64_t k, bool before) {
    std::vector<const Given*> in = mine;
    if (!before) in.push_back(&now);
    if (static_cast<std::int64_t>(in.size()) > k) in.erase(in.begin(), in.end() - k);
    return in;
  };
  Result r;
  r.x = now.x;
  r.count = static_cast<std::int64_t>(span(n.count, false).size());
  for (const Given* g : last(n.sum, false)) r.sum += g->x;
  r.least = INT64_MAX;
  for (const Given* g : span(n.least, false)) r.least = std::min(r.least, g->x);
  std::map<std::int64_t, int> seen;
  for (const Given* g : span(n.distinct, true)) ++seen[g->x];
  r.distinct = static_cast<std::int64_t>(seen.size());
  r.all = static_cast<std::int64_t>(mine.size()) + 1;
  r.some = now.x;
  for (const Given* g : mine) r.some = std::min(r.some, g->x);
  for (const Given* g : last(n.odd, true)) r.refused += g->x % 2 != 0;
  double sum = 0;
  const auto means = span(n.mean, true);
  for (const Given* g : means) sum += static_cast<double>(g->x);
  if (!means.empty()) r.mean = Opt<double>(sum / static_cast<double>(means.size()));
  return r;
}

void check(unsigned seed, int partitions, std::int64_t disorder, std::int64_t delay, bool bad, std::int64_t retain) {
  std::mt19937 random(seed);
  const auto size = [&](unsigned most) { return 1 + static_cast<std::int64_t>(random() % most); };
  const Sizes n{size(30), size(5), size(20), size(12), size(6), size(40)};
  const std::vector<Given> rows = random_rows(random, 600, partitions, disorder, delay, bad);
  Pipeline p;
  Features<Spec> features(p, retain, {n.count, n.sum, n.least, n.distinct, 0, 0, n.odd, n.mean, 1});
  std::vector<Given> came;
  std::map<std::int64_t, std::int64_t> last;
  std::size_t expected = 0, failed = 0;
  In in;
  for (std::size_t i = 0; i != rows.size(); ++i) {
    const Given& g = rows[i];
    in.count = 1;
    in.others = g.all < g.own ? g.all : kEndOfTime;
    in.rows[0] = {g.key, g.x, Text(g.name.data(), g.name.size())};
    in.time[0] = g.time;
    in.watermark[0] = g.own;
    in.position[0] = g.position;
    if (random() % 3 == 0) features.watermark(g.all);
    features.process(in);
    if (g.x == kBadRead) {
      ++failed;
      ASSERT_EQ(p.failed.size(), failed);
      continue;
    }
    // The key is forgotten by the operator's watermark, or the row's own.
    for (auto& [key, t] : last)
      if (retain != kEndOfTime && (g.all > add_saturated(t, retain) || (key == g.key && g.own > add_saturated(t, retain)))) {
        std::erase_if(came, [k = key](const Given& c) { return c.key == k; });
        t = kEndOfTime;
      }
    std::erase_if(last, [](const auto& l) { return l.second == kEndOfTime; });
    if (g.x == kBadResult) {
      ++failed;
      ASSERT_EQ(p.failed.size(), failed);
      continue;
    }
    ASSERT_EQ(p.got.size(), ++expected);
    const Result& got = p.got.back().second;
    const Result want = by_definition(came, g, n);
    ASSERT_EQ(p.got.back().first, g.position);
    ASSERT_EQ(got.count, want.count) << "row " << i;
    ASSERT_EQ(got.sum, want.sum) << "row " << i;
    ASSERT_EQ(got.least, want.least) << "row " << i;
    ASSERT_EQ(got.distinct, want.distinct) << "row " << i;
    ASSERT_EQ(got.all, want.all) << "row " << i;
    ASSERT_EQ(got.some, want.some) << "row " << i;
    ASSERT_EQ(got.refused, want.refused) << "row " << i;
    ASSERT_EQ(got.mean.has, want.mean.has) << "row " << i;
    ASSERT_NEAR(got.mean.value, want.mean.value, 1e-9) << "row " << i;
    const auto previous = std::find_if(came.rbegin(), came.rend(), [&](const Given& c) { return c.key == g.key; });
    ASSERT_EQ(got.before.has, previous != came.rend());
    if (got.before.has) ASSERT_EQ(got.before.value.view(), previous->name);
    came.push_back(g);
    const auto [at, fresh] = last.try_emplace(g.key, g.time);
    if (!fresh) at->second = std::max(at->second, g.time);
  }
}

TEST(Features, InOrder) {
  for (unsigned seed = 0; seed != 30; ++seed) check(seed, 1, 0, 0, false, kEndOfTime);
}
TEST(Features, Disorder) {
  for (unsigned seed = 0; seed != 60; ++seed) check(seed, 1, 1 + seed % 25, seed % 13, false, kEndOfTime);
}
TEST(Features, Partitions) {
  for (unsigned seed = 0; seed != 60; ++seed) check(seed, 3, seed % 25, seed % 13, false, kEndOfTime);
}
TEST(Features, RowsThatFailCountInNothing) {
  for (unsigned seed = 0; seed != 60; ++seed) check(seed, 2, seed % 25, seed % 13, true, kEndOfTime);
}
TEST(Features, Retain) {
  for (unsigned seed = 0; seed != 60; ++seed) check(seed, 2, seed % 9, seed % 5, true, 3 + seed % 9);
}

// ---- only frames of a time: rows and keys go without `retain`

struct SpanOnly {
  using Pipeline = gress::Pipeline;
  using In = gress::In;
  using Out = OutBlock;
  using Key = test::NumberKey;
  using Read = gress::Read;
  using Calls = std::tuple<CountSpan>;
  static constexpr bool kMayFail = false;
  static Key key(const Row& r) { return {r.key}; }
  static void read(Pipeline&, const In& in, int i, Read& to) { to.x = in.rows[i].x; }
  template <class Values>
  static void outputs(Pipeline& p, const In&, int, const Values& v, Result& o) {
    o.count = std::get<0>(v)->result(p.ev);
  }
  static void failed(Pipeline&, const In&, int) {}
  static void out(Pipeline&, Out&) {}
  static void watermark(Pipeline&, std::int64_t) {}
};

TEST(Features, FramesOfATimeBoundTheirState) {
  Pipeline p;
  Features<SpanOnly> features(p, kEndOfTime, {100});
  In in;
  for (std::int64_t t = 0; t != 100'000; ++t) {
    in.count = 1;
    in.rows[0] = {t / 1000, 1, Text()};
    in.time[0] = t;
    in.watermark[0] = t - 1;
    in.position[0] = static_cast<std::uint64_t>(t);
    features.process(in);
    features.watermark(t);
    ASSERT_LE(features.keys(), 2u);
    ASSERT_LE(features.rows(), 205u);
  }
}

}  // namespace
}  // namespace gress
