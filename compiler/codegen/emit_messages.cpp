// Rows of a sink as messages: value, key, headers and topic, each printed behind the other into the output's buffer
// (runtime/connectors/kafka/kafka_writer.h). A row that is taken back is a message without a value.
#include "compiler/codegen/connector.h"
#include "compiler/codegen/expr.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

void print_key(Unit& u, Printer& p, const plan::Flow& flow, const std::string& to, const std::vector<Index>& key,
               bool wires) {
  if (key.size() > 1) {
    plan::Uses uses(flow.row.columns.size());
    for (const Index i : key) uses[i].whole = true;
    p.line("{}.key();", to);
    print_json_row(u, p, flow.row, uses, "r", wires);
    return;
  }
  const Column& column = flow.row.columns[key[0]];
  const std::string x = "r." + identifier(column.name);
  // A message may have no key at all.
  if (column.type->is_optional()) p.open("if ({}.has)", x);
  p.line("{}.key();", to);
  const Kind kind = column.type->plain()->kind;
  p.line("fn::{}(out, {});",
         kind == Kind::timestamp  ? "text_timestamp"
         : kind == Kind::duration ? "text_duration"
                                  : "text",
         x);
  if (column.type->is_optional()) p.close();
}

}  // namespace

bool by_row(Unit& u, const OptionValue& option) { return option.value != nullptr && by_row(u, option.value); }

bool by_row(Unit& u, ExprPtr value) {
  plan::Uses uses(1000);
  plan::add_uses(u.program, value, uses);
  for (const plan::Use& use : uses)
    if (use.any()) return true;
  return false;
}

/// The body for row i, `r`; `delete_if` is empty in an append stream, else says that the row is taken back.
void print_message(Unit& u, Printer& p, plan::NodeId id, const std::string& delete_if) {
  const plan::Node& node = u.plan.nodes[id];
  const std::string& name = u.node_names[id];
  const Sink& sink = u.program.sinks[node.sink];
  const Stream& stream = u.program.streams[sink.stream];
  const plan::Flow& flow = u.flow(node.in[0]);
  const bool wires = !stream.declared_type.empty();
  const std::string to = name + "_to";
  ExprEnv env;
  env.row = columns_of(flow.row, "r");
  const auto drop_failed = [&](ExprPtr value) {
    if (!plan::may_fail(u.program, value)) return;
    p.open("if (ev.failed) [[unlikely]]");
    p.line("{}.drop();", to);
    p.line("{}", fail_statement(u, node.in[0], "in", "i", sink.range, false, stream.name));
    p.line("continue;");
    p.close();
  };

  if (!delete_if.empty()) {
    p.open("if ({})", delete_if);
    p.line("{}.tombstone();", to);
    p.close(" else {");
  }
  p.line("{}.value();", to);
  if (sink.format == Format::text)
    p.line("fn::text(out, r.{});", identifier(flow.row.columns[0].name));
  else
    print_json_row(u, p, flow.row, flow.uses, "r", wires);
  if (!delete_if.empty()) p.raw("}");
  for (const OptionValue& o : sink.options) {
    if (!o.fields.empty()) print_key(u, p, flow, to, o.fields, wires);
    if (o.name == "headers") {
      for (const auto& [header, value] : o.entries) {
        p.open("");
        p.line("const auto header = {};", emit_expr(u, value, env));
        drop_failed(value);
        if (value->type->is_optional()) p.open("if (header.has)");
        p.line("{}.header({});", to, literal(header));
        p.line("fn::text(out, header);");
        if (value->type->is_optional()) p.close();
        p.close();
      }
    }
    if (by_row(u, o)) {
      p.open("");
      p.line("const Text topic = {};", emit_expr(u, o.value, env));
      drop_failed(o.value);
      p.open("if (!{}.topic(topic.view())) [[unlikely]]", to);
      p.line("{}.drop();", to);
      p.line("kafka::refuse_topic(ev, topic);");
      p.line("{}", reject_statement(u, id));
      p.line("continue;");
      p.close();
      p.close();
    }
  }
  if (sink.rejected != kNone) {
    p.open("if (!{}.fits(ev)) [[unlikely]]", to);
    p.line("{}.drop();", to);
    p.line("{}", reject_statement(u, id));
    p.line("continue;");
    p.close();
  }
  p.line("{}.end();", to);
}

}  // namespace gress::codegen
