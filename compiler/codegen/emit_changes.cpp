// `changes`: updates and deletes as rows.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// Whether the rows have a key of their own: a row that replaces another is an update of it then, else it is another row.
bool keyed(const Program& program, plan::Step changes) {
  const Stream& stream = program.streams[changes.stream];
  if (changes.stage != 0) return !stream.stages[changes.stage - 1].upsert_key.empty();
  return !program.streams[stream.inputs.front()].key.empty();
}

/// C++ expression of column `old` from a row: the whole record, or the members that are read of it.
std::string old_row(Unit& u, const plan::Node& node, std::size_t column, const std::string& r) {
  const plan::Flow& out = u.flow(node.out);
  const plan::Flow& in = u.flow(node.in[0]);
  const Column& old = out.row.columns[column];
  const plan::Use& use = out.uses[column];
  const std::string type = column_type(u, u.row_type(node.out), old, use);
  if (!use.whole) {
    // A row whose members are those of the record.
    return convert_column(u, u.row_type(node.out), old, use, fmt::format("(gress::OldRow<In::Row>{{true, {}}})", r));
  }
  std::string members;
  for (const Column& c : in.row.columns) members += fmt::format("{}{}.{}", members.empty() ? "" : ", ", r, identifier(c.name));
  return fmt::format("{}({}{{{}}})", type, cpp_type(u, old.type->plain()), members);
}

}  // namespace

void emit_changes(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const std::string spec = name + "_spec";
  const Stage& stage = u.plan.stage(node.steps[0]);
  const std::size_t columns = stage.in.columns.size();
  const plan::Flow& out = u.flow(node.out);

  Printer& s = u.specs;
  s.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
  s.open("struct {}", spec);
  s.line("using Pipeline = program::Pipeline;");
  s.line("using In = {};", u.block_type(node.in[0]));
  s.line("using Out = {};", u.block_type(node.out));
  s.line("static constexpr bool kKeyed = {};", keyed(u.program, node.steps[0]));
  s.line("static void insert(const In& in, int i, Out::Row& o);");
  s.line("static void update(const In& in, int old, int i, Out::Row& o);");
  s.line("static void remove(const In& in, int i, Out::Row& o);");
  s.line("static void out(Pipeline& p, Out& block);");
  s.line("static void watermark(Pipeline& p, std::int64_t t);");
  s.close(";");
  s.blank();

  Printer& p = u.definitions;
  const auto row = [&](const char* signature, const char* variant, const std::string& old) {
    open_definition(u, "void", spec, signature);
    p.line("[[maybe_unused]] const auto& r = in.rows[i];");
    std::vector<std::string> values = columns_of(stage.in, "r");
    values.push_back(fmt::format("{}::{}", cpp_type(u, stage.out.columns[columns].type), identifier(variant)));
    const bool used = out.uses[columns + 1].any();
    values.emplace_back("");
    plan::FlowId to = node.out;
    for (std::size_t c = 0; c != values.size(); ++c) {
      if (!out.uses[c].any() || c == columns + 1) continue;
      p.line("o.{} = {};", identifier(out.row.columns[c].name), convert_column(u, u.row_type(to), out.row.columns[c], out.uses[c], values[c]));
    }
    if (used) p.line("o.{} = {};", identifier(out.row.columns[columns + 1].name), old.empty() ? "{}" : old_row(u, node, columns + 1, old));
    p.close();
  };
  row("insert([[maybe_unused]] const In& in, [[maybe_unused]] int i, [[maybe_unused]] Out::Row& o)", "insert", "");
  row("update([[maybe_unused]] const In& in, [[maybe_unused]] int old, [[maybe_unused]] int i, [[maybe_unused]] Out::Row& o)", "update", "in.rows[old]");
  row("remove([[maybe_unused]] const In& in, [[maybe_unused]] int i, [[maybe_unused]] Out::Row& o)", "delete", "r");
  print_outlets(u, node, spec, false);
  u.members.line("gress::Changes<{}> {}{{*this}};", spec, name);
}

}  // namespace gress::codegen
