#include "dsl/catalog/connectors.h"

#include "runtime/connectors/registry.h"

namespace gress::dsl {
namespace {

using connectors::OptionInfo;
using connectors::OptionType;

constexpr std::string_view kLater[] = {"postgres", "generator", "http",
                                       "mqtt",  "nats",     "websocket"};

constexpr std::string_view kDeliveryWords[] = {"exactly_once", "at_least_once"};
constexpr std::string_view kFailWords[] = {"fail"};
constexpr std::string_view kAutoWords[] = {"auto"};

constexpr OptionInfo kPipelineOptions[] = {
    {.name = "parallelism", .type = OptionType::word_or_i64, .doc = "number of workers; auto: as many as CPUs may be used",
     .choices = kAutoWords},
    {.name = "errors", .type = OptionType::stream, .doc = "where rows go that fail after the first keyed stage, join or merge",
     .default_text = "fail", .choices = kFailWords},
    {.name = "checkpoint", .type = OptionType::duration, .doc = "how often the state is saved, as `every(10s)`"},
    {.name = "checkpoint_dir", .type = OptionType::string, .doc = "where the state is saved", .default_text = "NAME.checkpoints"},
    {.name = "was", .type = OptionType::record, .doc = "former names of streams, sources and sinks, as `{ daily: per_day }`: their state is gone on from"},
    {.name = "delivery", .type = OptionType::word, .doc = "what a restart may repeat", .choices = kDeliveryWords},
    {.name = "state_memory", .type = OptionType::size, .doc = "memory that state may take; what no row has come to for long is kept on disk"},
};

}  // namespace

const connectors::ConnectorInfo* Catalog::find(std::string_view name) const {
  for (const auto* c : connectors)
    if (c->name == name) return c;
  return nullptr;
}

bool Catalog::is_later(std::string_view name) const {
  for (auto n : later_connectors)
    if (n == name) return true;
  return false;
}

const OptionInfo* Catalog::common_option(std::string_view name, std::uint8_t side) const {
  for (const auto& o : common_options)
    if (o.name == name && takes(o, side)) return &o;
  return nullptr;
}

const OptionInfo* Catalog::option(const connectors::ConnectorInfo& connector, std::string_view name,
                                  std::uint8_t side) const {
  for (const auto& o : connector.options)
    if (o.name == name && takes(o, side)) return &o;
  const OptionInfo* common = common_option(name, side);
  return common != nullptr && takes(connector, *common, side) ? common : nullptr;
}

const Catalog& default_catalog() {
  static constexpr Catalog catalog{connectors::kConnectors, connectors::kCommonOptions, kLater};
  return catalog;
}

std::span<const OptionInfo> pipeline_options() { return kPipelineOptions; }

}  // namespace gress::dsl
