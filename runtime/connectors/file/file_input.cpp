#include "runtime/connectors/file/file_input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/connectors/file/path_glob.h"

namespace gress::file {

using engine::Exit;
using engine::Failure;

FileInput::FileInput(engine::Runtime& runtime, std::string_view source, std::string_view path, int line, Take take)
    : FileInput(runtime, runtime.add_source(source, line), path, take) {}

FileInput::FileInput(engine::Runtime& runtime, engine::SourceCounters& counters, std::string_view path, Take take)
    : runtime_(runtime),
      counters_(counters),
      first_(take == Take::all ? 0 : static_cast<std::size_t>(runtime.worker())),
      stride_(take == Take::own ? static_cast<std::size_t>(runtime.workers()) : 1),
      next_(first_) {
  find(path);
  if (first_ >= stride_) next_ = paths_.size();  // none is for this worker
  readers_.resize(paths_.size());
  while (next_ < paths_.size() && active_.size() < kMaxOpen) begin({});
}

void FileInput::find(std::string_view path) {
  const std::string text(path);
  if (text.find('\0') != std::string::npos) {
    throw Failure(Exit::usage, "bad_path", "source `" + counters_.name + "`: the path holds a NUL character");
  }
  struct stat st = {};
  if (!is_pattern(text) || ::stat(text.c_str(), &st) == 0) {
    paths_.push_back(text);  // opened at once, which tells whether it is there
  } else {
    std::vector<std::string> unreadable;
    paths_ = expand_pattern(text, unreadable);
    std::string why;
    for (const std::string& u : unreadable) why += "\ncannot look into " + u;
    if (paths_.empty() || !unreadable.empty()) {
      throw Failure(Exit::no_input, "input_missing",
                    "source `" + counters_.name + "`: " + (paths_.empty() ? "no file matches `" : "not all of `") +
                        text + "`" + (paths_.empty() ? "" : " can be found") + why,
                    {{"source", counters_.name, false}, {"file", text, false}});
    }
  }
  if (paths_.size() > kMostFiles)
    throw Failure(Exit::usage, "too_many_inputs",
                  "source `" + counters_.name + "`: " + std::to_string(paths_.size()) + " files match `" + text + "`, a source reads at most " +
                      std::to_string(kMostFiles) + ": join small ones to larger ones",
                  {{"source", counters_.name, false}, {"file", text, false}});
  // Files that are opened later are looked at now, so that a program does not run for an hour before it is told.
  for (const std::string& p : paths_) {
    const bool standard_input = p == "-";
    const bool seen = standard_input ? ::fstat(STDIN_FILENO, &st) == 0 : ::stat(p.c_str(), &st) == 0;
    const bool regular = seen && S_ISREG(st.st_mode);
    runtime_.add_input(counters_.name, p, regular ? engine::FileId{st.st_dev, st.st_ino} : engine::FileId{},
                       standard_input);
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
  readers_[next_] = std::make_unique<ByteReader>(runtime_, counters_, paths_[next_], std::move(spare));
  active_.push_back(static_cast<std::uint32_t>(next_));
  next_ += stride_;
}

void FileInput::ended(std::size_t partition) {
  Spare spare = readers_[partition]->take_spare();
  readers_[partition].reset();
  std::erase(active_, static_cast<std::uint32_t>(partition));
  if (next_ < paths_.size()) begin(std::move(spare));
}

}  // namespace gress::file
