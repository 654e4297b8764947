#include "dsl/check/print_checked.h"

#include "dsl/check/checked_names.h"
#include "dsl/check/print_expr.h"

namespace gress::dsl {
namespace {

using namespace checked;

class Printer {
 public:
  explicit Printer(const Program& program) : program_(program) {}

  std::string run() {
    out_ = "pipeline " + program_.name + "\n";
    if (program_.errors != kNone) out_ += "  errors: " + stream_name(program_.errors) + "\n";
    options(program_.options);
    for (const auto& p : program_.params) param(p);
    for (const Type* t : program_.types) type(*t);
    for (const auto& f : program_.functions) function(f);
    for (const auto& f : program_.foreign_functions)
      out_ += "fn " + f.name + signature(f.params) + " -> " + to_string(f.result) + "\n  C++ " + f.cpp + (f.deleted ? ", deleted" : f.may_throw ? ", may throw" : "") + "\n";
    for (const auto& a : program_.aggregates) aggregate(a);
    for (const auto& s : program_.sources) source(s);
    for (const auto& t : program_.tables) table(t);
    for (const auto& s : program_.streams) stream(s);
    for (const auto& s : program_.sinks) sink(s);
    for (const auto& t : program_.tests) test(t);
    return std::move(out_);
  }

 private:
  // ---- pieces
  std::string expr(ExprPtr e, const ExprNames& names = {}) { return print_expr(program_, *e, names); }
  std::string stream_name(Index i) { return i < program_.streams.size() ? program_.streams[i].name : "?"; }
  std::string row(const Row& r) {
    std::string text = "{";
    for (std::size_t i = 0; i < r.columns.size(); ++i) {
      const auto& c = r.columns[i];
      text += (i ? ", " : " ") + c.name + ": " + to_string(c.type);
      if (c.wire != c.name) text += " as " + print_text(c.wire);
    }
    return text + " }";
  }
  std::string columns(const Row& r, const std::vector<Index>& indices) {
    std::string text;
    for (Index i : indices) text += (text.empty() ? "" : ", ") + (i < r.columns.size() ? r.columns[i].name : "?");
    return text;
  }
  std::string outputs(const std::vector<Output>& list, const ExprNames& names) {
    std::string text = "{";
    for (std::size_t i = 0; i < list.size(); ++i)
      text += (i ? ", " : " ") + list[i].name + ": " + expr(list[i].value, names);
    return text + " }";
  }
  std::string signature(const std::vector<FunctionParam>& params) {
    std::string text = "(";
    for (std::size_t i = 0; i < params.size(); ++i)
      text += (i ? ", " : "") + params[i].name + ": " + to_string(params[i].type);
    return text + ")";
  }
  std::string state(const std::vector<StateField>& fields, const ExprNames& names) {
    std::string text = "{";
    for (std::size_t i = 0; i < fields.size(); ++i)
      text += (i ? ", " : " ") + fields[i].name + ": " + to_string(fields[i].type) + " = " + expr(fields[i].init, names);
    return text + " }";
  }
  std::string updates(const std::vector<std::pair<Index, ExprPtr>>& list, const ExprNames& names) {
    std::string text = "{";
    for (std::size_t i = 0; i < list.size(); ++i)
      text += (i ? ", " : " ") + names.state[list[i].first] + ": " + expr(list[i].second, names);
    return text + " }";
  }
  std::string window(const Window& w) {
    std::string text = name(w.kind) + std::string("(");
    bool first = true;
    auto add = [&](const char* key, const std::string& value) {
      if (!first) text += ", ";
      first = false;
      if (*key) text += std::string(key) + ": ";
      text += value;
    };
    auto add_expr = [&](const char* key, ExprPtr e) { if (e) add(key, expr(e)); };
    if (w.unit != CalendarUnit::none) add("", name(w.unit));
    add_expr("", w.size);
    add_expr("every", w.every);
    add_expr("gap", w.gap);
    add_expr("max", w.max);
    add_expr("zone", w.zone);
    add_expr("offset", w.offset);
    add_expr("late", w.late);
    if (w.late_to != kNone) add("late_to", stream_name(w.late_to));
    if (w.emit != EmitKind::on_close) add("emit", std::string(name(w.emit)) + "(" + expr(w.emit_every) + ")");
    if (w.processing_time) add("time", "processing");
    if (w.retain_forever) add("retain", "forever");
    add_expr("retain", w.retain);
    return text + ")";
  }
  void line(const std::string& text) { out_ += "  " + text + "\n"; }

