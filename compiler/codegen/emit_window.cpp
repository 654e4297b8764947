// Windowed operators: the struct of their state, the spec that instantiates the runtime's template, and the operator.
#include <algorithm>

#include "compiler/codegen/accumulator.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

class WindowPrinter {
 public:
  WindowPrinter(Unit& unit, plan::NodeId id)
      : u(unit), id_(id), node(u.plan.nodes[id]), name(u.node_names[id]), spec(name + "_spec"), stage(u.plan.stage(node.steps[0])),
        window(*plan::window_of(stage)), keys(*plan::keys_of(stage)) {}

  void emit() {
    u.specs.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
    if (u.by_clock(id_)) emit_clock(u, id_);
    print_key_struct(u, u.specs, name + "_key", key_parts(stage.in, keys));
    if (const auto* a = stage.as<Aggregate>()) {
      aggregate_state(*a);
      declare();
      aggregate(*a);
    } else if (const auto* t = stage.as<Top>()) {
      top_state(*t);
      declare();
      top(*t);
    } else {
      u.specs.line("using {}_state = LatestRow<{}>;", name, u.row_type(node.in[0]));
      declare();
      latest();
    }
    print_outlets(u, node, spec, true);
    u.members.line("{} {}{{*this, {}}};", operator_type(), name, form());
    u.open.push_back(fmt::format("{}_counters.open.set(static_cast<std::int64_t>({}.open_windows()));", name, name));
  }

 private:
  void declare() {
    Printer& p = u.specs;
    p.open("struct {}", spec);
    p.line("using Pipeline = program::Pipeline;");
    p.line("using In = {};", u.in_block(id_));
    p.line("using Out = {};", u.block_type(node.out));
    p.line("using Key = {}_key;", name);
    p.line("using State = {}_state;", name);
    p.line("static Key key([[maybe_unused]] const In::Row& r) {{ return {}; }}", key_value("Key", stage.in, keys, "r"));
    if (may_fail()) p.line("static bool sound(Pipeline& p, const In& in, int i);");
    p.line("static void add(Pipeline& p, State& s, const In& in, int i);");
    p.line("static void merge(Pipeline& p, Eval& ev, State& s, const State& other);");
    p.line("static int rows(const State& s);");
    p.line("static bool result(Pipeline& p, Eval& ev, const Key& key, const State& s, int k, std::int64_t start, std::int64_t end, Out::Row& o);");
    p.line("static void late(Pipeline& p, const In& in, int i);");
    p.line("static void out(Pipeline& p, Out& block);");
    p.line("static void watermark(Pipeline& p, std::int64_t t);");
    p.close(";");
    p.blank();
  }

  /// Whether a row may fail in what is aggregated or ordered by. Such rows are told apart before they are added: they
  /// count in nothing, and begin no window.
  bool may_fail() const {
    const auto fails = [&](ExprPtr e) { return e != nullptr && plan::may_fail(u.program, e); };
    if (const auto* a = stage.as<Aggregate>())
      return std::any_of(a->calls.begin(), a->calls.end(), [&](const AggregateCall& c) {
        return fails(c.where) || std::any_of(c.args.begin(), c.args.end(), fails);
      });
    if (const auto* t = stage.as<Top>())
      return std::any_of(t->by.begin(), t->by.end(), [&](const OrderBy& o) { return fails(o.value); });
    return false;
  }
  void open_sound() {
    open_definition(u, "bool", spec, "sound(Pipeline& p, const In& in, int i)");
    u.definitions.line("[[maybe_unused]] Eval& ev = p.ev;");
    u.definitions.line("[[maybe_unused]] const auto& r = in.rows[i];");
  }
  void close_sound() {
    check_row_failed(u, node, stage.range, "return false;");
    u.definitions.line("return true;");
    u.definitions.close();
  }

