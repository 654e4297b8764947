// The checkpoints of a process: the one it goes on from, and those that it writes, in the background, one after another.
//
// Of checkpoint n: outputs are brought to disk, the state's files stand in a folder of their own, and then the manifest
// gets its name. That is the moment it counts from, unless a sink decides (decider.h): then its commit is, right behind. What
// was before that is redone after a crash from checkpoint n - 1.
#include "runtime/engine/checkpoint.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <iterator>
#include <map>
#include <optional>
#include <thread>

#include "runtime/checkpoint/entries_ahead.h"
#include "runtime/checkpoint/evolution.h"
#include "runtime/checkpoint/folder.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/store.h"
#include "runtime/engine/output.h"
#include "runtime/engine/runtime.h"
#include "runtime/engine/time_text.h"

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
using engine::Exit;
using engine::Failure;
using engine::OutputAt;

/// Entries of a form that is no longer the program's.
class Evolving final : public StateEntries {
 public:
  Evolving(std::unique_ptr<StateEntries> entries, const Migration& migration) : entries_(std::move(entries)), migration_(migration) {}
  bool next(std::string_view& key, std::string_view& value) override { return entries_->next(key, value); }
  const StateEvolution* evolution() const override { return &migration_; }

 private:
  std::unique_ptr<StateEntries> entries_;
  const Migration& migration_;
};

class Coordinator final : public engine::Checkpoints {
 public:
  Coordinator(const engine::ProgramInfo& program, const engine::CheckpointSettings& settings)
      : program_(program), says_(read_program_state(program.state, settings.params)), settings_(settings), folder_(settings.dir) {
    folder_.lock();
    if (program_.page != nullptr) program_.page(settings_.dir.c_str(), static_cast<std::size_t>(program_.state_memory));
    if (settings_.fresh) folder_.remove_all();
    find_newest();
    if (!settings_.restore_from.empty()) read(manifest_at(settings_.restore_from));
    else if (newest_.epoch != 0) read(folder_.manifest(newest_));
  }
  ~Coordinator() override { join(); }

  void begin(engine::Decider* decider, int workers) override {
    decider_ = decider;
    if (decider_) decider_->open();
    crash_point("asked");
    if (!from_.decided_by.empty()) settle();
    begun_ = true;
    workers_ = workers;
    if (from_.epoch != 0) restore();
    else begin_anew();
    if (decider_ && from_.decided_by != decider_->place()) decide({folder_.run(), 0});
    open_live();
    if (from_.epoch == 0) store_->compact();
    started_ = engine::steady_micros();
  }

  std::uint64_t restored() const override { return from_.epoch; }
  bool complete() const override {
    // Sinks may have something to do yet.
    const auto commits = [](const OutputAt& o) { return o.position.starts_with(engine::Output::kCommits); };
    return from_.complete && (begun_ || (from_.decided_by.empty() && std::ranges::none_of(from_.outputs, commits)));
  }
  int workers() const override { return from_.parallelism; }

  std::unique_ptr<StateEntries> entries(std::string_view name, int worker) override {
    for (const std::vector<SectionAt>* sections : {&former_, &known_})
      for (const SectionAt& s : *sections)
        if (s.name == name && s.worker == worker) {
          auto entries = std::make_unique<EntriesAhead>(store_->entries(s.id));
          const auto migration = migrations_.find(s.name);
          if (migration == migrations_.end()) return entries;
          return std::make_unique<Evolving>(std::move(entries), migration->second);
        }
    return nullptr;
  }

  std::unique_ptr<ColdEntries> cold(std::string_view section, int worker, engine::WaitsAt waits) override {
    return store_->cold(id_of(section, worker), share_of_tables() / static_cast<std::size_t>(program_.cold_tables * workers_), waits);
  }

  void all_loaded() override {
    for (const SectionAt& s : former_) store_->erase(s.id);
    former_.clear();
    migrations_.clear();
    store_->compact();
  }

