// State as entries: what a table says over several checkpoints makes the table again, aggregates of all kinds included.
#include "runtime/core/state_changes.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "runtime/core/aggregates/all.h"
#include "runtime/core/number_table.h"

namespace gress::state_changes_test {

struct Key {
  Text name{};
  std::int64_t number = 0;
  static constexpr auto members = Members<&Key::name, &Key::number>{};
  friend bool operator==(const Key&, const Key&) = default;
  static constexpr std::uint32_t kDense = 0;
  static constexpr bool kDurable = true;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::combine(fn::key_hash(name), fn::key_hash(number)); }
};
struct NumberKey {
  std::int64_t number = 0;
  static constexpr auto members = Members<&NumberKey::number>{};
  friend bool operator==(const NumberKey&, const NumberKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  static constexpr bool kDurable = true;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::key_hash(number); }
};

struct State {
  agg::Count rows;
  agg::Avg<std::int64_t> mean;
  agg::Max<std::int64_t> most;
  agg::MaxBy<Text, std::int64_t> last;
  agg::CountDistinct<Text> texts;
  agg::CountDistinct<std::int64_t> numbers;
  agg::ApproxCountDistinct<Text> about;
  agg::ApproxQuantile<double> sketch;
  agg::Quantile<double> exact;
  agg::Collect<Text> all;
  agg::Sum<Decimal> sum;
  agg::Variance spread;
  agg::retracting::Min<Text> least;
  agg::retracting::CountDistinct<Text> retractable;
  template <class Io>
  void archive(Io& io) {
    io(rows, mean, most, last, texts, numbers, about, sketch, exact, all, sum, spread, least, retractable);
  }
  void clear() { *this = State{}; }

  void add(std::int64_t i) {
    Eval ev;
    const std::string text = "a text of more than fifteen letters, number " + std::to_string(i);
    const Text x{std::string_view(text)};
    rows.add(ev);
    mean.add(ev, i);
    most.add(ev, i);
    last.add(ev, x, i, static_cast<std::uint64_t>(i));
    texts.add(ev, x);
    numbers.add(ev, i);
    about.add(ev, x);
    sketch.add(ev, static_cast<double>(i) * 1.5);
    exact.add(ev, static_cast<double>(i) * 2);
    all.add(ev, x);
    sum.add(ev, decimal_literal(i, 2));
    spread.add(ev, static_cast<double>(i));
    least.add(ev, x);
    retractable.add(ev, x);
  }
  /// All results as one text.
  std::string results() const {
    Eval ev;
    std::string out = std::to_string(rows.result(ev)) + ' ' + std::to_string(mean.result(ev)) + ' ' + std::to_string(most.result(ev)) + ' ' +
                      std::string(last.result(ev).view()) + ' ' + std::to_string(texts.result(ev)) + ' ' + std::to_string(numbers.result(ev)) + ' ' +
                      std::to_string(about.result(ev)) + ' ' + std::to_string(sketch.result(ev, 0.3)) + ' ' + std::to_string(exact.result(ev, 0.7)) + ' ' +
                      std::to_string(sum.result(ev).lo) + ' ' + std::to_string(spread.result(ev).value) + ' ' + std::string(least.result(ev).view()) + ' ' +
                      std::to_string(retractable.result(ev));
    for (const Text& x : all.result(ev)) out.append(" ").append(x.view());
    return out;
  }
};

/// Applies changes as a store does.
class Stored final : public StateEntries {
 public:
  void apply(const StateChanges& changes) {
    changes.each([&](StateChanges::Kind kind, std::string_view key, std::string_view value) {
      if (kind == StateChanges::Kind::put) {
        entries_[std::string(key)] = value;
      } else if (kind == StateChanges::Kind::erase) {
        entries_.erase(std::string(key));
      } else {
        for (auto at = entries_.lower_bound(std::string(key)); at != entries_.end() && at->first.starts_with(key);) at = entries_.erase(at);
      }
    });
  }
  bool next(std::string_view& key, std::string_view& value) override {
    if (begun_ && at_ != entries_.end()) ++at_;
    if (!begun_) at_ = entries_.begin();
    begun_ = true;
    if (at_ == entries_.end()) return false;
    key = at_->first;
    value = at_->second;
    return true;
  }
  std::size_t size() const { return entries_.size(); }
  /// Each n-th one.
  std::vector<Stored> divide(std::size_t n) const {
    std::vector<Stored> parts(n);
    std::size_t i = 0;
    for (const auto& e : entries_) parts[i++ % n].entries_.insert(e);
    return parts;
  }
  /// An entry without its owner.
  void put(std::string_view key, std::string_view value) {
    StateOut out;
    out(StateOwner());
    out.raw(value.data(), value.size());
    entries_[std::string(key)] = out.view();
  }

