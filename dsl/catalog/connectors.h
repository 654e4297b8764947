// What the checker knows of connectors: their descriptions (data beside each connector's code), the options common to
// all, and the names of connectors that are to come.
#pragma once
#include <span>
#include <string_view>

#include "runtime/connectors/connector.h"

namespace gress::dsl {

struct Catalog {
  std::span<const connectors::ConnectorInfo* const> connectors;
  std::span<const connectors::OptionInfo> common_options;
  std::span<const std::string_view> later_connectors;  // part of the project, not built yet

  /// Null when there is none of that name.
  const connectors::ConnectorInfo* find(std::string_view name) const;
  bool is_later(std::string_view name) const;
  /// The connector's own option, else the common one; null when there is none on that side (connectors::kOnSource …).
  const connectors::OptionInfo* option(const connectors::ConnectorInfo&, std::string_view name, std::uint8_t side) const;
  const connectors::OptionInfo* common_option(std::string_view name, std::uint8_t side) const;
};

/// All connectors that gressc links.
const Catalog& default_catalog();

/// Options of `pipeline NAME { … }`.
std::span<const connectors::OptionInfo> pipeline_options();

}  // namespace gress::dsl
