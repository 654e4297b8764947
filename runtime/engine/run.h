// The main of every produced program:
//   int main(int argc, char** argv) { return gress::engine::run<Pipeline>(kProgram, argc, argv); }
//
// Pipeline (generated):
//   struct Params { explicit Params(ParamReader&); … };
//   Pipeline(Runtime&, const Params&);     // makes inputs and outputs as members, reads tables; may throw Failure
//   Step step();                           // some work: about a block of input, all the way to the outputs
//   void count_open();                     // optional: sets OperatorCounters::open; called before the summary of an early end
//
// Inputs must be made in the constructor, so that a missing file is told before any output is touched; outputs are
// opened after it and may be printed into at once (a CSV header). step() says
//   more   there is more to do now
//   idle   every source waits: it has told the runtime for what (ByteReader::more() and RateLimiter do so)
//   done   all inputs have ended and all that was held has been given out
// When a stop is requested the readers say `stopped`; what step() returns then does not matter, it is not called again.
#pragma once
#include <cstdint>

#include "runtime/engine/param_reader.h"
#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

enum class Step : std::uint8_t { more, idle, done };

/// A pipeline without its type.
struct AnyPipeline {
  /// Null when a param is wrong: then the reader knows the problems.
  void* (*make)(Runtime&, ParamReader&);
  Step (*step)(void*);
  void (*destroy)(void*);
  void (*count_open)(void*);
};

int run_program(const ProgramInfo& program, const AnyPipeline& pipeline, int argc, const char* const* argv);

template <class Pipeline>
int run(const ProgramInfo& program, int argc, const char* const* argv) {
  static constexpr AnyPipeline kPipeline{
      [](Runtime& runtime, ParamReader& in) -> void* {
        const typename Pipeline::Params params(in);
        return in.ok() ? new Pipeline(runtime, params) : nullptr;
      },
      [](void* p) { return static_cast<Pipeline*>(p)->step(); },
      [](void* p) { delete static_cast<Pipeline*>(p); },
      []([[maybe_unused]] void* p) {
        if constexpr (requires(Pipeline& pipeline) { pipeline.count_open(); }) static_cast<Pipeline*>(p)->count_open();
      },
  };
  return run_program(program, kPipeline, argc, argv);
}

}  // namespace gress::engine
