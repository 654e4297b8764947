#include <string>

#include "runtime/connectors/nexmark/market_source.h"

namespace gress::nexmark {

void check(std::string_view source, const MarketOptions& options) {
  const auto wrong = [&](const char* name) {
    throw engine::Failure(engine::Exit::usage, "bad_option", std::string("source `") + std::string(source) + "`: the option `" + name + "` is out of range");
  };
  // Above, milliseconds of event time would not fit.
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  if (options.events < 0 || (options.events > kMost && options.events != INT64_MAX)) wrong("events");
  if (options.event_rate < 1 || options.event_rate > 1'000'000'000'000) wrong("event_rate");
  if (options.out_of_order < 1 || options.out_of_order > 1'000'000'000) wrong("out_of_order");
}

}  // namespace gress::nexmark