  const OutputAt* output(std::string_view sink) const override {
    const auto find = [&](std::string_view name) -> const OutputAt* {
      const auto at = std::ranges::find(from_.outputs, name, &OutputAt::sink);
      return at == from_.outputs.end() ? nullptr : &*at;
    };
    // As of states (evolution.cpp): its former name goes before its own, which another sink may have had.
    for (const auto& [name, former] : says_.sinks)
      if (name == sink && !former.empty())
        if (const OutputAt* at = find(former)) return at;
    return find(sink);
  }

  void listens() override { folder_.tell(number_, number_); }
  void announce() override { folder_.tell(number_ + 1, number_); }
  bool busy() const override { return busy_.load(std::memory_order_acquire); }
  std::int64_t due() const override {
    if (busy_.load(std::memory_order_acquire)) return kEndOfTime;
    if (failure_) std::rethrow_exception(failure_);
    return settings_.every == 0 ? kEndOfTime : started_ + settings_.every;
  }

  void take(const std::vector<engine::Saver>& savers, std::vector<OutputAt> outputs, std::vector<engine::Output*> to_sync) override {
    wait();
    crash_point("taken");
    started_ = engine::steady_micros();
    busy_ = true;
    store_->hold_cold();
    worker_ = std::thread([this, &savers, outputs = std::move(outputs), to_sync = std::move(to_sync)]() mutable {
      try {
        write(savers, std::move(outputs), to_sync);
      } catch (...) {
        failure_ = std::current_exception();
        if (decider_) decider_->give_up();
      }
      store_->let_cold();
      busy_.store(false, std::memory_order_release);
    });
  }

  void wait() override {
    join();
    if (failure_) std::rethrow_exception(failure_);
  }
  void set_complete() override { completes_ = true; }
  void leave() override {
    if (decider_) decider_->give_up();
    join();
    decider_ = nullptr;
  }

 private:
  void join() {
    if (worker_.joinable()) worker_.join();
  }
  void find_newest() {
    const std::vector<Decision> all = folder_.all();
    newest_ = all.empty() ? Decision() : all.back();
    number_ = 0;
    for (const Decision& d : all) number_ = std::max(number_, d.epoch);
  }
  static std::string name_of(const Manifest& m) { return std::to_string(m.epoch) + " (" + m.taken + ")"; }

  // ---- the checkpoint to go on from

  void read(const fs::path& manifest) {
    try {
      from_ = read_manifest(manifest);
    } catch (Failure& f) {
      offer_other(f);
      throw;
    }
    state_ = state_of(manifest);
    must_be_of(program_.name, from_, manifest);
  }

  /// The newest one may have been prepared only, and one of an earlier run behind which this one was begun too; then these
  /// go, and the one before them counts.
  void settle() {
    const std::optional<Decision> held = decider_ ? decider_->decided(from_.decided_by) : std::nullopt;
    if (held == decision_of(from_)) return;
    if (!settings_.restore_from.empty()) return settle_asked_for(held);
    if (!held)
      throw Failure(Exit::data, "checkpoint_refused",
                    "whether the checkpoint " + name_of(from_) + " counts, `" + from_.decided_by + "` knows, and this program does not write there" +
                        "\nrun the program that it is of, or begin anew with `--fresh`");
    std::vector<Decision> all = folder_.all();
    std::vector<Manifest> prepared;
    Manifest counts;
    for (; !all.empty(); all.pop_back()) {
      Manifest m = read_manifest(folder_.manifest(all.back()));
      const bool same_place = m.decided_by == from_.decided_by;
      if (!same_place || decision_of(m) == held || (!prepared.empty() && prepared.back().run == m.run)) {
        counts = std::move(m);
        break;
      }
      prepared.push_back(std::move(m));
    }
    if (held != (counts.decided_by == from_.decided_by ? decision_of(counts) : Decision{from_.run, 0})) refuse_other(*held);
    for (const Manifest& m : prepared) {
      folder_.remove(decision_of(m));
      crash_point("discarded");
      engine::log::info("checkpoint_discarded", "checkpoint " + name_of(m) + " was prepared and never committed; it is removed");
    }
    from_ = std::move(counts);
    find_newest();
    state_ = folder_.state(newest_);
  }

