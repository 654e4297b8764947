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
  for (const std::string& file : facts.files) {
    if (*std::filesystem::path(file).begin() == "..") {
      throw toolchain::Failure(
          toolchain::exit_usage,
          "`" + file + "` lies outside of the program's folder, which is all that docker builds the image from",
          {"move it there", "say `--oci`: such an image is made here, of what was compiled here"});
    }
    copies += (copies.empty() ? "" : "\n") + std::string("COPY ") + list({docker_path(file), docker_path("./" + file)});
  }
  std::string variables;
  for (const auto& [name, value] : image_variables(facts)) variables += (variables.empty() ? "ENV " : " ") + name + '=' + value;
  const std::string command = "\"/bin/" + facts.command + '"';
  std::vector<std::string> entry = {command};
  for (const std::string& argument : image_arguments(facts)) entry.push_back(yaml_text(argument));
  const std::string build = list({"\"gressc\"", "\"package\"", docker_path("./" + facts.file), "\"--root\"", "\"/image\"",
                                  "\"--cpu\"", docker_path(setup.cpu)});
  return fill(setup.templates.at("Dockerfile"),
              {{"title", comment_text(facts.title)},
               {"own_path", comment_text(setup.folder + "/Dockerfile")},
               {"label", facts.label},
               {"version", setup.version},
               {"copies", copies},
               {"build", build},
               {"variables", variables},
               {"health", facts.answers() ? "HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD " + list({command, "\"health\""}) : ""},
               {"smoke", list({command, "\"--version\""})},
               {"entry", list(entry)}});
}

}  // namespace gress::package
