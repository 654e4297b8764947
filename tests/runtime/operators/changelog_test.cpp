// A changelog against its definition: after every record the rows that stand are the last ones of each key that were
// neither deleted nor forgotten; each change says exactly what it takes back.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "runtime/core/changelog.h"
#include "tests/runtime/operators/keys.h"

namespace gress::test {
namespace {

struct Row {
  std::int64_t key = 0;
  Text text;
  static constexpr auto members = Members<&Row::key, &Row::text>{};
};
struct Line {
  bool deletes = false;
  std::int64_t key = 0;
  Text text;
};
struct Key {
  std::int64_t key = 0;
  static constexpr auto members = Members<&Key::key>{};
  friend bool operator==(const Key&, const Key&) = default;
  static constexpr std::uint32_t kDense = 0;
  static constexpr bool kDurable = true;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return static_cast<std::uint64_t>(key) * 0x9e3779b97f4a7c15; }
};

struct Sent {
  Op op;
  std::int64_t key;
  std::string text;
  std::int64_t time, watermark;
  std::uint64_t position;
};
struct Seen {
  std::vector<Sent> sent;
  std::int64_t watermark = kStartOfTime;
  bool mixed = false;  // a row was deleted directly before one of another key came, as if that were an update
};

struct Spec {
  using Pipeline = Seen;
  using In = Block<Line, kTime | kWatermark | kPosition>;
  using Out = Block<Row, kTime | kWatermark | kPosition | kOp>;
  using Key = test::Key;
  static Changed read(Seen&, const In& in, int i, Row& o) {
    o.key = in.rows[i].key;
    o.text = in.rows[i].text;
    return in.rows[i].deletes ? Changed::erase : Changed::upsert;
  }
  static Key key(const Row& r) { return {r.key}; }
  static void out(Seen& seen, Out& block) {
    for (int i = 0; i != block.count; ++i) {
      seen.sent.push_back({block.op[i], block.rows[i].key, std::string(block.rows[i].text.view()), block.time[i],
                           block.watermark[i], block.position[i]});
      const bool update = block.op[i] == Op::retract && i + 1 != block.count && block.op[i + 1] == Op::insert;
      if (update && block.rows[i].key != block.rows[i + 1].key) seen.mixed = true;
    }
  }
  static void watermark(Seen& seen, std::int64_t t) { seen.watermark = t; }
};

struct Standing {
  std::string text;
  std::int64_t time = 0, last = kStartOfTime;
  std::uint64_t position = 0;
  bool live = false;
};

void check(std::uint32_t seed, std::int64_t retain) {
  std::mt19937 random(seed);
  Seen seen;
  auto changelog = std::make_unique<Changelog<Spec>>(seen, retain);
  std::map<std::int64_t, Standing> want;   // by the definition
  std::map<std::int64_t, Standing> have;   // by what was sent
  auto in = std::make_unique<Spec::In>();
  std::vector<std::string> texts;
  std::int64_t clock = 0, watermark = kStartOfTime;
  std::uint64_t position = 0;
  std::size_t read = 0;
  const auto follow = [&] {
    for (; read != seen.sent.size(); ++read) {
      const Sent& s = seen.sent[read];
      Standing& at = have[s.key];
      if (s.op == Op::retract) {
        ASSERT_TRUE(at.live) << "takes back what does not stand";
        ASSERT_EQ(at.text, s.text);
        ASSERT_EQ(at.time, s.time);
        ASSERT_EQ(at.position, s.position);
        at.live = false;
      } else {
        ASSERT_FALSE(at.live) << "two rows of one key";
        at = {s.text, s.time, 0, s.position, true};
      }
    }
  };
  const auto forget = [&](std::int64_t w) {
    if (retain == kEndOfTime || w == kEndOfTime) return;
    for (auto& [key, s] : want)
      if (s.last != kStartOfTime && w > s.last + retain) s = {};
  };
  for (int block = 0; block != 60; ++block) {
    in->count = 1 + static_cast<int>(random() % kBlock);
    texts.clear();
    texts.reserve(static_cast<std::size_t>(in->count));
    for (int i = 0; i != in->count; ++i) {
      clock += static_cast<std::int64_t>(random() % 8);
      const std::int64_t time = clock - static_cast<std::int64_t>(random() % 30);
      const std::int64_t key = random() % 20;
      texts.push_back(std::string(random() % 40, static_cast<char>('a' + random() % 26)));
      in->rows[i] = {random() % 4 == 0, key, Text(std::string_view(texts.back()))};
      in->time[i] = time;
      in->watermark[i] = watermark;
      in->position[i] = position++;
      forget(watermark);
      Standing& at = want[key];
      if (in->rows[i].deletes) {
        at.live = false;  // when it was last heard of stays
      } else {
        at = {texts.back(), time, std::max(at.last, time), in->position[i], true};
      }
      watermark = std::max(watermark, time - 10);
    }
    changelog->process(*in);
    ASSERT_NO_FATAL_FAILURE(follow());
    if (watermark != seen.watermark) changelog->watermark(watermark);  // as sources do
    forget(watermark);
    ASSERT_NO_FATAL_FAILURE(follow());
    ASSERT_EQ(seen.watermark, watermark);
    ASSERT_FALSE(seen.mixed);
    for (const auto& [key, s] : want) {
      ASSERT_EQ(have[key].live, s.live) << "key " << key;
      if (s.live) {
        ASSERT_EQ(have[key].text, s.text);
      }
    }
  }
  const std::size_t sent = seen.sent.size();
  changelog->watermark(kEndOfTime);
  ASSERT_EQ(seen.sent.size(), sent) << "at the end nothing is forgotten";
}

TEST(Changelog, kept_for_ever) {
  for (std::uint32_t seed = 0; seed != 20; ++seed) ASSERT_NO_FATAL_FAILURE(check(seed, kEndOfTime));
}
TEST(Changelog, forgets_silent_keys) {
  for (const std::int64_t retain : {0, 20, 60, 300})
    for (std::uint32_t seed = 0; seed != 10; ++seed) ASSERT_NO_FATAL_FAILURE(check(seed, retain));
}

/// Numbers of entries that ran out are given again, the last one first, and after a restart in another order.
TEST(Changelog, keys_that_run_out_together_go_in_the_order_in_which_they_came) {
  for (const bool restarts : {false, true}) {
    Seen seen;
    auto changelog = std::make_unique<Changelog<Spec>>(seen, 10);
    const auto rows = [&](std::initializer_list<std::int64_t> keys, std::int64_t time) {
      auto in = std::make_unique<Spec::In>();
      for (const std::int64_t key : keys) {
        in->rows[in->count] = {false, key, Text(std::string_view("a text that is not short"))};
        in->time[in->count] = time;
        in->watermark[in->count] = time;
        in->position[in->count++] = static_cast<std::uint64_t>(key);
      }
      changelog->process(*in);
    };
    rows({1, 2}, 0);
    changelog->watermark(11);
    rows({3, 4}, 20);
    if (restarts) {
      StateChanges changes;
      changelog->save(changes);
      std::map<std::string, std::string> stored;
      changes.each([&](StateChanges::Kind kind, std::string_view key, std::string_view value) {
        if (kind == StateChanges::Kind::put) stored[std::string(key)] = value;
      });
      ASSERT_EQ(stored.size(), 3u);  // two keys, and the watermark
      changelog = std::make_unique<Changelog<Spec>>(seen, 10);
      for (const auto& [key, value] : stored) {
        StateIn k(key), v(value);
        v.get<StateOwner>();
        changelog->load(k, v);
      }
      changelog->loaded();
    }
    rows({5}, 20);
    changelog->watermark(31);
    std::vector<std::int64_t> gone;
    for (const Sent& s : seen.sent)
      if (s.op == Op::retract) gone.push_back(s.key);
    EXPECT_EQ(gone, (std::vector<std::int64_t>{1, 2, 3, 4, 5})) << (restarts ? "after a restart" : "without a restart");
  }
}

}  // namespace
}  // namespace gress::test
