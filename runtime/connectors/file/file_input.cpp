#include "runtime/connectors/file/file_input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/connectors/file/path_glob.h"

namespace gress::file {

using engine::Exit;
using engine::Failure;

namespace {

std::vector<std::string> find(const std::string& source, std::string_view path) {
  const std::string text(path);
  if (text.find('\0') != std::string::npos) {
    throw Failure(Exit::usage, "bad_path", "source `" + source + "`: the path holds a NUL character");
  }
  struct stat st = {};
  if (!is_pattern(text) || ::stat(text.c_str(), &st) == 0) return {text};  // opened at once, which tells whether it is there
  std::vector<std::string> unreadable;
  std::vector<std::string> paths = expand_pattern(text, unreadable);
  std::string why;
  for (const std::string& u : unreadable) why += "\ncannot read " + u;
  if (paths.empty() || !unreadable.empty()) {
    throw Failure(Exit::no_input, "input_missing",
                  "source `" + source + "`: " + (paths.empty() ? "no file matches `" : "not all of `") + text + "`" +
                      (paths.empty() ? "" : " can be found") + why,
                  {{"source", source, false}, {"file", text, false}});
  }
  if (paths.size() > FileInput::kMostFiles)
    throw Failure(Exit::usage, "too_many_inputs",
                  "source `" + source + "`: " + std::to_string(paths.size()) + " files match `" + text + "`, a source reads at most " +
                      std::to_string(FileInput::kMostFiles) + ": join small ones to larger ones",
                  {{"source", source, false}, {"file", text, false}});
  return paths;
}

}  // namespace

FileInput::FileInput(engine::Runtime& runtime, std::string_view source, std::string_view path, int line, Take take)
    : FileInput(runtime, runtime.add_source(source, line),
                runtime.partitions_of(source, [&] { return find(std::string(source), path); }), take) {}

FileInput::FileInput(engine::Runtime& runtime, engine::SourceCounters& counters, std::string_view path, Take take)
    : FileInput(runtime, counters, find(counters.name, path), take) {}

FileInput::FileInput(engine::Runtime& runtime, engine::SourceCounters& counters, std::vector<std::string> paths, Take take)
    : runtime_(runtime),
      counters_(counters),
      paths_(std::move(paths)),
      readers_(paths_.size()),
      over_(paths_.size()),
      first_(take == Take::all ? 0 : static_cast<std::size_t>(runtime.worker())),
      stride_(take == Take::own ? static_cast<std::size_t>(runtime.workers()) : 1),
      next_(first_ < stride_ ? first_ : paths_.size()) {
  look();
  while (next_ < paths_.size() && active_.size() < kMaxOpen) begin({});
}

/// Files that are opened later are looked at now, so that a program does not run for an hour before it is told.
void FileInput::look() {
  struct stat st = {};
  for (const std::string& p : paths_) {
    const bool standard_input = p == "-";
    const bool seen = standard_input ? ::fstat(STDIN_FILENO, &st) == 0 : ::stat(p.c_str(), &st) == 0;
    const bool regular = seen && S_ISREG(st.st_mode);
    runtime_.add_input(counters_.name, regular ? engine::FileId{st.st_dev, st.st_ino} : engine::FileId{}, standard_input);
    if (paths_.size() > kMaxOpen && ::access(p.c_str(), R_OK) != 0) {
      throw Failure(Exit::no_input, "input_unreadable",
                    "source `" + counters_.name + "`: `" + p + "` cannot be read: " + engine::error_text(errno),
                    {{"source", counters_.name, false}, {"file", p, false}});
    }
  }
}

bool FileInput::cut(engine::Pieces& pieces) {
  if (runtime_.worker() == 0 && paths_.size() == 1 && readers_[0]->in_pieces()) pieces.cut(readers_[0]->size());
  if (!pieces.is_cut()) return false;
  if (!readers_[0]) {
    next_ = 0;
    begin({});
  }
  first_ = 0;
  stride_ = 1;
  readers_[0]->take(0, 0);
  return true;
}

void FileInput::begin(Spare spare) {
  while (over_[next_])
    if ((next_ += stride_) >= paths_.size()) return;
  readers_[next_] = std::make_unique<ByteReader>(runtime_, counters_, paths_[next_], std::move(spare));
  active_.push_back(static_cast<std::uint32_t>(next_));
  next_ += stride_;
}

void FileInput::ended(std::size_t partition) {
  if (!readers_[partition]) {
    over_[partition] = true;
    return;
  }
  Spare spare = readers_[partition]->take_spare();
  readers_[partition].reset();
  std::erase(active_, static_cast<std::uint32_t>(partition));
  if (next_ < paths_.size()) begin(std::move(spare));
}

}  // namespace gress::file
