#include "runtime/checkpoint/manifest.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/checkpoint/folder.h"
#include "runtime/engine/usable_cpus.h"

namespace gress::checkpoint {
namespace {

using nlohmann::json;
constexpr int kFormat = 5;
constexpr std::string_view kSum = "crc32 ";

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& why) {
  throw engine::Failure(engine::Exit::data, "checkpoint_damaged", "the checkpoint `" + path.string() + "` is damaged: " + why,
                        {{"file", path.string(), false}});
}

/// Empty: it is as it was.
std::string problem_of(const FileAt& f, const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  std::string why;
  if (error) why = error.message();
  else if (size != f.size) why = "it has " + std::to_string(size) + " bytes, and had " + std::to_string(f.size);
  else if (content_of(path).checksum != f.checksum) why = "its checksum does not agree";
  return why.empty() ? why : "`" + path.string() + "`: " + why;
}

}  // namespace

std::string to_text(const Manifest& m) {
  json sections = json::array(), outputs = json::array(), files = json::array();
  for (const SectionAt& s : m.sections) sections.push_back({{"id", s.id}, {"worker", s.worker}, {"name", s.name}, {"descriptor", json::parse(s.descriptor)}});
  for (const engine::OutputAt& o : m.outputs) outputs.push_back({{"sink", o.sink}, {"target", o.target}, {"position", o.position}});
  for (const FileAt& f : m.files) files.push_back({{"name", f.name}, {"size", f.size}, {"crc32", f.checksum}});
  const json all = {{"format", kFormat},        {"epoch", m.epoch},       {"program", m.program},         {"source_hash", m.source_hash},
                    {"run", m.run},             {"decided_by", m.decided_by},
                    {"taken", m.taken},         {"complete", m.complete}, {"parallelism", m.parallelism}, {"sections", sections},
                    {"outputs", outputs},       {"files", files}};
  // Paths may be of any bytes; what is no UTF-8 of them is replaced, and said only.
  std::string text = all.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  text += std::string(kSum) + std::to_string(checksum(text)) + '\n';
  return text;
}

Manifest read_manifest(const std::filesystem::path& path) {
  const std::string text = read_whole(path);
  const std::size_t line = text.find('\n');
  if (line == std::string::npos) damaged(path, "it has no line with a checksum");
  const std::string content = text.substr(0, line + 1);
  if (text.substr(line + 1) != std::string(kSum) + std::to_string(checksum(content)) + '\n') damaged(path, "its checksum does not agree");
  try {
    const json all = json::parse(content);
    if (const int format = all.at("format"); format != kFormat)
      damaged(path, "its format is " + std::to_string(format) + ", this program reads format " + std::to_string(kFormat));
    Manifest m;
    m.epoch = all.at("epoch");
    m.program = all.at("program");
    m.source_hash = all.at("source_hash");
    m.run = all.at("run");
    m.decided_by = all.at("decided_by");
    m.taken = all.at("taken");
    m.complete = all.at("complete");
    m.parallelism = all.at("parallelism");
    for (const json& s : all.at("sections")) m.sections.push_back({s.at("id"), s.at("worker"), s.at("name"), s.at("descriptor").dump()});
    for (const json& o : all.at("outputs")) m.outputs.push_back({o.at("sink"), o.at("target"), o.at("position")});
    for (const json& f : all.at("files")) m.files.push_back({f.at("name"), f.at("size"), f.at("crc32")});
    return m;
  } catch (const json::exception& e) {
    damaged(path, e.what());
  }
}

std::vector<Descriptor> descriptors_of(const Manifest& m) {
  std::vector<Descriptor> found;
  for (const SectionAt& s : m.sections)
    if (std::ranges::find(found, s.name, &Descriptor::name) == found.end()) found.push_back(read_descriptor(s.descriptor));
  return found;
}

void must_be_of(std::string_view program, const Manifest& m, const std::filesystem::path& manifest) {
  if (m.program == program) return;
  throw engine::Failure(engine::Exit::usage, "checkpoint_refused",
                        "the checkpoint `" + manifest.string() + "` is of the program `" + m.program + "`, this is `" + std::string(program) +
                            "`: give this one a `--checkpoint-dir` of its own");
}

std::vector<Finding> compare_with(const Manifest& m, const std::vector<Descriptor>& now, const std::vector<std::string>& dropped) {
  const std::vector<Descriptor> saved = descriptors_of(m);
  const auto in = [](const std::vector<Descriptor>& all, const std::string& name) { return std::ranges::find(all, name, &Descriptor::name) != all.end(); };
  for (const std::string& name : dropped) {
    if (in(saved, name) || in(now, name)) continue;
    std::string names;
    for (const Descriptor& d : saved) names += (names.empty() ? "`" : ", `") + d.name + "`";
    throw engine::Failure(engine::Exit::usage, "checkpoint_refused",
                          "`--drop-state " + name + "`: there is no such state in the checkpoint " + std::to_string(m.epoch) + " (" + m.taken +
                              "); there is that of " + names);
  }
  return compare_all(saved, now, dropped);
}

std::vector<std::string> problems_of(const Manifest& m, const std::filesystem::path& state) {
  std::vector<std::future<std::string>> found(m.files.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::packaged_task<std::string()>> tasks;
  for (const FileAt& f : m.files) tasks.emplace_back([&] { return problem_of(f, state / f.name); });
  std::ranges::transform(tasks, found.begin(), [](auto& task) { return task.get_future(); });
  {
    const auto work = [&] {
      for (std::size_t i; (i = next++) < tasks.size();) tasks[i]();
    };
    std::vector<std::jthread> others(std::min(tasks.size(), static_cast<std::size_t>(engine::usable_cpus())));
    if (!others.empty()) others.pop_back();
    for (std::jthread& other : others) other = std::jthread(work);
    work();
  }
  std::vector<std::string> problems;
  for (auto& one : found)
    if (std::string problem = one.get(); !problem.empty()) problems.push_back(std::move(problem));
  return problems;
}

void expect_sound(const Manifest& m, const std::filesystem::path& manifest, const std::filesystem::path& state) {
  for (const std::string& problem : problems_of(m, state))
    throw engine::Failure(engine::Exit::data, "checkpoint_damaged", "the checkpoint `" + manifest.string() + "` is damaged: " + problem);
}

}  // namespace gress::checkpoint