 private:
  std::map<std::string, std::string> entries_;
  std::map<std::string, std::string>::const_iterator at_;
  bool begun_ = false;
};

template <class Table>
void load(Table& table, Stored& stored) {
  stored.each([&](StateOwner, StateIn& key, StateIn& value) {
    EXPECT_EQ(key.get<StatePart>(), StatePart::entries);
    table.load(key, value);
  });
  table.loaded();
}

/// Rows with the numbers from `begin` on, and what the table says then.
void count_rows(NumberTable<NumberKey, agg::Count>& table, std::int64_t begin, std::int64_t n, Stored& stored) {
  Eval ev;
  for (std::int64_t i = begin; i != begin + n; ++i) table[table.find_or_add({i})].value.add(ev);
  StateChanges changes;
  table.save(changes, std::tuple{StatePart::entries});
  stored.apply(changes);
}

/// Of two tables that were one, some entries have one number; some numbers are above what there is room for.
TEST(StateChanges, SeveralThreadsMakeATableAgain) {
  constexpr int kKeys = 20'000, kThreads = 3;
  Stored stored;
  const auto key = [](int i) { return "the key number " + std::to_string(i); };
  for (const int which : {0, 1}) {
    KeyTable<Key, agg::Max<Text>> table;
    Eval ev;
    for (int i = which; i < kKeys; i += which == 0 ? 1 : 7) {
      const std::string name = key(i), text = "a text that is not short, " + std::to_string(i);
      table[table.find_or_add({Text(std::string_view(name)), which})].value.add(ev, Text(std::string_view(text)));
    }
    for (int i = 0; i < kKeys; i += 11)
      if (const std::uint32_t n = table.find({Text(std::string_view(key(i))), which}); n != table.kNone) table.erase(n);
    StateChanges changes;
    table.save(changes, std::tuple{StatePart::entries});
    stored.apply(changes);
  }
  for (const std::size_t room : {std::size_t{0}, std::size_t{kKeys / 2}, std::size_t{2 * kKeys}}) {
    KeyTable<Key, agg::Max<Text>> table;
    std::vector<Stored> parts = stored.divide(kThreads), left(kThreads);
    table.begin_apart(room);
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t != kThreads; ++t)
        threads.emplace_back([&, t] {
          parts[t].each([&](StateOwner, StateIn& k, StateIn& v) {
            const std::string_view all = k.rest(), value = v.rest();
            k.get<StatePart>();
            if (!table.load_apart(k, v)) left[t].put(all, value);
          });
        });
    }
    table.end_apart();
    for (Stored& some : left) {
      EXPECT_NE(some.size(), 0U);
      load(table, some);
    }
    table.loaded();
    EXPECT_EQ(table.size(), stored.size());
    Eval ev;
    for (const int which : {0, 1})
      for (int i = which; i < kKeys; i += which == 0 ? 1 : 7) {
        const std::uint32_t n = table.find({Text(std::string_view(key(i))), which});
        ASSERT_EQ(n == table.kNone, i % 11 == 0) << i;
        if (n != table.kNone) EXPECT_EQ(table[n].value.result(ev).view(), "a text that is not short, " + std::to_string(i));
      }
    StateChanges changes;
    table.save(changes, std::tuple{StatePart::entries});
    EXPECT_TRUE(changes.empty());
    if (const std::uint32_t n = table.find({Text(std::string_view(key(1))), 0}); n != table.kNone) table.erase(n);
    table.save(changes, std::tuple{StatePart::entries});
    EXPECT_FALSE(changes.empty());
  }
}

TEST(StateChanges, WhatATableSaysMakesItAgain) {
  KeyTable<Key, State> table;
  Stored stored;
  for (int round = 0; round != 4; ++round) {
    for (int i = round * 900; i != (round + 1) * 1000; ++i) {
      const std::string name = "the key number " + std::to_string(i % 37);
      table[table.find_or_add({Text(std::string_view(name)), i % 3})].value.add(i);
    }
    for (int i = 0; i != 20; ++i) {
      const std::string name = "the key number " + std::to_string(i);
      if (const std::uint32_t n = table.find({Text(std::string_view(name)), (i + round) % 3}); n != table.kNone) table.erase(n);
    }
    StateChanges changes;
    table.save(changes, std::tuple{StatePart::entries});
    stored.apply(changes);
    EXPECT_EQ(stored.size(), table.size());
  }
  KeyTable<Key, State> again;
  load(again, stored);
  EXPECT_EQ(again.size(), table.size());
  table.each([&](std::uint32_t n) {
    ASSERT_TRUE(again[n].live);  // under the same number
    EXPECT_EQ(again[n].key, table[n].key);
    EXPECT_EQ(again[n].value.results(), table[n].value.results());
  });
  StateChanges changes;
  again.save(changes, std::tuple{StatePart::entries});
  EXPECT_TRUE(changes.empty()) << "what was loaded has not changed";
}

