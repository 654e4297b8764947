// A table that has room for a few of its keys only, against a map that has room for all.
#include "runtime/core/cold_table.h"
#include "runtime/core/ran_out.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace gress {
namespace {

struct NameKey {
  Text name{};
  static constexpr auto members = Members<&NameKey::name>{};
  friend bool operator==(const NameKey&, const NameKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  static constexpr bool kDurable = true, kBeyondMemory = true;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::key_hash(name); }
};
struct Log {
  Held<Text> last;
  std::int64_t rows = 0;
  template <class Io>
  void archive(Io& io) { io(last, rows); }
  void clear() {
    last.clear();
    rows = 0;
  }
};

/// The entries of one section, and what was asked.
struct Disk {
  std::map<std::string, std::string> entries;
  int asked = 0, written = 0;
  void apply(const StateChanges& changes) {
    changes.each([&](StateChanges::Kind kind, std::string_view key, std::string_view value) {
      const std::string full = "7777" + std::string(key);
      if (kind == StateChanges::Kind::put) entries[full] = value;
      else entries.erase(full);
    });
  }
};
class OnDisk final : public ColdEntries {
 public:
  explicit OnDisk(Disk& disk) : disk_(disk) {}
  std::size_t memory() const override { return 1 << 18; }
  const std::string& section() const override { return section_; }
  void write(StateChanges& changes) override {
    disk_.apply(changes);
    changes.clear();
    ++disk_.written;
  }
  void read(const std::string_view* keys, int n, std::string_view* values) override {
    for (int i = 0; i != n; ++i) {
      const auto at = disk_.entries.find(std::string(keys[i]));
      values[i] = at == disk_.entries.end() ? std::string_view() : std::string_view(at->second);
    }
    ++disk_.asked;
  }
  void keys(std::string_view beginning, std::string_view from, int most, std::vector<std::string>& found) override {
    found.clear();
    for (auto at = disk_.entries.lower_bound(std::string(from)); at != disk_.entries.end() && found.size() != static_cast<std::size_t>(most); ++at) {
      if (!at->first.starts_with(beginning)) break;
      found.push_back(at->first);
    }
  }
  void damaged() const override { throw std::runtime_error("damaged"); }

 private:
  Disk& disk_;
  const std::string section_ = "7777";
};

using Table = BoundedTable<NameKey, Log>;
static_assert(std::is_same_v<Table, ColdTable<NameKey, Log, true>>);

std::string name_of(std::int64_t key) { return (key % 2 == 0 ? "key " : "a key of many letters ") + std::to_string(key); }

struct Rows {
  std::mt19937_64 random{11};
  std::map<std::string, std::pair<std::int64_t, std::string>> wanted;
  std::int64_t row = 0;

  void add(Table& table, int blocks, std::int64_t keys) {
    for (int b = 0; b != blocks; ++b) {
      std::vector<std::string> names;
      for (int i = 0; i != kBlock; ++i) names.push_back(name_of(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(keys))));
      std::uint32_t numbers[kBlock];
      const auto key = [&](int i) { return NameKey{Text(std::string_view(names[static_cast<std::size_t>(i)]))}; };
      table.find_all(0, kBlock, key, [](int i) { return i % 7 != 0; }, numbers);
      for (int i = 0; i != kBlock; ++i) {
        auto& want = wanted[names[static_cast<std::size_t>(i)]];
        if (numbers[i] == Table::kNone) {
          ASSERT_EQ(i % 7, 0);
          ASSERT_EQ(want.first, 0);
          continue;
        }
        Log& log = table[numbers[i]].value;
        ASSERT_EQ(table[numbers[i]].key, key(i));
        ASSERT_EQ(log.rows, want.first);
        ASSERT_EQ(std::string(log.last.get().data(), log.last.get().size()), want.second);
        want = {++log.rows, "the row of number " + std::to_string(++row)};
        log.last.assign(Text(std::string_view(want.second)));
      }
      if (b % 9 == 3 && numbers[5] != Table::kNone) {
        table.erase(numbers[5]);
        wanted.erase(names[5]);
      }
    }
  }
};