  void open_add() {
    open_definition(u, "void", spec, "add([[maybe_unused]] Pipeline& p, State& s, const In& in, int i)");
    u.definitions.line("[[maybe_unused]] Eval& ev = p.ev;");
    u.definitions.line("[[maybe_unused]] const auto& r = in.rows[i];");
  }
  void open_merge() { open_definition(u, "void", spec, "merge(Pipeline&, [[maybe_unused]] Eval& ev, State& s, const State& other)"); }
  void define_rows(const std::string& value) {
    open_definition(u, "int", spec, "rows([[maybe_unused]] const State& s)");
    u.definitions.line("return {};", value);
    u.definitions.close();
  }
  void open_result() {
    open_definition(u, "bool", spec,
                    "result([[maybe_unused]] Pipeline& p, [[maybe_unused]] Eval& ev, [[maybe_unused]] const Key& key, "
                    "[[maybe_unused]] const State& s, [[maybe_unused]] int k, [[maybe_unused]] std::int64_t start, "
                    "[[maybe_unused]] std::int64_t end, [[maybe_unused]] Out::Row& o)");
  }

  // ---- aggregate

  void aggregate_state(const Aggregate& a) {
    Printer& p = u.specs;
    const std::vector<std::string> names = accumulator_names(a);
    for (std::size_t c = 0; c != a.calls.size(); ++c)
      if (numbers_text(a.calls[c])) u.members.line("agg::TextNumbers {}_numbers_{};", name, names[c]);
    p.open("struct {}_state", name);
    for (std::size_t c = 0; c != a.calls.size(); ++c) p.line("{} {};", accumulator_type(u, a.calls[c]), names[c]);
    p.open("void clear()");
    for (const std::string& n : names) p.line("{}.clear();", n);
    p.close();
    p.close(";");
  }

  void aggregate(const Aggregate& a) {
    Printer& p = u.definitions;
    const std::vector<std::string> names = accumulator_names(a);
    ExprEnv row;
    row.row = columns_of(stage.in, "r");
    if (may_fail()) {
      open_sound();
      for (const AggregateCall& call : a.calls) {
        const bool args_fail = std::any_of(call.args.begin(), call.args.end(), [&](ExprPtr e) { return plan::may_fail(u.program, e); });
        const bool where_fails = call.where != nullptr && plan::may_fail(u.program, call.where);
        if (!args_fail && !where_fails) continue;
        const std::string where = call.where == nullptr ? "" : emit_expr(u, call.where, row);
        if (!args_fail) p.line("static_cast<void>({});", where);
        if (args_fail && !where.empty()) p.open("if ({})", where);
        for (ExprPtr arg : call.args)
          if (plan::may_fail(u.program, arg)) p.line("static_cast<void>({});", emit_expr(u, arg, row));
        if (args_fail && !where.empty()) p.close();
      }
      close_sound();
    }
    open_add();
    std::vector<std::vector<std::string>> args(a.calls.size());
    std::vector<std::string> conditions(a.calls.size());
    for (std::size_t c = 0; c != a.calls.size(); ++c) {
      const AggregateCall& call = a.calls[c];
      if (call.where != nullptr) conditions[c] = emit_expr(u, call.where, row);
      for (ExprPtr arg : call.args) args[c].push_back(emit_expr(u, arg, row));
    }
    bool adds_fail = false;
    for (std::size_t c = 0; c != a.calls.size(); ++c) {
      const std::string add = add_call(u, a.calls[c], "s." + names[c], args[c], fmt::format("p.{}_numbers_{}", name, names[c]));
      u.say_line(p, a.calls[c].range);
      adds_fail = adds_fail || add_may_fail(u.program, a.calls[c]);
      if (conditions[c].empty()) {
        p.raw(add);
      } else if (a.calls[c].fn != nullptr && a.calls[c].fn->kind == dsl::AggregateKind::count) {
        p.line("s.{}.add_if({});", names[c], unwrapped(conditions[c]));
      } else {
        p.line("if ({}) {}", unwrapped(conditions[c]), add);
      }
    }
    if (adds_fail) check_row_failed(u, node, stage.range, "");
    p.line_reset();
    p.close();

    open_merge();
    if (names.empty()) p.line("static_cast<void>(s), static_cast<void>(other);");
    for (const std::string& n : names) p.line("s.{}.merge(ev, other.{});", n, n);
    p.close();
    define_rows("1");

    open_result();
    const plan::Flow& out = u.flow(node.out);
    ExprEnv group;
    std::vector<std::string> values;
    for (const KeyPart& part : key_parts(stage.in, keys)) group.group.push_back("key." + part.name);
    if (has_bounds()) {
      group.group.emplace_back("start");
      group.group.emplace_back("end");
    }
    values = group.group;
    for (std::size_t c = 0; c != a.calls.size(); ++c) group.agg.push_back(result_call(u, a.calls[c], "s." + names[c]));
    bool result_fails = false;
    for (std::size_t i = 0; i != a.outputs.size(); ++i) {
      result_fails = result_fails || plan::may_fail(u.program, a.outputs[i].value);
      const bool used = out.uses[values.size()].any();
      values.push_back(used ? emit_expr(u, a.outputs[i].value, group) : "");
      if (!used && plan::may_fail(u.program, a.outputs[i].value))
        p.line("static_cast<void>({});", emit_expr(u, a.outputs[i].value, group));
    }
    for (const AggregateCall& call : a.calls) result_fails = result_fails || result_may_fail(u.program, call);
    assign_columns(u, node.out, values);
    if (result_fails) check_result_failed(u, node, stage.in, keys, stage.range, "return false;");
    p.line("return true;");
    p.close();
  }

