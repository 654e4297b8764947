#include <algorithm>
#include <set>

#include "compiler/package/targets.h"
#include "compiler/package/text.h"
#include "compiler/toolchain/failure.h"

namespace gress::package {

namespace {

/// What a compose file does to bring a server and the program together.
struct Meeting {
  std::string text = {};         // the server's part of the file
  std::string service = {};      // its name
  bool shared = false;           // the program looks for it on its own machine: both have one network
  std::string param_value = {};  // where the program finds it, if a param says that
  std::string topics = {};       // the service that makes them; empty: none is known
};

/// Where a Prometheus on this machine asks the program, if one is to.
std::string ports(const Facts& facts, const Setup& setup) {
  if (!setup.watched || !facts.answers()) return "";
  const std::string port = std::to_string(kAdminPort);
  return "# Metrics and health, for this machine only; the first number is the machine's port.\nports: [" + compose_text("127.0.0.1:" + port + ':' + port) + ']';
}

bool is_loopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

/// `address`: of the broker, as services beside it see it.
std::string topics_of(const Server& server, const Meeting& met, const std::string& address, int partitions, const Setup& setup) {
  std::string names;
  for (const std::string& topic : server.topics) names += (names.empty() ? "" : " ") + topic;
  std::string text;
  if (server.other_topics)
    text = "# Topics that rows or params without a value name are made by you, before the program starts.\n";
  if (names.empty()) return text;
  return text + fill(setup.templates.at("kafka_topics.yaml"), {{"name", met.topics},
                                                               {"broker", met.service},
                                                               {"network", met.shared ? "network_mode: " + yaml_text("service:" + met.service) : ""},
                                                               {"topics", names},
                                                               {"address", address},
                                                               {"partitions", std::to_string(partitions)}});
}

Meeting meet(const Server& server, const std::string& service, const Facts& facts, const Setup& setup) {
  Meeting met{.service = service};
  std::string host = service, aliases, advertised;
  int port = 9092;
  if (server.param.empty()) {  // the names are settled: the server answers to them
    host = server.addresses.front().first;
    port = server.addresses.front().second;
    met.shared = is_loopback(host);
    std::set<std::string> names;
    for (const auto& [name, _] : server.addresses) {
      if (!met.shared && names.insert(name).second) aliases += (aliases.empty() ? "" : ", ") + compose_text(name);
    }
  } else {
    met.param_value = service + ":9092";
  }
  const std::string at = ':' + std::to_string(port);
  if (!aliases.empty()) aliases = "networks:\n  default:\n    aliases: [" + aliases + ']';
  met.text = fill(setup.templates.at("kafka.yaml"),
                  {{"name", service},
                   {"aliases", aliases},
                   {"ports", met.shared ? ports(facts, setup) : ""},
                   {"listeners", compose_text("PLAINTEXT://" + at + ",CONTROLLER://localhost:29093")},
                   {"advertised", compose_text("PLAINTEXT://" + host + at)},
                   {"test", "[CMD, /opt/kafka/bin/kafka-broker-api-versions.sh, --bootstrap-server, " +
                                compose_text((met.shared ? host : "localhost") + at) + ']'}});
  if (!server.topics.empty()) met.topics = service + "-topics";
  met.text += topics_of(server, met, (met.shared ? host : service) + at, std::max(1, facts.workers), setup);
  met.text.pop_back();
  return met;
}

std::string environment(const Facts& facts, const std::vector<Meeting>& meetings) {
  std::string out;
  for (const Setting& setting : facts.settings) {
    std::string value = setting.given ? compose_text(setting.value) : "";
    for (std::size_t i = 0; i != meetings.size(); ++i) {
      if (facts.servers[i].param == setting.name) value = compose_text(meetings[i].param_value);
    }
    if (setting.secret) value = "${" + setting.environment + ":?is a secret: set it in the environment or in .env}";
    const std::string line = setting.environment + ": ";
    if (!value.empty())
      out += "\n  " + line + (setting.secret ? yaml_text(value) : value);
    else
      out += "\n  # " + line + compose_text(setting.fallback) + remark(setting.doc);
  }
  const bool any = out.find("\n  G") != std::string::npos;
  return out.empty() ? "" : any ? "environment:" + out : "# environment:" + out;
}

}  // namespace

std::string compose_file(const Facts& facts, const Setup& setup) {
  std::set<std::string> supplied;
  for (const Server& server : facts.servers) supplied.insert(server.param);
  require_values(facts, supplied);
  std::vector<Meeting> meetings;
  int number = 0;
  for (const Server& server : facts.servers) {
    const auto name = [&] { return number == 1 ? "kafka" : "kafka-" + std::to_string(number); };
    do ++number;
    while (name() == facts.label || name() + "-topics" == facts.label);  // the program has a service too
    meetings.push_back(meet(server, name(), facts, setup));
  }
  if (std::count_if(meetings.begin(), meetings.end(), [](const Meeting& met) { return met.shared; }) > 1) {
    throw toolchain::Failure(toolchain::exit_usage,
                             "the program looks for several Kafka clusters on its own machine, whose ports one broker has",
                             {"name them by params: `brokers: orders_brokers`"});
  }
  std::string servers, needs, network;
  for (const Meeting& met : meetings) {
    servers += (servers.empty() ? "" : "\n") + met.text;
    needs += "\n  " + met.service + ":\n    condition: service_healthy";
    if (!met.topics.empty()) needs += "\n  " + met.topics + ":\n    condition: service_completed_successfully";
    if (met.shared) network = "network_mode: " + yaml_text("service:" + met.service);
  }
  const bool shared = !network.empty();
  const std::string own_ports = shared ? "" : ports(facts, setup);
  if (!facts.network && own_ports.empty()) network = "network_mode: none";
  // Files go in and out by a folder that people see; checkpoints alone need a place of their own only.
  std::string notes = facts.note_of_ends(), volumes, named;
  if (facts.files_read_or_written) {
    if (!notes.empty()) notes += '\n';
    notes += "# The program's files lie in the folder `data` beside its source: `mkdir data && chown 65532 data`.";
    volumes = "volumes:\n  - type: bind\n    source: " + compose_text(setup.program_folder + "/data") + "\n    target: /data";
  } else if (facts.checkpoints) {
    volumes = "volumes: [\"checkpoints:/data\"]";
    named = "volumes:\n  checkpoints:";
  }
  return fill(setup.templates.at("compose.yaml"),
              {{"title", comment_text(facts.title)},
               {"own_path", comment_text(setup.folder + "/compose.yaml")},
               {"notes", notes},
               {"label", facts.label},
               {"context", compose_text(setup.program_folder)},
               {"dockerfile", compose_text(setup.folder + "/Dockerfile")},
               {"restart", facts.ends ? "on-failure" : "unless-stopped"},
               {"environment", environment(facts, meetings)},
               {"network", network},
               {"ports", own_ports},
               {"needs", needs.empty() ? "" : "depends_on:" + needs},
               {"volumes", volumes},
               {"standard_input", facts.standard_input ? "stdin_open: true" : ""},
               {"servers", servers},
               {"named_volumes", named}});
}

}  // namespace gress::package
