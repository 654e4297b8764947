// What a checkpoint saves of a program: a section for each node that holds state, under a name that stays as long as the
// stage does, and a description of it, by which a later version of the program tells whether it can go on from it
// (runtime/checkpoint/evolution.h).
#include "compiler/codegen/sections.h"

#include <algorithm>
#include <set>

#include "compiler/codegen/accumulator.h"
#include "compiler/codegen/distinct_calls.h"
#include "compiler/codegen/slice_states.h"
#include "compiler/codegen/spec.h"
#include "compiler/codegen/window_form.h"
#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"
#include "dsl/check/checked_names.h"
#include "dsl/check/expr_checker.h"
#include "dsl/check/json_writer.h"
#include "dsl/check/print_expr.h"
#include "dsl/check/walk.h"

namespace gress::codegen {

using namespace dsl::checked;
using plan::NodeKind;

namespace {

template <class List, class Text>
std::string listed(const List& list, Text text, const char* between = ", ") {
  std::string out;
  for (const auto& each : list) out += (out.empty() ? "" : between) + text(each);
  return out;
}

/// As runtime/checkpoint/form.h reads it.
std::string form(const Type* type) {
  switch (type->kind) {
    case Kind::optional: return form(type->elem) + "?";
    case Kind::list: return fmt::format("list<{}>", form(type->elem));
    case Kind::map: return fmt::format("map<{}, {}>", form(type->key), form(type->elem));
    case Kind::enumeration: return "enum{" + listed(type->variants, [](const dsl::EnumVariant& v) { return v.name; }) + "}";
    case Kind::record:
      return "{" + listed(type->fields, [](const dsl::RecordField& f) { return f.name + ": " + form(f.type); }) + "}";
    default: return dsl::to_string(type);
  }
}

std::string used_form(const Type* type, const plan::Use& use) {
  if (type->plain()->kind != Kind::record || use.whole) return form(type);
  return "{" + listed(use.members, [&](const auto& member) {
           const dsl::RecordField& f = type->plain()->fields[member.first];
           return f.name + ": " + used_form(f.type, member.second);
         }) + (type->is_optional() ? "}?" : "}");
}

/// Its default as a program would be given it at start; what is computed then, as it is written.
std::string default_text(const Program& program, const Param& param) {
  if (param.default_value == nullptr) return "";
  const std::optional<Value> value = dsl::constant_value(param.default_value);
  if (!value) return dsl::print_expr(program, *param.default_value, {});
  const Type* type = param.type->plain();
  if (const auto* text = std::get_if<std::string>(&*value)) return *text;
  if (const auto* b = std::get_if<bool>(&*value)) return *b ? "true" : "false";
  if (const auto* d = std::get_if<double>(&*value)) return fmt::format("{}", *d);
  const auto* i = std::get_if<std::int64_t>(&*value);
  if (i == nullptr) return "";
  if (type->is(Kind::duration)) return dsl::print_duration(*i);
  return type->is(Kind::enumeration) ? type->variants[static_cast<std::size_t>(*i)].name : std::to_string(*i);
}

std::string call_form(Unit& u, const AggregateCall& call, bool retracting) {
  if (call.fn == nullptr) {
    const UserAggregate& a = u.program.aggregates[call.user];
    return fmt::format("{}({})", a.name, a.foreign ? "C++ " + a.foreign->form : "{" + listed(a.state, [](const StateField& f) {
                                                               return f.name + ": " + form(f.type);
                                                             }) + "}");
  }
  return fmt::format("{}({}){}{}", call.fn->name, listed(call.args, [](ExprPtr arg) { return form(arg->type->plain()); }),
                     call.type->is_optional() ? "?" : "",
                     retracting              ? " of updates"
                     : numbers_text(u, call) ? " by number"
                                             : "");
}

class Description {
 public:
  Description(Unit& unit, plan::NodeId id, const Unit::Section& section)
      : u(unit), id_(id), node(unit.plan.nodes[id]), section_(section) {}