  bool has_bounds() const { return window.kind != WindowKind::count && window.kind != WindowKind::global; }

  // ---- top, latest

  void top_state(const Top& t) {
    Printer& p = u.specs;
    p.open("struct {}_order", name);
    std::vector<std::string> members;
    for (std::size_t i = 0; i != t.by.size(); ++i) {
      members.push_back(fmt::format("by_{}", i));
      p.line("{} {}{{}};", cpp_type(u, t.by[i].value->type), members.back());
    }
    p.raw(members_line(name + "_order", members));
    p.open("static int compare(const {}_order& a, const {}_order& b)", name, name);
    for (std::size_t i = 0; i != t.by.size(); ++i)
      p.line("if (const int c = fn::{}(a.by_{}, b.by_{}); c != 0) return c;", t.by[i].descending ? "order_descending" : "order_ascending", i, i);
    p.line("return 0;");
    p.close();
    p.close(";");
    p.line("using {}_state = TopRows<{}, {}_order>;", name, u.row_type(node.in[0]), name);
  }

  void top(const Top& t) {
    Printer& p = u.definitions;
    ExprEnv row;
    row.row = columns_of(stage.in, "r");
    const std::string count = emit_expr(u, t.count, ExprEnv{});
    const char* ties = t.with_ties ? "true" : "false";
    if (may_fail()) {
      open_sound();
      for (const OrderBy& o : t.by)
        if (plan::may_fail(u.program, o.value)) p.line("static_cast<void>({});", emit_expr(u, o.value, row));
      close_sound();
    }
    open_add();
    std::string by;
    for (const OrderBy& o : t.by) by += (by.empty() ? "" : ", ") + emit_expr(u, o.value, row);
    p.line("const {}_order order{{{}}};", name, by);
    p.line("s.add(order, r, Place{{in.time_of(i), in.position_of(i)}}, {}, {});", count, ties);
    p.close();
    open_merge();
    p.line("s.merge(other, {}, {});", count, ties);
    p.close();
    define_rows("s.size()");
    open_result();
    p.line("const auto& r = s.row(k);");
    rows_columns(t.rank, fmt::format("s.rank(k, {})", ties));
    p.close();
  }

  void latest() {
    Printer& p = u.definitions;
    open_add();
    p.line("s.add(r, Place{{in.time_of(i), in.position_of(i)}});");
    p.close();
    open_merge();
    p.line("s.merge(other);");
    p.close();
    define_rows("s.size()");
    open_result();
    p.line("const auto& r = s.row();");
    rows_columns("", "");
    p.close();
  }

  /// The input's columns, the window's bounds, the rank.
  void rows_columns(const std::string& rank_name, const std::string& rank) {
    std::vector<std::string> values;
    for (const Column& c : stage.out.columns) {
      if (!rank_name.empty() && c.name == rank_name) {
        values.push_back(rank);
      } else if (has_bounds() && c.name == "window_start") {
        values.emplace_back("start");
      } else if (has_bounds() && c.name == "window_end") {
        values.emplace_back("end");
      } else {
        values.push_back("r." + identifier(c.name));
      }
    }
    u.definitions.line("static_cast<void>(r);");
    assign_columns(u, node.out, values);
    u.definitions.line("return true;");
  }

  // ---- the operator

