// Small parts of the engine, by themselves.
#include <gtest/gtest.h>

#include <sched.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <fstream>

#include "runtime/engine/count_text.h"
#include "runtime/engine/cpu.h"
#include "runtime/engine/json_writer.h"
#include "runtime/engine/nearest.h"
#include "runtime/engine/options.h"
#include "runtime/engine/pace.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/summary.h"
#include "runtime/engine/time_spent.h"
#include "runtime/engine/time_text.h"
#include "runtime/engine/usable_cpus.h"

namespace gress::engine {
namespace {

/// How many blocks a worker may read one after the other, each 10 further than the one before.
int may_read(Pace& pace, std::int64_t& at, int most) {
  int n = 0;
  for (; n != most && pace.may_read(at); ++n) at += 10;
  return n;
}

TEST(PaceTest, one_that_is_ahead_waits_until_others_have_come_near) {
  SharedPace shared(2);
  Pace fast, slow;
  fast.share(shared, 0);
  slow.share(shared, 1);
  std::int64_t ahead = kStartOfTime + 10, behind = kStartOfTime + 1;
  EXPECT_LE(may_read(fast, ahead, 1000), 2 * Pace::kBlocks);
  EXPECT_FALSE(fast.may_read(ahead));
  EXPECT_TRUE(slow.may_read(behind));
  EXPECT_FALSE(fast.may_read(ahead));
  behind = ahead;
  EXPECT_TRUE(slow.may_read(behind));
  EXPECT_TRUE(fast.may_read(ahead));
}
TEST(PaceTest, the_slowest_always_may_also_one_that_has_been_further) {
  SharedPace shared(2);
  Pace a, b;
  a.share(shared, 0);
  b.share(shared, 1);
  std::int64_t early = 100, late = 200;
  a.rest();
  EXPECT_TRUE(b.may_read(5000));
  EXPECT_EQ(may_read(b, early, 9), 9);
  EXPECT_LT(may_read(a, late, 1000), 1000);
  for (int n = 0; n != 5 * Pace::kBlocks; ++n) EXPECT_TRUE(b.may_read(early));
  EXPECT_FALSE(a.may_read(late));
}
TEST(PaceTest, nobody_waits_for_one_that_has_no_input) {
  SharedPace shared(3);
  Pace a, b, c;
  a.share(shared, 0);
  b.share(shared, 1);
  c.share(shared, 2);
  std::int64_t at = 10;
  EXPECT_LT(may_read(a, at, 1000), 1000);
  b.rest();
  EXPECT_LT(may_read(a, at, 1000), 1000);
  c.rest();
  EXPECT_EQ(may_read(a, at, 1000), 1000);
}

/// A tree of files as /proc and /sys show them.
class CgroupTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(root_); }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  int allowed() const {
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    return CPU_COUNT(&set);
  }
  const std::string root_ = testing::TempDir() + "gress-cgroups-" + std::to_string(getpid());
};