  std::string json() {
    if (section_.suffix.empty()) describe();
    else part();
    if (section_.suffix == ".changes") changelog(u.program.sources[node.source]);
    dsl::JsonWriter w;
    w.begin_object();
    w.key("name").string(section_.name);
    if (const std::string was = former(); !was.empty()) w.key("was").string(was);
    w.key("kind").string(plan::name(node.kind));
    w.key("place").string(place_);
    if (!u.for_workers) w.key("one_worker").boolean(true);
    if (begins_anew_) w.key("begins_anew").boolean(true);
    w.key("fixed").begin_array();
    for (const auto& [what, text] : fixed_) list(w, what, text);
    w.end_array();
    w.key("params").begin_array();
    for (const Index each : params_) {
      const Param& param = u.program.params[each];
      w.begin_array();
      w.string(param.name);
      w.string(dsl::to_string(param.type->plain()));
      w.string(default_text(u.program, param));
      w.end_array();
    }
    w.end_array();
    w.key("aggregates").begin_array();
    for (const auto& [call, text, begins] : aggregates_) {
      w.begin_array();
      w.string(call);
      w.string(text);
      w.boolean(begins);
      w.end_array();
    }
    w.end_array();
    w.key("adds").boolean(adds_);
    w.key("shown").begin_object();
    w.key("key").begin_array();
    for (const auto& [name, text] : key_) list(w, name, text);
    w.end_array();
    w.key("values").begin_array();
    for (const std::string& text : values_) w.string(text);
    w.end_array();
    w.end_object();
    w.key("records").begin_array();
    for (const auto& [role, in_code, text] : records_) {
      w.begin_array();
      w.string(role);
      w.string(text);
      w.string(in_code);
      w.end_array();
    }
    w.end_array();
    w.end_object();
    return w.take();
  }

 private:
  static void list(dsl::JsonWriter& w, const std::string& a, const std::string& b) {
    w.begin_array();
    w.string(a);
    w.string(b);
    w.end_array();
  }
  void key(const dsl::checked::Row& row, const std::vector<Index>& columns) {
    for (const KeyPart& part : key_parts(row, columns)) key_.emplace_back(part.name, form(part.type));
    fix_key();
  }
  void fix_key() {
    fix("key", listed(key_, [](const auto& part) { return part.first + " " + part.second; }));
  }
  void fix(const char* what, const std::string& text) {
    if (!text.empty()) fixed_.emplace_back(what, text);
  }
  /// The same however it is laid out. The values of its params are known at start.
  std::string text(ExprPtr e) {
    if (e == nullptr) return "";
    dsl::detail::walk(*e, [&](const Expr& part) { if (part.kind == ExprKind::param) params_.insert(part.index); });
    return dsl::print_expr(u.program, *e, names_);
  }

  /// Of a stream, source or sink that `was:` names.
  std::string former() const {
    const std::string& owner = node.kind == NodeKind::source ? u.program.sources[node.source].name
                               : node.kind == NodeKind::sink ? u.program.sinks[node.sink].name
                                                             : u.program.streams[node.stream].name;
    for (const Renamed& r : u.program.renamed)
      if (r.name == owner && section_.name.starts_with(owner)) return r.former + section_.name.substr(owner.size());
    return "";
  }

  void part() {
    fix("part", section_.suffix);
    begins_anew_ = section_.suffix.ends_with("_exchange");
    if (node.steps.empty()) return;
    const Stage& stage = u.plan.stage(node.steps[0]);
    names_.row = &stage.in;
    const auto* a = stage.as<Aggregate>();
    if (a == nullptr) return;
    const std::vector<std::string> in_code = accumulator_names(*a);
    for (Index c = 0; c != a->calls.size(); ++c)
      if (section_.suffix == "." + in_code[c]) fix("aggregate", called(*a, c));
  }

  /// By an output that it is, or by its own text: by what stays when others come, go or change places.
  std::string called(const Aggregate& a, Index call) const {
    std::string name;
    for (const Output& o : a.outputs)
      if (o.value->kind == ExprKind::ref && o.value->scope == Scope::agg && o.value->index == call && (name.empty() || o.name < name))
        name = o.name;
    return name.empty() ? dsl::print_call(u.program, a.calls[call], names_) : name;
  }

