// Windowed operators: the struct of their state, the spec that instantiates the runtime's template, and the operator.
#include <algorithm>

#include "compiler/codegen/accumulator.h"
#include "compiler/codegen/distinct_calls.h"
#include "compiler/codegen/slice_states.h"
#include "compiler/codegen/spec.h"
#include "compiler/codegen/window_form.h"
#include "compiler/plan/uses.h"
#include "dsl/check/expr_checker.h"
#include "dsl/catalog/aggregates.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

class WindowPrinter {
 public:
  WindowPrinter(Unit& unit, plan::NodeId id)
      : u(unit), id_(id), node(u.plan.nodes[id]), name(u.node_names[id]), spec(name + "_spec"), stage(u.plan.stage(node.steps[0])),
        window(*plan::window_of(stage)), keys(*plan::keys_of(stage)), numbered(u.flow(node.in[0]).numbered) {}

  void emit() {
    u.specs.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
    if (u.by_clock(id_)) emit_clock(u, id_);
    print_keys();
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
    const WindowForm windows{u, window};
    u.members.line("{} {}{{*this, {}}};", windows.operator_type(spec), name, windows.form());
    u.open.push_back(fmt::format("{}_counters.open.set(static_cast<std::int64_t>({}.open_windows()));", name, name));
  }

 private:
  /// The key of states; where one of its texts is a number, also the key that results show.
  void print_keys() {
    std::vector<KeyPart> parts = key_parts(stage.in, keys);
    if (numbered) {
      print_key_struct(u, u.specs, name + "_shown", parts);
      for (std::size_t k = 0; k != keys.size(); ++k)
        if (keys[k] == numbered->column) parts[k].type = number_type();
    }
    print_state_key(u, u.specs, node, name + "_key", parts, keys);
  }

  void declare() {
    Printer& p = u.specs;
    p.open("struct {}", spec);
    p.line("using Pipeline = program::Pipeline;");
    p.line("using In = {};", u.in_block(id_));
    p.line("using Out = {};", u.block_type(node.out));
    p.line("using Key = {}_key;", name);
    p.line("using State = {}_state;", name);
    if (WindowForm{u, window}.sliced()) p.line("static constexpr SliceStates kStates = SliceStates::{};", codegen::name(slice_states(u, stage)));
    if (plan::is_revised(window) && window.kind != WindowKind::session) revision_traits();
    p.line("static Key key([[maybe_unused]] const In::Row& r) {{ return {}; }}", key_value("Key", stage.in, keys, "r"));
    if (may_fail()) p.line("static bool sound(Pipeline& p, const In& in, int i);");
    p.line("static void add(Pipeline& p, State& s, const In& in, int i);");
    if (!prefetched().empty()) p.line("static void prefetch(const State& s, const In::Row& r);");
    p.line("static void merge(Pipeline& p, Eval& ev, State& s, const State& other);");
    if (unmerges()) p.line("static void unmerge(Pipeline& p, Eval& ev, State& s, const State& other);");
    p.line("static int rows(const State& s);");
    p.line("static bool result(Pipeline& p, Eval& ev, const Key& key, const State& s, int k, std::int64_t start, std::int64_t end, Out::Row& o);");
    p.line("static void late(Pipeline& p, const In& in, int i);");
    p.line("static void out(Pipeline& p, Out& block);");
    p.line("static void watermark(Pipeline& p, std::int64_t t);");
    p.close(";");
    p.blank();
  }

  void revision_traits() {
    const auto* a = stage.as<Aggregate>();
    Printer& p = u.specs;
    p.line("static constexpr bool kOld = {};", a == nullptr || u.flow(node.out).old_rows);
    p.line("static constexpr bool kFails = {};", a != nullptr && result_fails(*a));
    p.line("static constexpr bool kEachRow = {};", each_row());
  }
  /// Whether each row gives a version at once.
  bool each_row() const {
    const auto count = window.emit == EmitKind::on_count ? dsl::constant_value(window.emit_every) : std::nullopt;
    const auto* rows = count ? std::get_if<std::int64_t>(&*count) : nullptr;
    return rows != nullptr && *rows == 1 && window.kind != WindowKind::session;
  }

