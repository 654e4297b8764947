// `PROGRAM checkpoint list|inspect|verify PATH`: what stands in a folder of checkpoints, without the program running; and
// `save PATH NAME`, which keeps one, and `take DIR`, which asks a running program for one.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <map>
#include <optional>
#include <span>

#include "runtime/checkpoint/evolution.h"
#include "runtime/checkpoint/folder.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/store.h"
#include "runtime/engine/checkpoint.h"
#include "runtime/engine/count_text.h"
#include "runtime/engine/files_position.h"

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
using engine::Exit;
using engine::Failure;

constexpr const char kUsage[] =
    "Examples:\n"
    "  PROGRAM checkpoint list DIR             the checkpoints in a folder\n"
    "  PROGRAM checkpoint inspect DIR          what the newest one holds (or a manifest: DIR/manifest-00000012)\n"
    "  PROGRAM checkpoint verify DIR           reads all files of the newest one and compares their checksums\n"
    "  PROGRAM checkpoint save DIR NAME        keeps the newest one as DIR/savepoint-NAME, for `--restore-from`\n"
    "  PROGRAM checkpoint take DIR             has the program that runs take one, and waits until it counts\n"
    "  PROGRAM checkpoint take DIR NAME        the same, and keeps it as `save` does\n";

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::uint64_t bytes_of(const Manifest& m) {
  std::uint64_t sum = 0;
  for (const FileAt& f : m.files) sum += f.size;
  return sum;
}

/// Of the folder, and of the savepoints in it.
std::vector<fs::path> all_manifests_in(const fs::path& folder) {
  std::vector<fs::path> found = manifests_in(folder);
  for (const fs::path& path : entries_of(folder))
    if (path.string().starts_with(savepoint_in(folder, "").string())) std::ranges::copy(manifests_in(path), std::back_inserter(found));
  return found;
}

int list(const fs::path& folder) {
  for (const fs::path& path : all_manifests_in(folder)) {
    const std::string name = path.lexically_relative(folder).string();
    try {
      const Manifest m = read_manifest(path);
      print(name + "  " + m.taken + "  " + m.program + "  " + engine::grouped(bytes_of(m)) + " bytes" + (m.complete ? "  complete" : "") + "\n");
    } catch (const Failure& f) {
      print(name + "  damaged: " + f.message + "\n");
    }
  }
  return static_cast<int>(Exit::ok);
}

std::string counts_if(const Manifest& m) { return "if " + m.decided_by + " holds " + std::to_string(m.epoch) + " of " + m.run; }

/// One file, or those of a sink by row.
std::string written(const std::string& position) {
  if (position.empty()) return "";
  const auto by_row = engine::FilesPosition::read(position);
  if (!by_row) return ", at byte " + position;
  std::uint64_t bytes = 0;
  for (const auto& f : by_row->files) bytes += f.size;
  return ", " + engine::grouped(by_row->files.size()) + (by_row->files.size() == 1 ? " file, " : " files, ") + engine::grouped(bytes) + " bytes";
}

/// Entries and bytes by section.
std::string inspected(const fs::path& path) {
  const Manifest m = read_manifest(path);
  std::string text = path.string() + "\n  taken    " + m.taken + (m.complete ? ", the program had come to its end" : "") + "\n  program  " + m.program + " " + m.source_hash + "\n";
  if (!m.decided_by.empty()) text += "  counts   " + counts_if(m) + "\n";
  for (const engine::OutputAt& o : m.outputs)
    text += "  sink     " + o.sink + " -> " + o.target + written(o.position) + "\n";
  const SnapshotReader reader(state_of(path));
  for (const SectionAt& s : m.sections) {
    std::uint64_t entries = 0, bytes = 0;
    std::string_view key, value;
    for (const auto all = reader.entries(s.id); all->next(key, value); ++entries) bytes += key.size() + value.size();
    text += "  state    " + s.name + (m.parallelism > 1 ? " of worker " + std::to_string(s.worker) : "") + ": " + engine::grouped(entries) + (entries == 1 ? " entry, " : " entries, ") + engine::grouped(bytes) + " bytes\n           " + summary(read_descriptor(s.descriptor)) + "\n";
  }
  return text;
}

int inspect(const fs::path& given) {
  print(with_manifest(given, inspected));
  return static_cast<int>(Exit::ok);
}

int verify(const fs::path& given) {
  return with_manifest(given, [](const fs::path& path) {
    const Manifest m = read_manifest(path);
    const std::vector<std::string> problems = problems_of(m, state_of(path));
    if (!problems.empty() && !fs::exists(path)) expect_sound(m, path, state_of(path));
    for (const std::string& p : problems) print(p + "\n");
    print(path.string() + (problems.empty() ? ": all " + std::to_string(m.files.size()) + " files are as they were written\n" : ": damaged\n"));
    return static_cast<int>(problems.empty() ? Exit::ok : Exit::data);
  });
}