  void describe() {
    if (node.kind == NodeKind::source) {
      const Source& source = u.program.sources[node.source];
      fix("connector", source.connector);
      return;
    }
    if (node.kind == NodeKind::merge) {
      begins_anew_ = true;
      fix("order of inputs", listed(node.in, [&](plan::FlowId in) { return u.flow_names[in]; }));
    }
    if (node.steps.empty()) return;
    const Stage& stage = u.plan.stage(node.steps[0]);
    names_.row = &stage.in;
    if (const auto* keys = plan::keys_of(stage)) key(stage.in, *keys);
    place(stage);
    const Window* w = plan::window_of(stage);
    if (w != nullptr) window(*w, stage);
    marks(w, stage.as<StreamJoin>() != nullptr);
    if (const auto* a = stage.as<Aggregate>()) aggregate(*a, w);
    else if (const auto* s = stage.as<Scan>()) scan(*s);
    else if (const auto* j = stage.as<StreamJoin>()) join(*j);
    else if (const auto* d = stage.as<Distinct>()) distinct(*d);
    else if (const auto* f = stage.as<Features>()) features(*f);
    else if (const auto* t = stage.as<Top>()) top(*t);
    if (stage.as<Top>() != nullptr || stage.as<Latest>() != nullptr) row("row", node.in[0]);
    if (node.kind == NodeKind::in_order) row("row", node.out);
    const Retain* retain = nullptr;
    std::visit([&](const auto& s) { if constexpr (requires { s.retain.duration; }) retain = &s.retain; }, stage.node);
    if (retain != nullptr && retain->duration != nullptr) fix("retain", "for a time");
  }

  void changelog(const Source& source) {
    const Row& columns = u.flow(node.out).row;
    for (const Index c : source.key) key_.emplace_back(columns.columns[c].name, form(columns.columns[c].type));
    fix_key();
    row("row", node.out);
  }

  /// The rows of a flow as they are kept.
  void row(const char* role, plan::FlowId id) {
    const plan::Flow& flow = u.flow(id);
    records_.emplace_back(role, u.row_type(id), row_form(flow.row, flow.uses));
  }

  std::string form_of(const Window& w) {
    std::string parts;
    for (const auto& [what, value] : {std::pair{"", w.size},
                                      {"every ", w.every},
                                      {"gap ", w.gap},
                                      {"max ", w.max},
                                      {"zone ", w.zone},
                                      {"offset ", w.offset},
                                      {"late ", w.late},
                                      {"emit ", w.emit_every},
                                      {"retain ", w.retain}})
      if (value != nullptr) parts += (parts.empty() ? "" : ", ") + std::string(what) + text(value);
    return fmt::format("{}({}{}{})", dsl::checked::name(w.kind), parts,
                       parts.empty() || w.unit == CalendarUnit::none ? "" : ", ",
                       w.unit == CalendarUnit::none ? "" : dsl::checked::name(w.unit));
  }
  void window(const Window& w, const Stage& stage) {
    fix("window", form_of(w));
    if (w.kind == WindowKind::sliding && WindowForm{u, w}.sliced())
      fix("way of sharing slices", codegen::name(slice_states(u, stage)));
    if (!plan::is_revised(w)) return;
    const plan::Flow& out = u.flow(node.out);
    row("result", node.out);
    fix("versions", std::string(out.old_rows ? "with old rows" : "without old rows"));
  }

  /// At which worker the state of a key is, where not at the owner of the whole key.
  void place(const Stage& stage) {
    std::vector<Index> keys;
    if (const auto* of = plan::keys_of(stage)) keys = *of;
    if (const auto* d = stage.as<Distinct>())
      for (const ExprPtr e : d->keys) keys.push_back(e->kind == ExprKind::ref ? e->index : plan::kNone);
    if (node.at.how == plan::Spread::How::one) place_ = "the first worker";
    else if (node.at.how == plan::Spread::How::by_key && node.at.columns != keys)
      place_ = "the owner of " + listed(node.at.columns, [&](std::uint32_t c) { return stage.in.columns[c].name; });
  }

