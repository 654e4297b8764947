// A chain: stateless stages fused into one loop over a block. Columns are followed by name: what only passes through is
// never copied, what is computed becomes a local constant where its stage stands, and the rows that are left are
// written into the next flow's block.
#include <bit>

#include "compiler/codegen/expr.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/functions.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

class Chain {
 public:
  Chain(Unit& unit, plan::NodeId id) : u(unit), node(u.plan.nodes[id]), name(u.node_names[id]), p(u.methods) {}

  void emit() {
    const plan::Flow& in = u.flow(node.in[0]);
    const plan::Flow& out = u.flow(node.out);
    const std::string block = u.flow_names[node.out] + "_out";
    for (const plan::Step step : node.steps) multiplies = multiplies || makes_rows(u.plan.stage(step));
    parts = in.upsert && !plan::one_to_one(u.plan, node);
    u.members.line("{} {};", u.block_type(node.out), block);
    p.open("void {}(const {}& in)", name, u.block_type(node.in[0]));
    p.line("const engine::At here(runtime.presence(), {}_counters);", name);
    p.line("{}& out = {};", u.block_type(node.out), block);
    p.line("out.others = in.others;");
    p.line("int n = 0;  // rows in `out`");
    env.row = columns_of(in.row, "r");
    numbered = out.numbered;
    if (parts && !multiplies) p.line("int retracted = -1;  // row of the last retract that stayed");
    find_first();
    p.open("for (int i = 0; i < in.count; ++i)");
    p.line("[[maybe_unused]] const auto& r = in.rows[i];");
    int depth = 0;
    attached = in.source != plan::kNone;
    several_rows = attached && u.plan.nodes[in.producer].kind != plan::NodeKind::source;
    for (std::size_t k = 0; k != node.steps.size(); ++k) depth += stage(u.plan.stage(node.steps[k]), node.after[k]);
    write(out);
    while (depth-- != 0) p.close(closing[static_cast<std::size_t>(depth)]);
    p.close();
    p.open("if (n != 0)");
    hand_on();
    p.close();
    p.close();
    p.blank();
  }

 private:
  static bool makes_rows(const Stage& s) {
    const auto* join = s.as<TableJoin>();
    return s.as<Flatten>() != nullptr ||
           (join != nullptr && join->kind != dsl::checked::JoinKind::semi && join->kind != dsl::checked::JoinKind::anti);
  }

  void write(const plan::Flow& out) {
    p.line_reset();
    if (parts) part();
    p.line("[[maybe_unused]] auto& o = out.rows[n];");
    for (std::size_t c = 0; c != out.row.columns.size(); ++c)
      if (out.uses[c].any())
        p.line("o.{} = {};", identifier(out.row.columns[c].name),
               convert_column(u, u.row_type(node.out), out.row.columns[c], out.uses[c], env.row[c]));
    p.line("out.take_lanes(n, in, i);");
    if (!multiplies) {
      p.line("++n;");
    } else {
      p.open("if (++n == kBlock)");
      hand_on();
      p.line("n = 0;");
      p.close();
    }
  }

  void hand_on() {
    p.line("out.count = n;");
    p.line("flow_{}(out);", u.flow_names[node.out]);
  }

  /// A retract that lost its insert must not stand directly before another one, with which it would be one update.
  void part() {
    const char* stays = multiplies ? "" : " && retracted != i - 1";
    p.open("if (n != 0 && in.op[i] == gress::Op::insert && out.op[n - 1] == gress::Op::retract{})", stays);
    hand_on();
    p.line("n = 0;");
    p.close();
    if (!multiplies) p.line("if (in.op[i] == gress::Op::retract) retracted = i;");
  }

  /// Rows of the table for all rows of the block at once, where a look-up by columns comes first: their misses overlap.
  void find_first() {
    const Stage& s = u.plan.stage(node.steps[0]);
    const auto* j = s.as<TableJoin>();
    if (j == nullptr || j->equalities.empty()) return;
    std::string parts_of_key;
    for (const Equality& e : j->equalities) {
      if (!is_name(e.left) || e.left->type->is_optional() || plan::may_fail(u.program, e.left)) return;
      parts_of_key += (parts_of_key.empty() ? "" : ", ") + emit_expr(u, e.left, env);
    }
    found_first = locals.fresh("found");
    const std::string& index = u.join_index(s);
    p.line("std::uint32_t {}[kBlock];", found_first);
    p.open("{}.find_all(in.count, {}, [&](int i)", index, found_first);
    p.line("const auto& r = in.rows[i];");
    p.line("return {}_key{{{}}};", index, parts_of_key);
    p.close(");");
  }