  static Decision decision_of(const Manifest& m) { return {m.run, m.epoch}; }

  /// What is held, where that is not what the checkpoint to go on from says.
  std::string told(const Decision& held) const {
    return "`" + from_.decided_by + "` holds " +
           (held.none() ? "no checkpoint" : "checkpoint " + std::to_string(held.epoch) + (held.run == from_.run ? "" : " of another run"));
  }

  [[noreturn]] void refuse_other(const Decision& held) const {
    const std::string why =
        held.none() ? "whether the rows up to checkpoint " + name_of(from_) + " were committed is not known any more: " + told(held) +
                          "; brokers forget the offsets of a group that nobody used for some days (`offsets.retention.minutes`), and those "
                          "of a topic that is deleted\n`--restore-from " +
                          folder_.manifest(decision_of(from_)).string() + "` goes on behind these rows, and `--fresh` begins anew, which writes rows a second time"
                    : "the checkpoint " + name_of(from_) + " does not belong to what was written last: " + told(held) +
                          "\ngive the folder that it is in; `--restore-from` goes on from this one all the same, and `--fresh` begins anew, both "
                          "of which write rows a second time";
    throw Failure(Exit::data, "checkpoint_refused", why, {{"epoch", std::to_string(from_.epoch), true}});
  }

  /// `--restore-from` is taken at its word, but what was never written cannot be gone on from.
  void settle_asked_for(const std::optional<Decision>& held) {
    if (held && held->run == from_.run && held->epoch < from_.epoch)
      throw Failure(Exit::data, "checkpoint_refused",
                    "the checkpoint " + name_of(from_) + " was prepared and never committed: the rows before it are not in the outputs; go on from "
                    "the one before it",
                    {{"epoch", std::to_string(from_.epoch), true}});
    engine::log::warning("rows_again", "goes on from checkpoint " + name_of(from_) + ", but " +
                                           (held ? told(*held) : "what `" + from_.decided_by + "` holds cannot be asked for") +
                                           ": rows may be written a second time, or be missing");
    if (held && held->none() && from_.decided_by == decider_->place()) decide(decision_of(from_));
  }

  void restore() {
    verify();
    number_ = std::max(number_, from_.epoch);
    known_ = from_.sections;
    for (const SectionAt& s : known_) next_id_ = std::max(next_id_, s.id + 1);
    evolve();
    // What the workers write anew, or has been dropped, stands under other numbers than what it was.
    const auto stays = [&](const SectionAt& s) { return !s.name.empty() && workers_ == from_.parallelism && !migrations_.contains(s.name); };
    former_.clear();
    std::ranges::remove_copy_if(known_, std::back_inserter(former_), stays);
    std::erase_if(known_, [&](const SectionAt& s) { return !stays(s); });
  }

  /// Sections get the program's names and forms; those that are dropped, none.
  void evolve() {
    const std::vector<Descriptor> saved = descriptors_of(from_);
    const auto in = [](const std::vector<Descriptor>& all, const std::string& name) { return std::ranges::find(all, name, &Descriptor::name); };
    const std::vector<Finding> found = compare_with(from_, says_.sections, settings_.drop_state);
    refuse(found);
    std::map<std::string, std::string> names;
    for (const Finding& f : found) {
      names[f.saved] = f.stage;
      for (const std::string& change : f.verdict.changes) engine::log::info("state_changed", "the state of `" + f.name() + "`: " + change);
      if (!f.stage.empty() && !f.verdict.changes.empty()) migrations_.try_emplace(f.stage, *in(saved, f.saved), *in(says_.sections, f.stage));
    }
    for (SectionAt& s : known_) {
      const auto name = names.find(s.name);
      if (name == names.end()) engine::log::info("state_dropped", "the state of `" + s.name + "` is dropped");
      s.name = name == names.end() ? "" : name->second;
      if (!s.name.empty()) s.descriptor = text_of(s.name);
    }
  }