void check_name(std::string_view name) {
  const bool fits = !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  if (!fits) throw Failure(Exit::usage, "savepoint_refused", "`" + std::string(name) + "` is no name for a savepoint: wanted are letters, digits, `-`, `_` and `.`");
}

/// Its state is linked where it can be: files of a checkpoint never change. The manifest comes last, when all else is on disk,
/// so that a savepoint stands whole or not at all.
int save(const fs::path& given, std::string_view name) {
  check_name(name);
  return with_manifest(given, [&](const fs::path& path) {
    const Manifest m = read_manifest(path);
    const fs::path to = savepoint_in(path.parent_path(), name);
    const fs::path manifest = to / path.filename(), state = state_of(manifest);
    std::error_code error;
    if (fs::is_directory(to, error) && !manifests_in(to).empty())
      throw Failure(Exit::cannot_create, "savepoint_refused", "there is a savepoint `" + to.string() + "` already: remove it, or give another name");
    fs::remove_all(to, error);  // of one that did not come to its manifest
    fs::create_directory(to, error);
    if (error) fail_io("cannot create", to, error.value());
    try {
      copy_snapshot(state_of(path), m.files, state);
      expect_sound(m, path, state);
    } catch (const Failure&) {
      fs::remove_all(to, error);
      throw;
    }
    for (const FileAt& f : m.files) sync_file(state / f.name);
    sync_folder(state);
    write_whole(manifest, read_whole(path));
    sync_folder(to.has_parent_path() ? to.parent_path() : fs::path("."));
    print(manifest.string() + ": checkpoint " + std::to_string(m.epoch) + " of " + m.taken + ", kept until the folder is removed" +
          (m.decided_by.empty() ? "" : "; it counts " + counts_if(m)) + "\n");
    return static_cast<int>(Exit::ok);
  });
}

/// The program says in its LOCK which one it has begun: one that it begins from now on has what it has done until now.
std::string ask(const fs::path& folder) {
  constexpr useconds_t kPause = 20'000;
  constexpr int kAgain = 50;  // a signal may come while the program is on its way to wait
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no folder `" + folder.string() + "`", {{"folder", folder.string(), false}});
  std::optional<std::uint64_t> before;
  const Holder first = holder_of(folder);
  for (int asked = 0;; ::usleep(kPause)) {
    const bool there = is_there(first, folder);
    const Holder now = holder_of(folder);
    const bool same = now.run == first.run;
    if (same && before && now.counts > *before) return manifest_name({now.run, now.counts});
    if (!same || !there)
      throw Failure(Exit::temporary, "checkpoint_not_taken",
                    "the folder `" + folder.string() + "` is not, or is no longer, that of a process on this machine that may be " +
                        "asked; `checkpoint save` keeps the newest one there");
    if (!now.listens) continue;
    if (!before) before = now.begun;
    if (now.begun == *before && asked++ % kAgain == 0) ::kill(static_cast<pid_t>(std::stol(now.pid)), SIGUSR1);
  }
}

int take(const fs::path& folder, const char* name) {
  if (name != nullptr) check_name(name);
  const fs::path taken = folder / ask(folder);
  if (name != nullptr) return save(fs::exists(taken) ? taken : folder, name);  // there may be a newer one already
  print(taken.string() + ": taken\n");
  return static_cast<int>(Exit::ok);
}

}  // namespace
}  // namespace gress::checkpoint

namespace gress::engine {

int checkpoint_command(int argc, const char* const* argv) {
  const std::span<const char* const> args(argv, static_cast<std::size_t>(argc));
  const std::string_view what = args.size() > 2 ? args[2] : "";
  const bool saves = what == "save", takes = what == "take";
  const bool named = args.size() == 5;
  if ((args.size() != 4 && !named) || (saves ? !named : named && !takes) ||
      (what != "list" && what != "inspect" && what != "verify" && !saves && !takes)) {
    const bool help = what == "--help" || what == "-h";
    std::fputs(checkpoint::kUsage, help ? stdout : stderr);
    return static_cast<int>(help ? Exit::ok : Exit::usage);
  }
  try {
    if (takes) return checkpoint::take(args[3], named ? args[4] : nullptr);
    if (saves) return checkpoint::save(args[3], args[4]);
    if (what == "list") return checkpoint::list(args[3]);
    return what == "inspect" ? checkpoint::inspect(args[3]) : checkpoint::verify(args[3]);
  } catch (const Failure& f) {
    log::write(log::Level::error, f.event, f.message, f.fields);
    return static_cast<int>(f.exit);
  }
}

}  // namespace gress::engine