  bool sliced() const {
    return !plan::is_revised(window) && (window.kind == WindowKind::sliding || window.kind == WindowKind::cumulative);
  }
  std::string calendar() {
    return fmt::format("CalendarUnits{{fn::CalendarUnit::{}, {}}}", unit_name(), window.zone == nullptr ? "&fn::utc()" : zone_pointer());
  }
  std::string zone_pointer() { return zone_global(u, window.zone).substr(1); }
  const char* unit_name() const {
    static constexpr const char* kUnits[] = {"none", "hour", "day", "week", "month", "quarter", "year"};
    return kUnits[static_cast<int>(window.unit)];
  }

  std::string geometry() const {
    const bool calendars = window.unit != CalendarUnit::none;
    switch (window.kind) {
      case WindowKind::tumbling: return calendars ? "CalendarTumbling<CalendarUnits>" : "Tumbling";
      case WindowKind::sliding: return sliced() ? "SlidingSlices" : "Sliding";
      case WindowKind::cumulative:
        if (calendars) return sliced() ? "CalendarSlices<CalendarUnits>" : "CalendarCumulative<CalendarUnits>";
        return sliced() ? "CumulativeSlices" : "Cumulative";
      default: return "Global";
    }
  }

  std::string operator_type() const {
    switch (window.kind) {
      case WindowKind::session: return fmt::format("SessionWindow<{}, {}>", spec, plan::is_revised(window));
      case WindowKind::count: return fmt::format("CountWindow<{}>", spec);
      case WindowKind::global:
        if (window.retain != nullptr) return fmt::format("CountWindow<{}>", spec);
        [[fallthrough]];
      default:
        return fmt::format("{}<{}, {}>", sliced() ? "SlicedWindow" : plan::is_revised(window) ? "RevisedWindow" : "WindowAggregate", spec, geometry());
    }
  }

  std::string revision() {
    if (!plan::is_revised(window)) return "";
    return fmt::format(", Revision{{{}, {}, {}}}", emit_option(u, window.late, "0"),
                       window.emit == EmitKind::every ? emit_option(u, window.emit_every, "0") : "0",
                       window.emit == EmitKind::on_count ? emit_option(u, window.emit_every, "0") : "0");
  }

  std::string form() {
    const std::string offset = emit_option(u, window.offset, "0");
    switch (window.kind) {
      case WindowKind::session:
        return fmt::format("SessionForm{{{}, {}}}{}", emit_option(u, window.gap, "0"), emit_option(u, window.max, "0"), revision());
      case WindowKind::count: {
        const std::string size = emit_option(u, window.size, "1");
        return fmt::format("CountForm{{{}, {}, {}}}", size, emit_option(u, window.every, size), emit_option(u, window.retain, "kEndOfTime"));
      }
      case WindowKind::global:
        if (window.retain != nullptr) return fmt::format("CountForm{{kEndOfTime, kEndOfTime, {}}}", emit_option(u, window.retain, "kEndOfTime"));
        return "Global{}" + revision();
      case WindowKind::tumbling:
        if (window.unit != CalendarUnit::none) return fmt::format("{}{{{}, {}}}{}", geometry(), calendar(), offset, revision());
        return fmt::format("Tumbling{{{}, {}}}{}", emit_option(u, window.size, "1"), offset, revision());
      case WindowKind::sliding:
        return fmt::format("{}{{{}, {}, {}}}{}", geometry(), emit_option(u, window.size, "1"), emit_option(u, window.every, "1"), offset, revision());
      case WindowKind::cumulative:
        if (window.unit != CalendarUnit::none)
          return fmt::format("{}{{{}, {}, {}}}{}", geometry(), calendar(), emit_option(u, window.every, "1"), offset, revision());
        return fmt::format("{}{{{}, {}, {}}}{}", geometry(), emit_option(u, window.size, "1"), emit_option(u, window.every, "1"), offset, revision());
    }
    return "";
  }

  Unit& u;
  const plan::NodeId id_;
  const plan::Node& node;
  const std::string& name;
  const std::string spec;
  const Stage& stage;
  const Window& window;
  const std::vector<Index>& keys;
};

}  // namespace

void emit_window(Unit& u, plan::NodeId id) { WindowPrinter(u, id).emit(); }

}  // namespace gress::codegen