  const std::string& text_of(std::string_view section) const {
    const auto at = std::ranges::find(says_.sections, section, &Descriptor::name);
    return says_.texts[static_cast<std::size_t>(at - says_.sections.begin())];
  }

  void begin_anew() {
    if (!decider_ || settings_.fresh) return;
    const std::optional<Decision> held = decider_->decided(decider_->place());
    if (!held || held->epoch == 0) return;
    throw Failure(Exit::data, "checkpoint_missing",
                  "there is no checkpoint in `" + settings_.dir + "` to go on from, but rows up to checkpoint " + std::to_string(held->epoch) +
                      " have been written: `" + decider_->place() + "` holds it" +
                      "\ngive the folder that it is in; `--fresh` begins anew, and writes rows a second time",
                  {{"folder", settings_.dir, false}});
  }

  /// Before the first rows: no number at all then means that it was lost.
  void decide(const Decision& decision) {
    decider_->prepare(decision);
    decider_->commit(decision);
  }

  void offer_other(Failure& f) const {
    if (f.exit != Exit::data) return;
    const std::vector<Decision> all = folder_.all();
    for (auto d = all.rbegin(); d != all.rend(); ++d) {
      if (*d >= newest_) continue;
      f.message += "\nthe one before it can be used instead: `--restore-from " + folder_.manifest(*d).string() + "`";
      return;
    }
    f.message += "\nthere is no other one; `--fresh` begins anew";
  }

  void verify() const {
    for (const std::string& problem : problems_of(from_, state_)) {
      Failure f(Exit::data, "checkpoint_damaged", "the checkpoint " + name_of(from_) + " is damaged: " + problem,
                {{"epoch", std::to_string(from_.epoch), true}});
      offer_other(f);
      throw f;
    }
  }

  void refuse(const std::vector<Finding>& found) const {
    std::string problems, first;
    for (const Finding& f : found)
      for (const std::string& problem : f.verdict.problems) {
        if (first.empty()) first = f.name();
        problems += "\n  `" + f.name() + "`: " + problem;
      }
    if (problems.empty()) return;
    throw Failure(Exit::data, "checkpoint_refused",
                  "the checkpoint " + name_of(from_) + " holds state that this program cannot go on from" + problems +
                      "\nrun the program that it is of, leave out what a stage has kept with `--drop-state " + first + "`, or begin anew with `--fresh`",
                  {{"section", first, false}});
  }

  /// The state at work: its tables are links to those of the checkpoint, which are never changed.
  void open_live() {
    folder_.remove_unfinished();
    copy_snapshot(state_, from_.files, folder_.live());
    for (const FileAt& f : from_.files)
      if (f.name.ends_with(".sst")) sums_[f.name] = f;
    store_ = std::make_unique<Store>(folder_.live(), share_of_store());
  }

  // Of `state_memory` a half is for tables, and three eighths for the store; the rest is for changes on their way to it. Where
  // pages of state go to disk, these have a half.
  std::size_t share_of_tables() const { return static_cast<std::size_t>(program_.state_memory) / (program_.page ? 4 : 2); }
  std::size_t share_of_store() const { return static_cast<std::size_t>(program_.state_memory) / 8 * (program_.page ? 2 : 3); }

  // ---- a new one, on the worker's thread

