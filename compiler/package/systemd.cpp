#include "compiler/package/targets.h"
#include "compiler/package/text.h"
#include "compiler/toolchain/failure.h"

namespace gress::package {

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
      environment += (environment.empty() ? "" : "\n") + std::string("# Environment=") + setting.environment + '=' +
                     comment_text(setting.fallback);
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
               {"secrets", secrets},
               {"address_families", facts.network ? "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"
                                                  : "PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX"}});
}

}  // namespace gress::package
