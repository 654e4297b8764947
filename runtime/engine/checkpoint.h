// Checkpoints as the engine sees them: a pipeline says its state, section by section, between two steps; the rest, on
// disk, is runtime/checkpoint, which only programs with `checkpoint:` are linked to.
//
// A pipeline with state (generated):
//   static constexpr bool kDurable = true;
//   template <class Visit> void sections(Visit& visit) { visit("daily_aggregate", daily_aggregate); … }
// What the sections are `ProgramInfo::state` says, by their names.
#pragma once
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/core/cold_entries.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/state_show.h"
#include "runtime/core/time.h"
#include "runtime/engine/counters.h"
#include "runtime/engine/decider.h"
#include "runtime/engine/on_cpus.h"
#include "runtime/engine/presence.h"
#include "runtime/engine/program_info.h"
#include "runtime/engine/workers.h"

namespace gress::engine {

/// What the sections of a worker's pipeline have become since the last checkpoint.
class Saver {
 public:
  struct Section {
    std::string_view name;  // stays the same as long as the stage does
    StateChanges changes;
  };

  template <class Part>
  void operator()(std::string_view name, Part& part) {
    Section& section = at(next_++, name);
    if (ahead_) {
      if constexpr (requires { part.save_ahead(section.changes, left_); })
        if (left_ != 0) left_ -= part.save_ahead(section.changes, left_);
      return;
    }
    if constexpr (requires { part.save(section.changes); }) part.save(section.changes);
    else section.changes.put(StatePart::rest, part);
  }
  /// The next visit says all that was not said ahead.
  void begin() {
    begin_visit(false);
    begun_ = false;
  }
  /// The next visit says some of what has changed, at most so many entries; a checkpoint's changes are what all such visits and
  /// the one that ends them have said, the last word counting.
  void begin_ahead(std::uint32_t most) {
    begin_visit(true);
    left_ = most;
  }
  /// Whether the visit said as many entries as it might.
  bool full() const { return left_ == 0; }
  const std::deque<Section>& sections() const { return sections_; }

 private:
  void begin_visit(bool ahead) {
    next_ = 0;
    ahead_ = ahead;
    if (!begun_)
      for (Section& s : sections_) s.changes.clear();
    begun_ = true;
  }
  Section& at(std::size_t i, std::string_view name) {
    if (i == sections_.size()) sections_.push_back({name, {}});
    return sections_[i];
  }
  std::size_t next_ = 0;
  bool begun_ = false, ahead_ = false;
  std::uint32_t left_ = 0;
  std::deque<Section> sections_;
};

/// How far a sink's output is, for a restart to go on from there.
struct OutputAt {
  std::string sink, target;
  std::string position;  // empty: what was written cannot be taken back
};

struct CheckpointSettings {
  std::string dir;
  std::int64_t every = 0;     // microseconds
  std::string restore_from;   // a checkpoint folder or a manifest in one; empty: the newest of `dir`, if there is one
  bool fresh = false;         // what is in `dir` is removed
  std::vector<std::string> drop_state;  // of which sections the state is not gone on from
  std::vector<std::pair<std::string, std::string>> params;  // that were given
};

/// The checkpoints of one process. Failures are thrown as Failure.
class Checkpoints {
 public:
  virtual ~Checkpoints() = default;

  // ---- at start
  /// The run that made it came to its end; before begin(), that is known where nobody else decides.
  virtual bool complete() const = 0;
  /// Settles which one to go on from, with `decider` if the program has one. So many workers go on.
  virtual void begin(Decider* decider, int workers) = 0;
  /// There is one to go on from; 0 if not.
  virtual std::uint64_t restored() const = 0;
  /// How many workers it was taken of.
  virtual int workers() const = 0;
  /// Of a section of a worker; null if it was not there.
  virtual std::unique_ptr<StateEntries> entries(std::string_view section, int worker) = 0;
  /// All sections have been asked for. What another number of workers or another version of the program saved is
  /// written anew in the next one.
  virtual void all_loaded() = 0;
  /// Where entries of a section lie that a worker has no memory for. After begin().
  virtual std::unique_ptr<ColdEntries> cold(std::string_view section, int worker, WaitsAt waits) = 0;
  virtual const OutputAt* output(std::string_view sink) const = 0;

  // ---- on the way
  /// From now on one can be asked for.
  virtual void listens() = 0;
  /// The state is about to be said for the next one.
  virtual void announce() = 0;
  /// When the next is due, by steady_micros(); kEndOfTime while one is being written.
  virtual std::int64_t due() const = 0;
  virtual bool busy() const = 0;
  /// Writes one, in the background; `savers`, by worker, are used until due() says a time again, as are the outputs by
  /// sync().
  virtual void take(const std::vector<Saver>& savers, std::vector<OutputAt> outputs, std::vector<class Output*> to_sync) = 0;
  /// Waits for it. Throws what it failed with, as does due().
  virtual void wait() = 0;
  /// The last one says so.
  virtual void set_complete() = 0;
  /// The program ends: nothing uses `saver` and outputs any more when it returns.
  virtual void leave() = 0;

