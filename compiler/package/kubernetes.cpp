#include <algorithm>

#include "compiler/package/targets.h"
#include "compiler/package/text.h"

namespace gress::package {

namespace {

std::string environment(const Facts& facts) {
  std::string out;
  for (const Setting& setting : facts.settings) {
    if (setting.secret) {
      out += "\n  - name: " + setting.environment + "\n    valueFrom:\n      secretKeyRef:\n        name: " + facts.label +
             "\n        key: " + setting.name;
    } else if (setting.given) {
      out += "\n  - name: " + setting.environment + "\n    value: " + yaml_text(setting.value);
    } else {
      out += "\n  # - name: " + setting.environment + "\n  #   value: " + yaml_text(setting.fallback) + remark(setting.doc);
    }
  }
  const bool any = out.find("\n  - ") != std::string::npos;
  return out.empty() ? "" : any ? "env:" + out : "# env:" + out;
}

std::string notes(const Facts& facts) {
  std::string out = facts.note_of_ends(), secrets;
  for (const Setting& setting : facts.settings) {
    if (setting.secret) secrets += " --from-literal=" + setting.name + "=…";
  }
  if (secrets.empty()) return out;
  return out + (out.empty() ? "" : "\n") + "# Secrets: kubectl create secret generic " + facts.label + secrets;
}

/// Of a claim, without what names it.
std::string claim_spec() { return "spec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 10Gi"; }

std::string indented(const std::string& text, int by) {
  std::string out;
  for (char c : text) {
    out += c;
    if (c == '\n') out.append(static_cast<std::size_t>(by), ' ');
  }
  return out;
}

/// The image says by GRESS_ADMIN that the program answers.
std::string probes(const Facts& facts) {
  if (!facts.answers()) return "";
  const auto probe = [](const std::string& name, const std::string& path, const std::string& more) {
    return "\n" + name + ":\n  httpGet:\n    path: " + path + "\n    port: admin\n  periodSeconds: " + more;
  };
  return "ports:\n  - name: admin\n    containerPort: " + std::to_string(kAdminPort) +
         probe("livenessProbe", "/health", "10\n  timeoutSeconds: 5\n  failureThreshold: 6") + probe("readinessProbe", "/ready", "5\n  timeoutSeconds: 5");
}

/// What everything but state takes, as asked for and as the most: a guess.
constexpr std::int64_t kLeastMebibytes = 256, kMostMebibytes = 1024;

/// With the state that the program bounds: a process stays within 1.25 of it (docs/operations.md).
std::string memory(const Facts& facts, std::int64_t rest) {
  const std::int64_t state = (facts.state_memory + facts.state_memory / 4 + (1 << 20) - 1) >> 20, all = state + rest;
  return all % 1024 == 0 ? std::to_string(all / 1024) + "Gi" : std::to_string(all) + "Mi";
}

/// Where the program takes all CPUs that it may, the limit says how many workers it has.
constexpr int kCpusOfAll = 2;
std::string cpus(const Facts& facts) { return yaml_text(std::to_string(std::max(1, facts.all_cpus ? kCpusOfAll : facts.workers))); }

std::string pod(const Facts& facts, const Setup& setup) {
  std::string text = fill(
      setup.templates.at("pod.yaml"),
      {{"restart", facts.ends ? "restartPolicy: OnFailure" : ""},
       {"label", facts.label},
       {"environment", environment(facts)},
       {"standard_input", facts.standard_input ? "stdin: true\nstdinOnce: true" : ""},
       {"probes", probes(facts)},
       {"cpus", cpus(facts)},
       {"memory", memory(facts, kLeastMebibytes)},
       {"cpu_limit", facts.all_cpus ? "# `parallelism: auto`: as many workers as this says.\ncpu: " + cpus(facts) : ""},
       {"memory_limit", memory(facts, kMostMebibytes)},
       {"mounts", facts.keeps_data() ? "volumeMounts:\n  - name: data\n    mountPath: /data" : ""},
       {"volumes", facts.keeps_data() && facts.ends
                       ? "volumes:\n  - name: data\n    persistentVolumeClaim:\n      claimName: " + facts.label
                       : ""}});
  text.pop_back();
  return text;
}

}  // namespace

std::string kubernetes_manifests(const Facts& facts, const Setup& setup) {
  require_values(facts);
  Holes holes = {{"title", comment_text(facts.title)},
                 {"notes", notes(facts)},
                 {"label", facts.label},
                 {"pod", pod(facts, setup)}};
  if (facts.ends) {
    holes.emplace_back("claim", facts.keeps_data() ? "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: " +
                                                         facts.label + '\n' + claim_spec() + "\n---"
                                                   : "");
    return fill(setup.templates.at("job.yaml"), holes);
  }
  holes.emplace_back("claims", facts.keeps_data() ? "volumeClaimTemplates:\n  - metadata:\n      name: data\n    " +
                                                        indented(claim_spec(), 4)
                                                  : "");
  holes.emplace_back("service_ports", facts.answers() ? "ports:\n  - name: admin\n    port: " + std::to_string(kAdminPort) : "");
  holes.emplace_back("annotations", facts.answers() ? "annotations:\n  prometheus.io/scrape: \"true\"\n  prometheus.io/port: \"" +
                                                          std::to_string(kAdminPort) + '"'
                                                    : "");
  return fill(setup.templates.at("stateful_set.yaml"), holes);
}

}  // namespace gress::package
