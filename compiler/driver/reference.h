// The parts of the language as gressc knows them, for `list`, `describe` and completion: one entry a connector,
// function, aggregate, stage, window.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/connector.h"

namespace gress::driver {

struct ReferenceEntry {
  std::string kind;   // "connector", "function", "aggregate", "stage", "window"
  std::string group;  // within its kind: a function's category; empty
  std::string name;
  std::string doc;   // one line
  std::string text;  // the whole description, lines
};

/// In the order of the reference. `kind` empty: all.
std::vector<ReferenceEntry> reference(const std::string& kind = "");

/// An option as the connector takes it on that side (connectors::kOnSource …), its own or a common one.
std::optional<connectors::OptionInfo> option_as_taken(const connectors::ConnectorInfo&, std::string_view name, std::uint8_t side);
/// "duration", "json | csv"
std::string option_type(const connectors::OptionInfo&);
/// Two lines, as in the description of its connector.
std::string option_text(const connectors::OptionInfo&);

}  // namespace gress::driver
