// Options as they were written, matched with their descriptions. Internal to dsl/check.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dsl/check/program.h"

namespace gress::dsl::detail {

struct GivenOption {
  const connectors::OptionInfo* info = nullptr;
  std::string name;
  Range name_range{};
  const ast::Expr* value = nullptr;
  std::uint8_t side = 0;  // connectors::kOnSource …
};

/// The options of one item that exist. Unknown, repeated and missing ones are reported.
class Options {
 public:
  /// `connector` is null when it is not built yet: then only common options count, and nothing is unknown or missing.
  Options(Context&, const std::optional<ast::Options>&, const connectors::ConnectorInfo* connector, std::uint8_t side,
          Range owner, const std::string& owner_text);
  /// Of the pipeline.
  Options(Context&, const std::optional<ast::Options>&);

  const GivenOption* find(std::string_view name) const;
  const std::vector<GivenOption>& all() const { return given_; }
  /// Whether an option that is not known was written in place of this one: then it is not missing as well.
  bool misspelt(std::string_view name) const { return misspelt_.contains(std::string(name)); }

 private:
  void add(Context&, const ast::Entry&, const connectors::OptionInfo*, const std::string& owner_text,
           std::span<const std::string_view> known, bool unknown_is_error, std::uint8_t side);
  std::vector<GivenOption> given_;
  std::map<std::string, Range> seen_;
  std::set<std::string> misspelt_;
};

/// One of `choices`, written bare; empty after E0505.
std::string option_word(Context&, const GivenOption&);
/// The value of a scalar option: constant or of params. `row` is what per-row options may speak of.
checked::OptionValue option_value(Context&, const GivenOption&, const Env& env, const checked::Row* row);
/// `1000/s`: rows a second, f64.
checked::ExprPtr option_rate(Context&, const GivenOption&, const Env& env);
/// `key: a` or `key: [a, b]`: indices of fields.
std::vector<Index> option_fields(Context&, const GivenOption&, const Type* record);
/// The same of any names; `owner` has them, for messages.
std::vector<Index> option_fields(Context&, const GivenOption&, std::span<const std::string_view> names, const std::string& owner);
/// The connector's own options, in the order given.
std::vector<checked::OptionValue> own_options(Context&, const Options&, const connectors::ConnectorInfo&,
                                              const checked::Row* row);

/// The connector of that name; null after E0501, E0502 or, with `later` set, E0932.
const connectors::ConnectorInfo* find_connector(Context&, const ast::Name&, std::uint8_t side, bool& later);
/// Format of a source, table or sink; none after a diagnostic or where the connector takes none.
checked::Format option_format(Context&, const Options&, const connectors::ConnectorInfo&, std::uint8_t side, Range owner);

/// The stream that `invalid: name`, `errors: name` or `rejected: name` declares, made on first use.
Index invalid_stream(Context&, const std::string& name, Range range);
/// The same of such an option; kNone for `fail`, and after E0505.
Index invalid_stream(Context&, const GivenOption&);

/// Whether values of the type fit in one field of a line: no list, map or record.
bool is_flat(const Type*);

}  // namespace gress::dsl::detail
