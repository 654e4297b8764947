// Sources and sinks of C++ headers. Internal to dsl/check.
#pragma once
#include <string>
#include <vector>

#include "dsl/check/options.h"

namespace gress::dsl::detail {

/// The item of `use` becomes a connector of the program.
void add_connector(Context&, const std::string& name, Declared&);

/// The connector of that name; null when the program has none. `broken`: there is one, of which something was reported.
const connectors::ConnectorInfo* own_connector(Context&, const std::string& name, bool& broken);
/// Whose description it is; null when it is no header's.
const checked::ForeignConnector* foreign_of(const Context&, const connectors::ConnectorInfo*);
std::vector<checked::OptionValue> foreign_options(Context&, const Options&, const checked::ForeignConnector&);

/// The rows of the sink are what its class writes.
void check_foreign_row(Context&, const checked::Sink&, Range range);

}  // namespace gress::dsl::detail
