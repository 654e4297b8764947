#include "dsl/check/checked_json.h"

#include "dsl/catalog/aggregates.h"
#include "dsl/check/checked_json_parts.h"
#include "dsl/check/checked_names.h"

namespace gress::dsl {
namespace {

using namespace checked;

using Parts = detail::JsonParts;

// ---------------------------------------------------------------- stages

void window(Parts& p, const std::optional<Window>& w) {
  p.out.key("window");
  if (!w) return p.out.null();
  p.out.begin_object();
  p.text("kind", name(w->kind));
  p.text("unit", name(w->unit));
  p.expr("size", w->size);
  p.expr("every", w->every);
  p.expr("gap", w->gap);
  p.expr("max", w->max);
  p.expr("zone", w->zone);
  p.expr("offset", w->offset);
  p.expr("late", w->late);
  p.index("late_to", w->late_to);
  p.text("emit", name(w->emit));
  p.expr("emit_every", w->emit_every);
  p.flag("processing_time", w->processing_time);
  p.flag("retain_forever", w->retain_forever);
  p.expr("retain", w->retain);
  p.out.end_object();
}

void retain(Parts& p, const Retain& r) {
  p.flag("retain_forever", r.forever);
  p.expr("retain", r.duration);
}

void equalities(Parts& p, const std::vector<Equality>& list) {
  p.out.key("equalities").begin_array();
  for (const auto& e : list) {
    p.out.begin_object();
    p.expr("left", e.left);
    p.expr("right", e.right);
    p.out.end_object();
  }
  p.out.end_array();
}

void call(Parts& p, const AggregateCall& c) {
  p.out.key("fn");
  if (c.fn) p.out.string(c.fn->name);
  else p.out.null();
  p.index("user", c.user);
  p.exprs("args", c.args);
  p.expr("where", c.where);
  p.expr("q", c.q);
  p.type("type", c.type);
}

void stage(Parts& p, const Filter& s) {
  p.text("stage", "filter");
  p.expr("condition", s.condition);
}
void stage(Parts& p, const Project& s) {
  p.text("stage", "project");
  p.outputs("outputs", s.outputs);
}
void stage(Parts& p, const Flatten& s) {
  p.text("stage", "flatten");
  p.expr("list", s.list);
  p.index("column", s.column);
}
void stage(Parts& p, const Key& s) {
  p.text("stage", "key");
  p.outputs("computed", s.computed);
  p.indices("columns", s.columns);
}
void stage(Parts& p, const TableJoin& s) {
  p.text("stage", "table_join");
  p.text("kind", name(s.kind));
  p.index("table", s.table);
  p.text("alias", s.alias);
  equalities(p, s.equalities);
  p.expr("rest", s.rest);
}
void stage(Parts& p, const Aggregate& s) {
  p.text("stage", "aggregate");
  window(p, s.window);
  p.indices("keys", s.keys);
  p.out.key("calls").begin_array();
  for (const auto& c : s.calls) {
    p.out.begin_object();
    call(p, c);
    p.out.end_object();
  }
  p.out.end_array();
  p.outputs("outputs", s.outputs);
  retain(p, s.retain);
}
void stage(Parts& p, const Top& s) {
  p.text("stage", "top");
  window(p, s.window);
  p.indices("keys", s.keys);
  p.expr("count", s.count);
  p.flag("with_ties", s.with_ties);
  p.out.key("by").begin_array();
  for (const auto& o : s.by) {
    p.out.begin_object();
    p.expr("value", o.value);
    p.flag("descending", o.descending);
    p.out.end_object();
  }
  p.out.end_array();
  p.text("rank", s.rank);
  retain(p, s.retain);
}
void stage(Parts& p, const Latest& s) {
  p.text("stage", "latest");
  window(p, s.window);
  p.indices("keys", s.keys);
  retain(p, s.retain);
}
void stage(Parts& p, const Distinct& s) {
  p.text("stage", "distinct");
  p.exprs("keys", s.keys);
  p.expr("within", s.within);
}
void stage(Parts& p, const Scan& s) {
  p.text("stage", "scan");
  p.indices("keys", s.keys);
  p.state("state", s.state);
  p.updates("update", s.update);
  p.outputs("emit", s.emit);
  p.expr("when", s.when);
  p.flag("retain_forever", s.retain_forever);
  p.expr("retain", s.retain);
  p.outputs("then_emit", s.then_emit);
  p.expr("then_when", s.then_when);
}

void stage(Parts& p, const StreamJoin& s) {
  static constexpr const char* kBounds[] = {"interval", "window", "retain", "as_of"};
  p.text("stage", "stream_join");
  p.text("kind", name(s.kind));
  p.text("bound", kBounds[static_cast<int>(s.bound)]);
  p.index("right", s.right);
  p.text("alias", s.alias);
  equalities(p, s.equalities);
  p.expr("rest", s.rest);
  p.expr("low", s.low);
  p.expr("high", s.high);
  window(p, s.window);
  retain(p, s.retain);
  p.expr("as_of", s.as_of);
  p.expr("reach", s.reach);
  p.index("late_left", s.late_left);
  p.index("late_right", s.late_right);
}
void stage(Parts& p, const SetTime& s) {
  p.text("stage", "set_time");
  p.expr("time", s.time);
  p.expr("delay", s.delay);
}
void stage(Parts& p, const InOrder& s) {
  p.text("stage", "in_order");
  p.index("late_to", s.late_to);
}
void stage(Parts& p, const Changes&) { p.text("stage", "changes"); }
void stage(Parts& p, const Features& s) {
  p.text("stage", "features");
  p.indices("keys", s.keys);
  p.out.key("calls").begin_array();
  for (const auto& c : s.calls) {
    p.out.begin_object();
    call(p, c.call);
    p.flag("before", c.frame.before);
    p.expr("span", c.frame.span);
    p.expr("rows", c.frame.rows);
    p.out.end_object();
  }
  p.out.end_array();
  p.outputs("outputs", s.outputs);
  retain(p, s.retain);
}

void stages(Parts& p, const std::vector<Stage>& list) {
  p.out.key("stages").begin_array();
  for (const auto& s : list) {
    p.out.line();
    p.out.begin_object();
    std::visit([&](const auto& node) { stage(p, node); }, s.node);
    p.text("word", s.word);
    p.line(s.range);
    p.row("in", s.in);
    p.row("out", s.out);
    p.text("kind_out", name(s.kind));
    p.indices("upsert_key", s.upsert_key);
    p.flag("has_time", s.has_time);
    p.out.end_object();
  }
  p.out.end_array();
}

// ---------------------------------------------------------------- items

void item(Parts& p, const Param& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.type("type", x.type);
  p.expr("default", x.default_value);
}
void item(Parts& p, const UserFunction& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.params("params", x.params);
  p.type("result", x.result);
  p.expr("body", x.body);
}
void item(Parts& p, const UserAggregate& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.params("params", x.params);
  p.type("result_type", x.result_type);
  p.state("state", x.state);
  p.updates("add", x.add);
  p.flag("has_retract", x.has_retract);
  p.updates("retract", x.retract);
  p.updates("merge", x.merge);
  p.expr("result", x.result);
}
void item(Parts& p, const ForeignFunction& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.params("params", x.params);
  p.type("result", x.result);
  p.text("cpp", x.cpp);
}
constexpr const char* kUnknown[] = {"invalid", "skip", "route"};
constexpr const char* kIdle[] = {"never", "after", "advance"};
constexpr const char* kChanges[] = {"none", "upsert", "debezium", "op"};

void item(Parts& p, const Source& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.line(x.range);
  p.text("connector", x.connector);
  p.type("type", x.type);
  p.text("format", name(x.format));
  p.index("stream", x.stream);
  p.expr("time", x.time);
  p.expr("watermark_delay", x.watermark_delay);
  p.expr("max_ahead", x.max_ahead);
  p.expr("rate", x.rate);
  p.index("invalid", x.invalid);
  p.flag("check_all", x.check_all);
  p.text("time_format", name(x.time_format));
  p.text("time_pattern", x.time_pattern);
  p.options(x.options);
  p.out.key("cases").begin_array();
  for (const SourceCase& c : x.cases) {
    p.out.begin_object();
    p.text("name", c.name);
    p.type("type", c.type);
    p.text("tag", c.tag);
    p.index("stream", c.stream);
    p.expr("time", c.time);
    p.out.end_object();
  }
  p.out.end_array();
  p.texts("tag_path", x.tag_path);
  p.texts("content_path", x.content_path);
  p.text("unknown", kUnknown[static_cast<int>(x.unknown)]);
  p.index("unknown_to", x.unknown_to);
  p.text("idle", kIdle[static_cast<int>(x.idle)]);
  p.expr("idle_after", x.idle_after);
  p.text("align", x.align);
  p.expr("max_drift", x.max_drift);
  p.text("changes", kChanges[static_cast<int>(x.changes)]);
  p.indices("key", x.key);
  retain(p, x.retain);
}
void item(Parts& p, const Table& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.line(x.range);
  p.text("connector", x.connector);
  p.type("type", x.type);
  p.text("format", name(x.format));
  p.indices("key", x.key);
  p.expr("refresh", x.refresh);
  p.text("time_format", name(x.time_format));
  p.text("time_pattern", x.time_pattern);
  p.options(x.options);
}
void item(Parts& p, const Stream& x) {
  p.text("name", x.name);
  p.text("doc", x.doc);
  p.line(x.range);
  p.text("origin", name(x.origin));
  p.index("source", x.source);
  p.index("late_stream", x.late_stream);
  p.index("late_stage", x.late_stage);
  p.flag("late_right", x.late_right);
  p.index("union_case", x.union_case);
  p.flag("merge", x.merge);
  p.indices("inputs", x.inputs);
  p.indices("joined", x.joined);
  p.text("declared_type", x.declared_type);
  p.text("kind", name(x.kind));
  p.indices("key", x.key);
  p.flag("has_time", x.has_time);
  p.flag("used", x.used);
  p.row("row", x.row);
  stages(p, x.stages);
}
void item(Parts& p, const Sink& x) {
  p.text("name", x.name);
  p.line(x.range);
  p.index("stream", x.stream);
  p.text("connector", x.connector);
  p.text("format", name(x.format));
  p.flag("ignore_deletes", x.ignore_deletes);
  p.flag("duplicates", x.duplicates);
  if (x.window) window(p, x.window);
  p.flag("ordered", x.ordered);
  if (x.rejected != kNone) p.index("rejected", x.rejected);
  p.options(x.options);
}

void rows(Parts& p, const std::vector<TestRow>& list) {
  p.out.key("rows").begin_array();
  for (const auto& row : list) {
    p.out.begin_array();
    for (const auto& [column, value] : row.fields) {
      p.out.begin_object();
      p.index("column", column);
      p.expr("value", value);
      p.out.end_object();
    }
    p.out.end_array();
  }
  p.out.end_array();
}
void step(Parts& p, const TestFeed& s) {
  p.text("step", "feed");
  p.index("stream", s.stream);
  p.index("table", s.table);
  p.line(s.range);
  rows(p, s.rows);
}
void step(Parts& p, const TestAdvance& s) {
  p.text("step", "advance");
  p.index("source", s.source);
  p.line(s.range);
  p.expr("to", s.to);
}
void step(Parts& p, const TestExpect& s) {
  p.text("step", "expect");
  p.index("stream", s.stream);
  p.line(s.range);
  p.flag("ordered", s.ordered);
  p.flag("has_op", s.has_op);
  p.out.key("ops").begin_array();
  for (const auto& op : s.ops) {
    if (op) p.out.string(*op);
    else p.out.null();
  }
  p.out.end_array();
  rows(p, s.rows);
}
void item(Parts& p, const Test& x) {
  p.text("name", x.name);
  p.line(x.range);
  p.out.key("params").begin_array();
  for (const auto& [param, value] : x.params) {
    p.out.begin_object();
    p.index("param", param);
    p.expr("value", value);
    p.out.end_object();
  }
  p.out.end_array();
  p.out.key("steps").begin_array();
  for (const auto& s : x.steps) {
    p.out.begin_object();
    std::visit([&](const auto& node) { step(p, node); }, s.node);
    p.out.end_object();
  }
  p.out.end_array();
}

template <class T>
void items(Parts& p, const char* key, const std::vector<T>& list) {
  p.out.line();
  p.out.key(key).begin_array();
  for (const auto& x : list) {
    p.out.line();
    p.out.begin_object();
    item(p, x);
    p.out.end_object();
  }
  p.out.end_array();
}

}  // namespace

std::string checked_json(const checked::Program& program, const SourceManager& sources) {
  Parts p(program, sources);
  p.out.begin_object();
  p.text("name", program.name);
  p.text("doc", program.doc);
  p.out.key("types").begin_array();
  for (const Type* type : program.types) p.out.number(static_cast<std::int64_t>(p.type_index(type)));
  p.out.end_array();
  items(p, "params", program.params);
  items(p, "functions", program.functions);
  items(p, "aggregates", program.aggregates);
  items(p, "foreign_functions", program.foreign_functions);
  items(p, "sources", program.sources);
  items(p, "tables", program.tables);
  items(p, "streams", program.streams);
  items(p, "sinks", program.sinks);
  items(p, "tests", program.tests);
  p.index("errors", program.errors);
  p.options(program.options);
  p.out.line();
  p.type_table();
  p.out.end_object();
  p.out.line();
  return p.out.take();
}

}  // namespace gress::dsl
