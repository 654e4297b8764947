#include "compiler/codegen/connector.h"

#include <algorithm>

#include "compiler/codegen/expr.h"
#include "compiler/codegen/spec.h"
#include "dsl/catalog/connectors.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

std::string option_text(Unit& u, const OptionValue& o) {
  if (o.value == nullptr) return literal(o.word);
  return emit_expr(u, o.value, ExprEnv{}) + (o.value->type->is(Kind::string) ? ".view()" : "");
}

const OptionValue* given(const std::vector<OptionValue>& options, std::string_view name) {
  for (const OptionValue& o : options)
    if (o.name == name) return &o;
  return nullptr;
}

/// Exchanges that rows of the flow come to, over stateless stages.
void exchanges_behind(const Unit& u, plan::FlowId flow, std::vector<std::string>& names) {
  for (const plan::NodeId id : u.flow(flow).consumers) {
    const plan::Node& node = u.plan.nodes[id];
    if (node.kind == plan::NodeKind::chain) exchanges_behind(u, node.out, names);
    for (const Unit::ExchangeAt& x : u.exchanges)
      if (x.node == id && node.in[x.input] == flow && std::find(names.begin(), names.end(), x.name) == names.end())
        names.push_back(x.name);
  }
}

}  // namespace

void declare_pieces(Unit& u, plan::NodeId source) {
  if (!u.in_pieces(source)) return;
  u.specs.line("static void begin_piece(Pipeline& p, std::uint32_t number);");
  u.specs.line("static void end_piece(Pipeline& p);");
}

void define_pieces(Unit& u, plan::NodeId source, const std::string& spec) {
  if (!u.in_pieces(source)) return;
  const plan::Node& node = u.plan.nodes[source];
  std::vector<std::string> names;
  for (const plan::FlowId id : node.cases)
    if (id != plan::kNone) exchanges_behind(u, id, names);
  if (node.out != plan::kNone) exchanges_behind(u, node.out, names);
  open_definition(u, "void", spec, "begin_piece(Pipeline& p, std::uint32_t number)");
  for (const std::string& name : names) u.definitions.line("p.{}.begin_piece(number);", name);
  u.definitions.close();
  open_definition(u, "void", spec, "end_piece(Pipeline& p)");
  for (const std::string& name : names) u.definitions.line("p.{}.end_piece();", name);
  u.definitions.close();
}

std::string pieces_argument(const Unit& u, plan::NodeId source) {
  return u.in_pieces(source) ? fmt::format(", &shared.{}_pieces", u.node_names[source]) : "";
}

const connectors::ConnectorInfo& connector_of(const std::string& name) { return *dsl::default_catalog().find(name); }

std::string connector_arguments(Unit& u, const std::string& connector, std::uint8_t side, const std::vector<OptionValue>& options) {
  std::string required, others;
  bool some = false;
  for (const connectors::OptionInfo& o : connector_of(connector).options) {
    if (!takes(o, side)) continue;
    some = some || !o.required;
    const OptionValue* value = given(options, o.name);
    if (value == nullptr) continue;
    if (o.required) required += ", " + option_text(u, *value);
    else others += fmt::format("{}.{} = {}", others.empty() ? "" : ", ", o.name, option_text(u, *value));
  }
  return required + (some ? ", {" + others + "}" : "");
}

void include_connectors(const Unit& u, Printer& p) {
  std::set<std::string_view> headers;
  for (const plan::Node& node : u.plan.nodes) {
    if (node.source != plan::kNone) headers.insert(connector_of(u.program.sources[node.source].connector).header);
    if (node.sink != plan::kNone) headers.insert(connector_of(u.program.sinks[node.sink].connector).header);
  }
  for (const std::string_view header : headers)
    if (!header.empty()) p.line("#include \"{}\"", header);
}

void define_invalid(Unit& u, const Source& source, const std::string& spec) {
  Printer& p = u.definitions;
  u.definitions.open("inline void {}::invalid([[maybe_unused]] Pipeline& p, const Record& record, std::string_view error)", spec);
  if (const std::string call = source.invalid == dsl::checked::kNone ? "" : cover(u, source.range, source.name, "an invalid row goes to `" + u.program.streams[source.invalid].name + "`"); !call.empty()) p.line("{};", call);
  const plan::FlowId route = source.invalid == dsl::checked::kNone ? plan::kNone : u.flow_of_stream(source.invalid);
  if (source.invalid == dsl::checked::kNone) {
    p.line("fail_invalid(record, error);");
  } else if (route == plan::kNone) {
    p.line("static_cast<void>(record), static_cast<void>(error);");
  } else {
    p.line("const RecordText text = record_text(p.ev, record.bytes);");
    p.line("p.push_{}(text.text, p.ev.arena.copy(error), Text(kName), record.partition, record.offset, text.raw);", u.flow_names[route]);
  }
  p.close();
}

void print_failed_record(Unit& u, const std::string& name) {
  u.methods.open("[[gnu::cold, gnu::noinline]] void fail_{}_record(std::uint32_t row)", name);
  u.methods.line("{}_spec::invalid(*this, {}.record(row), ev.message);", name, name);
  u.methods.line("{}.failed();", name);
  u.methods.line("ev.clear();");
  u.methods.close();
}

std::string make_input(Unit& u, const Source& source) {
  return fmt::format("std::make_unique<{}>(runtime, {}{}, {})", connector_of(source.connector).input_class, literal(source.name),
                     connector_arguments(u, source.connector, connectors::kOnSource, source.options),
                     u.sources.position(source.range).line);
}

}  // namespace gress::codegen
