// `from stdin` and `to stdout`: the file connector at the process's own streams.
#pragma once
#include "runtime/connectors/file/file_input.h"
#include "runtime/connectors/file/file_writer.h"

namespace gress::stdio {

class StdinInput : public file::FileInput {
 public:
  StdinInput(engine::Runtime& runtime, std::string_view source, int line = 0, Take take = Take::own)
      : FileInput(runtime, source, "-", line, take) {}
};

class StdoutWriter final : public file::FileWriter {
 public:
  StdoutWriter(engine::Runtime& runtime, std::string_view sink, int line = 0) : FileWriter(runtime, sink, "-", line) {}
};

}  // namespace gress::stdio
