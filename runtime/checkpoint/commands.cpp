// `PROGRAM checkpoint list|inspect|verify PATH`: what stands in a folder of checkpoints, without the program running.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <span>

#include "runtime/checkpoint/folder.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/store.h"
#include "runtime/engine/checkpoint.h"
#include "runtime/engine/count_text.h"

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
using engine::Exit;
using engine::Failure;

constexpr const char kUsage[] =
    "Examples:\n"
    "  PROGRAM checkpoint list DIR             the checkpoints in a folder\n"
    "  PROGRAM checkpoint inspect DIR          what the newest one holds (or a manifest: DIR/manifest-00000012)\n"
    "  PROGRAM checkpoint verify DIR           reads all files of the newest one and compares their checksums\n";

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::vector<fs::path> manifests_in(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no folder `" + folder.string() + "`", {{"folder", folder.string(), false}});
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (const std::string name = entry.path().filename().string(); name.starts_with("manifest-") && !name.ends_with(".new")) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

fs::path newest_of(const fs::path& given) {
  std::error_code error;
  if (fs::is_regular_file(given, error)) return given;
  const std::vector<fs::path> all = manifests_in(given);
  if (all.empty())
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no checkpoint in `" + given.string() + "`", {{"folder", given.string(), false}});
  return all.back();
}

fs::path state_of(const fs::path& manifest) {
  return manifest.parent_path() / ("state-" + manifest.filename().string().substr(std::string_view("manifest-").size()));
}

std::uint64_t bytes_of(const Manifest& m) {
  std::uint64_t sum = 0;
  for (const FileAt& f : m.files) sum += f.size;
  return sum;
}

int list(const fs::path& folder) {
  for (const fs::path& path : manifests_in(folder)) {
    try {
      const Manifest m = read_manifest(path);
      print(path.filename().string() + "  " + m.taken + "  " + m.program + "  " + engine::grouped(bytes_of(m)) + " bytes" + (m.complete ? "  complete" : "") + "\n");
    } catch (const Failure& f) {
      print(path.filename().string() + "  damaged: " + f.message + "\n");
    }
  }
  return static_cast<int>(Exit::ok);
}

/// Entries and bytes by section, read from a copy of the files' names: RocksDB opens no folder that it may not write in.
int inspect(const fs::path& given) {
  const fs::path path = newest_of(given);
  const Manifest m = read_manifest(path);
  std::string text = path.string() + "\n  taken    " + m.taken + (m.complete ? ", the program had come to its end" : "") + "\n  program  " + m.program + " " + m.source_hash + "\n";
  if (!m.decided_by.empty()) text += "  counts   if " + m.decided_by + " holds " + std::to_string(m.epoch) + " of " + m.run + "\n";
  for (const engine::OutputAt& o : m.outputs)
    text += "  sink     " + o.sink + " -> " + o.target + (o.position.empty() ? "" : ", at byte " + o.position) + "\n";
  const SnapshotReader reader(state_of(path), m.files);
  for (const SectionAt& s : m.sections) {
    std::uint64_t entries = 0, bytes = 0;
    std::string_view key, value;
    for (const auto all = reader.entries(s.id); all->next(key, value); ++entries) bytes += key.size() + value.size();
    text += "  state    " + s.name + (m.parallelism > 1 ? " of worker " + std::to_string(s.worker) : "") + ": " + engine::grouped(entries) + (entries == 1 ? " entry, " : " entries, ") + engine::grouped(bytes) + " bytes\n           " + s.layout + "\n";
  }
  print(text);
  return static_cast<int>(Exit::ok);
}

int verify(const fs::path& given) {
  const fs::path path = newest_of(given);
  const Manifest m = read_manifest(path);
  const std::vector<std::string> problems = problems_of(m, state_of(path));
  for (const std::string& p : problems) print(p + "\n");
  print(path.string() + (problems.empty() ? ": all " + std::to_string(m.files.size()) + " files are as they were written\n" : ": damaged\n"));
  return static_cast<int>(problems.empty() ? Exit::ok : Exit::data);
}

}  // namespace
}  // namespace gress::checkpoint

namespace gress::engine {

int checkpoint_command(int argc, const char* const* argv) {
  const std::span<const char* const> args(argv, static_cast<std::size_t>(argc));
  const std::string_view what = args.size() > 2 ? args[2] : "";
  if (args.size() != 4 || (what != "list" && what != "inspect" && what != "verify")) {
    const bool help = what == "--help" || what == "-h";
    std::fputs(checkpoint::kUsage, help ? stdout : stderr);
    return static_cast<int>(help ? Exit::ok : Exit::usage);
  }
  try {
    if (what == "list") return checkpoint::list(args[3]);
    return what == "inspect" ? checkpoint::inspect(args[3]) : checkpoint::verify(args[3]);
  } catch (const Failure& f) {
    log::write(log::Level::error, f.event, f.message, f.fields);
    return static_cast<int>(f.exit);
  }
}

}  // namespace gress::engine
