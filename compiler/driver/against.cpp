#include "compiler/driver/against.h"

#include <algorithm>

#include "compiler/driver/command.h"
#include "compiler/driver/phases.h"
#include "runtime/checkpoint/evolution.h"
#include "runtime/checkpoint/folder.h"
#include "runtime/checkpoint/manifest.h"

namespace gress::driver {
namespace {

/// Where the program says its stage; of one that is gone, its first item.
dsl::Range place_of(const Session& session, const std::string& stage) {
  const auto place = std::ranges::find(session.cpp.sections, stage, &codegen::SectionPlace::section);
  if (place != session.cpp.sections.end()) return place->range;
  const auto& pipeline = session.files.front()->pipeline;
  return pipeline ? pipeline->range : session.program.sources.front().range;
}

std::vector<std::pair<std::string, std::string>> given_of(const dsl::checked::Program& program, const std::vector<std::string>& params) {
  std::vector<std::pair<std::string, std::string>> given;
  for (const std::string& param : params) {
    const std::size_t equals = param.find('=');
    const std::string name = param.substr(0, equals);
    if (equals == param.npos) throw Failure(toolchain::exit_usage, "`--param " + param + "`: expected `NAME=VALUE`");
    if (std::ranges::find(program.params, name, &dsl::checked::Param::name) == program.params.end())
      throw Failure(toolchain::exit_usage, "`--param " + param + "`: the program has no param `" + name + "`");
    given.emplace_back(name, param.substr(equals + 1));
  }
  return given;
}

}  // namespace

/// As the program does at start (runtime/checkpoint/checkpoints.cpp).
bool check_against(Session& session, const std::string& path, const std::vector<std::string>& dropped,
                   const std::vector<std::string>& params) {
  const std::vector<std::pair<std::string, std::string>> given = given_of(session.program, params);
  plan_phase(session);
  emit_phase(session, {});
  if (session.cpp.state.empty())
    throw Failure(toolchain::exit_program, "`--against`: the program takes no checkpoints",
                  {"add `checkpoint: every(10s)` to the options of the pipeline"});
  std::vector<checkpoint::Finding> found;
  checkpoint::Manifest manifest;
  try {
    const std::filesystem::path at = checkpoint::manifest_at(path);
    manifest = checkpoint::read_manifest(at);
    checkpoint::must_be_of(session.program.name, manifest, at);
    found = checkpoint::compare_with(manifest, checkpoint::read_program_state(session.cpp.state, given).sections, dropped);
  } catch (const engine::Failure& f) {
    throw Failure(static_cast<int>(f.exit), f.message);
  } catch (const StateDamaged&) {
    throw Failure(toolchain::exit_program, "`--against`: what the checkpoint says of its state cannot be read");
  }
  const std::string name = "checkpoint " + std::to_string(manifest.epoch) + " (" + manifest.taken + ")";
  struct Refused {
    dsl::Range range;
    std::string stages;
    std::vector<std::string> notes;
  };
  std::vector<Refused> refused;  // one a place
  std::string migrates;
  std::size_t same = 0;
  for (const checkpoint::Finding& f : found) {
    const std::string& stage = f.name();
    if (!f.verdict.problems.empty()) {
      const dsl::Range range = place_of(session, f.stage);
      auto at = std::ranges::find(refused, range.begin, [](const Refused& r) { return r.range.begin; });
      if (at == refused.end()) at = refused.insert(at, {range, "", {}});
      at->stages += (at->stages.empty() ? "" : ",") + stage;
      for (const std::string& problem : f.verdict.problems) at->notes.push_back("`" + stage + "`: " + problem);
    }
    for (const std::string& change : f.verdict.changes) migrates += "  `" + stage + "`: " + change + "\n";
    same += f.verdict.problems.empty() && f.verdict.changes.empty();
  }
  for (const Refused& r : refused) {
    auto& d = session.diagnostics.report(dsl::Code::E0513, r.range, "the program cannot go on from the " + name);
    d.under("its state is another one");
    for (const std::string& note : r.notes) d.note(note);
    d.help("`--drop-state " + r.stages + "` at the program's start goes on without what was kept");
  }
  if (!session.report()) return false;
  print(name + ": the program can go on from it; " + std::to_string(same) + " of " + std::to_string(found.size()) +
        " states are as they were\n" + migrates);
  return true;
}

}  // namespace gress::driver
