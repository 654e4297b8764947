#include "compiler/package/image_tree.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "compiler/toolchain/files.h"

namespace gress::package {

namespace fs = std::filesystem;
using toolchain::exit_cannot_create;
using toolchain::exit_unavailable;
using toolchain::Failure;

namespace {

/// The system's time zones, without the variants that count leap seconds.
void add_zones(std::vector<ImageFile>& files) {
  const char* own = std::getenv("TZDIR");
  const fs::path root = own != nullptr && *own == '/' ? own : "/usr/share/zoneinfo";
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, fs::directory_options::follow_directory_symlink, error), end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().lexically_relative(root).string();
    if (name == "right" || name == "posix") at.disable_recursion_pending();
    if (at->is_regular_file(error)) files.push_back({"usr/share/zoneinfo/" + name, at->path().string(), 0644});
  }
  if (error || files.empty()) {
    throw Failure(exit_unavailable, "no time zones in `" + root.string() + "`", {"`apt-get install tzdata`"});
  }
}

void add_certificates(std::vector<ImageFile>& files) {
  const std::string list = "/etc/ssl/certs/ca-certificates.crt";
  if (!toolchain::is_file(list)) {
    throw Failure(exit_unavailable, "`" + list + "` is missing, by which brokers are known",
                  {"`apt-get install ca-certificates`, or name a file of your own by `tls_ca:`"});
  }
  files.push_back({list.substr(1), list, 0644});
}

/// The folders above the files, in order of their names, each before what is in it.
void add_folders(std::vector<ImageFile>& files) {
  std::set<std::string> folders;
  for (const ImageFile& file : files) {
    for (fs::path at = fs::path(file.path).parent_path(); !at.empty(); at = at.parent_path()) folders.insert(at.string());
  }
  for (const std::string& folder : folders) files.push_back({folder, "", 0755});
  std::sort(files.begin(), files.end(), [](const ImageFile& a, const ImageFile& b) { return a.path < b.path; });
}

}  // namespace

ImageTree image_tree(const std::string& executable, const Facts& facts) {
  const Needed needed = needed_by(executable);
  ImageTree tree{.architecture = needed.architecture};
  if (facts.zones) add_zones(tree.system);
  if (facts.certificates) add_certificates(tree.system);
  if (!needed.loader.empty()) tree.system.push_back({needed.loader.substr(1), needed.loader, 0755});
  // Where every loader looks, whatever the folders of this machine are called.
  for (const std::string& object : needed.objects) tree.system.push_back({"lib/" + toolchain::base_of(object), object, 0755});
  for (const std::string& object : needed.by_path) tree.system.push_back({object.substr(1), object, 0755});
  add_folders(tree.system);
  tree.program.push_back({"bin/" + facts.command, executable, 0755});
  add_folders(tree.program);
  tree.program.push_back({"data", "", 0755, kImageUser});
  return tree;
}

void write_tree(const ImageTree& tree, const std::string& folder) {
  std::error_code error;
  if (!toolchain::make_folders(folder)) throw Failure(exit_cannot_create, "cannot create the folder `" + folder + "`");
  if (!fs::is_empty(folder, error) || error) {
    throw Failure(exit_cannot_create, "`" + folder + "` is not empty", {"name a folder that is not there yet"});
  }
  toolchain::make_folders(folder + "/system");  // nothing is in it for a static executable
  for (const std::vector<ImageFile>* files : {&tree.system, &tree.program}) {
    for (const ImageFile& file : *files) {
      const std::string path = folder + (file.owner == 0 ? "/system/" : "/") + file.path;
      if (!file.from.empty())
        toolchain::copy_file(file.from, path, file.mode);
      else if (!toolchain::make_folders(path))
        throw Failure(exit_cannot_create, "cannot create the folder `" + path + "`");
    }
  }
}

}  // namespace gress::package