  bool result_fails(const Aggregate& a) const {
    return std::any_of(a.outputs.begin(), a.outputs.end(), [&](const Output& o) { return plan::may_fail(u.program, o.value); }) ||
           std::any_of(a.calls.begin(), a.calls.end(), [&](const AggregateCall& c) { return plan::result_may_fail(u.program, c); }) ||
           merge_fails(a);
  }
  /// States that could not be put together are marked: what was to be their result is the row that fails.
  bool merge_fails(const Aggregate& a) const {
    return (merges() || window.kind == WindowKind::count) &&
           std::ranges::any_of(a.calls, [&](const AggregateCall& c) { return plan::merge_may_fail(u.program, c); });
  }

  /// Whether there is one place that adds rows, a loop: no compiler would see that what is defined in a header has one.
  bool adds_in_loop() const {
    return each_row() || (!plan::is_revised(window) && window.kind != WindowKind::session && window.kind != WindowKind::count);
  }

  /// Distinct counts, which are looked up one by one: the calls whose places of a row are known from the row alone.
  std::vector<std::size_t> prefetched() const {
    std::vector<std::size_t> out;
    const auto* a = stage.as<Aggregate>();
    if (a == nullptr || !plan::is_revised(window)) return out;
    const DistinctCalls distinct(*a);
    for (std::size_t c = 0; c != a->calls.size(); ++c)
      if (distinct.shared(c) && !distinct.follows(c) && a->calls[c].args[0]->kind == ExprKind::ref) out.push_back(c);
    return out;
  }

  /// Whether slices are taken back from the state of the windows.
  bool unmerges() const {
    return window.kind == WindowKind::sliding && WindowForm{u, window}.sliced() && slice_states(u, stage) == SliceStates::exact;
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
    open_definition(u, "void", spec, "add([[maybe_unused]] Pipeline& p, State& s, const In& in, int i)", adds_in_loop());
    u.definitions.line("[[maybe_unused]] Eval& ev = p.ev;");
    u.definitions.line("[[maybe_unused]] const auto& r = in.rows[i];");
  }
  void open_merge(const char* verb = "merge") {
    open_definition(u, "void", spec, fmt::format("{}([[maybe_unused]] Pipeline& p, [[maybe_unused]] Eval& ev, State& s, const State& other)", verb));
  }
  void define_rows(const std::string& value) {
    open_definition(u, "int", spec, "rows([[maybe_unused]] const State& s)");
    u.definitions.line("return {};", value);
    u.definitions.close();
  }
  void open_result() {
    open_definition(u, "bool", spec,
                    "result([[maybe_unused]] Pipeline& p, [[maybe_unused]] Eval& ev, [[maybe_unused]] const Key& key, "
                    "[[maybe_unused]] const State& s, [[maybe_unused]] int k, [[maybe_unused]] std::int64_t start, "
                    "[[maybe_unused]] std::int64_t end, [[maybe_unused]] Out::Row& o)", each_row());
  }

  // ---- aggregate

  /// A window is put together from slices, or sessions become one.
  bool merges() const { return window.kind == WindowKind::session || WindowForm{u, window}.sliced(); }

