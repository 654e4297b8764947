#include <algorithm>
#include <filesystem>

#include "compiler/package/targets.h"
#include "compiler/package/text.h"
#include "compiler/toolchain/failure.h"

namespace gress::package {

namespace {

std::string list(const std::vector<std::string>& quoted) {
  std::string out = "[";
  for (const std::string& one : quoted) out += (out.size() == 1 ? "" : ", ") + one;
  return out + ']';
}

namespace fs = std::filesystem;

bool is_outside(const fs::path& way) { return *way.begin() == ".."; }

/// Docker builds from the program's folder alone. `way`: from there.
std::string copy(const std::string& way) {
  if (is_outside(way)) {
    throw toolchain::Failure(toolchain::exit_usage,
                             "`" + way + "` lies outside of the program's folder, which is all that docker builds the image from",
                             {"move it there", "say `--oci`: such an image is made here, of what was compiled here"});
  }
  return "COPY " + list({docker_path(way), docker_path("./" + way)});
}

/// Whether a file that is copied stands in the folder; one without is not there in the image.
bool is_copied(const fs::path& folder, const std::vector<std::string>& files) {
  return !is_outside(folder) &&
         std::any_of(files.begin(), files.end(), [&](const std::string& file) { return !is_outside(fs::path(file).lexically_relative(folder)); });
}

/// What the build in the image is told of the program's C++, and the libraries that this needs.
void own_cpp(const toolchain::OwnCpp& own, const std::vector<std::string>& files, std::string& copies, std::vector<std::string>& build) {
  if (own.folder.empty()) return;
  const auto way = [&](const std::string& path) { return fs::path(path).lexically_relative(own.folder).string(); };
  const auto option = [&](const char* name, const std::string& value) { build.insert(build.end(), {yaml_text(name), docker_path(value)}); };
  for (const std::string& include : own.includes)
    if (const std::string folder = way(include); is_copied(folder, files)) option("--include", "./" + folder);
  for (const std::string& define : own.defines) build.insert(build.end(), {"\"--define\"", yaml_text(define)});
  for (const std::string& link : own.links) {
    const bool is_file = link.starts_with('/');  // the others are names
    if (is_file) copies += '\n' + copy(way(link));
    option("--link", is_file ? "./" + way(link) : link);
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> image_variables(const Facts& facts) {
  std::vector<std::pair<std::string, std::string>> variables;
  if (facts.certificates) variables.emplace_back("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt");
  if (facts.answers()) variables.emplace_back(kAdminVariable, ':' + std::to_string(kAdminPort));
  return variables;
}

std::vector<std::string> image_arguments(const Facts& facts) {
  if (!facts.checkpoints) return {};
  return {"--checkpoint-dir", "/data/checkpoints"};
}

std::string dockerfile(const Facts& facts, const Setup& setup) {
  std::string copies;
  for (const std::string& file : facts.files) copies += (copies.empty() ? "" : "\n") + copy(file);
  std::vector<std::string> build = {"\"gressc\"", "\"package\"", docker_path("./" + facts.file), "\"--root\"", "\"/image\"",
                                    "\"--cpu\"", docker_path(setup.cpu)};
  own_cpp(setup.own, facts.files, copies, build);
  std::string variables;
  for (const auto& [name, value] : image_variables(facts)) variables += (variables.empty() ? "ENV " : " ") + name + '=' + value;
  const std::string command = "\"/bin/" + facts.command + '"';
  std::vector<std::string> entry = {command};
  for (const std::string& argument : image_arguments(facts)) entry.push_back(yaml_text(argument));
  return fill(setup.templates.at("Dockerfile"),
              {{"title", comment_text(facts.title)},
               {"own_path", comment_text(setup.folder + "/Dockerfile")},
               {"label", facts.label},
               {"version", setup.version},
               {"copies", copies},
               {"build", list(build)},
               {"variables", variables},
               {"health", facts.answers() ? "HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD " + list({command, "\"health\""}) : ""},
               {"smoke", list({command, "\"--version\""})},
               {"entry", list(entry)}});
}

}  // namespace gress::package
