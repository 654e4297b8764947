// A sink: rows printed into its output's buffer.
#include <algorithm>

#include "compiler/codegen/connector.h"
#include "compiler/codegen/emit_foreign.h"
#include "compiler/codegen/expr.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

std::string csv_header(const Row& row, bool wires, bool upsert) {
  std::string out = upsert ? "_op" : "";
  for (std::size_t i = 0; i != row.columns.size(); ++i) {
    const std::string& name = wires && !row.columns[i].wire.empty() ? row.columns[i].wire : row.columns[i].name;
    if (i != 0 || upsert) out += ',';
    if (name.find_first_of(",\"\r\n") == std::string::npos) {
      out += name;
    } else {
      out += '"';
      for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
      out += '"';
    }
  }
  return out + '\n';
}

/// Whether a retract at i and the insert behind it are one update of one key.
/// `where`: what else must be the same.
void print_same_key(Unit& u, const std::string& name, plan::FlowId id, std::vector<Index> key, const std::vector<Index>& where) {
  const plan::Flow& flow = u.flow(id);
  std::string same;
  if (!key.empty()) key.insert(key.end(), where.begin(), where.end());
  // Of records and lists it is not asked: the row is deleted and written.
  const auto nested = [&](Index c) {
    const Type* type = flow.row.columns[c].type->plain();
    return type->is(Kind::record) || type->is(Kind::list) || type->is(Kind::map);
  };
  if (std::ranges::any_of(where, nested)) key.clear();
  for (const Index c : key) {
    const std::string column = identifier(flow.row.columns[c].name);
    same += fmt::format("{}a.{} == b.{}", same.empty() ? "" : " && ", column, column);
  }
  u.methods.line("static bool {}_same_key([[maybe_unused]] const {}& a, [[maybe_unused]] const {}& b) {{ return {}; }}", name,
                 u.row_type(id), u.row_type(id), same.empty() ? "false" : same);
}

}  // namespace

void emit_sink(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  const Sink& sink = u.program.sinks[node.sink];
  const Stream& stream = u.program.streams[sink.stream];
  const plan::Flow& flow = u.flow(node.in[0]);
  const std::string& name = u.node_names[id];
  const bool wires = !stream.declared_type.empty();
  Printer& p = u.methods;

  if (u.host) {
    if (flow.upsert) print_same_key(u, name, node.in[0], stream.key, {});
    return emit_taken(u, id);
  }
  const auto position = u.sources.position(sink.range);
  std::string more = u.durable && plan::in_transactions(u.program, sink) ? ".transaction = " + literal("gress-" + u.program.name) : "";
  if (sink.info->messages && sink.rejected != kNone) more += more.empty() ? ".rejects = true" : ", .rejects = true";
  const bool upsert = flow.upsert;
  const std::string header = sink.format == Format::csv ? csv_header(flow.row, wires, upsert) : "";
  const connectors::ConnectorInfo& connector = *sink.info;
  const bool files = sink.by_row && !connector.by_row_class.empty();
  if (sink.foreign != nullptr) u.members.line("{};", make_foreign_writer(u, sink, name));
  else u.members.line("{} {}_to{{runtime, {}{}, {}}};", files ? connector.by_row_class : connector.output_class, name, literal(sink.name),
                 connector_arguments(u, connector, connectors::kOnSink, sink.options, files ? files_arguments(u, node, header) : more, "", files), position.line);
  if (files) declare_files(u, id);
  if (!header.empty() && !files)
    u.starts.push_back(fmt::format("{}{}_to.out().write({});", u.for_workers ? "if (runtime.worker() == 0) " : "", name, literal(header)));

  if (upsert) print_same_key(u, name, node.in[0], stream.key, files ? plan::where_columns(u.program, sink) : std::vector<Index>{});
  p.open("void {}(const {}& in)", name, u.block_type(node.in[0]));
  p.line("const engine::At here(runtime.presence(), {}_to.counters());", name);
  const bool discards = sink.format == Format::none && sink.foreign == nullptr;
  if (discards && !upsert) {
    p.line("{}_to.rows(static_cast<std::uint64_t>(in.count));", name);
    p.close();
    p.blank();
    return;
  }
  if (discards && !sink.ignore_deletes) {
    p.line("{0}_to.rows(written_rows(in, {0}_same_key));", name);
    p.close();
    p.blank();
    return;
  }
  if (!discards && sink.foreign == nullptr) p.line("gress::Out& out = {}_to.out();", name);
  const bool messages = sink.info->messages, counts = upsert || files || (messages && sink.rejected != kNone);
  if (counts) p.line("std::uint64_t written = 0;");
  p.open("for (int i = 0; i < in.count; ++i)");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  if (upsert) {
    p.line("const bool retracted = in.op[i] == gress::Op::retract;");
    if (sink.ignore_deletes) {
      p.line("if (retracted) continue;");
    } else {
      p.line("if (retracted && i + 1 < in.count && in.op[i + 1] == gress::Op::insert && {}_same_key(r, in.rows[i + 1])) continue;", name);
    }
  }
  if (files) print_file_path(u, p, id);
  if (counts && !messages) p.line("++written;");
  if (discards) {
    p.close();
    p.line("{}_to.rows(written);", name);
    p.close();
    p.blank();
    return;
  }
  if (sink.foreign != nullptr) {
    p.line("{}_to.add(foreign::Bridge<{}>::in(ev, r));", name, sink.foreign->cpp_row);
    p.close();
    p.line("{}_to.rows({});", name, upsert ? "written" : "static_cast<std::uint64_t>(in.count)");
    p.close();
    p.blank();
    return;
  }
  if (messages) {
    print_message(u, p, id, upsert ? "retracted" : "");
    if (counts) p.line("++written;");
    p.close();
    p.line("{}_to.rows({});", name, counts ? "written" : "static_cast<std::uint64_t>(in.count)");
    p.line("{}_to.flush_if();", name);
    p.close();
    p.blank();
    return;
  }
  switch (sink.format) {
    case Format::csv:
      if (upsert) p.line("if (retracted) out.write(\"delete,\"); else out.write(\"upsert,\");");
      print_csv_row(u, p, flow.row, "r");
      break;
    case Format::text:
      p.line("fn::text(out, r.{});", identifier(flow.row.columns[0].name));
      break;
    default:
      if (upsert) {
        p.open("if (retracted)");
        print_json_row(u, p, flow.row, flow.uses, "r", wires, "\"_op\":\"delete\"");
        p.close(" else {");
        print_json_row(u, p, flow.row, flow.uses, "r", wires, "\"_op\":\"upsert\"");
        p.raw("}");
      } else {
        print_json_row(u, p, flow.row, flow.uses, "r", wires);
      }
      break;
  }
  p.line("out.write(\"\\n\");");
  p.close();
  p.line("{}_to.rows({});", name, counts ? "written" : "static_cast<std::uint64_t>(in.count)");
  p.line("{}_to.flush_if();", name);
  p.close();
  p.blank();
}

}  // namespace gress::codegen
