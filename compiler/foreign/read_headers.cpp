#include "compiler/foreign/read_headers.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>

#include "compiler/foreign/description.h"
#include "compiler/foreign/system_headers.h"
#include "compiler/toolchain/cache.h"
#include "compiler/toolchain/compiler.h"
#include "compiler/toolchain/files.h"
#include "compiler/toolchain/process.h"
#include "compiler/toolchain/sha256.h"
#include "dsl/check/check.h"

namespace gress::foreign {

namespace {

namespace fs = std::filesystem;
using namespace toolchain;

/// A header and the names that the program wants of it, as `fn:distance`.
struct Wanted {
  std::vector<std::string> names;
  dsl::Range range{};  // of the path in the first `use`
  std::string written;
};

std::string absolute(const std::string& path) { return fs::absolute(path).lexically_normal().string(); }

std::string hash_of(const std::string& path) {
  std::string text;
  Sha256 hash;
  hash.part(try_read_file(path, text) ? "file" : "nothing");
  hash.part(text);
  return hash.hex();
}

/// Nanoseconds of the clock by which files change, a little in the past: it goes by ticks.
std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec - 10'000'000;
}
std::int64_t change_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return 0;
  return std::int64_t{found.st_ctim.tv_sec} * 1'000'000'000 + found.st_ctim.tv_nsec;
}

class Headers {
 public:
  Headers(dsl::SourceManager& sources, dsl::Diagnostics& diagnostics, const FlagOptions& target,
          const std::string& cxx, const OwnCpp& own)
      : sources_(sources), diagnostics_(diagnostics), target_(target), cxx_(cxx), own_(own) {}

  void read(const std::string& path, Wanted wanted) {
    const std::string file = absolute(path);
    std::string text;
    if (!try_read_file(file, text)) {
      diagnostics_.report(dsl::Code::E0212, wanted.range, "cannot read `" + wanted.written + "`")
          .under("no such file, or not readable")
          .note("looked for `" + path + "`; paths are relative to the using file");
      return;
    }
    std::sort(wanted.names.begin(), wanted.names.end());
    wanted.names.erase(std::unique(wanted.names.begin(), wanted.names.end()), wanted.names.end());
    shown_as_ = fs::path(path);
    Answer answer = read_answer(
        answer_of(file, wanted.names),
        [&](const std::string& in, std::uint32_t begin, std::uint32_t end) { return range(file, in, begin, end); });
    result_.headers.emplace(path, std::move(answer.header));
    depends_.push_back(file);
    depends_.insert(depends_.end(), answer.sources.depends.begin(), answer.sources.depends.end());
    watched_.insert(watched_.end(), answer.sources.watched.begin(), answer.sources.watched.end());
  }

  ReadHeaders finish() {
    for (std::string& file : depends_) file = absolute(file);
    for (std::vector<std::string>* files : {&depends_, &watched_}) {
      std::sort(files->begin(), files->end());
      files->erase(std::unique(files->begin(), files->end()), files->end());
    }
    Sha256 hash;
    for (const std::string& file : depends_) hash.part(hash_of(file));
    for (const std::string& file : watched_) hash.part(hash_of(file));
    if (!depends_.empty()) result_.hash = hash.hex();
    result_.files = std::move(depends_);
    std::copy_if(watched_.begin(), watched_.end(), std::back_inserter(result_.elsewhere), is_file);
    return std::move(result_);
  }

