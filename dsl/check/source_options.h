// Options of a source that are checked in files of their own. Internal to dsl/check.
#pragma once
#include "dsl/check/options.h"

namespace gress::dsl::detail {

/// `idle:`, `align:` and `max_drift:`; `timed`: the source's rows have event time.
void check_pace(Context&, const Options&, checked::Source&, bool timed);
/// `meta:`: gives the type of the rows with the fields that the connector knows; `type` is null when it is not known, or of a
/// union, whose cases get them.
const Type* check_meta(Context&, const GivenOption&, const connectors::ConnectorInfo&, checked::Source&, const Type* type,
                       const GivenOption* changes);
/// After all sources: groups of `align` that hold one source alone.
void check_groups(Context&);
/// `changes:`, `key:` and `retain:`: the stream of the source becomes an upsert stream. `type` is null when it is not
/// known, or a union.
void check_changes(Context&, const Options&, checked::Source&, const Type* type, bool timed);

/// `checkpoint:`, `checkpoint_dir:` and `delivery:` of the pipeline.
void check_durability(Context&, const Options&);

}  // namespace gress::dsl::detail
