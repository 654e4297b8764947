#include "compiler/package/targets.h"
#include "compiler/package/text.h"
#include "compiler/toolchain/failure.h"

namespace gress::package {

namespace {

/// One of this machine: in containers a program has a network to itself, here it shares that with others.
std::string admin(const Facts& facts, const Setup& setup) {
  if (!facts.answers()) return "";
  return std::string("# Metrics and health, for this machine only; a port for each unit.\n") + (setup.watched ? "" : "# ") +
         "Environment=" + kAdminVariable + "=127.0.0.1:" + std::to_string(kAdminPort);
}

/// What the program may speak to. Without a network it could not be asked for metrics.
std::string network(const Facts& facts, const Setup& setup) {
  const std::string families = "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", local = "IPAddressDeny=any\nIPAddressAllow=localhost\n" + families,
                    none = "PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX";
  if (facts.network) return families;
  if (!facts.answers()) return none;
  if (setup.watched) return local;
  return "# No port of it can be reached. Where GRESS_ADMIN is set, `gressc package --systemd --grafana` writes what lets this machine in.\n" + none;
}

}  // namespace

std::string systemd_unit(const Facts& facts, const Setup& setup) {
  require_values(facts);
  if (facts.standard_input) {
    throw toolchain::Failure(toolchain::exit_usage, "the program reads standard input, and a service has none",
                             {"let it read a file, a named pipe or a topic"});
  }
  std::string environment, secrets;
  for (const Setting& setting : facts.settings) {
    if (setting.secret) {
      secrets += (secrets.empty() ? "# Readable by root only: " : ", ") + setting.environment + "=…";
    } else if (setting.given) {
      environment += (environment.empty() ? "" : "\n") + std::string("Environment=") +
                     systemd_word(setting.environment + '=' + setting.value);
    } else {
      environment += (environment.empty() ? "" : "\n") + std::string("# Environment=") +
                     systemd_word(setting.environment + '=' + setting.fallback);
    }
  }
  if (!secrets.empty()) secrets += "\nEnvironmentFile=/etc/gress/" + facts.command + ".env";
  return fill(setup.templates.at("unit.service"),
              {{"title", comment_text(facts.title)},
               {"command", facts.command},
               {"description", systemd_line(facts.title)},
               {"network", facts.network ? "Wants=network-online.target\nAfter=network-online.target" : ""},
               {"arguments", facts.checkpoints ? " --checkpoint-dir checkpoints" : ""},
               {"environment", environment},
               {"admin", admin(facts, setup)},
               {"secrets", secrets},
               {"address_families", network(facts, setup)}});
}

}  // namespace gress::package