TEST(ColdTable, WhatLeavesComesBack) {
  Disk disk;
  Table table;
  table.bind(std::make_unique<OnDisk>(disk), std::tuple{StatePart::entries});
  Rows rows;
  rows.add(table, 4, 100);
  EXPECT_EQ(disk.asked, 0) << "nothing has left yet";
  rows.add(table, 500, 20'000);
  EXPECT_LT(table.size(), 4000u);
  EXPECT_GT(disk.written, 3);
  EXPECT_GT(disk.asked, 400);
}

TEST(ColdTable, LargeValuesLeaveSooner) {
  Disk disk;
  Table table;
  table.bind(std::make_unique<OnDisk>(disk), std::tuple{StatePart::entries});
  for (int block = 0; block != 20; ++block) {
    std::vector<std::string> names;
    for (int i = 0; i != kBlock; ++i) names.push_back(name_of(block * kBlock + i));
    std::uint32_t numbers[kBlock];
    table.find_all(0, kBlock, [&](int i) { return NameKey{Text(std::string_view(names[static_cast<std::size_t>(i)]))}; }, [](int) { return true; }, numbers);
    const std::string large(10'000, 'x');
    for (const std::uint32_t n : numbers) table[n].value.last.assign(Text(std::string_view(large)));
  }
  EXPECT_LE(table.size(), 2u * kBlock) << "there is room for some twenty, and for the rows of two blocks";
}

TEST(ColdTable, IsSavedAndGoneOnFromWithoutReadingItAll) {
  Disk disk;
  Rows rows;
  for (int turn = 0; turn != 4; ++turn) {
    Table table;
    table.bind(std::make_unique<OnDisk>(disk), std::tuple{StatePart::entries});
    std::size_t loaded = 0;
    for (const auto& [key, value] : std::map(disk.entries)) {
      if (table.leaves_rest()) break;
      StateIn k(std::string_view(key).substr(5)), v(value);
      v.get<StateOwner>();
      table.load(k, v);
      v.end();
      ++loaded;
    }
    if (turn > 1) {
      EXPECT_LT(loaded, disk.entries.size() / 2);
    }
    table.loaded();
    rows.add(table, 200, turn == 0 ? 500 : 20'000);
    StateChanges changes;
    table.save(changes, std::tuple{StatePart::entries});
    disk.apply(changes);
    StateChanges again;
    table.save(again, std::tuple{StatePart::entries});
    EXPECT_TRUE(again.empty());
  }
  std::size_t kept = 0;
  for (const auto& [name, want] : rows.wanted) kept += want.first != 0;
  EXPECT_EQ(disk.entries.size(), kept);
}

/// What runs out: the time of the last row, or a minute after it for ever.
struct Seen {
  static constexpr bool kRunsOut = true;
  std::int64_t time = kStartOfTime;
  bool started = false;
  Born<> born;
  bool is_started() const { return started; }
  std::int64_t last_time() const { return time; }
  template <class Io>
  void archive(Io& io) { io(time, started, born.value); }
  void clear() { started = false; }
};

/// A table, its timers, and what they should say: keys by (deadline, arrival).
struct RunningOut {
  static constexpr std::int64_t kRetain = 1000;
  Disk& disk;
  BoundedTable<NameKey, Seen> table;
  ColdExpiry expiry{kRetain};
  RanOut ran_out;

  explicit RunningOut(Disk& on) : disk(on) {
    table.runs_out_by(expiry);
    table.bind(std::make_unique<OnDisk>(disk), std::tuple{StatePart::entries});
    for (const auto& [key, value] : std::map(disk.entries)) {
      StateIn k(std::string_view(key).substr(4)), v(value);
      v.get<StateOwner>();
      if (k.get<StatePart>() == StatePart::due) pass_over_due<NameKey>(k);
      else table.load(k, v);
      k.end(), v.end();
    }
    table.loaded();
    ran_out.all_loaded(expiry, table);
  }
  void row(const std::string& name, std::int64_t time) {
    std::uint32_t number;
    table.find_all(0, 1, [&](int) { return NameKey{Text(std::string_view(name))}; }, [](int) { return true; }, &number);
    Seen& seen = table[number].value;
    if (!seen.started) {
      seen.started = true;
      seen.time = time;
      ran_out.came(seen);
      expiry.start(number, time);
    }
    seen.time = std::max(seen.time, time);
  }
  void pass(std::int64_t watermark, std::vector<std::string>& gone) {
    if (!expiry.tell(watermark)) return;
    ran_out.pass(expiry, watermark, table, [&](std::uint32_t n, std::int64_t at) {
      gone.push_back(std::to_string(at) + " " + std::string(table[n].key.name.data(), table[n].key.name.size()));
      table.erase(n);
    });
  }
};

TEST(ColdTable, WhatRunsOutOnDiskComesInItsOrder) {
  std::mt19937_64 random{5};
  Disk disk;
  struct Want {
    std::int64_t last;
    std::uint64_t born;
  };
  std::map<std::string, Want> wanted;
  std::uint64_t arrived = 0;
  std::int64_t now = 0;
  std::size_t ran_out = 0;
  for (int turn = 0; turn != 3; ++turn) {
    RunningOut table(disk);
    for (int step = 0; step != 400; ++step) {
      for (int i = 0; i != 64; ++i) {
        const std::string name = name_of(static_cast<std::int64_t>(random() % 40'000));
        const std::int64_t time = now + static_cast<std::int64_t>(random() % 10) * 3;
        table.row(name, time);
        const auto [at, fresh] = wanted.try_emplace(name, Want{time, arrived});
        if (fresh) ++arrived;
        at->second.last = std::max(at->second.last, time);
      }
      now += random() % 50 == 0 ? 700 : 5;
      std::vector<std::string> gone, want;
      table.pass(now, gone);
      std::map<std::pair<std::int64_t, std::uint64_t>, std::string> due;
      for (const auto& [name, w] : wanted)
        if (w.last + RunningOut::kRetain < now) due[{w.last + RunningOut::kRetain, w.born}] = name;
      for (const auto& [order, name] : due) {
        want.push_back(std::to_string(order.first) + " " + name);
        wanted.erase(name);
      }
      ASSERT_EQ(gone, want) << "turn " << turn << ", step " << step;
      ran_out += gone.size();
      if (step % 100 == 37) {
        StateChanges changes;
        table.table.save(changes, std::tuple{StatePart::entries});
        disk.apply(changes);
      }
    }
    EXPECT_LT(table.table.size(), 5000u);
    StateChanges changes;
    table.table.save(changes, std::tuple{StatePart::entries});
    disk.apply(changes);
  }
  EXPECT_GT(ran_out, 10'000u);
}

}  // namespace
}  // namespace gress
