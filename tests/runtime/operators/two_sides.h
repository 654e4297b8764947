// Two sides of a join as streams of several partitions with disorder, handed to an operator in random blocks; and what
// came of it. Rows carry their own partition's watermark, the operator is told the minimum, as sources do it.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/hash.h"
#include "runtime/core/join.h"
#include "runtime/core/state_value.h"

namespace gress::test {

struct SideRow {
  std::int64_t key{};
  bool keyed = true;  // else the key is absent
  std::int64_t id{};
  std::int64_t reach{};  // upper bound of its own
  Text text{};           // long for some
  static constexpr auto members = Members<&SideRow::key, &SideRow::keyed, &SideRow::id, &SideRow::reach, &SideRow::text>{};
};
struct JoinedRow {
  std::int64_t left = -1, right = -1;  // ids
  std::int64_t start = 0, end = 0;     // of windows
  Text left_text{}, right_text{};
};

using SideBlock = Block<SideRow, kTime | kWatermark | kPosition>;
using JoinedBlock = Block<JoinedRow, kTime | kWatermark>;

inline std::string text_of(std::int64_t id) { return id % 3 == 0 ? "a longer text, number " + std::to_string(id) : "t" + std::to_string(id); }

struct Given {
  SideRow row;
  std::string text;
  std::int64_t time, watermark;  // just before it, of its partition
  std::uint64_t position;
  bool late() const { return time < watermark; }
};

struct Partition {
  std::vector<Given> rows;
  std::size_t next = 0;
  std::int64_t watermark = kStartOfTime;  // after the rows handed over
};

struct Side {
  std::vector<Partition> partitions;
  std::int64_t watermark() const {
    std::int64_t w = kEndOfTime;
    for (const Partition& p : partitions) w = std::min(w, p.next == p.rows.size() ? kEndOfTime : p.watermark);
    return w;
  }
  std::vector<Given> all() const {
    std::vector<Given> rows;
    for (const Partition& p : partitions) rows.insert(rows.end(), p.rows.begin(), p.rows.end());
    return rows;
  }
};

struct Shape {
  int partitions = 2, rows = 300, keys = 5, step = 10, disorder = 40, delay = 25, reach = 60;
};

inline Side make_side(std::mt19937& random, const Shape& shape, std::int64_t first_id) {
  Side side;
  std::int64_t id = first_id;
  const auto upto = [&](int n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n + 1)); };
  for (int p = 0; p != shape.partitions; ++p) {
    Partition partition;
    std::int64_t now = 1000 + upto(50), highest = kStartOfTime;
    for (int i = 0; i != shape.rows; ++i) {
      now += upto(shape.step);
      Given g;
      g.time = now - (upto(3) == 0 ? upto(shape.disorder) : 0);
      g.watermark = highest == kStartOfTime ? kStartOfTime : highest - shape.delay;
      g.position = (static_cast<std::uint64_t>(p) << 48) + static_cast<std::uint64_t>(i);
      g.row.key = upto(shape.keys - 1);
      g.row.keyed = upto(20) != 0;
      g.row.id = id++;
      g.row.reach = upto(shape.reach);
      g.text = text_of(g.row.id);
      highest = std::max(highest, g.time);
      partition.rows.push_back(std::move(g));
    }
    side.partitions.push_back(std::move(partition));
  }
  return side;
}

struct Seen {
  JoinedRow row;
  std::string left_text, right_text;
  std::int64_t time, watermark;
};

/// What a spec's Pipeline is.
struct Sink {
  std::vector<Seen> rows;
  std::vector<std::int64_t> left_late, right_late;
  std::int64_t watermark = kStartOfTime;

  void take(const JoinedBlock& block) {
    for (int i = 0; i != block.count; ++i) {
      const JoinedRow& r = block.rows[i];
      rows.push_back({r, std::string(r.left_text.view()), std::string(r.right_text.view()), block.time[i], block.watermark[i]});
      EXPECT_GE(block.time[i], block.watermark[i]) << "late at its own output";
      EXPECT_GE(block.time[i], watermark) << "behind the watermark that consumers were told";
    }
  }
  void follow(std::int64_t t) {
    EXPECT_GT(t, watermark);
    watermark = t;
  }
};

