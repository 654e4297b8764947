// Checkpoints as the engine sees them: a pipeline says its state, section by section, between two steps; the rest, on
// disk, is runtime/checkpoint, which only programs with `checkpoint:` are linked to.
//
// A pipeline with state (generated):
//   static constexpr bool kDurable = true;
//   template <class Visit> void sections(Visit& visit) { visit("daily: aggregate", "layout", daily_aggregate); … }
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/core/state_changes.h"
#include "runtime/core/time.h"
#include "runtime/engine/decider.h"
#include "runtime/engine/program_info.h"

namespace gress::engine {

/// What the sections of a pipeline have become since the last checkpoint.
class Saver {
 public:
  struct Section {
    std::string_view name;    // stays the same as long as the stage does
    std::string_view layout;  // which states can be read
    StateChanges changes;
  };

  template <class Part>
  void operator()(std::string_view name, std::string_view layout, Part& part) {
    Section& section = at(next_++, name, layout);
    if constexpr (requires { part.save(section.changes); }) part.save(section.changes);
    else section.changes.put(StatePart::rest, part);
  }
  /// To be said anew.
  void begin() {
    next_ = 0;
    for (Section& s : sections_) s.changes.clear();
  }
  const std::deque<Section>& sections() const { return sections_; }

 private:
  Section& at(std::size_t i, std::string_view name, std::string_view layout) {
    if (i == sections_.size()) sections_.push_back({name, layout, {}});
    return sections_[i];
  }
  std::size_t next_ = 0;
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
};

/// The checkpoints of one process. Failures are thrown as Failure.
class Checkpoints {
 public:
  virtual ~Checkpoints() = default;

  // ---- at start
  /// The run that made it came to its end; before begin(), that is known where nobody else decides.
  virtual bool complete() const = 0;
  /// Settles which one to go on from, with `decider` if the program has one.
  virtual void begin(Decider* decider) = 0;
  /// There is one to go on from; 0 if not.
  virtual std::uint64_t restored() const = 0;
  /// Of a section; null if it was not there.
  virtual std::unique_ptr<StateEntries> entries(std::string_view section, std::string_view layout) = 0;
  /// All sections have been asked for: refuses what nobody asked for.
  virtual void all_loaded() = 0;
  virtual const OutputAt* output(std::string_view sink) const = 0;

  // ---- on the way
  /// When the next is due, by steady_micros(); kEndOfTime while one is being written.
  virtual std::int64_t due() const = 0;
  virtual bool busy() const = 0;
  /// Writes one, in the background; `saver` is used until due() says a time again, as are the outputs by sync().
  virtual void take(Saver& saver, std::vector<OutputAt> outputs, std::vector<class Output*> to_sync) = 0;
  /// Waits for it. Throws what it failed with, as does due().
  virtual void wait() = 0;
  /// The last one says so.
  virtual void set_complete() = 0;
  /// The program ends: nothing uses `saver` and outputs any more when it returns.
  virtual void leave() = 0;
};

/// runtime/checkpoint/checkpoints.cpp
std::unique_ptr<Checkpoints> open_checkpoints(const ProgramInfo&, const CheckpointSettings&);

/// `PROGRAM checkpoint …`; the exit code.
int checkpoint_command(int argc, const char* const* argv);

[[noreturn]] void unreadable(std::string_view section, const char* why);

/// Gives sections what a checkpoint holds of them.
class Loader {
 public:
  explicit Loader(Checkpoints& checkpoints) : checkpoints_(checkpoints) {}

  template <class Part>
  void operator()(std::string_view name, std::string_view layout, Part& part) {
    const std::unique_ptr<StateEntries> entries = checkpoints_.entries(name, layout);
    if (entries == nullptr) return;
    try {
      entries->each([&](StateIn& key, StateIn& value) {
        if constexpr (requires { part.load(key, value); }) part.load(key, value);
        else key.get<StatePart>(), value(part);
      });
    } catch (const StateDamaged& e) {
      unreadable(name, e.what());
    }
    if constexpr (requires { part.loaded(); }) part.loaded();
  }

 private:
  Checkpoints& checkpoints_;
};

}  // namespace gress::engine