  void aggregate_state(const Aggregate& a) {
    Printer& p = u.specs;
    const std::vector<std::string> names = accumulator_names(a);
    for (std::size_t c = 0; c != a.calls.size(); ++c)
      if (numbers_text(u, a.calls[c])) {
        u.members.line("agg::TextNumbers {}_numbers_{};", name, names[c]);
        u.section(id_, fmt::format("{}_numbers_{}", name, names[c]), "." + names[c]);
      }
    p.open("struct {}_state", name);
    const DistinctCalls distinct(a);
    for (std::size_t c = 0; c != a.calls.size(); ++c)
      if (!distinct.follows(c)) p.line("{} {};", distinct.shared(c) ? distinct.type(u, c) : accumulator_type(u, a.calls[c], merges()), names[c]);
    if (merge_fails(a)) {
      p.line("bool broken = false;  // did not merge");
      u.members.line("std::string {}_broken;", name);
    }
    p.open("void clear()");
    for (std::size_t c = 0; c != a.calls.size(); ++c)
      if (!distinct.follows(c)) p.line("{}.clear();", names[c]);
    if (merge_fails(a)) p.line("broken = false;");
    p.close();
    std::vector<std::string> kept;
    for (std::size_t c = 0; c != a.calls.size(); ++c)
      if (!distinct.follows(c)) kept.push_back(names[c]);
    if (merge_fails(a)) kept.emplace_back("broken");
    print_archive(u, p, kept, true);
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
    const DistinctCalls distinct(a);
    for (std::size_t c = 0; c != a.calls.size(); ++c) {
      if (distinct.follows(c)) continue;
      if (distinct.shared(c)) {
        u.say_line(p, a.calls[c].range);
        p.raw(distinct.add("s." + names[c], c, args[c][0], conditions));
        continue;
      }
      const std::string add = add_call(u, a.calls[c], "s." + names[c], args[c], fmt::format("p.{}_numbers_{}", name, names[c]));
      u.say_line(p, a.calls[c].range);
      adds_fail = adds_fail || plan::add_may_fail(u.program, a.calls[c]);
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

    if (const std::vector<std::size_t> calls = prefetched(); !calls.empty()) {
      open_definition(u, "void", spec, "prefetch(const State& s, const In::Row& r)");
      for (const std::size_t c : calls) p.line("s.{}.prefetch({});", names[c], args[c][0]);
      p.close();
    }
    for (const char* verb : {"merge", "unmerge"}) {
      if (std::string_view(verb) == "unmerge" && !unmerges()) continue;
      open_merge(verb);
      if (names.empty()) p.line("static_cast<void>(s), static_cast<void>(other);");
      for (std::size_t c = 0; c != names.size(); ++c)
        if (!distinct.follows(c)) p.line("s.{}.{}(ev, other.{});", names[c], verb, names[c]);
      if (merge_fails(a)) {
        p.line("s.broken |= other.broken;");
        p.open("if (ev.failed) [[unlikely]]");
        p.line("p.{}_broken.swap(ev.message);", name);
        p.line("ev.clear();");
        p.line("s.broken = true;");
        p.close();
      }
      p.close();
    }
    define_rows("1");

    open_result();
    if (merge_fails(a)) p.line("if (s.broken) [[unlikely]] ev.fail(\"parts of the window do not go together: \" + p.{}_broken);", name);
    if (numbered) show_key();
    const plan::Flow& out = u.flow(node.out);
    ExprEnv group;
    std::vector<std::string> values;
    const char* key = numbered ? "shown" : "key";
    for (const KeyPart& part : key_parts(stage.in, keys)) group.group.push_back(fmt::format("{}.{}", key, part.name));
    if (has_bounds()) {
      group.group.emplace_back("start");
      group.group.emplace_back("end");
    }
    values = group.group;
    for (std::size_t c = 0; c != a.calls.size(); ++c)
      group.agg.push_back(distinct.shared(c) ? fmt::format("s.{}.result(ev, {})", names[distinct.first(c)], distinct.bit(c))
                                             : result_call(u, a.calls[c], "s." + names[c]));
    for (std::size_t i = 0; i != a.outputs.size(); ++i) {
      const bool used = out.uses[values.size()].any();
      values.push_back(used ? emit_expr(u, a.outputs[i].value, group) : "");
      if (!used && plan::may_fail(u.program, a.outputs[i].value))
        p.line("static_cast<void>({});", emit_expr(u, a.outputs[i].value, group));
    }
    assign_columns(u, node.out, values);
    if (result_fails(a)) check_result_failed(u, node, stage.in, keys, stage.range, "return false;", key);
    p.line("return true;");
    p.close();
  }

  void show_key() {
    std::string parts;
    for (const Index k : keys) {
      const std::string part = "key." + identifier(stage.in.columns[k].name);
      parts += (parts.empty() ? "" : ", ") + (k == numbered->column ? fmt::format("p.{}.text({})", u.texts_of(node.in[0]), part) : part);
    }
    u.definitions.line("const {}_shown shown{{{}}};", name, parts);
  }

  bool has_bounds() const { return window.kind != WindowKind::count && window.kind != WindowKind::global; }

  // ---- top, latest

  void top_state(const Top& t) {
    Printer& p = u.specs;
    print_order_struct(u, p, name + "_order", t.by);
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

  Unit& u;
  const plan::NodeId id_;
  const plan::Node& node;
  const std::string& name;
  const std::string spec;
  const Stage& stage;
  const Window& window;
  const std::vector<Index>& keys;
  const std::optional<plan::Numbered>& numbered;
};

}  // namespace

void emit_window(Unit& u, plan::NodeId id) { WindowPrinter(u, id).emit(); }

}  // namespace gress::codegen
