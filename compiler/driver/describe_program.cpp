#include "compiler/driver/describe_program.h"

#include <algorithm>

#include "dsl/check/json_writer.h"

namespace gress::driver {

namespace {

using namespace dsl::checked;

const char* format_name(Format format) {
  switch (format) {
    case Format::none:
      return "";
    case Format::json:
      return "json";
    case Format::json_array:
      return "json_array";
    case Format::csv:
      return "csv";
    case Format::text:
      return "text";
  }
  return "";
}

/// Names of an upsert stream's key columns; the whole row when it has none of its own.
std::vector<std::string> key_names(const Stream& stream) {
  std::vector<std::string> names;
  if (stream.kind != StreamKind::upsert) return names;
  for (Index column : stream.key) names.push_back(stream.row.columns[column].name);
  if (names.empty()) {
    for (const Column& column : stream.row.columns) names.push_back(column.name);
  }
  return names;
}

void record_columns(dsl::JsonWriter& json, const dsl::Type& record) {
  json.key("columns").begin_array();
  for (const dsl::RecordField& field : record.fields) {
    json.begin_object();
    json.key("name").string(field.name);
    json.key("type").string(dsl::to_string(field.type));
    json.key("doc").string(field.doc);
    json.end_object();
  }
  json.end_array();
}

/// Structs and enums, of the program and of C++ headers.
void types(dsl::JsonWriter& json, const Program& program) {
  json.key("types").begin_array();
  for (const dsl::Type* type : program.types) {
    json.begin_object();
    json.key("name").string(type->name);
    json.key("doc").string(type->doc);
    if (type->is(dsl::Kind::enumeration)) {
      json.key("variants").begin_array();
      for (const dsl::EnumVariant& variant : type->variants) {
        json.begin_object();
        json.key("name").string(variant.name);
        json.key("wire").string(variant.wire);
        json.key("doc").string(variant.doc);
        json.end_object();
      }
      json.end_array();
    } else {
      record_columns(json, *type);
    }
    json.end_object();
  }
  json.end_array();
}

/// A function or an aggregate.
void describe_callable(dsl::JsonWriter& json, const std::string& name, const std::vector<FunctionParam>& params, const dsl::Type* result, const std::string& doc) {
  json.begin_object();
  json.key("name").string(name);
  json.key("params").begin_array();
  for (const FunctionParam& param : params) {
    json.begin_object();
    json.key("name").string(param.name);
    json.key("type").string(dsl::to_string(param.type));
    json.end_object();
  }
  json.end_array();
  json.key("result").string(dsl::to_string(result));
  json.key("doc").string(doc);
  json.end_object();
}

void callables(dsl::JsonWriter& json, const Program& program) {
  json.key("functions").begin_array();
  for (const UserFunction& f : program.functions) describe_callable(json, f.name, f.params, f.result, f.doc);
  for (const ForeignFunction& f : program.foreign_functions) describe_callable(json, f.name, f.params, f.result, f.doc);
  json.end_array();
  json.key("aggregates").begin_array();
  for (const UserAggregate& a : program.aggregates) describe_callable(json, a.name, a.params, a.result_type, a.doc);
  json.end_array();
}

template <class Input>
void inputs(dsl::JsonWriter& json, const char* name, const std::vector<Input>& all) {
  json.key(name).begin_array();
  for (const Input& input : all) {
    json.begin_object();
    json.key("name").string(input.name);
    json.key("connector").string(input.connector);
    json.key("format").string(format_name(input.format));
    json.key("doc").string(input.doc);
    if (input.type != nullptr) record_columns(json, *input.type);
    if constexpr (requires { input.cases; }) {
      if (!input.cases.empty()) {
        json.key("cases").begin_array();
        for (const auto& one : input.cases) {
          json.begin_object();
          json.key("name").string(one.name);
          json.key("tag").string(one.tag);
          record_columns(json, *one.type);
          json.end_object();
        }
        json.end_array();
      }
    }
    json.end_object();
  }
  json.end_array();
}

/// What the time of a run is divided among in its summary, by the same names.
void stages(dsl::JsonWriter& json, const plan::Plan& plan, const dsl::SourceManager& sources) {
  json.key("stages").begin_array();
  for (const plan::Node& node : plan.nodes) {
    if (node.kind == plan::NodeKind::merge) continue;
    const bool source = node.kind == plan::NodeKind::source, sink = node.kind == plan::NodeKind::sink;
    const dsl::Range range = source ? plan.program->sources[node.source].range
                             : sink ? plan.program->sinks[node.sink].range
                                    : plan.stage(node.steps[0]).range;
    const auto stage = [&](const char* kind, const std::string& name, dsl::Range at) {
      json.begin_object();
      json.key("kind").string(kind);
      json.key("name").string(name);
      json.key("line").number(sources.position(at).line);
      json.end_object();
    };
    stage(source ? "source" : sink ? "sink" : "stage",
          source ? plan.program->sources[node.source].name : sink ? plan.program->sinks[node.sink].name : plan::title(plan, node), range);
    if (sink && plan.program->sinks[node.sink].window)
      stage("stage", plan.program->sinks[node.sink].name + ": window", plan.program->sinks[node.sink].window->range);
  }
  json.end_array();
}

const char* kind_of(const ForeignConnector& connector) { return connector.info.is_source ? "source" : "sink"; }

/// Sources and sinks of C++ headers.
void connectors(dsl::JsonWriter& json, const Program& program) {
  json.key("connectors").begin_array();
  for (const auto& connector : program.foreign_connectors) {
    json.begin_object();
    json.key("name").string(connector->name);
    json.key("kind").string(kind_of(*connector));
    json.key("doc").string(connector->doc);
    json.key("options").begin_array();
    for (std::size_t i = 0; i != connector->options.size(); ++i) {
      const ForeignConnector::Option& option = connector->options[i];
      json.begin_object();
      json.key("name").string(option.name);
      json.key("type").string(dsl::to_string(option.type));
      json.key("required").boolean(connector->option_infos[i].required);
      json.key("doc").string(option.doc);
      json.end_object();
    }
    json.end_array();
    record_columns(json, *connector->row);
    json.end_object();
  }
  json.end_array();
}

std::string default_text(const Param& param, const dsl::SourceManager& sources) {
  return param.default_value == nullptr ? "" : std::string(sources.text(param.default_value->range));
}

/// "  name   type   doc" lines in columns; further lines of a doc stand below its first.
using Lines = std::vector<std::vector<std::string>>;
std::string table(const Lines& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text = "  ";
    for (std::size_t i = 0; i + 1 < line.size(); ++i) text += line[i] + std::string(widths[i] + 2 - line[i].size(), ' ');
    const std::string further(text.size(), ' ');
    for (std::string_view doc = line.back();; doc.remove_prefix(doc.find('\n') + 1), text = further) {
      text += doc.substr(0, doc.find('\n'));
      out += text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
      if (doc.find('\n') == doc.npos) break;
    }
  }
  return out;
}

void section(std::string& out, const char* heading, const Lines& lines) {
  if (!lines.empty()) out += '\n' + std::string(heading) + ":\n" + table(lines);
}

}  // namespace

