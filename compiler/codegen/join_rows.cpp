#include "compiler/codegen/join_rows.h"

#include "compiler/codegen/sections.h"

#include <algorithm>

#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

JoinRows::JoinRows(Unit& unit, plan::NodeId id)
    : node(unit.plan.nodes[id]),
      name(unit.node_names[id]),
      spec(name + "_spec"),
      stage(unit.plan.stage(node.steps[0])),
      join(*stage.as<StreamJoin>()),
      right_row(unit.program.streams[join.right].row),
      u_(unit) {
  find_uses();
}

/// Columns that output rows and the further condition read; those for keys, late rows and times are read at once.
void JoinRows::find_uses() {
  const plan::Flow& out = u_.flow(node.out);
  left_.resize(stage.in.columns.size());
  right_.resize(right_row.columns.size());
  plan::Use whole;
  whole.whole = true;
  for (std::size_t i = 0; i != out.uses.size(); ++i) {
    const std::string& column = stage.out.columns[i].name;
    const plan::Use& use = out.uses[i];
    if (join.window && (column == "window_start" || column == "window_end")) continue;
    if (i < left_.size()) {
      if (use.any()) left_[i].add(full() ? whole : use);
      continue;
    }
    if (use.whole) std::fill(right_.begin(), right_.end(), whole);
    for (const auto& [member, of] : use.members) right_[member].add(of);
  }
  if (join.rest == nullptr) return;
  plan::add_uses(u_.program, join.rest, left_, &right_);
  // A left row that fails when its block has gone is shown whole.
  if (apart() && u_.program.errors != dsl::checked::kNone && plan::may_fail(u_.program, join.rest)) std::fill(left_.begin(), left_.end(), whole);
}

void JoinRows::print_structs() {
  Printer& p = u_.specs;
  p.line("// {} {}", comment(u_.where(stage.range)), comment(u_.sources.text(stage.range)));
  std::vector<KeyPart> parts;
  for (std::size_t i = 0; i != join.equalities.size(); ++i)
    parts.push_back({fmt::format("part_{}", i), join.equalities[i].left->type->plain()});
  print_state_key(u_, p, node, name + "_key", parts);
  print_row_struct(u_, p, name + "_left_row", stage.in, left_);
  print_row_struct(u_, p, name + "_right_row", right_row, right_);
  u_.kept[static_cast<plan::NodeId>(&node - u_.plan.nodes.data())] = {{"left", name + "_left_row", row_form(stage.in, left_)},
                                                                      {"right", name + "_right_row", row_form(right_row, right_)}};
}

void JoinRows::declare() {
  static constexpr const char* kKinds[] = {"inner", "left", "full", "semi", "anti"};
  const auto owns = [](const Row& row, const plan::Uses& uses) {
    for (std::size_t i = 0; i != uses.size(); ++i)
      if (uses[i].any() && !is_flat(row.columns[i].type)) return true;
    return false;
  };
  Printer& p = u_.specs;
  p.line("using Pipeline = program::Pipeline;");
  p.line("using Left = {};", block(Side::left));
  p.line("using Right = {};", block(Side::right));
  p.line("using Out = {};", u_.block_type(node.out));
  p.line("using Key = {}_key;", name);
  p.line("using LeftRow = {}_left_row;", name);
  p.line("using RightRow = {}_right_row;", name);
  p.line("static constexpr JoinKind kKind = JoinKind::{};", kKinds[static_cast<int>(join.kind)]);
  p.line("static constexpr bool kLeftText = {}, kRightText = {};", owns(stage.in, left_), owns(right_row, right_));
  p.line("static constexpr bool kRest = {}, kRestFails = {};", join.rest != nullptr, join.rest != nullptr && plan::may_fail(u_.program, join.rest));
  p.line("static Keyed left_key(Pipeline& p, const Left& in, int i, Key& key);");
  p.line("static Keyed right_key(Pipeline& p, const Right& in, int i, Key& key);");
  p.line("static LeftRow left_row(const Left::Row& r);");
  p.line("static RightRow right_row(const Right::Row& r);");
  p.line("static bool rest(Pipeline& p, const LeftRow& l, const RightRow& r);");
  if (apart()) {
    p.line("static bool pair_failed(Pipeline& p, const LeftRow& l);");
  } else {
    p.line("static bool left_failed(Pipeline& p, const Left& in, int i);");
    p.line("static bool right_failed(Pipeline& p, const Right& in, int i);");
  }
  const char* bounds = join.window ? "std::int64_t start, std::int64_t end, " : "";
  p.line("static void pair(const LeftRow& l, const RightRow& r, {}Out::Row& o);", bounds);
  p.line("static void left_only(const LeftRow& l, {}Out::Row& o);", bounds);
  p.line("static void right_only(const RightRow& r, {}Out::Row& o);", bounds);
  p.line("static void left_late(Pipeline& p, const Left& in, int i);");
  p.line("static void right_late(Pipeline& p, const Right& in, int i);");
  p.line("static void out(Pipeline& p, Out& block);");
  p.line("static void watermark(Pipeline& p, std::int64_t t);");
}