TEST_F(CgroupTest, without_a_quota_affinity_counts) {
  EXPECT_EQ(usable_cpus(root_), allowed());
  write("/proc/self/cgroup", "0::/a/b\n");
  write("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(usable_cpus(root_), allowed());
  write("/sys/fs/cgroup/a/cpu.max", "90000000 100000\n");
  EXPECT_EQ(usable_cpus(root_), allowed());
}

TEST_F(CgroupTest, the_least_quota_on_the_way_up) {
  write("/proc/self/cgroup", "0::/a/b\n");
  write("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  write("/sys/fs/cgroup/a/cpu.max", "50000 100000\n");
  EXPECT_EQ(usable_cpus(root_), 1);
}

TEST_F(CgroupTest, of_the_mount_where_the_path_is_the_hosts) {
  write("/proc/self/cgroup", "0::/somewhere/else\n");
  write("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(usable_cpus(root_), 1);
}

TEST_F(CgroupTest, version_1) {
  write("/proc/self/cgroup", "5:cpuset:/\n4:cpu,cpuacct:/a\n");
  write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(usable_cpus(root_), allowed());
  write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "10000\n");
  EXPECT_EQ(usable_cpus(root_), 1);
}

TEST(JsonWriterTest, escapes_and_replaces) {
  EXPECT_EQ(json_text("a\"b\\c\n\t\x01\x7f"), "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\"");
  EXPECT_EQ(json_text("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
  EXPECT_EQ(
      json_text("\xff\xc0\x80\xed\xa0\x80x\xe2\x82"), "\"" + [] {
        std::string s;
        for (int i = 0; i < 6; ++i) s += "\xef\xbf\xbd";
        return s + "x\xef\xbf\xbd\xef\xbf\xbd";
      }() + "\"");
  JsonWriter json;
  json.object()
      .key("a")
      .array()
      .number(std::int64_t{1})
      .text("x")
      .object()
      .end_object()
      .end_array()
      .key("b")
      .boolean(true)
      .end_object();
  EXPECT_EQ(json.take(), R"({"a":[1,"x",{}],"b":true})");
}

TEST(CountTextTest, groups_and_shortens) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(short_count(17), "17");
  EXPECT_EQ(short_count(999.4), "999");
  EXPECT_EQ(short_count(3400), "3.4 k");
  EXPECT_EQ(short_count(59'140'000), "59.1 M");
  EXPECT_EQ(short_count(999'999), "1.0 M");
}

TEST(NearestTest, swaps_and_limits) {
  const std::string_view names[] = {"input", "output", "late_path"};
  EXPECT_EQ(nearest("inptu", names), "input");
  EXPECT_EQ(nearest("late-path", names), "late_path");
  EXPECT_EQ(nearest("OUTPUT", names), "output");
  EXPECT_EQ(nearest("zebra", names), "");
  EXPECT_EQ(nearest("", {}), "");
}

TEST(TimeTextTest, around_the_epoch) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_text(-1000), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(time_text(1'769'860'800'123'000), "2026-01-31T12:00:00.123Z");
}

TEST(CpuTest, unknown_features_are_missing) {
  EXPECT_EQ(missing_cpu_features(""), "");
  EXPECT_EQ(missing_cpu_features("imaginary sse3 other"), "imaginary other");
  EXPECT_EQ(missing_cpu_features(kBuiltFor), "");
}

TEST(RateLimiterTest, first_lines) {
  const std::string text = "a\nb\nc";
  const std::span<const char> bytes(text.data(), text.size());
  EXPECT_EQ(first_lines(bytes, 0).size(), 0u);
  EXPECT_EQ(first_lines(bytes, 2).size(), 4u);
  EXPECT_EQ(first_lines(bytes, 3).size(), 5u);
  EXPECT_EQ(first_lines(bytes, LLONG_MAX).size(), 5u);
}

TEST(RateLimiterTest, workers_together_begin_with_no_more_than_one) {
  Runtime runtime;
  std::int64_t rows = 0;
  for (int worker = 0; worker != 8; ++worker) {
    RateLimiter limiter(1.0 / 3600);
    limiter.share(1, 8);
    rows += limiter.allowance(runtime);
  }
  EXPECT_LE(rows, 1);
}

TEST(RateLimiterTest, partitions_that_are_added_bring_no_rows) {
  Runtime runtime;
  RateLimiter limiter(1.0 / 3600);
  std::int64_t rows = 0;
  for (std::size_t partitions = 1; partitions != 100; ++partitions) {
    limiter.share(partitions, partitions);
    const std::int64_t allowed = limiter.allowance(runtime);
    limiter.took(allowed);
    rows += allowed;
  }
  EXPECT_EQ(rows, 1);
}

TEST(SummaryTest, cells_of_one_name_are_added_up) {
  static constexpr ProgramInfo kProgram{.name = "p"};
  Runtime runtime;
  runtime.add_source("s", 1).rows.add(1000);
  runtime.add_source("s", 1).rows.add(234);
  runtime.add_operator("totals", 12).late.add(5);
  runtime.add_sink("out", "out.csv").rows.add(1);
  EXPECT_EQ(summary_text(kProgram, runtime, {.seconds = 0.5}),
            "gress: p done in 0.500 s\n"
            "  source  s                 1,234 rows  2.5 k rows/s\n"
            "  late    totals (line 12)      5 rows\n"
            "  sink    out                   1 row   -> out.csv\n");
  const std::string json = summary_json(kProgram, runtime, {.seconds = 0.5});
  EXPECT_NE(json.find(R"("seconds":0.500,"workers":1,"failed":false,"sources":[{"name":"s","rows":1234,)"), std::string::npos)
      << json;
}

TEST(SummaryTest, time_is_told_by_stage_and_place) {
  static constexpr ProgramInfo kProgram{.name = "p", .source_file = "p.gress"};
  Runtime runtime;
  SourceCounters& source = runtime.add_source("s", 1);
  Counted& chain = runtime.add_stage("t: filter, select", 2);
  OperatorCounters& totals = runtime.add_operator("totals: aggregate", 12);
  SinkCounters* const sinks[] = {&runtime.add_sink("out", "out.csv", 20), &runtime.add_sink("out", "out.csv", 20)};
  const auto slowest = [&] { return slowest_text(time_spent(runtime), kProgram); };
  EXPECT_EQ(slowest(), "");
  runtime.sampled().add(1000);
  source.busy.add(100);
  chain.busy.add(4);
  totals.busy.add(150);
  EXPECT_EQ(slowest(), "totals: aggregate (p.gress:12), 15 % of the time");
  source.busy.add(60);
  EXPECT_EQ(slowest(), "source s (p.gress:1), 16 % of the time");
  for (SinkCounters* sink : sinks) sink->busy.add(90);
  EXPECT_EQ(slowest(), "sink out (p.gress:20), 18 % of the time");
  runtime.idle().waiting.add(190);
  EXPECT_EQ(slowest(), "the input: there was nothing to read for 19 % of the time");
  sinks[1]->waiting.add(90);
  sinks[1]->held.add(180);
  runtime.idle().blocked.add(26);
  chain.blocked.add(180);
  EXPECT_EQ(slowest(), "sink out (p.gress:20) held the sources for 27 % of the time");
  const std::string text = summary_text(kProgram, runtime, {.seconds = 1});
  EXPECT_NE(text.find("  slowest   sink out (p.gress:20) held the sources for 27 % of the time\n"
                      "  time       45 %  sink out (line 20), waits for its target\n"
                      "             16 %  source s (line 1)\n"
                      "             15 %  totals: aggregate (line 12)\n"
                      "             19 %  no input\n"
                      "              3 %  workers without anything to do\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(summary_text(kProgram, runtime, {.seconds = 0.9}).find("slowest"), std::string::npos);
  // One that works more than it waits is slow by itself.
  sinks[0]->busy.add(100);
  EXPECT_NE(summary_text(kProgram, runtime, {.seconds = 1}).find("sink out (line 20)\n"), std::string::npos);
}

TEST(OptionsTest, later_param_wins_and_empty_is_given) {
  static constexpr ParamInfo kParams[] = {{"a", "string", "\"\""}};
  static constexpr ProgramInfo kProgram{.name = "p", .params = kParams};
  const char* argv[] = {"p", "--param", "a=1", "--param=a=x=y", "-pa="};
  Start start = read_start(kProgram, 4, argv);
  ASSERT_TRUE(start.problems.empty()) << start.problems[0];
  EXPECT_EQ(start.params[0]->text, "x=y");
  start = read_start(kProgram, 5, argv);
  ASSERT_TRUE(start.problems.empty()) << start.problems[0];
  EXPECT_EQ(start.params[0]->text, "");
}

TEST(OptionsTest, environment_names) { EXPECT_EQ(environment_name("late_path"), "GRESS_LATE_PATH"); }

}  // namespace
}  // namespace gress::engine
