// A dashboard for Grafana 10 and later, of what a Prometheus server has from `/metrics` (runtime/engine/metrics.cpp).
#include <nlohmann/json.hpp>

#include "compiler/package/targets.h"

namespace gress::package {

namespace {

using Json = nlohmann::ordered_json;

struct Query {
  const char* expression;  // `$i` stands for the instance
  const char* legend;
};

class Dashboard {
 public:
  void row_of(const char* title, const char* unit, const char* description, std::initializer_list<Query> queries, bool stacked = false) {
    Json targets = Json::array();
    for (const Query& q : queries) {
      std::string text = q.expression;
      for (std::size_t at; (at = text.find("$i")) != std::string::npos;) text.replace(at, 2, "instance=~\"${instance}\"");
      targets.push_back({{"refId", std::string(1, static_cast<char>('A' + targets.size()))}, {"expr", text}, {"legendFormat", q.legend}});
    }
    const std::size_t n = panels_.size();
    Json custom = {{"fillOpacity", stacked ? 40 : 8}, {"showPoints", "never"}, {"stacking", {{"mode", stacked ? "normal" : "none"}}}};
    panels_.push_back({{"id", n + 1},
                       {"type", "timeseries"},
                       {"title", title},
                       {"description", description},
                       {"datasource", {{"type", "prometheus"}, {"uid", "${datasource}"}}},
                       {"gridPos", {{"h", 8}, {"w", 12}, {"x", n % 2 * 12}, {"y", n / 2 * 8}}},
                       {"fieldConfig", {{"defaults", {{"unit", unit}, {"min", 0}, {"custom", custom}}}, {"overrides", Json::array()}}},
                       {"options", {{"legend", {{"displayMode", "list"}, {"placement", "bottom"}}}, {"tooltip", {{"mode", "multi"}}}}},
                       {"targets", targets}});
  }
  Json take() { return std::move(panels_); }

 private:
  Json panels_ = Json::array();
};

Json variables(const Facts& facts) {
  const Json source = {{"type", "prometheus"}, {"uid", "${datasource}"}};
  return Json::array({{{"name", "datasource"}, {"type", "datasource"}, {"query", "prometheus"}, {"label", "Prometheus"}},
                      {{"name", "instance"},
                       {"type", "query"},
                       {"label", "Instance"},
                       {"datasource", source},
                       {"query", "label_values(gress_info{program=\"" + facts.name + "\"}, instance)"},
                       {"refresh", 2},
                       {"multi", true},
                       {"includeAll", true}}});
}

}  // namespace

std::string grafana_dashboard(const Facts& facts) {
  Dashboard board;
  board.row_of("Rows read", "rowsps", "Records that each source read and understood.",
               {{"rate(gress_source_rows_total{$i}[$__rate_interval])", "{{source}} {{instance}}"}});
  board.row_of("Rows written", "rowsps", "Rows that were given to each sink.",
               {{"rate(gress_sink_rows_total{$i}[$__rate_interval])", "{{sink}} {{instance}}"}});
  if (facts.event_time)
    board.row_of("Behind the clock", "s", "Now less the lowest watermark of each source: results are that late, or later by the size of a window.",
                 {{"time() - gress_source_watermark_seconds{$i}", "{{source}} {{instance}}"}});
  board.row_of("Rows that were not counted", "rowsps", "Invalid records by source, late and failed rows by stage.",
               {{"rate(gress_source_invalid_total{$i}[$__rate_interval])", "invalid {{source}}"},
                {"rate(gress_late_rows_total{$i}[$__rate_interval])", "late {{stage}}"},
                {"rate(gress_failed_rows_total{$i}[$__rate_interval])", "failed {{stage}}"}});
  if (facts.lag)
    board.row_of("Not read yet", "short", "Records that wait in the source's topic.", {{"gress_source_lag_records{$i}", "{{source}} {{instance}}"}});
  board.row_of("Where the time goes", "percentunit",
               "Workers' time by stage, at work or holding up others; and without anything to do. The highest one is the bottleneck.",
               {{"sum by (kind, name, line) (rate(gress_stage_seconds_total{state!=\"blocked\",$i}[$__rate_interval]))", "{{kind}} {{name}} (line {{line}})"},
                {"rate(gress_idle_seconds_total{$i}[$__rate_interval])", "{{reason}}"}},
               true);
  if (facts.checkpoints) {
    board.row_of("Age of the last checkpoint", "s", "What a restart does again, at most.",
                 {{"time() - gress_checkpoint_timestamp_seconds{$i}", "{{instance}}"}});
    board.row_of("Duration of checkpoints", "s", "From their beginning until they count, and how long workers stood still.",
                 {{"rate(gress_checkpoint_seconds_total{$i}[$__rate_interval]) / rate(gress_checkpoints_total{$i}[$__rate_interval])", "whole {{instance}}"},
                  {"rate(gress_checkpoint_pause_seconds_total{$i}[$__rate_interval]) / rate(gress_checkpoints_total{$i}[$__rate_interval])", "pause {{instance}}"}});
  }
  board.row_of("CPU", "short", "Cores that the process uses.", {{"rate(process_cpu_seconds_total{$i}[$__rate_interval])", "{{instance}}"}});
  board.row_of("Memory", "bytes", "Resident memory of the process.", {{"process_resident_memory_bytes{$i}", "{{instance}}"}});
  const Json dashboard = {{"title", facts.name},
                          {"description", facts.title},
                          {"uid", "gress-" + facts.label.substr(0, 34)},
                          {"tags", {"gress"}},
                          {"schemaVersion", 39},
                          {"refresh", "10s"},
                          {"time", {{"from", "now-1h"}, {"to", "now"}}},
                          {"templating", {{"list", variables(facts)}}},
                          {"panels", board.take()}};
  return dashboard.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gress::package
