// A sink that only counts.
#pragma once
#include "runtime/engine/output.h"
#include "runtime/engine/runtime.h"

namespace gress::discard {

class DiscardWriter final : public engine::Output {
 public:
  DiscardWriter(engine::Runtime& runtime, std::string_view sink, int line = 0)
      : Output(runtime, sink, "discard", line) {}
  void open() override {}
  void flush() override { out().clear(); }
};

}  // namespace gress::discard