void JoinRows::define() {
  const bool bounded = join.window.has_value();
  for (const Side side : {Side::left, Side::right}) {
    key(side);
    row(side);
    late(side);
  }
  rest();
  const bool pairs = join.kind != JoinKind::semi && join.kind != JoinKind::anti;
  made("pair(const LeftRow& l, const RightRow& r, ", true, pairs, bounded);
  made("left_only(const LeftRow& l, ", true, false, bounded);
  made("right_only(const RightRow& r, ", false, true, bounded);
  outlets();
}

void JoinRows::check_failed(Side side, const std::string& tail) {
  Printer& p = u_.definitions;
  p.open("if (ev.failed) [[unlikely]]");
  p.line("p.{}", fail_statement(u_, node.in[side == Side::left ? 0 : 1], "in", "i", stage.range, false, u_.program.streams[node.stream].name));
  if (!tail.empty()) p.raw(tail);
  p.close();
}

void JoinRows::key(Side side) {
  Printer& p = u_.definitions;
  const bool left = side == Side::left;
  open_definition(u_, "Keyed", spec, fmt::format("{}_key([[maybe_unused]] Pipeline& p, const {}& in, int i, Key& key)", left ? "left" : "right", left ? "Left" : "Right"));
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  ExprEnv env;
  (left ? env.row : env.right) = columns_of(left ? stage.in : right_row, "r");
  std::string present;
  bool failing = false;
  for (std::size_t i = 0; i != join.equalities.size(); ++i) {
    const ExprPtr e = left ? join.equalities[i].left : join.equalities[i].right;
    failing = failing || plan::may_fail(u_.program, e);
    if (!e->type->is_optional()) {
      p.line("key.part_{} = {};", i, emit_expr(u_, e, env));
      continue;
    }
    p.line("const {} part_{} = {};", cpp_type(u_, e->type), i, emit_expr(u_, e, env));
    p.line("key.part_{} = part_{}.value;", i, i);
    present += fmt::format("{}part_{}.has", present.empty() ? "" : " && ", i);
  }
  if (failing) check_failed(side, "return Keyed::failed;");
  if (present.empty()) p.line("return Keyed::present;");
  else p.line("return {} ? Keyed::present : Keyed::absent;", present);
  p.close();
}

void JoinRows::row(Side side) {
  Printer& p = u_.definitions;
  const bool left = side == Side::left;
  const std::string type = name + (left ? "_left_row" : "_right_row");
  const Row& row = left ? stage.in : right_row;
  const plan::Uses& uses = left ? left_ : right_;
  open_definition(u_, type, spec, left ? "left_row([[maybe_unused]] const Left::Row& r)" : "right_row([[maybe_unused]] const Right::Row& r)");
  p.line("{} o;", type);
  for (std::size_t c = 0; c != row.columns.size(); ++c)
    if (uses[c].any()) {
      const std::string column = identifier(row.columns[c].name);
      p.line("o.{} = {};", column, convert_column(u_, type, row.columns[c], uses[c], "r." + column));
    }
  p.line("return o;");
  p.close();
}

bool JoinRows::made_of_pairs(Side side) const {
  const plan::FlowId flow = node.in[side == Side::left ? 0 : 1];
  return plan::keeps_all(u_.plan, node) && u_.flow(flow).meta.pair;
}

void JoinRows::declare_row_of(Side side) {
  if (!made_of_pairs(side)) return;
  if (side == Side::left) u_.specs.line("static LeftRow left_of(Pipeline& p, RowPair pair);");
  else u_.specs.line("static RightRow right_of(Pipeline& p, RowPair pair);");
}

void JoinRows::define_row_of(Side side) {
  if (!made_of_pairs(side)) return;
  Printer& p = u_.definitions;
  const bool left = side == Side::left;
  const plan::Flow& flow = u_.flow(node.in[left ? 0 : 1]);
  open_definition(u_, name + (left ? "_left_row" : "_right_row"), spec, left ? "left_of(Pipeline& p, RowPair pair)" : "right_of(Pipeline& p, RowPair pair)");
  p.line("{}::Row joined;", left ? "Left" : "Right");
  p.line("p.{}.joined(pair, joined);", u_.node_names[flow.producer]);
  p.line("return {}(joined);", left ? "left_row" : "right_row");
  p.close();
}

void JoinRows::rest() {
  Printer& p = u_.definitions;
  open_definition(u_, "bool", spec, "rest([[maybe_unused]] Pipeline& p, [[maybe_unused]] const LeftRow& l, [[maybe_unused]] const RightRow& r)");
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  ExprEnv env;
  env.row = columns_of(stage.in, "l");
  env.right = columns_of(right_row, "r");
  p.line("return {};", join.rest == nullptr ? "true" : emit_expr(u_, join.rest, env));
  p.close();
  const bool fails = join.rest != nullptr && plan::may_fail(u_.program, join.rest);
  if (apart()) return pair_failed(fails);
  for (const Side side : {Side::left, Side::right}) {
    const bool left = side == Side::left;
    open_definition(u_, "bool", spec, fmt::format("{}_failed([[maybe_unused]] Pipeline& p, [[maybe_unused]] const {}& in, [[maybe_unused]] int i)", left ? "left" : "right", left ? "Left" : "Right"));
    if (fails) {
      p.line("[[maybe_unused]] Eval& ev = p.ev;");
      check_failed(side, "return true;");
    }
    p.line("return false;");
    p.close();
  }
}

