// What a checkpoint is: a JSON object in one line, and a line with its checksum. All it names stands on disk before it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/checkpoint/evolution.h"
#include "runtime/engine/checkpoint.h"

namespace gress::checkpoint {

/// The state of one stage or source at one worker: entries whose keys begin with `id`.
struct SectionAt {
  std::uint32_t id = 0;
  int worker = 0;
  std::string name;
  std::string descriptor;  // JSON (evolution.h)
};
struct FileAt {
  std::string name;
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;
};
struct Manifest {
  std::uint64_t epoch = 0;
  std::string program, source_hash;
  std::string run;         // engine::Decision
  std::string decided_by;  // who says whether it counts, a Decider's place(); empty: it counts because it stands
  std::string taken;      // RFC 3339
  bool complete = false;  // the program came to its end
  int parallelism = 1;    // workers
  std::vector<SectionAt> sections;
  std::vector<engine::OutputAt> outputs;
  std::vector<FileAt> files;  // of its state
};

std::string to_text(const Manifest&);
/// Throws Failure: no_input, or data for what is no manifest or a damaged one.
Manifest read_manifest(const std::filesystem::path& path);

/// What it says of its sections, by name; of several workers they are the same.
std::vector<Descriptor> descriptors_of(const Manifest&);

/// Throws Failure where it is another program's.
void must_be_of(std::string_view program, const Manifest&, const std::filesystem::path& manifest);
/// Its sections with those of a program, but the dropped ones; throws Failure for one that neither side has.
std::vector<Finding> compare_with(const Manifest&, const std::vector<Descriptor>& now, const std::vector<std::string>& dropped);

/// What differs between the files in a folder and those that the manifest names; reads them whole, several at once.
std::vector<std::string> problems_of(const Manifest&, const std::filesystem::path& state);
/// Throws Failure (data) for the first of them.
void expect_sound(const Manifest&, const std::filesystem::path& manifest, const std::filesystem::path& state);

}  // namespace gress::checkpoint
