// The connector `discard` as data.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

inline constexpr ConnectorInfo kDiscard{
    .name = "discard",
    .doc = "counts rows and writes none",
    .is_sink = true,
    .takes_back = true,
    .output_class = "discard::DiscardWriter",
    .example = "sink noise to discard",
};

}  // namespace gress::connectors
