#include "compiler/toolchain/precompile.h"

#include <cstdio>

#include "compiler/toolchain/files.h"
#include "compiler/toolchain/runtime_identity.h"
#include "compiler/toolchain/sha256.h"

namespace gress::toolchain {

namespace {

std::string shared_folder(const Config& config) { return folder_of(config.path) + "/pch"; }
std::string header_name(const std::string& folder) { return folder + "/gress_runtime.h"; }
std::string product_name(const Compiler& compiler, const std::string& folder) {
  return header_name(folder) + (compiler.clang ? ".pch" : ".gch");
}

}  // namespace

std::string precompiled_key(const Config& config, const Compiler& compiler, const std::vector<std::string>& flags) {
  Sha256 hash;
  hash.part("gress precompiled header 2");
  hash.part(compiler.identity);
  for (const std::string& flag : flags) hash.part(flag);
  hash.part(native_cpu());
  hash.part(config.precompile);
  hash.part(headers_identity(config));
  return hash.hex();
}

std::string find_precompiled(const Config& config, const Cache& cache, const std::string& key) {
  const std::string shared = shared_folder(config) + '/' + key;
  return is_folder(shared) ? shared : cache.find("pch", key);
}

Ended make_precompiled(const Config& config, const Compiler& compiler, const std::vector<std::string>& flags,
                       const std::string& folder) {
  write_file(header_name(folder), "#include \"" + config.precompile + "\"\n");
  // The folder moves when it is whole. clang looks into what it precompiled again, where a program includes another header of
  // the same size; so it is given the one that stays.
  const std::string header = compiler.clang ? config.include + '/' + config.precompile : header_name(folder);
  Process process{{compiler.path}, folder, folder + "/output"};
  process.argv.insert(process.argv.end(), flags.begin(), flags.end());
  // Instantiating once here saves every program the work; only clang can.
  if (compiler.clang) process.argv.push_back("-fpch-instantiate-templates");
  for (const std::string& arg : {std::string("-x"), std::string("c++-header"), header,
                                 std::string("-o"), base_of(product_name(compiler, folder))}) {
    process.argv.push_back(arg);
  }
  return run(process);
}

std::vector<std::string> use_precompiled(const Compiler& compiler, const std::string& folder) {
  // A precompiled header may not be moved under clang unless the check of its own place is off; its key already
  // speaks for the headers it was made from.
  if (compiler.clang) return {"-Xclang", "-fno-validate-pch", "-include-pch", product_name(compiler, folder)};
  return {"-Winvalid-pch", "-include", header_name(folder)};
}

void install_precompiled(const Config& config, const Compiler& compiler, const std::vector<std::string>& flags) {
  if (config.precompile.empty()) return;
  const std::string key = precompiled_key(config, compiler, flags);
  const std::string shared = shared_folder(config);
  if (is_folder(shared + '/' + key)) return;
  ScratchFolder scratch(folder_of(config.path));
  const std::string made = scratch.path() + "/pch/" + key;
  if (!make_folders(made)) throw Failure(exit_cannot_create, "cannot create a folder in `" + scratch.path() + "`");
  if (make_precompiled(config, compiler, flags, made).status != 0) {
    std::string output;
    try_read_file(made + "/output", output);
    throw Failure(exit_internal, "the runtime's headers did not compile:\n" + output);
  }
  remove_tree(shared);
  if (std::rename((scratch.path() + "/pch").c_str(), shared.c_str()) != 0) {
    throw Failure(exit_cannot_create, "cannot create `" + shared + "`");
  }
}

}  // namespace gress::toolchain
