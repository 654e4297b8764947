// A table that has room for a few of its keys only, against a map that has room for all.
#include "runtime/core/cold_table.h"

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

}  // namespace
}  // namespace gress