  /// What rows carry beside their columns is kept with them, and with what they made: where pairs and versions are.
  void marks(const Window* w, bool joins) {
    const bool versions = w != nullptr ? plan::is_revised(*w)
                                       : node.kind == NodeKind::rolling_aggregate || node.kind == NodeKind::rolling_top ||
                                             node.kind == NodeKind::rolling_latest || node.kind == NodeKind::changes;
    // Joined facts are judged by what their rows came with.
    const bool facts = node.kind == NodeKind::retained_join && !u.flow(node.out).upsert;
    std::string text;
    const auto add = [&](plan::FlowId id, const char* where, bool judged) {
      if (id == plan::kNone) return;
      const plan::Flow& flow = u.flow(id);
      std::string marks;
      if (flow.meta.op) marks += " updates";
      if (flow.meta.pair) marks += " pairs";
      if (joins || versions)
        for (const auto& [has, what] : {std::pair{flow.meta.time, " time"},
                                        {judged && flow.meta.watermark, " watermark"},
                                        {flow.meta.position, " position"},
                                        {flow.old_rows, " old rows"}})
          if (has) marks += what;
      if (!marks.empty()) text += (text.empty() ? "" : ", ") + std::string(where) + marks;
    };
    for (const plan::FlowId in : node.in) add(in, "in:", facts);
    add(node.out, "out:", false);
    fix("kind of rows", text);
  }

  void aggregate(const Aggregate& a, const Window* w) {
    const bool retracting = u.flow(node.in[0]).upsert;
    const DistinctCalls distinct(a);
    for (Index c = 0; c != a.calls.size(); ++c) {
      const AggregateCall& call = a.calls[c];
      if (w != nullptr && distinct.follows(c)) continue;
      const bool begins = call.fn == nullptr || call.type->is_optional() || !call.fn->absent_without_rows;
      std::string text = call_form(u, call, retracting);
      if (w != nullptr && distinct.shared(c)) text += " of " + shared(a, distinct, c);
      aggregates_.emplace_back(called(a, c), text, begins);
      values_.push_back(w != nullptr && distinct.shared(c) ? "" : form(call.type));
    }
    // Where versions of results are kept, how hangs on whether those may fail.
    adds_ = !retracting && (w == nullptr || !plan::is_revised(*w));
    const auto fails = [&](const Output& o) { return plan::may_fail(u.program, o.value); };
    if (w != nullptr && plan::is_revised(*w) &&
        (std::any_of(a.outputs.begin(), a.outputs.end(), fails) ||
         std::any_of(a.calls.begin(), a.calls.end(),
                     [&](const AggregateCall& c) { return plan::result_may_fail(u.program, c); })))
      fix("result", "may fail");
  }

  /// The counts of one accumulator, in the order of their bits.
  std::string shared(const Aggregate& a, const DistinctCalls& distinct, std::size_t first) const {
    std::string names;
    for (Index c = 0; c != a.calls.size(); ++c)
      if (distinct.first(c) == first) names += (names.empty() ? "" : ", ") + called(a, c);
    return names;
  }

  void distinct(const Distinct& d) {
    for (ExprPtr e : d.keys) key_.emplace_back(text(e), form(e->type));
    fix_key();
  }
  void scan(const Scan& s) {
    records_.emplace_back("state", u.node_names[id_] + "_values",
                          "{" + listed(s.state, [](const StateField& f) { return f.name + ": " + form(f.type); }) + "}");
  }
  void features(const Features& f) {
    fix("list of calls", listed(f.calls, [&](const FramedCall& c) {
          const ExprPtr size = c.frame.span != nullptr ? c.frame.span : c.frame.rows;
          // What may fail is kept apart from what other calls read.
          const bool fails = std::ranges::any_of(c.call.args, [&](ExprPtr e) { return plan::may_fail(u.program, e); });
          return fmt::format("{} {} {} of {}{}", dsl::print_call(u.program, c.call, names_), c.frame.before ? "before" : "over",
                             size == nullptr ? "all" : text(size) + (c.frame.rows != nullptr ? " rows" : ""), call_form(u, c.call, false),
                             fails ? ", may fail" : "");
        }));
  }
  void top(const Top& t) {
    fix("order", fmt::format("{}{} by {}", text(t.count), t.with_ties ? " with ties" : "", listed(t.by, [&](const OrderBy& by) {
          return fmt::format("{} {}{}", text(by.value), form(by.value->type), by.descending ? " desc" : "");
        })));
  }
  void join(const StreamJoin& j) {
    static constexpr const char* kKinds[] = {"inner", "left", "full", "semi", "anti"};
    names_.right = &u.program.streams[j.right].row;
    fix("kind of join", kKinds[static_cast<int>(j.kind)]);
    fix("key", listed(j.equalities, [&](const Equality& e) {
          return fmt::format("{} == {} {}", text(e.left), text(e.right), form(e.left->type->plain()));
        }));
    std::string bound;
    for (ExprPtr e : {j.low, j.high, j.as_of, j.reach})
      if (e != nullptr) bound += (bound.empty() ? "" : "..") + text(e);
    fix("bound", bound);
    if (j.window) fix("window", form_of(*j.window));
    const auto kept = u.kept.find(id_);
    if (kept != u.kept.end())
      for (const Unit::Kept& k : kept->second) records_.emplace_back(k.role, k.in_code, k.form);
  }

