#include "compiler/package/oci_image.h"

#include "compiler/package/tar.h"
#include "compiler/package/targets.h"
#include "compiler/toolchain/files.h"
#include "compiler/toolchain/sha256.h"
#include "dsl/check/json_writer.h"

namespace gress::package {

using dsl::JsonWriter;

namespace {

constexpr const char* kLayer = "application/vnd.oci.image.layer.v1.tar";
constexpr const char* kConfig = "application/vnd.oci.image.config.v1+json";
constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

std::string sha256_of(const std::string& content) {
  toolchain::Sha256 hash;
  hash.update(content);
  return hash.hex();
}

struct Blob {
  std::string content, digest;
  explicit Blob(std::string text) : content(std::move(text)), digest(sha256_of(content)) {}
};

void strings(JsonWriter& json, const char* key, const std::vector<std::string>& all) {
  json.key(key).begin_array();
  for (const std::string& one : all) json.string(one);
  json.end_array();
}

void describe(JsonWriter& json, const char* type, const Blob& blob) {
  json.key("mediaType").string(type);
  json.key("digest").string("sha256:" + blob.digest);
  json.key("size").number(static_cast<std::int64_t>(blob.content.size()));
}

std::string layer(const std::vector<ImageFile>& files) {
  Tar tar;
  for (const ImageFile& file : files) {
    if (file.from.empty())
      tar.folder(file.path, file.mode, file.owner);
    else
      tar.file(file.path, toolchain::read_file(file.from), file.mode, file.owner);
  }
  return tar.take();
}

std::string config(const ImageTree& tree, const Facts& facts, const std::vector<Blob>& layers) {
  JsonWriter json;
  json.begin_object();
  json.key("architecture").string(tree.architecture);
  json.key("os").string("linux");
  json.key("config").begin_object();
  json.key("User").string(std::to_string(kImageUser) + ':' + std::to_string(kImageUser));
  json.key("WorkingDir").string("/data");
  std::vector<std::string> entry = {"/bin/" + facts.command}, variables = {"PATH=/bin"};
  for (const std::string& argument : image_arguments(facts)) entry.push_back(argument);
  for (const auto& [name, value] : image_variables(facts)) variables.push_back(name + '=' + value);
  strings(json, "Env", variables);
  strings(json, "Entrypoint", entry);
  json.key("StopSignal").string("SIGTERM");
  json.key("Labels").begin_object();
  json.key("org.opencontainers.image.title").string(facts.name);
  json.key("org.opencontainers.image.description").string(facts.title);
  json.key("org.opencontainers.image.version").string(facts.source_hash);
  json.end_object();
  json.end_object();
  json.key("rootfs").begin_object();
  json.key("type").string("layers");
  json.key("diff_ids").begin_array();
  for (const Blob& blob : layers) json.string("sha256:" + blob.digest);
  json.end_array();
  json.end_object();
  json.end_object();
  return json.take();
}

std::string manifest(const Blob& config, const std::vector<Blob>& layers) {
  JsonWriter json;
  json.begin_object();
  json.key("schemaVersion").number(2);
  json.key("mediaType").string(kManifest);
  json.key("config").begin_object();
  describe(json, kConfig, config);
  json.end_object();
  json.key("layers").begin_array();
  for (const Blob& blob : layers) {
    json.begin_object();
    describe(json, kLayer, blob);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

std::string index(const Blob& manifest, const Facts& facts) {
  JsonWriter json;
  json.begin_object();
  json.key("schemaVersion").number(2);
  json.key("mediaType").string(kIndex);
  json.key("manifests").begin_array();
  json.begin_object();
  describe(json, kManifest, manifest);
  json.key("annotations").begin_object();
  json.key("org.opencontainers.image.ref.name").string(facts.label + ":latest");
  json.key("io.containerd.image.name").string("docker.io/library/" + facts.label + ":latest");
  json.end_object();
  json.end_object();
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace

std::string oci_archive(const ImageTree& tree, const Facts& facts) {
  std::vector<Blob> layers;
  layers.emplace_back(layer(tree.system));
  layers.emplace_back(layer(tree.program));
  const Blob settings(config(tree, facts, layers));
  const Blob top(manifest(settings, layers));
  Tar tar;
  tar.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})", 0644, 0);
  tar.file("index.json", index(top, facts), 0644, 0);
  tar.folder("blobs", 0755, 0);
  tar.folder("blobs/sha256", 0755, 0);
  const auto add = [&](const Blob& blob) { tar.file("blobs/sha256/" + blob.digest, blob.content, 0644, 0); };
  for (const Blob& blob : layers) add(blob);
  add(settings);
  add(top);
  return tar.take();
}

}  // namespace gress::package
