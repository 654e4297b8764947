// Unions: records of several types in one source. Internal to dsl/check.
#pragma once
#include "dsl/check/options.h"

namespace gress::dsl::detail {

/// The union that a source's type names, null for any other type.
const Union* union_of(Context&, const ast::TypeRef&);
/// What a connector brings, as the source at `range` sees it.
Union union_of(Context&, const connectors::ConnectorInfo&, Range range);

/// A stream for each case of Program::sources[index], which is `source` in the making.
void declare_cases(Context&, const Union&, const ast::Item&, checked::Source&, Index index);
/// `time:` over the rows of each case.
void time_of_cases(Context&, const ast::Expr& time, checked::Source&);
/// What a connector says of its rows' time.
void time_of_connector(Context&, const connectors::ConnectorInfo&, checked::Source&);
/// E0507 for formats whose records carry no tag.
void check_union_format(Context&, checked::Format, Range);
/// `unknown:`; null: not given.
void check_unknown(Context&, const GivenOption*, checked::Source&);

}  // namespace gress::dsl::detail