  /// Prints a stage; the number of braces it leaves open.
  int stage(const Stage& s, const plan::Uses& after) {
    p.line("// {}", comment(u.sources.text(s.range)));
    u.say_line(p, s.range);
    if (const auto* x = s.as<Filter>()) return filter(s, *x);
    if (s.as<TableJoin>() == nullptr)
      if (const std::string call = cover(u, s.range, u.program.streams[node.stream].name, "a row reaches `" + s.word + "`"); !call.empty()) p.line("{};", call);
    if (const auto* x = s.as<Project>()) return project(s, x->outputs, after);
    if (const auto* x = s.as<Flatten>()) return flatten(s, *x);
    if (const auto* x = s.as<Key>()) return key(s, *x, after);
    if (const auto* x = s.as<TableJoin>()) return join(s, *x, after);
    return 0;
  }

  void check_failed(const Stage& s) {
    p.open("if (ev.failed) [[unlikely]]");
    if (attached && u.flow(node.in[0]).upsert) {
      // The old row of an update failed when it came; taking it back is no second failure.
      p.open("if (in.op[i] == gress::Op::retract)");
      p.line("ev.clear();");
      p.line("continue;");
      p.close();
    }
    if (attached && several_rows) {
      // Several rows of one record are one invalid record.
      if (!remembers) print_fail_once();
      remembers = true;
      p.line("fail_{}_record(in.record[i]);", name);
    } else {
      p.raw(fail_statement(u, node.in[0], "in", "i", s.range, attached, u.program.streams[node.stream].name));
    }
    p.line("continue;");
    p.close();
  }

  void print_fail_once() {
    const std::string& source = u.source_name(u.flow(node.in[0]).source);
    u.members.line("std::pair<std::int64_t, std::int64_t> {}_failed{{-1, -1}};  // partition and offset", name);
    Printer& f = u.failures;
    f.open("[[gnu::cold, gnu::noinline]] void fail_{}_record(std::uint32_t row)", name);
    f.line("const Record record = {}.record(row);", source);
    f.line("const std::pair place{{record.partition, record.offset}};");
    f.line("if ({}_failed == place) return ev.clear();", name);
    f.line("{}_failed = place;", name);
    f.line("fail_{}_record(row);", source);
    f.close();
  }

  int filter(const Stage& s, const Filter& f) {
    if (plan::may_fail(u.program, f.condition)) {
      const std::string keep = locals.fresh("keep");
      p.line("const bool {} = {};", keep, unwrapped(emit_expr(u, f.condition, env)));
      check_failed(s);
      drop_unless(s, keep, "`filter` keeps a row", "`filter` drops a row");
    } else {
      drop_unless(s, "(" + unwrapped(emit_expr(u, f.condition, env)) + ")", "`filter` keeps a row", "`filter` drops a row");
    }
    return 0;
  }

  void drop_unless(const Stage& s, const std::string& condition, const char* kept, const char* dropped) {
    const std::string& stream = u.program.streams[node.stream].name;
    const std::string yes = cover(u, s.range, stream, kept), no = cover(u, s.range, stream, dropped);
    if (yes.empty()) return p.line("if (!{}) continue;", condition);
    p.open("if (!{})", condition);
    p.line("{};", no);
    p.line("continue;");
    p.close();
    p.line("{};", yes);
  }

