#include "runtime/engine/summary.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "runtime/engine/count_text.h"
#include "runtime/engine/counted_groups.h"
#include "runtime/engine/json_writer.h"
#include "runtime/engine/stuck.h"
#include "runtime/engine/time_spent.h"

namespace gress::engine {
namespace {

/// One line of the table: what, name, rows, and words behind.
struct Line {
  const char* what;
  std::string name;
  std::string rows;
  std::string more;
};

std::uint64_t left_over(const Runtime& runtime, Gauge OperatorCounters::* of) {
  std::uint64_t n = 0;
  for (const OperatorCounters& o : runtime.operators()) n += static_cast<std::uint64_t>(std::max<std::int64_t>((o.*of).get(), 0));
  return n;
}

/// Records that a source's workers have not read yet.
std::uint64_t behind(const std::vector<const SourceCounters*>& group) {
  return total(group, [](const SourceCounters& c) { return std::max<std::int64_t>(c.lag.get(), 0); });
}

std::string at_line(const Counted& c) {
  return c.line > 0 ? c.name + " (line " + std::to_string(c.line) + ")" : c.name;
}

std::vector<Line> lines(const Runtime& runtime, double seconds) {
  std::vector<Line> out;
  by_thing(runtime.sources(), [&](const auto& group) {
    const std::uint64_t rows = total(group, [](const auto& c) { return c.rows.get(); });
    const std::uint64_t invalid = total(group, [](const auto& c) { return c.invalid.get(); });
    std::string more = seconds > 0 ? short_count(static_cast<double>(rows) / seconds) + " rows/s" : std::string();
    if (const std::uint64_t unknown = total(group, [](const auto& c) { return c.unknown.get(); }); unknown != 0)
      more += (more.empty() ? "" : ", ") + grouped(unknown) + " of unknown type";
    if (invalid != 0) more += (more.empty() ? "" : ", ") + grouped(invalid) + " invalid";
    if (const std::uint64_t lag = behind(group); lag != 0) more += (more.empty() ? "" : ", ") + grouped(lag) + " not read";
    out.push_back({"source", group[0]->name, grouped(rows), std::move(more)});
  });
  by_thing(runtime.operators(), [&](const auto& group) {
    if (const auto late = total(group, [](const auto& c) { return c.late.get(); })) {
      out.push_back({"late", at_line(*group[0]), grouped(late), ""});
    }
    if (const auto failed = total(group, [](const auto& c) { return c.failed.get(); })) {
      out.push_back({"failed", at_line(*group[0]), grouped(failed), ""});
    }
    if (const auto kept = total(group, [](const auto& c) { return c.kept.get(); })) {
      out.push_back({"kept", at_line(*group[0]), grouped(kept), "at most at once"});
    }
  });
  by_thing(runtime.sinks(), [&](const auto& group) {
    const std::string& target = group[0]->target;
    out.push_back({"sink", group[0]->name, grouped(total(group, [](const auto& c) { return c.rows.get(); })),
                   target.empty() ? target : "-> " + target});
  });
  return out;
}

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

constexpr double kTimed = 1;  // seconds of a run from which on it is worth a word where they went

/// Who was the slowest, and how the time divides: what is worth a percent, six at most.
std::string time_lines(const ProgramInfo& program, const TimeSpent& time) {
  const std::string slowest = slowest_text(time, program);
  if (slowest.empty()) return "";
  std::string out = "  slowest   " + slowest + '\n';
  const char* heading = "  time    ";
  int left = 6;
  const auto line = [&](std::uint64_t micros, const std::string& what) {
    if (time.percent(micros) < 1 || left-- <= 0) return;
    const std::string number = std::to_string(time.percent(micros));
    out += heading + std::string(5 - number.size(), ' ') + number + " %  " + what + '\n';
    heading = "          ";
  };
  for (const StageTime& s : time.stages) {
    const std::string what = (s.kind == "stage" ? "" : std::string(s.kind) + " ") + s.name + (s.line > 0 ? " (line " + std::to_string(s.line) + ")" : "");
    const bool waits = s.kind == "sink" ? s.waiting + s.held > s.busy : time.percent(s.waiting + s.held) != 0;
    line(s.all(), what + (!waits ? "" : s.kind == "sink" ? ", waits for its target" : ", others wait for it"));
  }
  left = 6;
  line(time.no_input, "no input");
  line(time.starved, "workers without anything to do");
  line(time.checkpoints, "checkpoints");
  return out;
}

void time_json(JsonWriter& json, const ProgramInfo& program, const TimeSpent& time) {
  const auto seconds = [&](const char* name, std::uint64_t micros) { json.key(name).seconds(static_cast<double>(micros) / 1e6); };
  if (const std::string slowest = slowest_text(time, program); !slowest.empty()) json.key("slowest").text(slowest);
  json.key("time").object();
  seconds("seen", time.seen);
  seconds("no_input", time.no_input);
  seconds("starved", time.starved);
  seconds("checkpoints", time.checkpoints);
  json.key("stages").array();
  for (const StageTime& s : time.stages) {
    json.object().key("kind").text(s.kind).key("name").text(s.name);
    if (s.line > 0) json.key("line").number(std::int64_t{s.line});
    seconds("busy", s.busy);
    seconds("waiting", s.waiting);
    seconds("blocked", s.blocked);
    seconds("held", s.held);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string summary_text(const ProgramInfo& program, const Runtime& runtime, const Ending& ending) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f s", ending.seconds);
  std::string out = "gress: ";
  out += program.name;
  if (ending.failed) {
    out += " failed after ";
  } else if (ending.signal != 0) {
    out.append(" stopped by ").append(signals::name(ending.signal)) += " after ";
  } else {
    out += " done in ";
  }
  out += seconds;
  if (runtime.workers() > 1) out.append(" by ").append(std::to_string(runtime.workers())) += " workers";
  out += '\n';
  const std::vector<Line> table = lines(runtime, ending.seconds);
  std::size_t name = 0, rows = 0;
  for (const Line& l : table) {
    name = std::max(name, columns(l.name));
    rows = std::max(rows, l.rows.size());
  }
  for (const Line& l : table) {
    std::string text = std::string("  ") + l.what;
    text.append(10 - text.size(), ' ');
    text += l.name + std::string(name - columns(l.name) + 2, ' ');
    text += std::string(rows - l.rows.size(), ' ') + l.rows + (l.rows == "1" ? " row " : " rows");
    if (!l.more.empty()) text += "  " + l.more;
    while (text.back() == ' ') text.pop_back();
    out += text + '\n';
  }
  if (ending.seconds >= kTimed) out += time_lines(program, time_spent(runtime));
  if (ending.signal != 0 || ending.failed) {
    if (const std::uint64_t open = left_over(runtime, &OperatorCounters::open); open != 0)
      out += "  " + grouped(open) + (open == 1 ? " open window was dropped\n" : " open windows were dropped\n");
    if (const std::uint64_t held = left_over(runtime, &OperatorCounters::held); held != 0)
      out += "  " + grouped(held) + (held == 1 ? " row that waited for its turn was dropped\n" : " rows that waited for their turn were dropped\n");
  }
  if (ending.signal != 0)
    if (const std::optional<Hold> hold = held_back(runtime)) {
      out += "  the watermark stood at " + (hold->watermark == INT64_MIN ? "its start" : time_text(hold->watermark)) +
             ", others had come to " + time_text(hold->highest) + "; held by " + hold_text(*hold) + "\n";
    }
  return out;
}

std::string summary_json(const ProgramInfo& program, const Runtime& runtime, const Ending& ending) {
  JsonWriter json;
  json.object();
  json.key("time").text(time_text(now_micros() / 1000 * 1000));
  json.key("level").text("info");
  json.key("event").text("summary");
  json.key("program").text(program.name);
  json.key("seconds").seconds(ending.seconds);
  json.key("workers").number(std::int64_t{runtime.workers()});
  json.key("failed").boolean(ending.failed);
  if (ending.signal != 0) json.key("stopped_by").text(signals::name(ending.signal));
  json.key("sources").array();
  by_thing(runtime.sources(), [&](const auto& group) {
    json.object().key("name").text(group[0]->name);
    json.key("rows").number(total(group, [](const auto& c) { return c.rows.get(); }));
    json.key("bytes").number(total(group, [](const auto& c) { return c.bytes.get(); }));
    if (const std::uint64_t unknown = total(group, [](const auto& c) { return c.unknown.get(); }); unknown != 0)
      json.key("unknown").number(unknown);
    json.key("invalid").number(total(group, [](const auto& c) { return c.invalid.get(); }));
    if (group[0]->lag.get() >= 0) json.key("not_read").number(behind(group));
    json.end_object();
  });
  json.end_array().key("operators").array();
  by_thing(runtime.operators(), [&](const auto& group) {
    json.object().key("name").text(group[0]->name);
    if (group[0]->line > 0) json.key("line").number(std::int64_t{group[0]->line});
    json.key("late").number(total(group, [](const auto& c) { return c.late.get(); }));
    json.key("failed").number(total(group, [](const auto& c) { return c.failed.get(); }));
    if (const auto kept = total(group, [](const auto& c) { return c.kept.get(); })) json.key("kept_at_most").number(kept);
    json.end_object();
  });
  json.end_array().key("sinks").array();
  by_thing(runtime.sinks(), [&](const auto& group) {
    json.object().key("name").text(group[0]->name).key("target").text(group[0]->target);
    json.key("rows").number(total(group, [](const auto& c) { return c.rows.get(); })).end_object();
  });
  json.end_array();
  time_json(json, program, time_spent(runtime));
  if (ending.signal != 0 || ending.failed) {
    json.key("open_windows_dropped").number(left_over(runtime, &OperatorCounters::open));
    if (const std::uint64_t held = left_over(runtime, &OperatorCounters::held); held != 0) json.key("held_rows_dropped").number(held);
  }
  if (ending.signal != 0)
    if (const std::optional<Hold> hold = held_back(runtime)) {
      json.key("watermark_held_by").object().key("source").text(hold->source);
      json.key("partition").number(hold->number);
      json.key("file").text(hold->partition).end_object();
    }
  json.end_object();
  return json.take() + '\n';
}

}  // namespace gress::engine