/// Some rows of one partition, as long as there are any.
inline void hand_over(std::mt19937& random, Side& side, SideBlock& block, std::vector<std::string>& texts) {
  block.count = 0;
  texts.clear();
  texts.reserve(kBlock);
  std::vector<Partition*> open;
  for (Partition& p : side.partitions)
    if (p.next != p.rows.size()) open.push_back(&p);
  if (open.empty()) return;
  Partition& p = *open[random() % open.size()];
  const int most = 1 + static_cast<int>(random() % kBlock);
  while (block.count < most && p.next != p.rows.size()) {
    const Given& g = p.rows[p.next++];
    const int i = block.count++;
    block.rows[i] = g.row;
    texts.push_back(g.text);  // gone when the block is: what is kept has to be copied
    block.rows[i].text = Text(texts.back());
    block.time[i] = g.time;
    block.watermark[i] = g.watermark;
    block.position[i] = g.position;
  }
  block.others = kEndOfTime;
  for (const Partition& o : side.partitions)
    if (&o != &p && o.next != o.rows.size()) block.others = std::min(block.others, o.watermark);
  // The next row knows the watermark after these.
  p.watermark = p.next != p.rows.size() ? p.rows[p.next].watermark : kEndOfTime;
}

/// Hands both sides over until they end.
template <class Operator>
void run(std::mt19937& random, Operator& op, Side& left, Side& right) {
  SideBlock block;
  std::vector<std::string> texts;
  // A side without rows ends at once.
  if (left.watermark() == kEndOfTime) op.left_watermark(kEndOfTime);
  if (right.watermark() == kEndOfTime) op.right_watermark(kEndOfTime);
  while (true) {
    const bool left_open = left.watermark() != kEndOfTime, right_open = right.watermark() != kEndOfTime;
    if (!left_open && !right_open) break;
    const bool of_left = left_open && (!right_open || random() % 2 == 0);
    hand_over(random, of_left ? left : right, block, texts);
    if (of_left) op.left(block);
    else op.right(block);
    for (std::string& text : texts) std::fill(text.begin(), text.end(), '?');
    if (of_left) op.left_watermark(left.watermark());
    else op.right_watermark(right.watermark());
  }
}

/// `left right time start end` of each row, sorted.
using Line = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
inline std::vector<Line> sorted(std::vector<Line> lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}
inline std::vector<Line> lines_of(const Sink& sink) {
  std::vector<Line> lines;
  for (const Seen& s : sink.rows) {
    lines.emplace_back(s.row.left, s.row.right, s.time, s.row.start, s.row.end);
    if (s.row.left >= 0) { EXPECT_EQ(s.left_text, text_of(s.row.left)); }
    if (s.row.right >= 0) { EXPECT_EQ(s.right_text, text_of(s.row.right)); }
  }
  return sorted(std::move(lines));
}

inline std::vector<std::int64_t> ids(std::vector<std::int64_t> found) {
  std::sort(found.begin(), found.end());
  return found;
}
inline std::vector<std::int64_t> late_ids(const Side& side) {
  std::vector<std::int64_t> found;
  for (const Given& g : side.all())
    if (g.late()) found.push_back(g.row.id);
  return ids(std::move(found));
}

/// What specs of joins share. Kind, further condition.
template <JoinKind kJoin, bool kCondition>
struct JoinSpec {
  using Pipeline = Sink;
  using Left = SideBlock;
  using Right = SideBlock;
  using Out = JoinedBlock;
  struct Key {
    std::int64_t id{};
    static constexpr auto members = Members<&Key::id>{};
    friend bool operator==(const Key&, const Key&) = default;
    static constexpr std::uint32_t kDense = 0;
    std::uint32_t dense() const { return 0; }
    std::uint64_t hash() const { return fn::key_hash(id); }
  };
  using LeftRow = SideRow;
  using RightRow = SideRow;
  static constexpr JoinKind kKind = kJoin;
  static constexpr bool kLeftText = true, kRightText = true, kRest = kCondition, kRestFails = false;
  static Keyed left_key(Sink&, const SideBlock& in, int i, Key& key) {
    key.id = in.rows[i].key;
    return in.rows[i].keyed ? Keyed::present : Keyed::absent;
  }
  static Keyed right_key(Sink& p, const SideBlock& in, int i, Key& key) { return left_key(p, in, i, key); }
  static LeftRow left_row(const SideRow& r) { return r; }
  static RightRow right_row(const SideRow& r) { return r; }
  static bool rest(Sink&, const SideRow& l, const SideRow& r) { return (l.id + r.id) % 3 != 0; }
  static bool left_failed(Sink&, const SideBlock&, int) { return false; }
  static bool right_failed(Sink&, const SideBlock&, int) { return false; }
  static void left_late(Sink& p, const SideBlock& in, int i) { p.left_late.push_back(in.rows[i].id); }
  static void right_late(Sink& p, const SideBlock& in, int i) { p.right_late.push_back(in.rows[i].id); }
  static void out(Sink& p, JoinedBlock& block) { p.take(block); }
  static void watermark(Sink& p, std::int64_t t) { p.follow(t); }
};

}  // namespace gress::test