/// When a window closes or a watermark lets a row go, none is at hand as it came: what is kept of the left one is shown.
void JoinRows::pair_failed(bool fails) {
  Printer& p = u_.definitions;
  open_definition(u_, "bool", spec, "pair_failed([[maybe_unused]] Pipeline& p, [[maybe_unused]] const LeftRow& l)");
  if (fails) {
    p.open("if (p.ev.failed) [[unlikely]]");
    p.line("[[maybe_unused]] gress::Out& out = p.row_text();");
    print_json_row(u_, p, stage.in, left_, "l", false);
    p.line("p.fail_row({});", literal(place(u_, u_.program.streams[node.stream].name, stage.range)));
    p.line("return true;");
    p.close();
  }
  p.line("return false;");
  p.close();
}

/// The right record out of the members of `r`, as the output's column holds it.
std::string JoinRows::joined(std::size_t column) {
  const plan::Flow& out = u_.flow(node.out);
  Column plain = out.row.columns[column];
  const bool optional = plain.type->is_optional();
  plain.type = plain.type->plain();
  const plan::Use& use = out.uses[column];
  const std::string row_type = u_.row_type(node.out), type = column_type(u_, row_type, plain, use);
  std::string value;
  if (use.whole) {
    for (const dsl::RecordField& f : plain.type->fields) value += fmt::format("{}r.{}", value.empty() ? "" : ", ", identifier(f.name));
    value = fmt::format("{}{{{}}}", type, value);
  } else {
    value = convert_column(u_, row_type, plain, use, "r");
  }
  return optional ? fmt::format("Opt<{}>({})", type, value) : value;
}

void JoinRows::made(const char* function, bool with_left, bool with_right, bool bounded) {
  Printer& p = u_.definitions;
  std::string parameters = function;
  for (const char* row : {"const LeftRow&", "const RightRow&"})
    if (const std::size_t at = parameters.find(row); at != std::string::npos) parameters.insert(at, "[[maybe_unused]] ");
  if (bounded) parameters += "[[maybe_unused]] std::int64_t start, [[maybe_unused]] std::int64_t end, ";
  open_definition(u_, "void", spec, parameters + "[[maybe_unused]] Out::Row& o)");
  const plan::Flow& out = u_.flow(node.out);
  for (std::size_t c = 0; c != out.uses.size(); ++c) {
    if (!out.uses[c].any()) continue;
    const Column& column = out.row.columns[c];
    const std::string field = identifier(column.name);
    if (bounded && column.name == "window_start") {
      p.line("o.{} = start;", field);
    } else if (bounded && column.name == "window_end") {
      p.line("o.{} = end;", field);
    } else if (c >= stage.in.columns.size()) {
      if (with_right) p.line("o.{} = {};", field, joined(c));
      else if (column.type->is_optional()) p.line("o.{} = {{}};", field);
    } else if (!with_left) {
      if (column.type->is_optional()) p.line("o.{} = {{}};", field);
    } else {
      std::string value = "l." + field;
      const Type* kept = stage.in.columns[c].type;
      if (full() && !kept->is_optional()) value = fmt::format("Opt<{}>({})", cpp_type(u_, kept), value);
      p.line("o.{} = {};", field, convert_column(u_, u_.row_type(node.out), column, out.uses[c], value));
    }
  }
  p.close();
}

void JoinRows::late(Side side) {
  Printer& p = u_.definitions;
  const bool left = side == Side::left;
  open_definition(u_, "void", spec, fmt::format("{}_late(Pipeline& p, [[maybe_unused]] const {}& in, [[maybe_unused]] int i)", left ? "left" : "right", left ? "Left" : "Right"));
  print_late_row(u_, node, node.in[left ? 0 : 1], left ? node.late : node.late_right);
  p.close();
}

void JoinRows::outlets() {
  Printer& p = u_.definitions;
  open_definition(u_, "void", spec, "out(Pipeline& p, Out& block)");
  p.line("p.flow_{}(block);", u_.flow_names[node.out]);
  p.close();
  open_definition(u_, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
  if (!join.window) p.line("p.{}_counters.kept.set(static_cast<std::int64_t>(p.{}.most_kept()));", name, name);
  p.line("p.watermark_{}(t);", u_.flow_names[node.out]);
  for (const plan::FlowId late : {node.late, node.late_right})
    if (late != plan::kNone) p.line("if (t == kEndOfTime) p.watermark_{}(t);", u_.flow_names[late]);
  p.close();
}

}  // namespace gress::codegen