/// Keys whose numbers have gaps, and come in another order than that of their keys' bytes.
TEST(StateChanges, WhatIsLoadedIsFoundWhileItIsLoaded) {
  KeyTable<Key, State> table;
  const auto key = [](std::int64_t i) { return Key{Text("a name of more than fifteen letters"), i * 0x9e3779b9 % 100'000}; };
  for (int i = 0; i != 3000; ++i) table[table.find_or_add(key(i))].value.add(i);
  for (int i = 0; i < 3000; i += 3) table.erase(table.find(key(i)));
  StateChanges changes;
  table.save(changes, std::tuple{StatePart::entries});
  Stored stored;
  stored.apply(changes);
  for (const int stop : {1, 700, 2000}) {
    KeyTable<Key, State> again;
    Stored entries = stored;
    int n = 0;
    entries.each([&](StateOwner, StateIn& k, StateIn& value) {
      k.get<StatePart>();
      const std::uint32_t number = again.load(k, value);
      if (++n != stop && n != stop / 2) return;
      const std::size_t size = again.end();
      EXPECT_EQ(again.find(again[number].key), number);
      EXPECT_EQ(again.find_or_add(again[number].key), number);
      EXPECT_EQ(again.find(key(3)), again.kNone);
      EXPECT_EQ(again.end(), size);
    });
    again.loaded();
    ASSERT_EQ(again.size(), 2000u);
    for (int i = 0; i != 3000; ++i) ASSERT_EQ(again.find(key(i)), i % 3 == 0 ? again.kNone : table.find(key(i)));
    EXPECT_LT(again.find_or_add(key(3)), 3000u) << "a number that was free";
  }
}

/// As a table beyond memory leaves them, whose entries get the numbers of others that have left.
TEST(StateChanges, EntriesOfOneNumberAreAllLoaded) {
  StateChanges changes;
  for (std::int64_t i = 0; i != 100; ++i) changes.put(std::tuple{StatePart::entries, NumberKey{i}}, std::tuple{std::uint32_t(i % 10), agg::Count()});
  Stored stored;
  stored.apply(changes);
  KeyTable<NumberKey, agg::Count> table;
  load(table, stored);
  EXPECT_EQ(table.size(), 100u);
  for (std::int64_t i = 0; i != 100; ++i) {
    const std::uint32_t number = table.find({i});
    ASSERT_NE(number, table.kNone) << i;
    EXPECT_EQ(table[number].key.number, i);
  }
}

TEST(StateChanges, OnlyWhatHasChangedIsSaid) {
  NumberTable<NumberKey, agg::Count> table;
  Eval ev;
  for (std::int64_t i = 0; i != 10000; ++i) table[table.find_or_add({i})].value.add(ev);
  StateChanges changes;
  table.save(changes, std::tuple{StatePart::entries});
  Stored stored;
  stored.apply(changes);
  const std::size_t all = changes.bytes();
  changes.clear();
  for (std::int64_t i = 0; i != 10; ++i) table[table.find_or_add({i * 100})].value.add(ev);
  table.erase(table.find({5}));
  table.save(changes, std::tuple{StatePart::entries});
  EXPECT_LT(changes.bytes() * 500, all);
  stored.apply(changes);
  NumberTable<NumberKey, agg::Count> again;
  load(again, stored);
  EXPECT_EQ(again.size(), 9999u);
  EXPECT_EQ(again.find({5}), again.kNone);
  EXPECT_EQ(again[again.find({100})].value.result(ev), 2);
  EXPECT_EQ(again[again.find({101})].value.result(ev), 1);
}

TEST(StateChanges, AClearedTableGoesAsAWhole) {
  NumberTable<NumberKey, agg::Count> table;
  Stored stored;
  for (int round = 0; round != 2; ++round) {
    count_rows(table, round * 1000, 100, stored);
    EXPECT_EQ(stored.size(), 100u);
    table.clear();
  }
}

TEST(StateIo, BytesThatEndTooEarlyAreNoticed) {
  StateOut out;
  const std::string text(40, 'x');
  out(std::int64_t{7}, Text(std::string_view(text)), Opt<std::int32_t>(3));
  for (std::size_t n = 0; n != out.view().size(); ++n) {
    StateIn in(out.view().substr(0, n));
    EXPECT_THROW(
        {
          in.get<std::int64_t>();
          Held<Text> held;
          in(held);
          in.get<Opt<std::int32_t>>();
        },
        StateDamaged)
        << n;
  }
}

/// `hash` says where its rows are.
struct Routed : NumberKey {
  std::uint64_t route() const { return std::uint64_t{7} << 56; }
};

TEST(Owners, AreOfTheKeyInTheEntry) {
  EXPECT_TRUE(StateOwner::of(StatePart::rest).of_all);
  EXPECT_TRUE(StateOwner::of(std::tuple{StatePart::entries, std::int64_t{5}}).of_all);
  const NumberKey key{12};
  const StateOwner owner = StateOwner::of(std::tuple{StatePart::entries, std::int64_t{5}, key});
  EXPECT_FALSE(owner.of_all);
  EXPECT_EQ(owner.group, key.hash() >> 56);
  EXPECT_EQ(StateOwner::of(std::tuple{Routed{{12}}}).group, 7);
}

TEST(Owners, OfMovedEntriesNothingIsStored) {
  NumberTable<NumberKey, agg::Count> table;
  Stored stored;
  count_rows(table, 0, 100, stored);
  NumberTable<NumberKey, agg::Count> again;
  std::size_t taken = 0;
  stored.each([&](StateOwner owner, StateIn& key, StateIn& value) {
    if (owner.group >= 128) return;
    key.get<StatePart>();
    value.moved = true;
    again.load(key, value);
    ++taken;
  });
  EXPECT_GT(taken, 20u);
  EXPECT_LT(taken, 80u);
  StateChanges all;
  again.save(all, std::tuple{StatePart::entries});
  Stored fresh;
  fresh.apply(all);
  EXPECT_EQ(fresh.size(), taken);
}

TEST(Merged, TimesAreTheLowestAndCountsTheHighest) {
  StateOut out;
  out(std::int64_t{5}, std::uint64_t{5}, std::int64_t{5});
  std::int64_t low = 7, high = 7;
  std::uint64_t count = 3;
  StateIn in(out.view());
  in.merges = true;
  in(low, count, HighestOf{high});
  EXPECT_EQ(low, 5);
  EXPECT_EQ(count, 5u);
  EXPECT_EQ(high, 7);
  StateIn other(out.view());
  other(low, count, HighestOf{high});
  EXPECT_EQ(high, 5);
}

/// Rows that come and go between two checkpoints, some of what changes said ahead at any moment, to no store.
template <class Table>
void says_ahead(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  Eval ev;
  Table table;
  Stored stored;
  const std::tuple prefix{StatePart::entries};
  std::uint32_t ahead = 0;
  for (int checkpoint = 0; checkpoint != 40; ++checkpoint) {
    // Of few keys most change again, so that tables rest; of many they do not.
    const std::uint32_t keys = checkpoint % 8 < 2 ? 30 : 3000;
    StateChanges changes;
    for (std::uint32_t i = 0, n = below(4000); i != n; ++i) {
      const std::int64_t key = below(keys);
      if (const std::uint32_t what = below(1000); what == 0 && below(5) == 0) {
        table.clear();
      } else if (what < 200) {
        if (const std::uint32_t at = table.find({key}); at != Table::kNone) table.erase(at);
      } else {
        table[table.find_or_add({key})].value.add(ev);
      }
      if (below(16) == 0) ahead += table.save_ahead(changes, prefix, below(40));
    }
    table.save(changes, prefix);
    stored.apply(changes);
    ASSERT_EQ(stored.size(), table.size()) << "seed " << seed << ", checkpoint " << checkpoint;
  }
  EXPECT_GT(ahead, 1000u);
  Table again;
  load(again, stored);
  table.each([&](std::uint32_t n) {
    const std::uint32_t at = again.find(table[n].key);
    ASSERT_NE(at, Table::kNone) << "seed " << seed;
    EXPECT_EQ(again[at].value.result(ev), table[n].value.result(ev)) << "seed " << seed;
  });
  EXPECT_EQ(again.size(), table.size());
}
TEST(StateChanges, WhatIsSaidAheadAndChangesIsSaidAgain) {
  for (std::uint32_t seed = 0; seed != 10; ++seed) {
    says_ahead<KeyTable<NumberKey, agg::Count>>(seed);
    says_ahead<NumberTable<NumberKey, agg::Count>>(seed);
  }
}

/// A table of which every entry changes all the time is not said twice for each checkpoint.
TEST(StateChanges, SayingAheadRestsWhereItIsInVain) {
  KeyTable<NumberKey, agg::Count> table;
  Eval ev;
  const std::tuple prefix{StatePart::entries};
  std::uint32_t ahead = 0;
  for (int checkpoint = 0; checkpoint != 100; ++checkpoint) {
    StateChanges changes;
    for (int round = 0; round != 3; ++round) {
      for (std::int64_t i = 0; i != 500; ++i) table[table.find_or_add({i})].value.add(ev);
      ahead += table.save_ahead(changes, prefix, 10'000);
    }
    for (std::int64_t i = 0; i != 500; ++i) table[table.find_or_add({i})].value.add(ev);
    table.save(changes, prefix);
  }
  EXPECT_GT(ahead, 0u);
  EXPECT_LT(ahead, 500u * 3 * 10);
}

}  // namespace gress::state_changes_test
