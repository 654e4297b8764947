#include "compiler/codegen/connector.h"

#include "compiler/codegen/expr.h"
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

}  // namespace

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