  Unit& u;
  plan::NodeId id_;
  const plan::Node& node;
  const Unit::Section& section_;
  dsl::ExprNames names_;
  std::set<Index> params_;  // that what is described reads
  std::vector<std::pair<std::string, std::string>> fixed_;
  std::vector<std::tuple<std::string, std::string, bool>> aggregates_;
  std::vector<std::tuple<std::string, std::string, std::string>> records_;  // role, struct, form
  std::string place_;
  bool adds_ = false;
  bool begins_anew_ = false;
  std::vector<std::pair<std::string, std::string>> key_;  // columns and their forms
  std::vector<std::string> values_;                       // forms of what the aggregates give
};

}  // namespace

std::string row_form(const Row& row, const plan::Uses& uses) {
  std::string text;
  for (std::size_t c = 0; c != row.columns.size(); ++c)
    if (uses[c].any())
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", row.columns[c].name, used_form(row.columns[c].type, uses[c]));
  return "{" + text + "}";
}

void Unit::section(plan::NodeId id, const std::string& member, const std::string& suffix) {
  if (durable) sections.push_back({id, node_names[id] + suffix, suffix, member});
}

void print_archive(const Unit& u, Printer& p, const std::vector<std::string>& members, bool aggregates) {
  if (!u.durable) return;
  std::string list;
  for (const std::string& m : members) list += (list.empty() ? "" : ", ") + m;
  p.line("template <class Io>");
  p.line("void archive([[maybe_unused]] Io& io) {{ {} }}",
         list.empty() ? "" : (aggregates ? "io.aggregates(" : "io(") + list + ");");
}

void print_role(const Unit& u, Printer& p, const std::string& name) {
  if (u.durable) p.line("static constexpr std::string_view kRole = {};", literal(name));
}

void print_sections(const Unit& u, Printer& p) {
  if (!u.durable) return;
  p.line("static constexpr bool kDurable = true;");
  if (u.cold_tables != 0) p.line("static constexpr bool kBeyondMemory = true;");
  p.line("template <class Visit>");
  p.open("void sections(Visit& visit)");
  for (const Unit::Section& s : u.sections) p.line("visit({}, {});", literal(s.name), s.member);
  p.close();
  p.line("template <class Visit>");
  p.open("static void section_types(Visit& visit)");
  for (const Unit::Section& s : u.sections)
    p.line("visit.template section<std::remove_cvref_t<decltype({})>>({});", s.member, literal(s.name));
  p.close();
}

std::string state_json(Unit& u) {
  dsl::JsonWriter w;
  w.begin_object();
  w.key("sections").begin_array();
  for (const Unit::Section& s : u.sections) w.raw(Description(u, s.node, s).json());
  w.end_array();
  w.key("sinks").begin_array();
  for (const Sink& sink : u.program.sinks)
    for (const Renamed& r : u.program.renamed)
      if (r.name == sink.name) {
        w.begin_array();
        w.string(r.name);
        w.string(r.former);
        w.end_array();
      }
  w.end_array();
  w.end_object();
  return w.take();
}

std::vector<SectionPlace> section_places(const Unit& u) {
  std::vector<SectionPlace> places;
  for (const Unit::Section& s : u.sections) {
    const plan::Node& node = u.plan.nodes[s.node];
    const dsl::Range range = node.kind == NodeKind::source ? u.program.sources[node.source].range
                             : node.steps.empty()          ? u.program.streams[node.stream].range
                                                           : u.plan.stage(node.steps[0]).range;
    places.push_back({s.name, range});
  }
  return places;
}

}  // namespace gress::codegen