  // ---- items
  void param(const Param& p) {
    out_ += "param " + p.name + ": " + to_string(p.type);
    if (p.default_value) out_ += " = " + expr(p.default_value);
    out_ += "\n";
  }
  void type(const Type& t) {
    if (t.is(Kind::enumeration)) {
      out_ += "enum " + t.name + " {";
      for (std::size_t i = 0; i < t.variants.size(); ++i) {
        out_ += (i ? ", " : " ") + t.variants[i].name;
        if (t.variants[i].wire != t.variants[i].name) out_ += " as " + print_text(t.variants[i].wire);
      }
    } else {
      out_ += "type " + t.name + " {";
      for (std::size_t i = 0; i < t.fields.size(); ++i) {
        const auto& f = t.fields[i];
        out_ += (i ? ", " : " ") + f.name + ": " + to_string(f.type);
        if (f.default_value) out_ += " = " + expr(f.default_value);
        if (f.wire != f.name) out_ += " as " + print_text(f.wire);
      }
    }
    out_ += " }\n";
  }
  void function(const UserFunction& f) {
    ExprNames names;
    for (const auto& p : f.params) names.args.push_back(p.name);
    out_ += "fn " + f.name + signature(f.params) + " -> " + to_string(f.result) + "\n";
    if (f.body) line("= " + expr(f.body, names));
  }
  void aggregate(const UserAggregate& a) {
    ExprNames names;
    for (const auto& p : a.params) names.args.push_back(p.name);
    for (const auto& s : a.state) names.state.push_back(s.name);
    out_ += "aggregate " + a.name + signature(a.params) + " -> " + to_string(a.result_type) + "\n";
    if (a.foreign) return line("C++ " + a.foreign->cpp + (a.has_retract ? ", retracts" : ""));
    line("state " + state(a.state, names));
    line("add " + updates(a.add, names));
    if (a.has_retract) line("retract " + updates(a.retract, names));
    line("merge " + updates(a.merge, names));
    if (a.result) line("result " + expr(a.result, names));
  }
  void time_format(TimeFormat format, const std::string& pattern) {
    if (format == TimeFormat::automatic) return;
    line("time_format: " + (format == TimeFormat::pattern ? print_text(pattern) : name(format)));
  }
  void options(const std::vector<OptionValue>& list, const ExprNames& names = {}) {
    for (const auto& o : list) {
      std::string entries, fields;
      for (const auto& [name, value] : o.entries) entries += (entries.empty() ? "{ " : ", ") + name + ": " + expr(value, names);
      for (const Index i : o.fields) fields += (fields.empty() ? "" : ", ") + (names.row ? names.row->columns[i].name : std::to_string(i));
      line(o.name + ": " + (o.value ? expr(o.value, names) : !entries.empty() ? entries + " }" : !fields.empty() ? fields : o.word));
    }
  }
  void cases(const Source& s) {
    const auto path = [](const std::vector<std::string>& names) {
      std::string out;
      for (const auto& n : names) out += (out.empty() ? "" : ".") + n;
      return out;
    };
    for (const auto& c : s.cases) {
      ExprNames names;
      names.row = &program_.streams[c.stream].row;
      line("case " + c.name + ": " + to_string(c.type) + " as " + print_text(c.tag) + (c.time ? ", time " + expr(c.time, names) : ""));
    }
    if (!s.tag_path.empty()) line("tag: " + path(s.tag_path) + (s.content_path.empty() ? "" : " in " + path(s.content_path)));
    if (s.unknown == UnknownTag::skip) line("unknown: skip");
    if (s.unknown_to != kNone) line("unknown: " + stream_name(s.unknown_to));
  }
  void source(const Source& s) {
    out_ += "source " + s.name + ": " + (s.cases.empty() ? to_string(s.type) : "a union") + " from " + s.connector + ", format " + name(s.format) + "\n";
    cases(s);
    ExprNames names;
    if (s.stream != kNone) names.row = &program_.streams[s.stream].row;
    if (s.time) line("time: " + expr(s.time, names));
    if (s.watermark_delay) line("watermark_delay: " + expr(s.watermark_delay));
    if (s.max_ahead) line("max_ahead: " + expr(s.max_ahead));
    if (s.rate) line("rate: " + expr(s.rate) + "/s");
    if (s.invalid != kNone) line("invalid: " + stream_name(s.invalid));
    if (s.check_all) line("check: all");
    time_format(s.time_format, s.time_pattern);
    if (s.idle_after) line("idle: " + expr(s.idle_after) + (s.idle == IdleKind::advance ? ", then by the clock" : ""));
    if (s.max_drift) line("align: " + s.align + ", max_drift: " + expr(s.max_drift));
    if (s.changes != ChangesKind::none) {
      static constexpr const char* kWords[] = {"none", "upsert", "debezium", "op"};
      std::string keys;
      for (Index i : s.key) keys += (keys.empty() ? "" : ", ") + s.type->fields[i].name;
      line("changes: " + std::string(kWords[static_cast<int>(s.changes)]) + ", key: " + keys + ", retain: " + (s.retain.duration ? expr(s.retain.duration) : "forever"));
    }
    options(s.options);
  }
  void table(const Table& t) {
    out_ += "table " + t.name + ": " + to_string(t.type) + " from " + t.connector + ", format " + name(t.format) + "\n";
    if (!t.key.empty()) {
      std::string keys;
      for (Index i : t.key) keys += (keys.empty() ? "" : ", ") + t.type->fields[i].name;
      line("key: " + keys);
    }
    if (t.refresh) line("refresh: " + expr(t.refresh));
    time_format(t.time_format, t.time_pattern);
    options(t.options);
  }
  void stream(const Stream& s) {
    out_ += "stream " + s.name;
    if (!s.declared_type.empty()) out_ += ": " + s.declared_type;
    out_ += " is " + std::string(name(s.kind));
    if (s.kind == StreamKind::upsert) out_ += " by " + (s.key.empty() ? "the whole row" : columns(s.row, s.key));
    if (s.has_time) out_ += ", with event time";
    if (!s.used) out_ += ", unused";
    out_ += "\n";
    switch (s.origin) {
      case StreamOrigin::source: line("= rows of source " + program_.sources[s.source].name); break;
      case StreamOrigin::late: line("= rows late at " + stream_name(s.late_stream)); break;
      case StreamOrigin::invalid: line("= invalid rows"); break;
      case StreamOrigin::chain: {
        std::string inputs;
        for (Index i : s.inputs) inputs += (inputs.empty() ? "" : ", ") + stream_name(i);
        line("= " + (s.merge ? "merge(" + inputs + ")" : inputs));
        break;
      }
    }
    for (const auto& st : s.stages) {
      std::visit([&](const auto& node) { stage(st, node); }, st.node);
      if (!std::holds_alternative<Filter>(st.node) && !std::holds_alternative<Distinct>(st.node))
        line("   " + row(st.out));
    }
    if (s.stages.empty()) line("   " + row(s.row));
  }
  void stage(const Stage& st, const Filter& f) { line("|> filter " + expr(f.condition, over(st))); }
  void stage(const Stage& st, const Project& p) { line("|> " + st.word + " " + outputs(p.outputs, over(st))); }
  void stage(const Stage& st, const Flatten& f) {
    line("|> flatten " + expr(f.list, over(st)) + " as " + st.out.columns[f.column].name);
  }
  void stage(const Stage& st, const Key& k) {
    line("|> key " + columns(st.out, k.columns) + (k.computed.empty() ? "" : " computing " + outputs(k.computed, over(st))));
  }
  void stage(const Stage& st, const TableJoin& j) {
    ExprNames names = over(st);
    const Table& t = program_.tables[j.table];
    Row right;
    for (const auto& f : t.type->fields) right.columns.push_back({f.name, f.type, f.wire, f.doc});
    names.right = &right;
    std::string text = "|> " + std::string(name(j.kind)) + " join table " + t.name + " as " + j.alias + " on ";
    for (std::size_t i = 0; i < j.equalities.size(); ++i)
      text += (i ? " and " : "") + expr(j.equalities[i].left, names) + " = " + expr(j.equalities[i].right, names);
    if (j.rest) text += (j.equalities.empty() ? "" : " where ") + expr(j.rest, names);
    line(text);
  }
  void stage(const Stage& st, const Aggregate& a) {
    ExprNames names = over(st);
    for (Index i : a.keys) names.group.push_back(st.in.columns[i].name);
    names.group.insert(names.group.end(), {"window_start", "window_end"});
    names.calls = &a.calls;
    if (a.window) line("|> window " + window(*a.window));
    line("|> aggregate by (" + columns(st.in, a.keys) + ") " + outputs(a.outputs, names) + retain(a.retain));
  }
  void stage(const Stage& st, const Top& t) {
    if (t.window) line("|> window " + window(*t.window));
    std::string text = "|> top " + expr(t.count) + (t.with_ties ? " with ties" : "") + " of (" + columns(st.in, t.keys) + ") by ";
    for (std::size_t i = 0; i < t.by.size(); ++i)
      text += (i ? ", " : "") + expr(t.by[i].value, over(st)) + (t.by[i].descending ? " desc" : " asc");
    if (!t.rank.empty()) text += " as " + t.rank;
    line(text + retain(t.retain));
  }
  void stage(const Stage& st, const Latest& l) {
    if (l.window) line("|> window " + window(*l.window));
    line("|> latest of (" + columns(st.in, l.keys) + ")" + retain(l.retain));
  }
  void stage(const Stage& st, const Distinct& d) {
    std::string keys;
    for (ExprPtr k : d.keys) keys += (keys.empty() ? "" : ", ") + expr(k, over(st));
    line("|> distinct " + keys + " within " + expr(d.within));
  }
  void stage(const Stage& st, const Scan& s) {
    ExprNames names = over(st);
    for (const auto& f : s.state) names.state.push_back(f.name);
    for (Index i : s.keys) names.group.push_back(st.in.columns[i].name);
    line("|> scan by (" + columns(st.in, s.keys) + ") " + state(s.state, names));
    line("   update " + updates(s.update, names));
    line("   emit " + outputs(s.emit, names) + (s.when ? " when " + expr(s.when, names) : ""));
    if (s.retain_forever || s.retain) line("   retain " + (s.retain ? expr(s.retain) : "forever"));
    if (!s.then_emit.empty())
      line("   then emit " + outputs(s.then_emit, names) + (s.then_when ? " when " + expr(s.then_when, names) : ""));
  }
  void stage(const Stage& st, const StreamJoin& j) {
    ExprNames names = over(st);
    const Stream& right = program_.streams[j.right];
    names.right = &right.row;
    if (j.window) line("|> window " + window(*j.window));
    std::string text = "|> " + std::string(name(j.kind)) + " join " + right.name + " as " + j.alias + " on ";
    for (std::size_t i = 0; i < j.equalities.size(); ++i)
      text += (i ? " and " : "") + expr(j.equalities[i].left, names) + " = " + expr(j.equalities[i].right, names);
    if (j.rest) text += " where " + expr(j.rest, names);
    if (j.low) text += " within " + expr(j.low, names) + ".." + expr(j.high, names);
    if (j.as_of) text += " as_of " + expr(j.as_of, names);
    if (j.reach) text += " within " + expr(j.reach, names);
    line(text + retain(j.retain));
    if (j.late_left != kNone) line("   late to " + stream_name(j.late_left) + (j.late_right != kNone ? ", " + stream_name(j.late_right) : ""));
  }
  void stage(const Stage& st, const SetTime& t) {
    line("|> time " + expr(t.time, over(st)) + (t.delay ? " delay " + expr(t.delay) : ""));
  }
  void stage(const Stage&, const InOrder& o) {
    line("|> in_order" + (o.late_to != kNone ? " late to " + stream_name(o.late_to) : ""));
  }
  void stage(const Stage&, const Changes&) { line("|> changes"); }
  void stage(const Stage& st, const Features& f) {
    ExprNames names = over(st);
    std::vector<AggregateCall> calls;
    for (const FramedCall& c : f.calls) calls.push_back(c.call);
    names.calls = &calls;
    line("|> extend by (" + columns(st.in, f.keys) + ") " + outputs(f.outputs, names) + retain(f.retain));
    for (const FramedCall& c : f.calls)
      line(std::string("   frame ") + (c.frame.before ? "before " : "over ") +
           (c.frame.span ? expr(c.frame.span) : c.frame.rows ? expr(c.frame.rows) + " rows" : "forever"));
  }
  std::string retain(const Retain& r) {
    return r.forever ? " retain forever" : r.duration ? " retain " + expr(r.duration) : "";
  }
  static ExprNames over(const Stage& st) {
    ExprNames names;
    names.row = &st.in;
    return names;
  }

