#include "runtime/engine/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "runtime/engine/counted_groups.h"
#include "runtime/engine/time_spent.h"
#include "runtime/engine/version.h"

namespace gress::engine {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Text {
 public:
  /// What follows are samples of it; it is not there without one.
  void metric(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    head_ = "# HELP " + name_ + ' ' + std::string(help) + "\n# TYPE " + name_ + ' ' + std::string(type) + '\n';
  }
  void sample(Labels labels, std::string_view value) {
    out_ += std::exchange(head_, {}) + name_;
    char before = '{';
    for (const auto& [label, text] : labels) {
      if (text.empty()) continue;
      out_ += before + std::string(label) + "=\"";
      for (const char c : text) {
        if (c == '\n') out_ += "\\n";
        else if (c == '"' || c == '\\') (out_ += '\\') += c;
        else out_ += c;
      }
      out_ += '"';
      before = ',';
    }
    if (before == ',') out_ += '}';
    (out_ += ' ').append(value) += '\n';
  }
  void sample(Labels labels, std::uint64_t value) { sample(labels, std::to_string(value)); }
  void seconds(Labels labels, double value) {
    char text[48];
    std::snprintf(text, sizeof text, "%.6f", value);
    sample(labels, std::string_view(text));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_, head_, name_;
};

double seconds_of(std::uint64_t micros) { return static_cast<double>(micros) / 1e6; }
double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }
std::string line_of(const Counted& c) { return c.line > 0 ? std::to_string(c.line) : std::string(); }

std::uint64_t resident_bytes() {
  unsigned long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%*s %lu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void process(Text& text, const ProgramInfo& program, double uptime) {
  text.metric("gress_info", "gauge", "The program; always 1.");
  text.sample({{"program", program.name}, {"gress", kVersion}, {"source_hash", program.source_hash}, {"plan_hash", program.plan_hash}}, 1);
  text.metric("gress_uptime_seconds", "gauge", "Since the program was started.");
  text.seconds({}, uptime);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  text.metric("process_cpu_seconds_total", "counter", "Of all threads, in the program and in the kernel.");
  text.seconds({}, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  text.metric("process_resident_memory_bytes", "gauge", "Memory that the process has.");
  text.sample({}, resident_bytes());
}

/// A counter of each thing; `always`: also of those that have counted nothing.
template <class Cells, class Cell>
void counts(Text& text, std::string_view label, const Cells& cells, Counter Cell::* of, bool always = true) {
  by_thing(cells, [&](const auto& group) {
    const std::uint64_t n = total(group, [&](const Cell& c) { return (c.*of).get(); });
    if (always || n != 0) text.sample({{label, group[0]->name}, {"line", line_of(*group[0])}}, n);
  });
}

void sources(Text& text, const Runtime& runtime) {
  const auto& all = runtime.sources();
  text.metric("gress_source_rows_total", "counter", "Records that were read and understood.");
  counts(text, "source", all, &SourceCounters::rows);
  text.metric("gress_source_bytes_total", "counter", "Bytes that were read, decompressed.");
  counts(text, "source", all, &SourceCounters::bytes);
  text.metric("gress_source_invalid_total", "counter", "Records that are none of the source's type.");
  counts(text, "source", all, &SourceCounters::invalid);
  text.metric("gress_source_unknown_total", "counter", "Records of a union whose tag is none of its cases.");
  counts(text, "source", all, &SourceCounters::unknown, false);
  text.metric("gress_source_lag_records", "gauge", "Records that are there and were not read when it was last looked.");
  by_thing(all, [&](const auto& group) {
    if (std::all_of(group.begin(), group.end(), [](const SourceCounters* c) { return c->lag.get() < 0; })) return;
    text.sample({{"source", group[0]->name}, {"line", line_of(*group[0])}},
                total(group, [](const SourceCounters& c) { return std::max<std::int64_t>(c.lag.get(), 0); }));
  });
  text.metric("gress_source_watermark_seconds", "gauge", "The lowest watermark, as a Unix time; not there before the first and behind the last.");
  by_thing(all, [&](const auto& group) {
    std::int64_t lowest = INT64_MAX;
    for (const SourceCounters* c : group) lowest = std::min(lowest, c->watermark.get());
    if (lowest != INT64_MAX && lowest != INT64_MIN)
      text.seconds({{"source", group[0]->name}, {"line", line_of(*group[0])}}, static_cast<double>(lowest) / 1e6);
  });
}

void stages(Text& text, const Runtime& runtime) {
  text.metric("gress_late_rows_total", "counter", "Rows that came too late for a stage.");
  counts(text, "stage", runtime.operators(), &OperatorCounters::late);
  text.metric("gress_failed_rows_total", "counter", "Rows that failed in a stage.");
  counts(text, "stage", runtime.operators(), &OperatorCounters::failed);
  text.metric("gress_sink_rows_total", "counter", "Rows that were given to a sink.");
  counts(text, "sink", runtime.sinks(), &SinkCounters::rows);

  const TimeSpent time = time_spent(runtime);
  text.metric("gress_stage_seconds_total", "counter",
              "Time of workers by stage: busy in it, waiting for what is outside, blocked by another worker, held while others waited for it.");
  for (const StageTime& s : time.stages) {
    const std::string line = s.line > 0 ? std::to_string(s.line) : "";
    const auto spent = [&](std::string_view state, std::uint64_t micros) {
      text.seconds({{"kind", s.kind}, {"name", s.name}, {"line", line}, {"state", state}}, seconds_of(micros));
    };
    spent("busy", s.busy);
    spent("waiting", s.waiting);
    spent("blocked", s.blocked);
    spent("held", s.held);
  }
  text.metric("gress_idle_seconds_total", "counter", "Time of workers without anything to do: no input, or only others had some.");
  text.seconds({{"reason", "no_input"}}, seconds_of(time.no_input));
  text.seconds({{"reason", "starved"}}, seconds_of(time.starved));
}

void checkpoint_counts(Text& text, const Runtime& runtime, const CheckpointCounters& c) {
  text.metric("gress_checkpoints_total", "counter", "Checkpoints that were completed.");
  text.sample({}, c.taken.get());
  text.metric("gress_checkpoint_seconds_total", "counter", "Time from the beginning of a checkpoint until it counted.");
  text.seconds({}, seconds_of(c.micros.get()));
  text.metric("gress_checkpoint_pause_seconds_total", "counter", "Time of workers that saved their state or stood still for it.");
  text.seconds({}, seconds_of(runtime.checkpoints().busy.get() + runtime.checkpoints().waiting.get()));
  if (c.at.get() == 0) return;
  text.metric("gress_checkpoint_timestamp_seconds", "gauge", "When the last checkpoint was completed, as a Unix time.");
  text.seconds({}, static_cast<double>(c.at.get()) / 1e6);
  text.metric("gress_checkpoint_number", "gauge", "Number of the last checkpoint.");
  text.sample({}, static_cast<std::uint64_t>(c.number.get()));
}

}  // namespace

std::string metrics_text(const ProgramInfo& program, const Runtime* runtime, const CheckpointCounters* checkpoints, double uptime) {
  Text text;
  process(text, program, uptime);
  text.metric("gress_ready", "gauge", "1 while rows are taken; 0 while the state is restored.");
  text.sample({}, runtime ? 1 : 0);
  if (runtime) {
    sources(text, *runtime);
    stages(text, *runtime);
    if (checkpoints) checkpoint_counts(text, *runtime, *checkpoints);
  }
  return text.take();
}

}  // namespace gress::engine