void describe_stream(dsl::JsonWriter& json, const Stream& stream) {
  json.begin_object();
  json.key("name").string(stream.name);
  json.key("doc").string(stream.doc);
  json.key("kind").string(stream.kind == StreamKind::upsert ? "upsert" : "append");
  json.key("key").begin_array();
  for (const std::string& name : key_names(stream)) json.string(name);
  json.end_array();
  json.key("event_time").boolean(stream.has_time);
  json.key("columns").begin_array();
  for (const Column& column : stream.row.columns) {
    json.begin_object();
    json.key("name").string(column.name);
    json.key("type").string(dsl::to_string(column.type));
    json.key("doc").string(column.doc);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

std::string describe_stream(const Stream& stream) {
  std::string heading = "Stream " + stream.name + ", " + (stream.kind == StreamKind::upsert ? "upsert by " : "append");
  const std::vector<std::string> keys = key_names(stream);
  for (std::size_t i = 0; i < keys.size(); ++i) heading += (i == 0 ? "" : ", ") + keys[i];
  if (!stream.doc.empty()) heading += ": ";
  for (char c : stream.doc) heading += c == '\n' ? "\n    " : std::string(1, c);
  Lines lines;
  for (const Column& column : stream.row.columns) lines.push_back({column.name, dsl::to_string(column.type), column.doc});
  return heading + '\n' + table(lines);
}

std::string signature(const std::vector<FunctionParam>& params, const dsl::Type* result) {
  std::string form = "(";
  for (const FunctionParam& param : params) form += (form.back() == '(' ? "" : ", ") + param.name + ": " + dsl::to_string(param.type);
  return form + ") -> " + dsl::to_string(result);
}

std::string describe_json(const plan::Plan& plan, const dsl::SourceManager& sources) {
  const Program& program = *plan.program;
  dsl::JsonWriter json;
  json.begin_object();
  json.key("pipeline").string(program.name);
  json.key("doc").string(program.doc);
  json.key("params").begin_array();
  for (const Param& param : program.params) {
    json.begin_object();
    json.key("name").string(param.name);
    json.key("type").string(dsl::to_string(param.type));
    json.key("default");
    if (param.default_value != nullptr)
      json.string(default_text(param, sources));
    else
      json.null();
    json.key("doc").string(param.doc);
    json.end_object();
  }
  json.end_array();
  types(json, program);
  callables(json, program);
  if (!program.foreign_connectors.empty()) connectors(json, program);
  inputs(json, "sources", program.sources);
  inputs(json, "tables", program.tables);
  json.key("streams").begin_array();
  for (const Stream& stream : program.streams) describe_stream(json, stream);
  json.end_array();
  json.key("sinks").begin_array();
  for (const Sink& sink : program.sinks) {
    json.begin_object();
    json.key("name").string(sink.name);
    json.key("stream").string(program.streams[sink.stream].name);
    json.key("connector").string(sink.connector);
    json.key("format").string(format_name(sink.format));
    for (plan::NodeId id = 0; id != plan.nodes.size(); ++id) {
      if (plan.nodes[id].kind != plan::NodeKind::sink || &program.sinks[plan.nodes[id].sink] != &sink) continue;
      const plan::Delivery delivery = plan::delivery(plan, id);
      json.key("delivery").begin_object();
      json.key("guarantee").string(delivery.guarantee);
      json.key("why").string(delivery.why);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
  stages(json, plan, sources);
  json.end_object();
  return json.take();
}

std::string describe_text(const Program& program, const dsl::SourceManager& sources) {
  std::string out = "pipeline " + program.name + '\n';
  if (!program.doc.empty()) out += program.doc + '\n';
  Lines lines;
  for (const Param& param : program.params) {
    const std::string value = default_text(param, sources);
    lines.push_back(
        {param.name, dsl::to_string(param.type), !value.empty() ? "= " + value : param.type->is_optional() ? "(absent)" : "(required)", param.doc});
  }
  section(out, "Params", lines);
  lines.clear();
  for (const dsl::Type* type : program.types) {
    const bool is_enum = type->is(dsl::Kind::enumeration);
    lines.push_back({type->name, is_enum ? "enum" : "struct", type->doc});
    for (const dsl::EnumVariant& variant : type->variants) lines.push_back({"  " + variant.name, "", variant.doc});
    for (const dsl::RecordField& field : type->fields) lines.push_back({"  " + field.name, dsl::to_string(field.type), field.doc});
  }
  section(out, "Types", lines);
  lines.clear();
  for (const auto& connector : program.foreign_connectors) {
    lines.push_back({connector->name, kind_of(*connector), connector->doc});
    for (std::size_t i = 0; i != connector->options.size(); ++i)
      lines.push_back({"  " + connector->options[i].name, dsl::to_string(connector->options[i].type) + (connector->option_infos[i].required ? "" : "?"),
                       connector->options[i].doc});
  }
  section(out, "Connectors", lines);
  lines.clear();
  for (const Source& source : program.sources)
    lines.push_back({source.name, "from " + source.connector, format_name(source.format), source.doc});
  section(out, "Sources", lines);
  lines.clear();
  for (const Table& each : program.tables)
    lines.push_back({each.name, "from " + each.connector, format_name(each.format), each.doc});
  section(out, "Tables", lines);
  lines.clear();
  const auto callable = [&](const std::string& name, const auto& params, const dsl::Type* result, const std::string& doc) {
    lines.push_back({name + signature(params, result), doc});
  };
  for (const UserFunction& f : program.functions) callable(f.name, f.params, f.result, f.doc);
  for (const ForeignFunction& f : program.foreign_functions) callable(f.name, f.params, f.result, f.doc);
  section(out, "Functions", lines);
  lines.clear();
  for (const UserAggregate& a : program.aggregates) callable(a.name, a.params, a.result_type, a.doc);
  section(out, "Aggregates", lines);
  for (const Stream& stream : program.streams) out += '\n' + describe_stream(stream);
  lines.clear();
  for (const Sink& sink : program.sinks) lines.push_back({sink.name, "to " + sink.connector, format_name(sink.format)});
  section(out, "Sinks", lines);
  return out;
}

}  // namespace gress::driver
