// All connectors there are.
#pragma once
#include "runtime/connectors/common_options.h"
#include "runtime/connectors/console/console_description.h"
#include "runtime/connectors/discard/discard_description.h"
#include "runtime/connectors/file/file_description.h"
#include "runtime/connectors/kafka/kafka_description.h"
#include "runtime/connectors/nexmark/nexmark_description.h"
#include "runtime/connectors/stdio/stdio_description.h"

namespace gress::connectors {

inline constexpr const ConnectorInfo* kConnectors[] = {&kFile, &kStdin, &kStdout, &kConsole, &kDiscard, &kNexmark, &kKafka};

/// By name; null when there is none.
constexpr const ConnectorInfo* find_connector(std::string_view name) {
  for (const ConnectorInfo* c : kConnectors)
    if (c->name == name) return c;
  return nullptr;
}

/// The connector's own option of that name on that side (kOnSource …); null when there is none.
constexpr const OptionInfo* find_own_option(const ConnectorInfo& connector, std::string_view name, std::uint8_t side) {
  for (const OptionInfo& o : connector.options)
    if (o.name == name && takes(o, side)) return &o;
  return nullptr;
}

}  // namespace gress::connectors
