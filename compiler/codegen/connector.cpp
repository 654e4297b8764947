#include "compiler/codegen/connector.h"

#include <algorithm>

#include "compiler/codegen/expr.h"
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

std::string option_text(Unit& u, const OptionValue& o) {
  if (!o.entries.empty()) {
    std::string out;
    for (const auto& [name, value] : o.entries) out += fmt::format("{}{{{}, kafka::property({})}}", out.empty() ? "" : ", ", literal(name), emit_expr(u, value, ExprEnv{}));
    return "{" + out + "}";
  }
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

std::string connector_arguments(Unit& u, const connectors::ConnectorInfo& connector, std::uint8_t side, const std::vector<OptionValue>& options,
                                const std::string& more, const std::string& type, bool rows) {
  std::string required, others;
  bool some = false;
  for (const connectors::OptionInfo& o : connector.options) {
    // Fields, and records over the row, are printed row by row.
    if (!takes(o, side) || o.type == connectors::OptionType::fields || (o.type == connectors::OptionType::record && o.properties == nullptr)) continue;
    if (o.by_row_only && !rows) continue;
    some = some || !o.required;
    const OptionValue* value = given(options, o.name);
    if (value == nullptr || o.type == connectors::OptionType::window) continue;
    if (o.required) required += ", " + (by_row(u, *value) ? "\"\"" : option_text(u, *value));
    else others += fmt::format("{}.{} = {}", others.empty() ? "" : ", ", o.name, option_text(u, *value));
  }
  if (!more.empty()) others += (others.empty() ? "" : ", ") + more;
  return required + (some ? ", " + type + "{" + others + "}" : "");
}

void include_connectors(const Unit& u, Printer& p) {
  std::set<std::string_view> headers;
  if (u.host) return;
  for (const plan::Node& node : u.plan.nodes) {
    if (node.source != plan::kNone) headers.insert(u.program.sources[node.source].info->header);
    if (node.sink == plan::kNone) continue;
    const connectors::ConnectorInfo& connector = *u.program.sinks[node.sink].info;
    headers.insert(u.program.sinks[node.sink].by_row && !connector.by_row_header.empty() ? connector.by_row_header : connector.header);
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

namespace {

/// What a source's reader keeps of messages, as runtime/connectors/kafka/message_reader.h says.
std::string wants(const Source& source) {
  const connectors::ConnectorInfo& connector = *source.info;
  if (!connector.messages) return "";
  bool timestamp = false, key = source.changes == ChangesKind::upsert;
  std::string headers;
  for (const MetaField& field : source.meta) {
    const std::string_view what = connector.meta[field.what].name;
    timestamp = timestamp || what == "timestamp";
    key = key || what == "key";
    if (what == "header") headers += (headers.empty() ? "" : ", ") + literal(field.argument);
  }
  std::string out;
  const auto add = [&](const std::string& one) { out += (out.empty() ? "" : ", ") + one; };
  if (timestamp) add(".timestamp = true");
  if (key) add(".key = true");
  if (source.changes == ChangesKind::upsert) add(".deletes = true");
  // Debezium's deletes are followed by one, for compaction.
  if (source.changes == ChangesKind::debezium) add(".skips_deletes = true");
  if (!headers.empty()) add(".headers = {" + headers + "}");
  if (source.format == Format::text) add(".end = decode::kMessageEnd");
  return out.empty() ? "" : ".wants = {" + out + "}";
}

bool has_deletes(const Unit& u, const Source& source) {
  return source.info->messages && source.changes == ChangesKind::upsert && !u.given();
}

}  // namespace

bool gives_meta(const Unit& u, const Source& source) { return !source.meta.empty() && !u.given(); }

void declare_source(const Unit& u, Printer& s, const Source& source, bool has_time) {
  s.line("static constexpr std::string_view kName = {};", literal(source.name));
  s.line("static constexpr bool kHasTime = {};", has_time);
  declare_numbering(u, s, source);
}

void declare_numbering(const Unit& u, Printer& s, const Source& source) {
  const auto& sources = u.program.sources;
  if (sources.size() == 1 || std::ranges::none_of(u.program.streams, &Stream::merge)) return;
  s.line("static constexpr Numbering kNumbering{{{}, {}}};", sources.size(), &source - sources.data());
}

void declare_message(Unit& u, Printer& s, const Source& source) {
  if (gives_meta(u, source)) {
    s.line("using Message = kafka::Message;");
    s.line("static void meta([[maybe_unused]] Block::Row& o, [[maybe_unused]] const Message& message);");
  }
  if (!has_deletes(u, source)) return;
  s.line("static bool key(std::string_view key, Block::Row& o, Arena& arena, std::string& error);");
  s.line("static void deleted(Pipeline& p, const Block& block);");
}

void define_message(Unit& u, const Source& source, const std::string& spec, const Row& row, const plan::Uses& uses) {
  Printer& p = u.definitions;
  if (gives_meta(u, source)) {
    p.open("inline void {}::meta([[maybe_unused]] Block::Row& o, [[maybe_unused]] const Message& message)", spec);
    const std::size_t first = row.columns.size() - source.meta.size();
    std::size_t header = 0;
    for (std::size_t i = 0; i != source.meta.size(); ++i) {
      const connectors::MetaInfo& info = source.info->meta[source.meta[i].what];
      const std::string argument = info.named ? std::to_string(header++) : "";
      if (uses[first + i].any()) p.line("o.{} = message.{}({});", identifier(row.columns[first + i].name), info.name, argument);
    }
    p.close();
  }
  if (!has_deletes(u, source)) return;
  const Type* only = source.key.size() == 1 ? row.columns[source.key[0]].type->plain() : nullptr;
  const std::string wire = only == nullptr ? "" : row.columns[source.key[0]].wire.empty() ? row.columns[source.key[0]].name : row.columns[source.key[0]].wire;
  bool quoted = false;
  if (only != nullptr) switch (only->kind) {
      case Kind::boolean:
      case Kind::i32:
      case Kind::i64:
      case Kind::decimal: break;
      default: quoted = true;
    }
  u.decoding.open("bool {}::key(std::string_view key, Block::Row& o, Arena& arena, std::string& error)", spec);
  u.decoding.line("return kafka::read_key<{}_key_schema>(key, {}, {}, o, arena, error);", source.name,
                  literal(only == nullptr ? "" : "{\"" + wire + "\":"), quoted);
  u.decoding.close();
  p.open("inline void {}::deleted(Pipeline& p, const Block& block)", spec);
  p.line("p.{}_changes.erase(block);", u.source_name(static_cast<std::uint32_t>(&source - u.program.sources.data())));
  p.close();
}

std::string make_input(Unit& u, const plan::Node& node) {
  const Source& source = u.program.sources[node.source];
  const std::string input(source.info->input_class);
  return fmt::format("std::make_unique<{}>(runtime, {}{}, {}{})", input, literal(source.name),
                     connector_arguments(u, *source.info, connectors::kOnSource, source.options, wants(source), input + "::Options"),
                     u.sources.position(source.range).line, u.for_workers && plan::at_first(u.plan, node) ? ", Take::first" : "");
}

}  // namespace gress::codegen
