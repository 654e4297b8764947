#include "runtime/engine/linked.h"

#include <link.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

// They are not asked for by these names: a library that nothing else in the program wants stays away, and its function is null.
extern "C" {
[[gnu::weak]] const char* OpenSSL_version(int what);
[[gnu::weak]] const char* ZSTD_versionString();
[[gnu::weak]] const char* rd_kafka_version_str();
[[gnu::weak]] const char* zlibVersion();
}
namespace rocksdb {
[[gnu::weak]] std::string GetRocksVersionAsString(bool with_patch);
}

namespace gress::engine {

namespace {

constexpr int kOpenSslVersion = 6;  // OPENSSL_VERSION_STRING of <openssl/crypto.h>: the number alone

/// Links lead from the name that programs ask for to the file, whose name has the whole version.
int add(dl_phdr_info* object, std::size_t, void* found) {
  char path[PATH_MAX];
  // The program itself has no name here, and what the kernel brings is no file.
  if (object->dlpi_name == nullptr || ::realpath(object->dlpi_name, path) == nullptr) return 0;
  const std::string name = path;
  static_cast<std::vector<std::string>*>(found)->push_back(name.substr(name.rfind('/') + 1));
  return 0;
}

}  // namespace

std::vector<std::string> linked_libraries() {
  std::vector<std::string> found;
  ::dl_iterate_phdr(add, &found);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::pair<std::string, std::string>> linked_versions() {
  std::vector<std::pair<std::string, std::string>> found;
  if (rd_kafka_version_str != nullptr) found.emplace_back("librdkafka", rd_kafka_version_str());
  if (OpenSSL_version != nullptr) found.emplace_back("openssl", OpenSSL_version(kOpenSslVersion));
  if (rocksdb::GetRocksVersionAsString != nullptr) found.emplace_back("rocksdb", rocksdb::GetRocksVersionAsString(true));
  if (zlibVersion != nullptr) found.emplace_back("zlib", zlibVersion());
  if (ZSTD_versionString != nullptr) found.emplace_back("zstd", ZSTD_versionString());
  return found;
}

}  // namespace gress::engine