  void sink(const Sink& s) {
    out_ += "sink " + stream_name(s.stream);
    if (s.name != stream_name(s.stream)) out_ += " as " + s.name;
    out_ += " to " + s.connector;
    if (s.format != Format::none) out_ += std::string(", format ") + name(s.format);
    out_ += "\n";
    if (s.ignore_deletes) line("deletes: ignore");
    if (s.duplicates) line("duplicates: allowed");
    if (s.window) line("window: " + window(*s.window));
    if (s.ordered) line("ordered: true");
    if (s.rejected != kNone) line("rejected: " + stream_name(s.rejected));
    if (s.rejected_ends) line("rejected: fail");
    ExprNames names;
    Row seen;
    if (s.stream != kNone) seen = row_of_options(program_, s);
    names.row = &seen;
    options(s.options, names);
  }

  void rows(const std::vector<TestRow>& list, const auto& column, const std::vector<std::optional<std::string>>* ops) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      std::string text = "  {";
      bool first = true;
      auto add = [&](const std::string& part) {
        text += (first ? " " : ", ") + part;
        first = false;
      };
      if (ops && (*ops)[i]) add("_op: " + print_text(*(*ops)[i]));
      for (const auto& [index, value] : list[i].fields) add(column(index) + ": " + expr(value));
      line(text + " }");
    }
  }
  void test(const Test& t) {
    out_ += "test " + print_text(t.name) + "\n";
    for (const auto& [param, value] : t.params) line("param " + program_.params[param].name + " = " + expr(value));
    for (const auto& s : t.steps) {
      if (auto* feed = std::get_if<TestFeed>(&s.node)) {
        bool table = feed->table != kNone;
        line("feed " + (table ? program_.tables[feed->table].name : stream_name(feed->stream)));
        rows(feed->rows, [&](Index i) {
          return table ? program_.tables[feed->table].type->fields[i].name
                       : program_.streams[feed->stream].row.columns[i].name;
        }, nullptr);
      } else if (auto* advance = std::get_if<TestAdvance>(&s.node)) {
        line("advance " + program_.sources[advance->source].name + " to " + expr(advance->to));
      } else {
        const auto& expect = std::get<TestExpect>(s.node);
        line(std::string("expect ") + (expect.ordered ? "ordered " : "") + stream_name(expect.stream));
        rows(expect.rows, [&](Index i) { return program_.streams[expect.stream].row.columns[i].name; },
             expect.has_op ? &expect.ops : nullptr);
      }
    }
  }

  const Program& program_;
  std::string out_;
};

}  // namespace

std::string print_checked(const checked::Program& program) { return Printer(program).run(); }

}  // namespace gress::dsl
