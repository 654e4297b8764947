#include "compiler/driver/reference.h"

#include <algorithm>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/connectors.h"
#include "dsl/catalog/functions.h"
#include "dsl/catalog/stages.h"
#include "dsl/catalog/windows.h"

namespace gress::driver {

namespace {

using connectors::ConnectorInfo;
using connectors::OptionInfo;

std::string joined(std::span<const std::string_view> words, const char* between) {
  std::string out;
  for (std::string_view word : words) out += (out.empty() ? "" : between) + std::string(word);
  return out;
}

void side(std::string& out, const ConnectorInfo& connector, std::uint8_t on, const char* heading) {
  out += '\n' + std::string(heading) + ":\n";
  for (const OptionInfo& option : connector.options) {
    if (connectors::takes(option, on)) out += option_text(option);
  }
  for (const OptionInfo& option : dsl::default_catalog().common_options) {
    if (!connectors::takes(connector, option, on) || (option.name == "meta" && connector.meta.empty())) continue;
    const OptionInfo taken = *option_as_taken(connector, option.name, on);
    if (option.name != "format" || !taken.choices.empty()) out += option_text(taken);
  }
}

const char* type_name(connectors::FieldType type) {
  switch (type) {
    case connectors::FieldType::boolean: return "bool";
    case connectors::FieldType::i64: return "i64";
    case connectors::FieldType::f64: return "f64";
    case connectors::FieldType::string: return "string";
    case connectors::FieldType::timestamp: return "timestamp";
  }
  return "";
}

/// The rows that a connector brings.
void cases(std::string& out, const ConnectorInfo& connector) {
  if (connector.cases.empty()) return;
  out += "\nIts rows come with their types, event time is `" + std::string(connector.time) + "`:\n";
  for (const connectors::CaseInfo& one : connector.cases) {
    out += "  " + std::string(one.name) + ": " + std::string(one.type) + "  (" + std::string(one.doc) + ")\n";
    for (const connectors::FieldInfo& field : one.fields)
      out += "      " + std::string(field.name) + ": " + type_name(field.type) + (field.doc.empty() ? "" : ", " + std::string(field.doc)) + '\n';
  }
}

/// What a source can have beside the record.
void meta(std::string& out, const ConnectorInfo& connector) {
  if (connector.meta.empty()) return;
  out += "\nBeside the record it knows (`meta: { field: NAME }`):\n";
  for (const connectors::MetaInfo& info : connector.meta)
    out += "  " + std::string(info.name) + (info.named ? "(\"…\")" : "") + ": " + type_name(info.type) + (info.optional ? "?" : "") + "\n      " +
           std::string(info.doc) + '\n';
}

ReferenceEntry connector_entry(const ConnectorInfo& connector) {
  std::string text = std::string(connector.name) + ": " + std::string(connector.doc) + '\n';
  if (!connector.example.empty()) {
    text += '\n';
    std::string_view rest = connector.example;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      text += "  " + std::string(rest.substr(0, end)) + '\n';
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  cases(text, connector);
  if (connector.is_source) side(text, connector, connectors::kOnSource, "As a source");
  meta(text, connector);
  if (connector.is_table) side(text, connector, connectors::kOnTable, "As a table");
  if (connector.is_sink) side(text, connector, connectors::kOnSink, "As a sink");
  return {"connector", "", std::string(connector.name), std::string(connector.doc), text};
}

ReferenceEntry function_entry(const dsl::Function& function) {
  std::string text = std::string(function.name) + ": " + std::string(function.doc) + "\n\n";
  for (const dsl::Overload& overload : function.overloads) text += "  " + std::string(overload.signature) + '\n';
  return {"function", std::string(to_string(function.category)), std::string(function.name), std::string(function.doc),
          text};
}

ReferenceEntry aggregate_entry(const dsl::AggregateFn& aggregate) {
  std::string text = std::string(aggregate.name) + ": " + std::string(aggregate.doc) + "\n\n  " +
                     std::string(aggregate.signature) + "\n\n";
  text += "An optional `where: condition` says which rows count.\n";
  if (aggregate.order_dependent)
    text += "Depends on the order of rows: ties go by event time, then partition, then offset.\n";
  if (aggregate.always_optional)
    text += "May be absent.\n";
  else if (aggregate.absent_without_rows)
    text += "Absent when no row counted, if that can be.\n";
  return {"aggregate", "", std::string(aggregate.name), std::string(aggregate.doc), text};
}

ReferenceEntry stage_entry(const dsl::StageInfo& stage) {
  std::string text =
      std::string(stage.word) + ": " + std::string(stage.doc) + "\n\n  " + std::string(stage.syntax) + '\n';
  if (stage.keyed) text += "\nTakes the keys of a `key` before it.\n";
  if (stage.word == "window") {
    text += "\nThe windows, of which `gressc describe NAME` says more:\n\n";
    for (const dsl::WindowInfo& window : dsl::windows()) text += "  " + std::string(window.form) + '\n';
  }
  if (!stage.built) text += "\nPart of the language, not built yet.\n";
  return {"stage", "", std::string(stage.word), std::string(stage.doc), text};
}

ReferenceEntry window_entry(const dsl::WindowInfo& window) {
  std::string text = std::string(window.name) + ": " + std::string(window.doc) + "\n\n  window " + std::string(window.form) + "\n\n";
  std::size_t width = 0;
  for (const std::string_view arg : window.args) width = std::max(width, dsl::find_window_argument(arg)->form.size());
  for (const std::string_view arg : window.args) {
    const dsl::WindowArgument& a = *dsl::find_window_argument(arg);
    text += "  " + std::string(a.form) + std::string(width + 2 - a.form.size(), ' ') + std::string(a.doc) + '\n';
  }
  return {"window", "", std::string(window.name), std::string(window.doc), text};
}

}  // namespace

std::string option_type(const OptionInfo& option) {
  std::string out = option.choices.empty() ? std::string(connectors::name(option.type)) : joined(option.choices, " | ");
  if (option.choices.empty()) return out;
  if (option.type == connectors::OptionType::word_or_text) out += " | string";
  if (option.type == connectors::OptionType::word_or_i64) out += " | i64";
  if (option.type == connectors::OptionType::word_or_time) out += " | timestamp";
  if (option.type == connectors::OptionType::stream) out += " | NAME";
  return out;
}

std::string option_text(const OptionInfo& option) {
  std::string out = "  " + std::string(option.name) + ": " + option_type(option);
  if (option.required) out += "  (required)";
  if (!option.default_text.empty()) out += "  (default " + std::string(option.default_text) + ')';
  return out + "\n      " + std::string(option.doc) + '\n';
}

std::optional<OptionInfo> option_as_taken(const ConnectorInfo& connector, std::string_view name, std::uint8_t side) {
  const OptionInfo* found = dsl::default_catalog().option(connector, name, side);
  if (found == nullptr) return std::nullopt;
  OptionInfo taken = *found;
  if (name == "format") {
    taken.choices = side == connectors::kOnSink ? connector.sink_formats : connector.source_formats;
    taken.required = connector.default_format.empty();
    taken.default_text = connector.default_format;
  }
  return taken;
}

std::vector<ReferenceEntry> reference(const std::string& kind) {
  std::vector<ReferenceEntry> all;
  if (kind.empty() || kind == "connector") {
    for (const ConnectorInfo* connector : dsl::default_catalog().connectors) all.push_back(connector_entry(*connector));
  }
  if (kind.empty() || kind == "function") {
    for (const dsl::Function& function : dsl::functions()) all.push_back(function_entry(function));
  }
  if (kind.empty() || kind == "aggregate") {
    for (const dsl::AggregateFn& aggregate : dsl::aggregates()) all.push_back(aggregate_entry(aggregate));
  }
  if (kind.empty() || kind == "stage") {
    for (const dsl::StageInfo& stage : dsl::stages()) {
      if (!stage.word.empty()) all.push_back(stage_entry(stage));
    }
  }
  if (kind.empty() || kind == "window") {
    for (const dsl::WindowInfo& window : dsl::windows()) all.push_back(window_entry(window));
  }
  return all;
}

}  // namespace gress::driver