 private:
  /// From the cache, as long as nothing has changed of what was read.
  std::string answer_of(const std::string& file, const std::vector<std::string>& names) {
    if (config_.path.empty()) {
      config_ = load_config();
      if (config_.headers.empty() || !is_file(config_.headers))
        throw Failure(exit_unavailable, "C++ headers cannot be read: `gress-headers` is not found",
                      {"Gress is built or installed incompletely: build or install it again"});
      compiler_ = find_compiler(cxx_, config_);
    }
    const std::vector<std::string> flags = compile_flags(config_, target_), own = own_compile_flags(config_, own_);
    Sha256 hash;
    hash.part("gress header 5");
    hash.part(file);
    hash.part(hash_of(config_.headers));
    hash.part(compiler_.identity);
    for (const std::string& name : names) hash.part(name);
    hash.part("");
    for (const std::string& flag : flags) hash.part(flag);
    for (const std::string& flag : own) hash.part(flag);
    if (target_.cpu == "native") hash.part(native_cpu());
    for (const char* path : {"CPATH", "CPLUS_INCLUDE_PATH"}) {  // where the compiler looks too
      const char* folders = std::getenv(path);
      hash.part(folders != nullptr ? folders : "");
    }
    const std::string key = hash.hex();

    // An entry is a line with the hash of what was read, then the answer.
    std::string entry;
    if (const std::string found = cache_.find("headers", key); !found.empty() && try_read_file(found, entry)) {
      const std::size_t end = entry.find('\n');
      if (end != std::string::npos) {
        std::string answer = entry.substr(end + 1);
        const auto sources = sources_of(answer);
        if (sources && entry.substr(0, end) == stamp(file, *sources)) return answer;
      }
    }
    const ScratchFolder scratch(cache_.work_folder());
    const std::string output = scratch.path() + "/answer", said = scratch.path() + "/said";
    Process process{{config_.headers, file, output}, "", said};
    process.argv.insert(process.argv.end(), names.begin(), names.end());
    process.argv.push_back("--");
    process.argv.insert(process.argv.end(), flags.begin(), flags.end());
    process.argv.insert(process.argv.end(), own.begin(), own.end());
    const std::vector<std::string> system = system_header_flags(compiler_, flags);
    process.argv.insert(process.argv.end(), system.begin(), system.end());
    const std::int64_t begin = now();
    const Ended ended = run(process);
    std::string answer;
    if (ended.status != 0 || !try_read_file(output, answer)) {
      std::string text;
      try_read_file(said, text);
      Failure failure(exit_internal,
                      "internal error: gress-headers could not read `" + file + "`; this is a bug of gressc");
      failure.notes.push_back(text.substr(0, 2000));
      throw failure;
    }
    // What changed while it was read may not be what was read.
    if (const auto sources = sources_of(answer); sources && changed(file, *sources) < begin) {
      write_file(output, stamp(file, *sources) + '\n' + answer, 0600);
      cache_.store("headers", key, output);
    }
    return answer;
  }
  static std::string stamp(const std::string& file, const Sources& sources) {
    Sha256 hash;
    hash.part(hash_of(file));
    for (const std::string& used : sources.depends) hash.part(hash_of(used));
    for (const std::string& used : sources.watched) hash.part(hash_of(used));
    return hash.hex();
  }
  /// When the last of them changed.
  static std::int64_t changed(const std::string& file, const Sources& sources) {
    std::int64_t last = change_of(file);
    for (const std::string& used : sources.depends) last = std::max(last, change_of(used));
    for (const std::string& used : sources.watched) last = std::max(last, change_of(used));
    return last;
  }

  /// Files are shown as the program names the header, and others by their way from it.
  dsl::Range range(const std::string& header, const std::string& in, std::uint32_t begin, std::uint32_t end) {
    const std::string file = absolute(in);
    auto at = ids_.find(file);
    if (at == ids_.end()) {
      std::string text;
      try_read_file(file, text);
      const fs::path way = fs::path(file).lexically_relative(fs::path(header).parent_path());
      const std::string name = way.empty() ? file : (shown_as_.parent_path() / way).lexically_normal().string();
      at = ids_.emplace(file, sources_.add(name, std::move(text))).first;
    }
    const std::string_view text = sources_.file(at->second).text();
    const auto size = static_cast<std::uint32_t>(text.size());
    begin = std::min(begin, size);
    if (begin == size) {  // the end: the last that stands there
      while (begin > 0 && (begin == size || std::isspace(static_cast<unsigned char>(text[begin])) != 0)) --begin;
      end = begin;
    }
    if (end == begin) {  // a point: the word that begins there
      while (end < size && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
      if (end == begin && end < size) ++end;
    }
    return {at->second, begin, std::clamp(end, begin, size)};
  }

  dsl::SourceManager& sources_;
  dsl::Diagnostics& diagnostics_;
  FlagOptions target_;
  std::string cxx_;
  OwnCpp own_;
  Cache cache_ = Cache::open();
  Config config_;
  Compiler compiler_;
  fs::path shown_as_;
  std::map<std::string, dsl::FileId> ids_;
  std::vector<std::string> depends_, watched_;
  ReadHeaders result_;
};

}  // namespace

bool uses_headers(const std::vector<std::unique_ptr<dsl::ast::File>>& files) {
  return std::any_of(files.begin(), files.end(), [](const auto& file) {
    return std::any_of(file->items.begin(), file->items.end(), [](const auto& item) {
      const auto* use = item.template as<dsl::ast::UseDecl>();
      return use != nullptr && dsl::foreign::is_header(use->path);
    });
  });
}

ReadHeaders read_headers(dsl::SourceManager& sources, const std::vector<std::unique_ptr<dsl::ast::File>>& files,
                         dsl::Diagnostics& diagnostics, const FlagOptions& target, const std::string& cxx,
                         const OwnCpp& own) {
  std::map<std::string, Wanted> all;
  for (const auto& file : files)
    for (const auto& item : file->items) {
      const auto* use = item.as<dsl::ast::UseDecl>();
      if (use == nullptr || !dsl::foreign::is_header(use->path)) continue;
      Wanted& wanted = all[dsl::used_path(sources, file->id, use->path)];
      if (wanted.names.empty()) {
        wanted.range = use->path_range;
        wanted.written = use->path;
      }
      for (const auto& used : use->used)
        if (dsl::foreign::is_kind(used.kind))
          wanted.names.push_back(used.kind + ':' + used.name.text);
    }
  if (all.empty()) return {};
  Headers headers(sources, diagnostics, target, cxx, own);
  for (auto& [path, wanted] : all) headers.read(path, std::move(wanted));
  return headers.finish();
}

}  // namespace gress::foreign