  CheckpointCounters counters;
};

/// runtime/checkpoint/checkpoints.cpp
std::unique_ptr<Checkpoints> open_checkpoints(const ProgramInfo&, const CheckpointSettings&);

/// `PROGRAM checkpoint …`; the exit code.
int checkpoint_command(int argc, const char* const* argv);
/// `PROGRAM state …`; the exit code.
int state_command(const ProgramInfo&, const ShownSections&, int argc, const char* const* argv);

[[noreturn]] void unreadable(std::string_view section, const char* why);

/// Gives the sections of a worker's pipeline that may go beyond memory a place for it.
class Binder {
 public:
  Binder(Checkpoints& checkpoints, int worker, WaitsAt waits) : checkpoints_(checkpoints), worker_(worker), waits_(waits) {}
  template <class Part>
  void operator()(std::string_view name, Part& part) {
    if constexpr (requires { part.beyond_memory(); }) {
      auto [table, prefix] = part.beyond_memory();
      table.bind(checkpoints_.cold(name, worker_, waits_), prefix);
    }
  }

 private:
  Checkpoints& checkpoints_;
  int worker_;
  WaitsAt waits_;
};

/// Gives the sections of a worker's pipeline what a checkpoint holds of them. One of as many workers is read as it was
/// said. Of another number each takes the entries that it owns now from all, and what there is one of is made of all; so
/// it is for parts whose entries may belong to another worker each time (`kOwnersChange`: partitions, as there are others).
class Loader {
 public:
  Loader(Checkpoints& checkpoints, int worker, int workers)
      : checkpoints_(checkpoints), worker_(worker), workers_(workers) {}

  template <class Part>
  void operator()(std::string_view name, Part& part) {
    bool any = false;
    moved_ = checkpoints_.workers() != workers_ || (workers_ > 1 && requires { Part::kOwnersChange; });
    try {
      if (moved_) {
        shared_.clear();
        for (int from = 0; from != checkpoints_.workers(); ++from) any |= load(name, from, part);
        std::set<std::string_view> known;
        for (const auto& [k, v] : shared_) {
          StateIn key(k), value(v);
          value.merges = !known.insert(k).second;
          key.moved = value.moved = true;
          value.evolution = evolution_;
          give(key, value, part);
        }
      } else {
        any = load(name, worker_, part);
      }
    } catch (const StateDamaged& e) {
      unreadable(name, e.what());
    }
    if constexpr (requires { part.loaded(); })
      if (any) part.loaded();
  }

 private:
  template <class Part>
  bool load(std::string_view name, int from, Part& part) {
    const std::unique_ptr<StateEntries> entries = checkpoints_.entries(name, from);
    if (entries == nullptr) return false;
    evolution_ = entries->evolution();
    if (!moved_ && evolution_ == nullptr && load_apart(*entries, part)) return true;
    entries->each([&](StateOwner owner, StateIn& key, StateIn& value) {
      if constexpr (requires { part.beyond_memory(); })
        if (!moved_ && evolution_ == nullptr && part.beyond_memory().table.leaves_rest()) return false;
      key.moved = value.moved = moved_ || evolution_ != nullptr;
      if (moved_ && owner.of_all) shared_.emplace_back(key.rest(), value.rest());
      if (!moved_ || owner.of_all || owner_of(std::uint64_t{owner.group} << 56, workers_) == worker_) give(key, value, part);
      return true;
    });
    return true;
  }
  /// By as many threads as there are CPUs, if the entries are many, and stay where they were.
  template <class Part>
  bool load_apart(StateEntries& entries, Part& part) {
    if constexpr (requires(StateIn& in) { part.apart().load_apart(in, in); }) {
      StateEntries::Parts parts = entries.parts();
      if (parts.each.empty()) return false;
      try {
        part.apart().begin_apart(parts.most);
      } catch (const std::bad_alloc&) {
        return false;  // what has been written twice counts twice
      }
      std::vector<std::vector<std::pair<std::string, std::string>>> others(parts.each.size());
      const std::exception_ptr failure = on_cpus(parts.each.size(), [&](std::size_t i) {
        parts.each[i]->each([&](StateOwner, StateIn& key, StateIn& value) {
          const std::string_view k = key.rest(), v = value.rest();
          if (key.get<StatePart>() != StatePart::entries || !part.apart().load_apart(key, value)) {
            others[i].emplace_back(k, v);
            return;
          }
          key.end();
          value.end();
        });
      });
      part.apart().end_apart();
      if (failure) std::rethrow_exception(failure);
      for (const auto& some : others)
        for (const auto& [k, v] : some) {
          StateIn key(k), value(v);
          give(key, value, part);
        }
      return true;
    }
    return false;
  }
  template <class Part>
  void give(StateIn& key, StateIn& value, Part& part) {
    if constexpr (requires { part.load(key, value); }) part.load(key, value);
    else key.template get<StatePart>(), value(part);
    key.end();
    value.end();
  }

  Checkpoints& checkpoints_;
  int worker_, workers_;
  bool moved_ = false;  // entries of the section
  const StateEvolution* evolution_ = nullptr;  // of the section
  std::vector<std::pair<std::string, std::string>> shared_;  // entries of all
};

}  // namespace gress::engine