  /// A computed column: a local, or the name of what it is anyway.
  std::string column(const Output& o, const plan::Use& use, bool& failing) {
    const bool used = use.any();
    if (numbered && numbered->text == o.value) return fmt::format("{}.number({})", u.texts_of(node.out), table_row);
    const bool fails = plan::may_fail(u.program, o.value);
    failing = failing || fails;
    if (!used && !fails) return "/* unread */";
    const std::string text = reads_parts(o.value, use) ? some_parts(o.value, use) : emit_expr(u, o.value, env);
    if (is_name(o.value)) return text;
    const std::string local = locals.fresh(o.name);
    p.line("{}const {} {} = {};", used ? "" : "[[maybe_unused]] ", cpp_type(u, o.value->type), local, text);
    return local;
  }
  /// Of the parts of a text only some are read, each by its number.
  static bool reads_parts(ExprPtr e, const plan::Use& use) {
    return e->kind == ExprKind::call && e->fn->name == "split" && !use.whole && !use.members.empty();
  }
  std::string some_parts(ExprPtr split, const plan::Use& use) {
    std::uint32_t which = 0;
    for (const auto& [part, _] : use.members) which |= std::uint32_t{1} << part;
    const std::string text = emit_expr(u, split->args[0], env);
    const ExprPtr by = split->args[1];
    if (const auto* cut = by->kind == ExprKind::literal ? std::get_if<std::string>(&by->value) : nullptr; cut != nullptr && cut->size() == 1) {
      const std::string parts = locals.fresh("parts");
      p.line("Text {}[{}];", parts, std::bit_width(which));
      return fmt::format("fn::split_some<{}, {:#x}>(ev, {}, {})", static_cast<int>((*cut)[0]), which, text, parts);
    }
    return fmt::format("fn::split_some(ev, {}, {}, {:#x})", text, emit_expr(u, by, env), which);
  }
  static bool is_name(ExprPtr e) {
    if (e->kind == ExprKind::ref || e->kind == ExprKind::param) return true;
    if (e->kind == ExprKind::member) return !e->args[0]->type->is_optional() && is_name(e->args[0]);
    if (e->kind == ExprKind::convert)
      return (e->conversion == Conversion::unwrap || e->conversion == Conversion::reshape) && is_name(e->args[0]);
    return false;
  }

  int project(const Stage& s, const std::vector<Output>& outputs, const plan::Uses& after) {
    std::vector<std::string> now;
    bool failing = false;
    for (std::size_t i = 0; i != outputs.size(); ++i) now.push_back(column(outputs[i], after[i], failing));
    if (failing) check_failed(s);
    env.row = std::move(now);
    return 0;
  }

  int key(const Stage& s, const Key& k, const plan::Uses& after) {
    std::vector<std::string> now(s.out.columns.size());
    bool failing = false;
    for (std::size_t i = 0; i != s.in.columns.size(); ++i) now[i] = env.row[i];
    for (const Output& o : k.computed) {
      const std::size_t at = static_cast<std::size_t>(s.out.find(o.name));
      now[at] = column(o, after[at], failing);
    }
    if (failing) check_failed(s);
    env.row = std::move(now);
    return 0;
  }

  int flatten(const Stage& s, const Flatten& f) {
    const std::string items = locals.fresh("items"), item = locals.fresh(s.out.columns[f.column].name);
    p.line("const auto {} = {};", items, emit_expr(u, f.list, env));
    if (plan::may_fail(u.program, f.list)) check_failed(s);
    p.open("for ([[maybe_unused]] const auto& {} : {})", item, items);
    std::vector<std::string> now = env.row;
    now.resize(s.out.columns.size());
    now[f.column] = item;
    several_rows = true;
    env.row = std::move(now);
    closing.emplace_back("");
    return 1;
  }

  int join(const Stage& s, const TableJoin& j, const plan::Uses& after);

  Unit& u;
  const plan::Node& node;
  const std::string& name;
  Printer& p;
  ExprEnv env;
  Names locals;
  bool multiplies = false;
  bool parts = false;         // of upserts: one of a retract and its insert may stay without the other
  bool attached = false;
  bool several_rows = false;  // more than one row may come from one record
  bool remembers = false;     // the last record that failed has a member
  std::string found_first;    // rows of the table that the first stage looks up, found already
  std::vector<std::string> closing;
  std::optional<plan::Numbered> numbered;
  std::string table_row;              // of the join that decides it: the index of the row
};

