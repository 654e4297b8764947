// The main of every produced program:
//   int main(int argc, char** argv) { return gress::engine::run<Pipeline>(kProgram, argc, argv); }
//
// Pipeline (generated):
//   struct Params { explicit Params(ParamReader&); … };
//   struct Shared { explicit Shared(int workers); };  // what lies between its workers; optional
//   Pipeline(Runtime&, const Params&[, Shared&]);     // makes inputs and outputs as members, reads tables; may throw
//   Step step();                           // some work: about a block of input, all the way to the outputs
//   static constexpr bool kDurable; template <class Visit> void sections(Visit&);   // with `checkpoint:` (checkpoint.h)
//   void count_open();                     // optional: sets OperatorCounters::open; called before the summary of an early end
//
// Inputs must be made in the constructor, so that a missing file is told before any output is touched; outputs are
// opened after it and may be printed into at once (a CSV header). step() says
//   more   there is more to do now
//   idle   every source waits: it has told the runtime for what (ByteReader::more() and RateLimiter do so)
//   done   all inputs have ended and all that was held has been given out
//   paused the runtime asked for it (workers.h): nothing is read, and nothing is on its way to or from this worker
// When a stop is requested the readers say `stopped`; what step() returns then does not matter, it is not called again.
// With several workers each has a pipeline, made one after the other by the main thread. step() then goes on being called
// after a stop, until it says done: what was sent to other workers still arrives.
#pragma once
#include <cstdint>
#include <memory>
#include <type_traits>

#include "runtime/engine/checkpoint.h"
#include "runtime/engine/param_reader.h"
#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

enum class Step : std::uint8_t { more, idle, done, paused };

/// A pipeline without its type.
struct AnyPipeline {
  /// Null when a param is wrong: then the reader knows the problems.
  void* (*read)(ParamReader&);
  void (*forget)(void* params);
  void* (*share)(int workers);
  void (*unshare)(void* shared);
  void* (*make)(Runtime&, const void* params, void* shared);
  void (*destroy)(void*);
  Step (*step)(void*);
  void (*count_open)(void*);
  // Null in programs without checkpoints.
  std::unique_ptr<Checkpoints> (*open_checkpoints)(const ProgramInfo&, const CheckpointSettings&) = nullptr;
  void (*save)(void*, Saver&) = nullptr;
  void (*load)(void*, Loader&) = nullptr;
  void (*bind)(void*, Binder&) = nullptr;  // with `state_memory:`
  int (*checkpoint_command)(int argc, const char* const* argv) = nullptr;
  int (*state_command)(const ProgramInfo&, int argc, const char* const* argv) = nullptr;
};

int run_program(const ProgramInfo& program, const AnyPipeline& pipeline, int argc, const char* const* argv);

struct NothingShared {
  explicit NothingShared(int) {}
};
template <class Pipeline>
struct SharedOf {
  using type = NothingShared;
};
template <class Pipeline>
  requires requires { typename Pipeline::Shared; }
struct SharedOf<Pipeline> {
  using type = typename Pipeline::Shared;
};

template <class Pipeline>
int run(const ProgramInfo& program, int argc, const char* const* argv) {
  using Params = typename Pipeline::Params;
  using Shared = typename SharedOf<Pipeline>::type;
  static constexpr AnyPipeline kPipeline = [] {
    AnyPipeline type{
        .read = [](ParamReader& in) -> void* {
          auto params = std::make_unique<Params>(in);
          return in.ok() ? params.release() : nullptr;
        },
        .forget = [](void* params) { delete static_cast<Params*>(params); },
        .share = [](int workers) -> void* { return new Shared(workers); },
        .unshare = [](void* shared) { delete static_cast<Shared*>(shared); },
        .make = [](Runtime& runtime, const void* params, [[maybe_unused]] void* shared) -> void* {
          const Params& given = *static_cast<const Params*>(params);
          if constexpr (std::is_same_v<Shared, NothingShared>) return new Pipeline(runtime, given);
          else return new Pipeline(runtime, given, *static_cast<Shared*>(shared));
        },
        .destroy = [](void* p) { delete static_cast<Pipeline*>(p); },
        .step = [](void* p) {
          const Step step = static_cast<Pipeline*>(p)->step();
          if constexpr (requires(Pipeline& pipeline) { pipeline.ev; }) static_cast<Pipeline*>(p)->ev.expect_clear();
          return step;
        },
        .count_open = []([[maybe_unused]] void* p) {
          if constexpr (requires(Pipeline& pipeline) { pipeline.count_open(); }) static_cast<Pipeline*>(p)->count_open();
        },
    };
    if constexpr (requires { Pipeline::kDurable; }) {
      type.open_checkpoints = open_checkpoints;
      type.checkpoint_command = checkpoint_command;
      type.state_command = [](const ProgramInfo& info, int count, const char* const* args) {
        ShownSections sections;
        Pipeline::section_types(sections);
        return state_command(info, sections, count, args);
      };
      type.save = [](void* p, Saver& saver) { static_cast<Pipeline*>(p)->sections(saver); };
      type.load = [](void* p, Loader& loader) { static_cast<Pipeline*>(p)->sections(loader); };
      if constexpr (requires { Pipeline::kBeyondMemory; })
        type.bind = [](void* p, Binder& binder) { static_cast<Pipeline*>(p)->sections(binder); };
    }
    return type;
  }();
  return run_program(program, kPipeline, argc, argv);
}

}  // namespace gress::engine
