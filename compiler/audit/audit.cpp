#include "compiler/audit/audit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "compiler/toolchain/bitcode.h"
#include "compiler/toolchain/config.h"
#include "compiler/toolchain/files.h"
#include "compiler/toolchain/process.h"

namespace gress::audit {

namespace {

using nlohmann::json;
using namespace toolchain;

/// It stands beside gress-headers, of which toolchain.conf says where it is.
std::string reader(const Config& config) { return folder_of(config.headers) + "/gress-audit"; }

json ask(const Config& config, const std::vector<std::string>& allow, const std::vector<std::string>& bitcode, const std::string& folder) {
  const std::string output = folder + "/answer", said = folder + "/said";
  Process process{{reader(config), output, "--allow", folder_of(config.path) + "/audit.allow"}, "", said};
  process.argv.insert(process.argv.end(), allow.begin(), allow.end());
  process.argv.push_back("--library");
  process.argv.insert(process.argv.end(), config.libraries.begin(), config.libraries.end());
  process.argv.push_back("--program");
  process.argv.insert(process.argv.end(), bitcode.begin(), bitcode.end());
  const Ended ended = run(process);
  std::string text;
  if (ended.status == 0 && try_read_file(output, text))
    if (json answer = json::parse(text, nullptr, false); answer.is_object()) return answer;
  Failure failure(exit_internal, "internal error: gress-audit could not look through the program; this is a bug of gressc");
  try_read_file(said, text);
  failure.notes.push_back(text.substr(0, 2000));
  throw failure;
}

/// Kinds are the names of their codes.
dsl::Code code_of(std::string_view kind) {
  for (const dsl::CodeInfo& each : dsl::all_codes())
    if (each.slug == kind) return each.code;
  throw Failure(exit_internal, "internal error: gress-audit found something unknown; this is a bug of gressc");
}

/// `name` itself, or a function or type that belongs to the node of that name.
bool belongs(std::string_view word, const std::string& node) {
  for (const std::string_view head : {"enter_", "advance_", "merge_"})
    if (word.starts_with(head)) word.remove_prefix(head.size());
  if (!word.starts_with(node)) return false;
  word.remove_prefix(node.size());
  for (const std::string_view tail : {"", "_spec", "_state", "_left", "_right", "_decoder", "_by_clock"})
    if (word == tail) return true;
  return false;
}

class Places {
 public:
  Places(const plan::Plan& plan, const dsl::SourceManager& sources) : plan_(plan), sources_(sources) {}

  /// Where in the program a chain of calls ends: its innermost place that is known, else whose class it goes through.
  std::optional<dsl::Range> of(const std::vector<Place>& chain) const {
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
      if (const auto line = line_of(at->file, at->line)) return line;
      if (const auto node = node_of(at->function)) return node;
    }
    for (const Place& place : chain)
      if (const auto end = end_of(place.function)) return end;
    return std::nullopt;
  }

 private:
  std::optional<dsl::Range> line_of(const std::string& file, std::uint32_t number) const {
    if (!file.ends_with(".gress")) return std::nullopt;
    for (dsl::FileId id = 0; id != sources_.size(); ++id) {
      const dsl::SourceFile& source = sources_.file(id);
      if (base_of(source.name()) != base_of(file) || number == 0 || number > source.line_count()) continue;
      const std::string_view text = source.line(number);
      const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
      const std::uint32_t begin = source.line_start(number);
      return dsl::Range{id, begin + static_cast<std::uint32_t>(first), begin + static_cast<std::uint32_t>(text.size())};
    }
    return std::nullopt;
  }
  /// Of code that has no line of its own, such as what prints rows.
  std::optional<dsl::Range> node_of(std::string function) const {
    const std::string own = "gress::program::";
    if (!function.starts_with(own)) return std::nullopt;
    function.erase(0, own.size());
    if (function.starts_with("Pipeline::")) function.erase(0, 10);
    const std::string word = function.substr(0, function.find("::"));
    for (const plan::Node& node : plan_.nodes)
      if (belongs(word, node.kind == plan::NodeKind::source ? node.name + "_source" : node.name)) return range_of(node);
    return std::nullopt;
  }
  /// Of a class of a C++ header: the source or sink that is one, the first where there are several.
  std::optional<dsl::Range> end_of(const std::string& function) const {
    const auto one_of = [&](const auto& ends) -> std::optional<dsl::Range> {
      for (const auto& end : ends)
        if (end.foreign != nullptr && ("::" + function).starts_with(end.foreign->cpp + "::")) return end.range;
      return std::nullopt;
    };
    const auto source = one_of(plan_.program->sources);
    return source ? source : one_of(plan_.program->sinks);
  }
  std::optional<dsl::Range> range_of(const plan::Node& node) const {
    if (node.kind == plan::NodeKind::source) return plan_.program->sources[node.source].range;
    if (node.kind == plan::NodeKind::sink) return plan_.program->sinks[node.sink].range;
    if (node.steps.empty()) return std::nullopt;
    return plan_.stage(node.steps[0]).range;
  }

  const plan::Plan& plan_;
  const dsl::SourceManager& sources_;
};

}  // namespace

Result audit(const std::string& text, const plan::Plan& plan, const BuildOptions& options, const std::vector<std::string>& allow,
             const dsl::SourceManager& sources) {
  const Config config = load_config();
  if (config.headers.empty() || !is_file(reader(config)))
    throw Failure(exit_unavailable, "programs cannot be looked through: `gress-audit` is not found",
                  {"Gress is built or installed incompletely: build or install it again"});
  const Bitcode bitcode = build_bitcode(text, options);
  const ScratchFolder scratch("");
  const json answer = ask(config, allow, bitcode.files, scratch.path());
  if (answer.contains("error")) throw Failure(exit_usage, answer.at("error").get<std::string>());

  Result result;
  result.functions = answer.at("functions");
  result.cold = answer.at("cold").get<std::vector<std::string>>();
  for (const json& entry : answer.at("allowances"))
    result.allowances.push_back({entry.at("file"), entry.at("line"), entry.at("kinds"), entry.at("patterns"), entry.at("reason"), entry.at("used")});
  const Places places(plan, sources);
  for (const json& one : answer.at("findings")) {
    Finding finding{code_of(one.at("kind").get<std::string>()), one.at("what")};
    for (const json& place : one.at("chain")) finding.chain.push_back({place.at("function"), place.at("file"), place.at("line")});
    const auto range = places.of(finding.chain);
    finding.placed = range.has_value();
    finding.range = range.value_or(dsl::Range{});
    result.findings.push_back(std::move(finding));
  }
  return result;
}

}  // namespace gress::audit
