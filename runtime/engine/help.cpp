#include "runtime/engine/help.h"

#include <algorithm>

#include "runtime/engine/json_writer.h"
#include "runtime/engine/linked.h"
#include "runtime/engine/options.h"
#include "runtime/engine/version.h"

namespace gress::engine {
namespace {

std::size_t width(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

void pad(std::string& out, std::string_view text, std::size_t to) {
  out += text;
  for (std::size_t w = width(text); w < to; ++w) out += ' ';
}

/// A shell word for an example: quoted where it must be.
std::string shell_word(std::string_view s) {
  const bool plain =
      !s.empty() && s.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") ==
                        std::string_view::npos;
  if (plain) return std::string(s);
  std::string out = "'";
  for (const char c : s) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out += '\'';
}

/// What a person might give a param: its default without quotes, or its type.
std::string example_value(const ParamInfo& p) {
  if (!p.default_text || !*p.default_text) return std::string(p.type) == "string" ? "text" : p.type;
  std::string_view s = p.default_text;
  if (s.size() >= 2 && (s.front() == '"' || s.front() == '\'') && s.back() == s.front()) s = s.substr(1, s.size() - 2);
  return std::string(s);
}

void examples(std::string& out, const ProgramInfo& program, const std::string& command) {
  std::string required;
  for (const ParamInfo& p : program.params)
    if (p.required()) required += " --param " + shell_word(std::string(p.name) + "=" + example_value(p));
  out += "Examples:\n  " + command + required + "\n";
  for (const ParamInfo& p : program.params) {
    if (!p.default_text) continue;
    out += "  " + command + required + " --param " + shell_word(std::string(p.name) + "=" + example_value(p)) + "\n";
    out += "  " + environment_name(p.name) + "=" + shell_word(example_value(p)) + " " + command + required + "\n";
    break;
  }
  out += "  " + command + " --config run.yaml --log-format json\n";
}

void params(std::string& out, const ProgramInfo& program) {
  if (program.params.empty()) {
    out += "\nThe program has no params.\n";
    return;
  }
  std::size_t name = 0, type = 0;
  for (const ParamInfo& p : program.params) {
    name = std::max(name, width(p.name));
    type = std::max(type, width(p.type));
  }
  out += "\nParams (--param NAME=VALUE, over GRESS_NAME in the environment, over --config, over the default):\n";
  for (const ParamInfo& p : program.params) {
    out += "  ";
    pad(out, p.name, name + 2);
    pad(out, p.type, type + 2);
    out += p.default_text ? std::string("default ") + p.default_text : std::string(p.required() ? "required" : "absent by default");
    out += '\n';
    std::string_view doc = p.doc;
    while (!doc.empty()) {
      const std::size_t end = std::min(doc.find('\n'), doc.size());
      out.append("      ").append(doc.substr(0, end)) += '\n';
      doc.remove_prefix(std::min(end + 1, doc.size()));
    }
  }
}

constexpr const char kOptions[] =
    "\nOptions:\n"
    "  -p, --param NAME=VALUE      sets a param\n"
    "      --config FILE           YAML file, a flat map of params and options\n"
    "      --parallelism N|auto    workers\n"
    "      --pin-workers yes|no    each worker stays on a CPU of its own (no)\n"
    "      --log-format text|json  messages and summary for people, or a JSON object a line\n"
    "      --log-level LEVEL       debug, info, warning, error or off\n"
    "      --progress WHEN         auto (on a terminal), never or always\n"
    "      --stuck-after DURATION  explains a watermark or sink that stands still so long (30s), or never\n"
    "      --admin ADDRESS         answers /metrics, /health and /ready at a port (9464), or an address and a port\n"
    "  -q, --quiet                 no progress, no summary\n"
    "      --describe              prints what the program reads, does and writes, as JSON\n"
    "      --version [--json]      prints versions\n"
    "  -h, --help                  prints this\n"
    "      --checkpoint DURATION   how often the state is saved, if the program saves it\n"
    "      --checkpoint-dir DIR    where; a start goes on from the newest checkpoint there\n"
    "      --restore-from PATH     goes on from another one: a checkpoint folder, or a manifest in one\n"
    "      --drop-state STAGE,…    goes on without what these stages have kept\n"
    "      --fresh                 begins anew, and removes the checkpoints there\n"
    "\nAnother process is asked by `health [ADDRESS]` whether it lives.\n"
    "SIGTERM and SIGINT end the sources where they are, write out what was produced, and exit with 0.\n"
    "Exit codes: 0 done, 64 usage, 65 bad data, 66 no input, 70 internal, 73 cannot create output, 74 I/O error.\n";

}  // namespace

std::string help_text(const ProgramInfo& program, std::string_view command) {
  std::string out;
  examples(out, program, shell_word(command));
  out += '\n';
  out += program.name;
  if (*program.doc) out.append(": ").append(program.doc);
  out += '\n';
  params(out, program);
  out += kOptions;
  return out;
}

std::string version_text(const ProgramInfo& program) {
  std::string out = std::string(program.name) + " (gress " + kVersion + ")\n";
  if (*program.source_file)
    out.append("source     ").append(program.source_file).append(" ").append(program.source_hash) += '\n';
  if (*program.plan_hash) out.append("plan       ").append(program.plan_hash) += '\n';
  out.append("compiler   ").append(program.compiler) += '\n';
  if (*program.cpu) out.append("cpu        ").append(program.cpu) += '\n';
  std::string_view features = program.built_for;
  while (!features.empty() && features.back() == ' ') features.remove_suffix(1);
  out.append("built for  ").append(features.empty() ? "any CPU of this kind" : features) += '\n';
  return out;
}

std::string version_json(const ProgramInfo& program) {
  JsonWriter json;
  json.object();
  json.key("program").text(program.name);
  json.key("gress").text(kVersion);
  json.key("source_file").text(program.source_file);
  json.key("source_hash").text(program.source_hash);
  json.key("plan_hash").text(program.plan_hash);
  json.key("compiler").text(program.compiler);
  json.key("cpu").text(program.cpu);
  json.key("built_for").array();
  std::string_view features = program.built_for;
  while (!features.empty()) {
    const std::size_t end = std::min(features.find(' '), features.size());
    if (end != 0) json.text(features.substr(0, end));
    features.remove_prefix(std::min(end + 1, features.size()));
  }
  json.end_array();
  json.key("libraries").array();
  for (const std::string& library : linked_libraries()) json.text(library);
  json.end_array();
  json.key("versions").object();
  for (const auto& [library, version] : linked_versions()) json.key(library).text(version);
  json.end_object().end_object();
  return json.take() + '\n';
}

}  // namespace gress::engine
