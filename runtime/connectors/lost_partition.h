// A partition of which a checkpoint says how far it was read is not there any more.
#pragma once
#include <string>
#include <string_view>

#include "runtime/engine/failure.h"

namespace gress {

[[noreturn]] inline void lost_partition(std::string_view source, std::string_view partition) {
  throw engine::Failure(engine::Exit::no_input, "input_missing",
                        "source `" + std::string(source) + "`: `" + std::string(partition) +
                            "` was not read to its end when the checkpoint was taken, and is not among the source's partitions any more",
                        {{"source", std::string(source), false}, {"file", std::string(partition), false}});
}

}  // namespace gress
