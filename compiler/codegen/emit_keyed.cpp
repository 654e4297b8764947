// `distinct` and `scan`: operators with a state a key.
#include <algorithm>

#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_distinct(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec";
  const Stage& stage = u.plan.stage(node.steps[0]);
  const Distinct& d = *stage.as<Distinct>();

  std::vector<KeyPart> parts;
  std::vector<Index> columns;  // of those that are plain columns
  for (std::size_t i = 0; i != d.keys.size(); ++i) {
    parts.push_back({fmt::format("part_{}", i), d.keys[i]->type});
    columns.push_back(d.keys[i]->kind == ExprKind::ref ? d.keys[i]->index : plan::kNone);
  }
  u.specs.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
  print_state_key(u, u.specs, node, name + "_key", parts, columns);
  u.specs.open("struct {}", spec);
  u.specs.line("using Pipeline = program::Pipeline;");
  u.specs.line("using In = {};", u.block_type(node.in[0]));
  u.specs.line("using Out = {};", u.block_type(node.out));
  u.specs.line("using Key = {}_key;", name);
  u.specs.line("static bool key(Pipeline& p, const In& in, int i, Key& key);");
  u.specs.line("static void copy(const In& in, int i, Out::Row& o);");
  u.specs.line("static void out(Pipeline& p, Out& block);");
  u.specs.line("static void watermark(Pipeline& p, std::int64_t t);");
  u.specs.close(";");
  u.specs.blank();

  Printer& p = u.definitions;
  ExprEnv env;
  env.row = columns_of(stage.in, "r");
  open_definition(u, "bool", spec, "key([[maybe_unused]] Pipeline& p, const In& in, int i, Key& key)");
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  bool failing = false;
  for (std::size_t i = 0; i != d.keys.size(); ++i) {
    p.line("key.part_{} = {};", i, emit_expr(u, d.keys[i], env));
    failing = failing || plan::may_fail(u.program, d.keys[i]);
  }
  if (failing) check_row_failed(u, node, stage.range, "return false;");
  p.line("return true;");
  p.close();
  print_copy(u, node, spec);
  print_outlets(u, node, spec, false);
  u.members.line("gress::Distinct<{}> {}{{*this, {}}};", spec, name, emit_option(u, d.within, "0"));
}

namespace {

/// A state's value shown in a row must not change with the state: text and lists are copied for the block.
std::string shown(const ExprPtr e, const std::string& value) {
  if (is_flat(e->type)) return value;
  return fmt::format("fn::kept(ev, {})", value);
}

void print_state(Unit& u, const std::string& name, const Scan& scan) {
  Printer& p = u.specs;
  p.open("struct {}_values", name);
  std::vector<std::string> members;
  for (const StateField& f : scan.state) {
    members.push_back(identifier(f.name));
    p.line("{} {}{{}};", cpp_type(u, f.type), members.back());
  }
  p.raw(members_line(name + "_values", members));
  print_role(u, p, name + "_values");
  p.close(";");
  p.open("struct {}_state", name);
  p.line("Held<{}_values> held{{initial()}};", name);
  p.line("static {}_values initial();", name);
  p.line("void clear() {{ held.assign(initial()); }}");
  print_archive(u, p, {"held"});
  bool flat = true;
  for (const StateField& f : scan.state) flat = flat && is_flat(f.type);
  // Values taken over may be views of values that go: those with text are copied before anything is let go.
  p.line("void take(const {}_values& next) {{ {} }}", name, flat ? "held.assign(next);" : "held.replace(next);");
  p.close(";");
  Printer& d = u.definitions;
  d.open("inline {}_values {}_state::initial()", name, name);
  d.line("[[maybe_unused]] Eval& ev = initial_ev;");
  d.line("{}_values values;", name);
  for (const StateField& f : scan.state) d.line("values.{} = {};", identifier(f.name), emit_expr(u, f.init, ExprEnv{}));
  d.line("return values;");
  d.close();
}

}  // namespace