int Chain::join(const Stage& s, const TableJoin& j, const plan::Uses& after) {
  attached = false;  // from a join on, failures are the pipeline's
  const std::string table = "table_" + u.program.tables[j.table].name;
  const std::string row_type = u.table_row(j.table);
  const std::string index = u.join_index(s);
  const std::string m = locals.fresh("match"), a = locals.fresh(j.alias.empty() ? "right" : j.alias);
  // The key, as long as none of its parts is absent.
  std::string first;
  const bool indexed = !j.equalities.empty();
  if (!found_first.empty()) {
    first = found_first + "[i]";
    found_first.clear();
  } else if (indexed) {
    const std::string k = locals.fresh("lookup");
    p.line("{}_key {};", index, k);
    std::string present;
    bool failing = false;
    for (std::size_t i = 0; i != j.equalities.size(); ++i) {
      const ExprPtr left = j.equalities[i].left;
      failing = failing || plan::may_fail(u.program, left);
      if (!left->type->is_optional()) {
        p.line("{}.part_{} = {};", k, i, emit_expr(u, left, env));
        continue;
      }
      const std::string part = locals.fresh("part");
      p.line("const {} {} = {};", cpp_type(u, left->type), part, emit_expr(u, left, env));
      p.line("{}.part_{} = {}.value;", k, i, part);
      present += (present.empty() ? "" : " && ") + part + ".has";
    }
    if (failing) check_failed(s);
    first = fmt::format("{}{}.find({}){}", present.empty() ? "" : present + " ? ", index, k, present.empty() ? "" : fmt::format(" : {}.kNone", index));
  } else {
    first = fmt::format("{}.rows.empty() ? kNoMatch : 0", table);
  }
  ExprEnv both = env;
  for (const dsl::RecordField& f : u.program.tables[j.table].type->fields)
    both.right.push_back(fmt::format("{}.{}", "t", identifier(f.name)));
  const std::string at = locals.fresh("at");
  const auto next_of = [&](const std::string& row) {
    return indexed ? fmt::format("{}.next({})", index, row)
                   : fmt::format("{} + 1 < {}.rows.size() ? {} + 1 : kNoMatch", row, table, row);
  };
  std::string next = next_of(at);
  if (j.rest != nullptr) {
    // Rows that the further condition refuses are passed over.
    const std::string matching = locals.fresh("matching");
    p.open("const auto {} = [&](std::uint32_t {})", matching, m);
    p.open("while ({} != kNoMatch)", m);
    p.line("[[maybe_unused]] const auto& t = {}.rows[{}];", table, m);
    p.line("if ({} || ev.failed) break;", emit_expr(u, j.rest, both));
    p.line("{} = {};", m, next_of(m));
    p.close();
    p.line("return {};", m);
    p.close(";");
    first = fmt::format("{}({})", matching, first);
    next = fmt::format("{}({})", matching, next);
  }
  p.line("std::uint32_t {} = {};", at, first);
  const bool rest_fails = j.rest != nullptr && plan::may_fail(u.program, j.rest);
  if (rest_fails) check_failed(s);
  if (const std::string yes = cover(u, s.range, u.program.streams[node.stream].name, "`join` finds a match"); !yes.empty())
    p.line("{} != kNoMatch ? {} : {};", at, yes, cover(u, s.range, u.program.streams[node.stream].name, "`join` finds no match"));
  switch (j.kind) {
    case dsl::checked::JoinKind::semi:
      p.line("if ({} == kNoMatch) continue;", at);
      return 0;
    case dsl::checked::JoinKind::anti:
      p.line("if ({} != kNoMatch) continue;", at);
      return 0;
    default: break;
  }
  env.row.resize(s.out.columns.size());
  if (numbered && &u.plan.stage(numbered->join) == &s) table_row = at;
  if (j.kind == dsl::checked::JoinKind::left) {
    // Runs once with nothing when there is no match; `continue` inside goes on to the next match.
    p.open("do");
    if (after.back().any())
      p.line("const auto {} = {} == kNoMatch ? Opt<{}>() : Opt<{}>({}.rows[{}]);", a, at, row_type, row_type, table, at);
    closing.push_back(fmt::format(" while ({} != kNoMatch && ({} = {}) != kNoMatch);", at, at, next));
  } else {
    p.open("for (; {} != kNoMatch; {} = {})", at, at, next);
    if (after.back().any()) p.line("[[maybe_unused]] const auto& {} = {}.rows[{}];", a, table, at);
    closing.emplace_back("");
  }
  env.row.back() = a;
  if (rest_fails) check_failed(s);
  return 1;
}

}  // namespace

void emit_chain(Unit& u, plan::NodeId id) { Chain(u, id).emit(); }

}  // namespace gress::codegen
