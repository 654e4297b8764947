// gressc package: what runs a program elsewhere: an image, a Dockerfile, a compose file, manifests, a unit.
#include <filesystem>

#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/driver/embedded.h"
#include "compiler/package/image_tree.h"
#include "compiler/package/oci_image.h"
#include "compiler/package/targets.h"
#include "compiler/toolchain/files.h"

namespace gress::driver {

using toolchain::exit_cannot_create;
using toolchain::exit_ok;
using toolchain::exit_program;
using toolchain::exit_usage;

namespace {

CompileOptions for_any_machine() {
  CompileOptions options;
  options.cpu = "baseline";
  return options;
}

struct Arguments {
  std::string file, folder = "package", root;
  std::vector<std::string> params;
  bool docker = false, oci = false, compose = false, kubernetes = false, systemd = false, grafana = false;
  CompileOptions compile = for_any_machine();

  bool none() const { return !docker && !oci && !compose && !kubernetes && !systemd && !grafana && root.empty(); }
} arguments;

package::Templates templates() {
  package::Templates all;
  for (const EmbeddedFile& file : package_templates()) all.emplace(file.name, file.text);
  return all;
}

/// The way from one folder to another, as it is written into files: relative, `.` for the same one.
std::string way(const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  const auto whole = [](const std::string& path) { return fs::absolute(path).lexically_normal(); };
  const std::string path = whole(to).lexically_relative(whole(from)).string();
  return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

void write(const std::string& name, const std::string& content) {
  const std::string path = arguments.folder + '/' + name;
  toolchain::write_file(path, content);
  print(path + '\n');
}

int run_package(const Settings& settings) {
  if (arguments.none()) {
    throw Failure(exit_usage, "nothing to make",
                  {"say which: --docker, --oci, --compose, --k8s, --systemd, --grafana, or --root DIR",
                   "`gressc package --help` explains them"});
  }
  if (!arguments.params.empty() && !arguments.compose && !arguments.kubernetes && !arguments.systemd) {
    throw Failure(exit_usage, "an image holds no values of params", {"leave out `--param`: the program gets them when it runs"});
  }
  if (arguments.file == "-") throw Failure(exit_usage, "a program from standard input has no folder", {"name its file"});
  Session session(settings, arguments.file);
  compile_for(session, arguments.compile);
  if (!front_end(session)) return exit_program;
  require_sink(session);
  package::Facts facts = package::find_facts(session.program, session.sources, used_headers(session), arguments.params);
  facts.source_hash = source_hash(session.sources);

  const package::Templates texts = templates();
  const std::string program_folder = toolchain::folder_of(arguments.file);
  const package::Setup setup{texts, GRESS_VERSION, way(program_folder, arguments.folder), way(arguments.folder, program_folder),
                             arguments.compile.cpu, session.own, arguments.grafana};
  // All texts are made before any is written: what is refused leaves nothing behind.
  std::vector<std::pair<std::string, std::string>> made;
  if (arguments.docker || arguments.compose) made.emplace_back("Dockerfile", package::dockerfile(facts, setup));
  if (arguments.compose) made.emplace_back("compose.yaml", package::compose_file(facts, setup));
  if (arguments.kubernetes) made.emplace_back("kubernetes.yaml", package::kubernetes_manifests(facts, setup));
  if (arguments.systemd) made.emplace_back(facts.command + ".service", package::systemd_unit(facts, setup));
  if (arguments.grafana) {
    if (!facts.answers()) throw Failure(exit_usage, "the program has a param `admin`, so that it does not answer at GRESS_ADMIN", {"give the param another name"});
    made.emplace_back("grafana.json", package::grafana_dashboard(facts));
  }
  if (arguments.oci || !arguments.root.empty()) {
    plan_phase(session);
    const toolchain::Built built = build_program(session, arguments.compile);
    facts.zones = session.cpp.text.find("engine::load_zone(") != std::string::npos;
    const package::ImageTree tree = package::image_tree(built.path, facts);
    if (!arguments.root.empty()) package::write_tree(tree, arguments.root);
    if (arguments.oci) made.emplace_back(facts.command + ".oci.tar", package::oci_archive(tree, facts));
    if (arguments.compile.timings) print_timings(session);
  }
  if (!made.empty() && !toolchain::make_folders(arguments.folder)) {
    throw Failure(exit_cannot_create, "cannot create the folder `" + arguments.folder + "`");
  }
  for (const auto& [name, content] : made) write(name, content);
  return exit_ok;
}

}  // namespace

Command make_package() {
  std::vector<Option> options = {
      {"FILE", "", "the program", &arguments.file, {}, true, true},
      {"-o,--output", "DIR", "folder to write into (package)", &arguments.folder},
      {"--oci", "", "NAME.oci.tar: an image of the executable and what it needs, made without a container engine",
       &arguments.oci},
      {"--docker", "", "Dockerfile: the same, made by docker, podman or buildah", &arguments.docker},
      {"--compose", "", "compose.yaml: the program, and the servers it names; and the Dockerfile", &arguments.compose},
      {"--k8s", "", "kubernetes.yaml: a StatefulSet, or a Job for a program that ends by itself", &arguments.kubernetes},
      {"--systemd", "", "NAME.service: a unit", &arguments.systemd},
      {"--grafana", "", "grafana.json: a dashboard of what a Prometheus server has from the program", &arguments.grafana},
      {"--static", "", "of `--oci` and `--root`: an executable with everything in it", &arguments.compile.is_static},
      {"--root", "DIR", "the files of the image as folders, `system` and `data`, which the Dockerfile copies", &arguments.root},
      {"-p,--param", "NAME=VALUE", "a param's value in what is written", &arguments.params},
  };
  for (Option& option : compile_options(arguments.compile)) options.push_back(std::move(option));
  return {.name = "package",
          .summary = "Make an image, or files that run a program elsewhere",
          .details = "Images are compiled for any machine of the last fifteen years, unless --cpu says otherwise.",
          .examples = {{"gressc package rides.gress --oci", "an image: `docker load -i package/rides.oci.tar`"},
                       {"gressc package rides.gress --docker --compose", "files in the folder `package`"},
                       {"gressc package rides.gress --k8s -o deploy -p input=rides.csv", "manifests"}},
          .options = std::move(options),
          .run = run_package};
}

}  // namespace gress::driver
