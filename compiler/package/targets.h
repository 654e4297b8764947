// The texts of deployments, one function and one file a target. They are pure: facts and templates in, text out.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "compiler/package/facts.h"
#include "compiler/toolchain/own_cpp.h"

namespace gress::package {

/// Files of templates/package by name.
using Templates = std::map<std::string, std::string_view, std::less<>>;

struct Setup {
  const Templates& templates;
  std::string version;         // of Gress
  std::string folder;          // of the text to be, as seen from the program's: "package"
  std::string program_folder;  // the other way round: ".."
  std::string cpu;             // to compile for
  const toolchain::OwnCpp& own;  // resolved
  bool watched = false;        // a dashboard is made too: its metrics are to be reached
};

std::string dockerfile(const Facts&, const Setup&);
std::string compose_file(const Facts&, const Setup&);
std::string kubernetes_manifests(const Facts&, const Setup&);
std::string systemd_unit(const Facts&, const Setup&);
/// JSON, to be imported.
std::string grafana_dashboard(const Facts&);

/// What every container gets beside its settings: `SSL_CERT_FILE`, where it answers questions; NAME and value.
std::vector<std::pair<std::string, std::string>> image_variables(const Facts&);
/// Arguments that images give the program: where checkpoints go.
std::vector<std::string> image_arguments(const Facts&);

}  // namespace gress::package