void emit_scan(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec";
  const Stage& stage = u.plan.stage(node.steps[0]);
  const Scan& scan = *stage.as<Scan>();
  const bool last_word = !scan.then_emit.empty();

  u.specs.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
  print_state_key(u, u.specs, node, name + "_key", key_parts(stage.in, scan.keys), scan.keys);
  print_state(u, name, scan);
  Printer& s = u.specs;
  s.open("struct {}", spec);
  s.line("using Pipeline = program::Pipeline;");
  s.line("using In = {};", u.block_type(node.in[0]));
  s.line("using Out = {};", u.block_type(node.out));
  s.line("using Key = {}_key;", name);
  s.line("using State = {}_state;", name);
  s.line("static constexpr bool kThenEmit = {};", last_word);
  s.line("static Key key([[maybe_unused]] const In::Row& r) {{ return {}; }}", key_value("Key", stage.in, scan.keys, "r"));
  s.line("static Scanned step(Pipeline& p, State& state, const In& in, int i, Out::Row& o);");
  s.line("static bool then_emit(Pipeline& p, Eval& ev, const Key& key, const State& state, Out::Row& o);");
  s.line("static void out(Pipeline& p, Out& block);");
  s.line("static void watermark(Pipeline& p, std::int64_t t);");
  s.close(";");
  s.blank();

  Printer& p = u.definitions;
  ExprEnv env;
  env.row = columns_of(stage.in, "r");
  for (const StateField& f : scan.state) env.state.push_back("values." + identifier(f.name));
  // The row is shown before the state is taken over: if it fails, the state stays as it was.
  const auto emit = [&](const std::vector<Output>& outputs, ExprPtr when, const ExprEnv& with, const std::string& quiet,
                        const auto& check) {
    if (when != nullptr) {
      p.line("const bool wanted = {};", emit_expr(u, when, with));
      if (plan::may_fail(u.program, when)) check();
      p.open("if (!wanted)");
      p.raw(quiet);
      p.close();
    }
    std::vector<std::string> columns;
    bool fails = false;
    for (const Output& o : outputs) {
      columns.push_back(shown(o.value, emit_expr(u, o.value, with)));
      fails = fails || plan::may_fail(u.program, o.value);
    }
    assign_columns(u, node.out, columns);
    if (fails) check();
  };

  open_definition(u, "Scanned", spec, "step([[maybe_unused]] Pipeline& p, State& state, const In& in, int i, [[maybe_unused]] Out::Row& o)");
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  p.line("auto next = state.held.get();");
  p.open("");
  p.line("[[maybe_unused]] const auto& values = state.held.get();");
  bool failing = false;
  for (const auto& [field, value] : scan.update) {
    u.say_line(p, value->range);
    p.line("next.{} = {};", identifier(scan.state[field].name), emit_expr(u, value, env));
    failing = failing || plan::may_fail(u.program, value);
  }
  p.line_reset();
  p.close();
  const auto row_failed = [&] { check_row_failed(u, node, stage.range, "return Scanned::failed;"); };
  if (failing) row_failed();
  p.line("[[maybe_unused]] const auto& values = next;");
  emit(scan.emit, scan.when, env, "state.take(next); return Scanned::quiet;", row_failed);
  p.line("state.take(next);");
  p.line("return Scanned::row;");
  p.close();

  open_definition(u, "bool", spec, "then_emit([[maybe_unused]] Pipeline& p, [[maybe_unused]] Eval& ev, [[maybe_unused]] const Key& key, [[maybe_unused]] const State& state, [[maybe_unused]] Out::Row& o)");
  if (last_word) {
    ExprEnv group = env;
    group.row.clear();
    for (const KeyPart& part : key_parts(stage.in, scan.keys)) group.group.push_back("key." + part.name);
    p.line("[[maybe_unused]] const auto& values = state.held.get();");
    emit(scan.then_emit, scan.then_when, group, "return false;",
         [&] { check_result_failed(u, node, stage.in, scan.keys, stage.range, "return false;"); });
    p.line("return true;");
  } else {
    p.line("return false;");
  }
  p.close();
  print_outlets(u, node, spec, false);
  u.members.line("gress::Scan<{}> {}{{*this, {}}};", spec, name, emit_option(u, scan.retain, "kEndOfTime"));
}

}  // namespace gress::codegen
