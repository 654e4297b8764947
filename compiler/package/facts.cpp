#include "compiler/package/facts.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "compiler/plan/plan.h"
#include "compiler/toolchain/failure.h"
#include "dsl/check/expr_checker.h"
#include "runtime/connectors/registry.h"

namespace gress::package {

using namespace dsl::checked;
using connectors::Ends;
using toolchain::exit_usage;
using toolchain::Failure;

namespace {

const OptionValue* find_option(const std::vector<OptionValue>& options, std::string_view name) {
  for (const OptionValue& option : options)
    if (option.name == name) return &option;
  return nullptr;
}

const Param* param_of(const Program& program, ExprPtr expr) {
  return expr != nullptr && expr->kind == ExprKind::param ? &program.params[expr->index] : nullptr;
}

std::optional<std::string> constant_text(ExprPtr expr) {
  if (expr == nullptr) return std::nullopt;
  const auto value = dsl::constant_value(expr);
  if (!value) return std::nullopt;
  const auto* text = std::get_if<std::string>(&*value);
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

/// `parallelism:`, of a number, of a param or `auto`; what is made of params otherwise is known at start only.
void find_workers(const Program& program, Facts& facts) {
  const OptionValue* said = find_option(program.options, "parallelism");
  if (said == nullptr) return;
  facts.all_cpus = said->value == nullptr;
  if (facts.all_cpus) return;
  ExprPtr expr = said->value;
  if (const Param* param = param_of(program, expr)) {
    const Setting& setting = facts.settings[expr->index];
    if (setting.given) {
      std::from_chars(setting.value.data(), setting.value.data() + setting.value.size(), facts.workers);
      return;
    }
    expr = param->default_value;
  }
  const auto value = expr != nullptr ? dsl::constant_value(expr) : std::nullopt;
  if (const auto* count = value ? std::get_if<std::int64_t>(&*value) : nullptr) facts.workers = static_cast<int>(*count);
}

/// As Kafka has it. Nothing in such a name means something to a shell or to YAML.
bool is_topic(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 249 && std::all_of(name.begin(), name.end(), plain);
}

/// "a:9092,b" as hosts and ports.
std::vector<std::pair<std::string, int>> addresses_of(std::string_view list, int default_port) {
  std::vector<std::pair<std::string, int>> found;
  while (!list.empty()) {
    std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(one.size() + 1, list.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (const std::size_t scheme = one.find("://"); scheme != std::string_view::npos) one.remove_prefix(scheme + 3);
    int port = default_port;
    if (const std::size_t colon = one.rfind(':'); colon != std::string_view::npos) {
      std::from_chars(one.data() + colon + 1, one.data() + one.size(), port);
      one = one.substr(0, colon);
    }
    if (!one.empty()) found.emplace_back(one, port);
  }
  return found;
}

class Finder {
 public:
  Finder(const Program& program, Facts& facts) : program_(program), facts_(facts) {}

  void input(const Source& source) {
    const Ends ends = source.ends();
    facts_.ends = facts_.ends && ends != Ends::never;
    if (ends == Ends::unknown) facts_.may_end.push_back(source.name);
    facts_.event_time = facts_.event_time || source.time != nullptr ||
                        std::any_of(source.cases.begin(), source.cases.end(), [](const auto& c) { return c.time != nullptr; });
    facts_.lag = facts_.lag || source.info == &connectors::kKafka;
    edge(source.info, source.options, connectors::kOnSource);
  }

  void edge(const connectors::ConnectorInfo* connector, const std::vector<OptionValue>& options, std::uint8_t side) {
    const bool reads = side != connectors::kOnSink;
    facts_.standard_input = facts_.standard_input || (reads && connector->reads_input);
    facts_.files_read_or_written = facts_.files_read_or_written || connector->files;
    facts_.network = facts_.network || connector->network;
    if (connector == &connectors::kKafka) kafka(options);
    for (const OptionValue& option : options) {
      const auto* info = connectors::find_own_option(*connector, option.name, side);
      if (info != nullptr && info->names_files) file(option, reads);
      if (option.name != "password") continue;
      if (const Param* param = param_of(program_, option.value)) setting(*param).secret = true;
    }
  }

 private:
  Setting& setting(const Param& param) { return facts_.settings[static_cast<std::size_t>(&param - program_.params.data())]; }

  void file(const OptionValue& named, bool reads) {
    if (constant_text(named.value) != "-") facts_.files_read_or_written = true;
    else if (reads) facts_.standard_input = true;
  }

  void kafka(const std::vector<OptionValue>& options) {
    const OptionValue* tls = find_option(options, "tls");
    // What a param says is known at start only.
    if (tls != nullptr && tls->value != nullptr && find_option(options, "tls_ca") == nullptr) {
      const auto value = dsl::constant_value(tls->value);
      if (!value || *value == Value(true)) facts_.certificates = true;
    }
    const OptionValue* brokers = find_option(options, "brokers");
    // One that asks for a login or certificates is there already: none is made up for it.
    if (brokers == nullptr || tls != nullptr || find_option(options, "sasl") != nullptr) return;
    const Param* param = param_of(program_, brokers->value);
    std::string list;
    if (param != nullptr) {
      if (setting(*param).given) return;  // it is there already too
      list = constant_text(param->default_value).value_or("");
    } else if (const auto text = constant_text(brokers->value)) {
      list = *text;
    }
    Server server{"kafka", addresses_of(list, 9092), param != nullptr ? param->name : ""};
    if (server.addresses.empty() && param == nullptr) return;
    const auto same = [&](const Server& known) { return known.param == server.param && known.addresses == server.addresses; };
    auto found = std::find_if(facts_.servers.begin(), facts_.servers.end(), same);
    if (found == facts_.servers.end()) found = facts_.servers.insert(found, std::move(server));
    topic(find_option(options, "topic"), *found);
  }

  void topic(const OptionValue* named, Server& server) {
    if (named == nullptr) return;
    const Param* param = param_of(program_, named->value);
    const std::optional<std::string> name = param == nullptr         ? constant_text(named->value)
                                            : setting(*param).given ? setting(*param).value
                                                                    : constant_text(param->default_value);
    if (name && is_topic(*name))
      server.topics.insert(*name);
    else
      server.other_topics = true;
  }

  const Program& program_;
  Facts& facts_;
};

std::string label_of(const std::string& name) {
  std::string label;
  for (char c : name.substr(0, 50)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    label += plain ? c : (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  while (label.starts_with('-')) label.erase(0, 1);
  while (label.ends_with('-')) label.pop_back();
  return label.empty() || (label[0] >= '0' && label[0] <= '9') ? "gress-" + label : label;
}

std::string command_of(const std::string& name) {
  std::string command;
  for (char c : name.substr(0, 100)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    command += plain ? c : '_';
  }
  return command.empty() ? "program" : command;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<Setting> settings_of(const Program& program, const dsl::SourceManager& sources) {
  std::vector<Setting> settings;
  for (const Param& param : program.params) {
    Setting setting{.name = param.name, .environment = "GRESS_", .doc = first_line(param.doc)};
    for (char c : param.name) setting.environment += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    setting.required = param.default_value == nullptr && !param.type->is_optional();
    if (param.default_value != nullptr) setting.fallback = constant_text(param.default_value).value_or(std::string(sources.text(param.default_value->range)));
    settings.push_back(std::move(setting));
  }
  return settings;
}

void give(std::vector<Setting>& settings, const std::vector<std::string>& given) {
  for (const std::string& word : given) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto found = std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.name == name; });
    if (equals == std::string::npos) {
      throw Failure(exit_usage, "`--param " + word + "` gives no value", {"say `--param NAME=VALUE`"});
    }
    if (found == settings.end()) {
      throw Failure(exit_usage, "the program has no param `" + name + "`", {"`gressc describe` shows its params"});
    }
    found->value = word.substr(equals + 1);
    found->given = true;
  }
}

/// Paths from the folder of the first, which is the program.
std::vector<std::string> files_of(const dsl::SourceManager& sources, const std::vector<std::string>& headers) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  const fs::path folder = fs::absolute(sources.file(0).name()).lexically_normal().parent_path();
  std::vector<std::string> names;
  for (dsl::FileId id = 0; id < sources.size(); ++id) names.push_back(sources.file(id).name());
  names.insert(names.end(), headers.begin(), headers.end());
  for (const std::string& name : names) {
    const std::string way = fs::absolute(name).lexically_normal().lexically_relative(folder).string();
    if (std::find(files.begin(), files.end(), way) == files.end()) files.push_back(way);
  }
  return files;
}

}  // namespace

Facts find_facts(const Program& program, const dsl::SourceManager& sources, const std::vector<std::string>& headers,
                 const std::vector<std::string>& given) {
  Facts facts;
  facts.name = program.name;
  facts.command = command_of(program.name);
  facts.label = label_of(program.name);
  facts.title = program.doc.empty() ? program.name : first_line(program.doc);
  facts.files = files_of(sources, headers);
  facts.file = facts.files.front();
  facts.settings = settings_of(program, sources);
  give(facts.settings, given);
  facts.checkpoints = plan::checkpoint_interval(program) != 0;
  facts.state_memory = plan::state_memory(program);
  find_workers(program, facts);
  facts.ends = true;
  Finder finder(program, facts);
  for (const Source& source : program.sources) finder.input(source);
  for (const Table& table : program.tables)
    finder.edge(connectors::find_connector(table.connector), table.options, connectors::kOnTable);
  for (const Sink& sink : program.sinks) finder.edge(sink.info, sink.options, connectors::kOnSink);
  for (const Setting& setting : facts.settings) {
    if (setting.secret && setting.given) {
      throw Failure(exit_usage, "`" + setting.name + "` is a secret and is not written into files",
                    {"the files say where it is to be put"});
    }
  }
  return facts;
}

std::string Facts::note_of_ends() const {
  if (may_end.empty() || !ends) return "";
  std::string names;
  for (const std::string& name : may_end) names += (names.empty() ? "`" : ", `") + name + '`';
  return "# Whether " + names + " of C++ " + (may_end.size() == 1 ? "comes" : "come") +
         " to an end is not known. It is taken to be so: a program that ends well is not started again.";
}

void require_values(const Facts& facts, const std::set<std::string>& supplied) {
  std::string missing;
  for (const Setting& setting : facts.settings) {
    if (setting.required && !setting.given && !setting.secret && !supplied.contains(setting.name)) missing += (missing.empty() ? "`" : ", `") + setting.name + '`';
  }
  if (missing.empty()) return;
  throw Failure(exit_usage, "params without a value: " + missing, {"say `--param NAME=VALUE`"});
}

}  // namespace gress::package