  void write(const std::vector<engine::Saver>& savers, std::vector<OutputAt> outputs, const std::vector<engine::Output*>& to_sync) {
    const Decision id{folder_.run(), number_ + 1};
    const std::int64_t began = engine::steady_micros();
    crash_point("begun");
    for (engine::Output* output : to_sync) output->sync();
    crash_point("outputs_synced");
    expect_in_charge(id);
    crash_point("decision_prepared");
    std::vector<Store::Section> sections;
    for (std::size_t w = 0; w != savers.size(); ++w)
      for (const auto& section : savers[w].sections()) sections.push_back({id_of(section.name, static_cast<int>(w)), &section.changes});
    store_->write(std::move(sections));
    crash_point("state_written");
    store_->snapshot(folder_.state(id));
    store_->let_cold();
    crash_point("state_linked");
    Manifest m;
    m.epoch = id.epoch;
    m.program = program_.name;
    m.source_hash = program_.source_hash;
    m.run = id.run;
    if (decider_) m.decided_by = decider_->place();
    m.taken = engine::time_text(engine::now_micros());
    m.complete = completes_;
    m.parallelism = static_cast<int>(savers.size());
    m.sections = known_;
    m.outputs = std::move(outputs);
    m.files = files_in(folder_.state(id));
    sync_folder(folder_.path());
    expect_in_charge(id);  // again: the state may have taken long
    crash_point("decision_confirmed");
    write_whole(folder_.manifest(id), to_text(m));
    crash_point("manifest_stands");
    if (decider_) decider_->commit(id);
    folder_.expect_held();
    crash_point("decided");
    for (engine::Output* output : to_sync) output->commit();
    crash_point("outputs_committed");
    folder_.remove_old(id, newest_);
    newest_ = id;
    number_ = id.epoch;
    counters.taken.add(1);
    counters.micros.add(static_cast<std::uint64_t>(engine::steady_micros() - began));
    counters.number.set(static_cast<std::int64_t>(number_));
    counters.at.set(engine::now_micros());
    folder_.tell(number_, number_);
    crash_point("old_removed");
  }

  /// A process that another one has taken over from ends here, before it makes more of what nobody will go on from.
  void expect_in_charge(const Decision& id) {
    folder_.expect_held();
    if (decider_) decider_->prepare(id);
  }

  std::uint32_t id_of(std::string_view section, int worker) {
    for (const SectionAt& s : known_)
      if (s.name == section && s.worker == worker) return s.id;
    known_.push_back({next_id_++, worker, std::string(section), text_of(section)});
    return known_.back().id;
  }

  /// Tables do not change once they are written, so each is read once for its checksum.
  std::vector<FileAt> files_in(const fs::path& folder) {
    std::vector<FileAt> files;
    std::map<std::string, FileAt> sums;
    for (const fs::path& path : entries_of(folder)) {
      const std::string name = path.filename().string();
      if (const auto known = sums_.find(name); known != sums_.end()) {
        files.push_back(known->second);
      } else {
        const Content content = content_of(path);
        files.push_back({name, content.size, content.checksum});
      }
      if (name.ends_with(".sst")) sums[name] = files.back();
    }
    sums_ = std::move(sums);
    return files;
  }

  const engine::ProgramInfo& program_;
  const ProgramState says_;
  engine::CheckpointSettings settings_;
  Folder folder_;
  engine::Decider* decider_ = nullptr;
  bool begun_ = false;
  Manifest from_;
  fs::path state_;             // of that one
  Decision newest_;            // in the folder; of this run, if it has taken one
  std::uint64_t number_ = 0;   // the highest there was
  std::vector<SectionAt> known_;
  std::vector<SectionAt> former_;  // that the checkpoint to go on from has, and the next one will not
  int workers_ = 1;
  std::map<std::string, Migration> migrations_;  // by section
  std::uint32_t next_id_ = 1;
  std::unique_ptr<Store> store_;
  std::map<std::string, FileAt> sums_;
  bool completes_ = false;
  std::int64_t started_ = 0;  // when the last one was begun
  std::thread worker_;
  std::atomic<bool> busy_{false};
  std::exception_ptr failure_;  // of the worker; read when it is not busy
};

}  // namespace
}  // namespace gress::checkpoint

namespace gress::engine {

void unreadable(std::string_view section, const char* why) {
  throw Failure(Exit::data, "checkpoint_damaged", "the state of `" + std::string(section) + "` in the checkpoint cannot be read: " + why,
                {{"section", std::string(section), false}});
}

std::unique_ptr<Checkpoints> open_checkpoints(const ProgramInfo& program, const CheckpointSettings& settings) {
  return std::make_unique<checkpoint::Coordinator>(program, settings);
}

}  // namespace gress::engine
