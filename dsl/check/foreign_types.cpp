#include "dsl/check/foreign_types.h"

#include <algorithm>

namespace gress::dsl::detail {

using Form = foreign::Type::Form;

const Type* Mapping::map(const foreign::Type& type) {
  switch (type.form) {
    case Form::boolean:
      return c_.types().basic(Kind::boolean);
    case Form::i32:
      return c_.types().basic(Kind::i32);
    case Form::i64:
      return c_.types().basic(Kind::i64);
    case Form::f32:
      return c_.types().basic(Kind::f32);
    case Form::f64:
      return c_.types().basic(Kind::f64);
    case Form::text:
      return c_.types().basic(Kind::string);
    case Form::time:
      return c_.types().basic(Kind::timestamp);
    case Form::duration:
      return c_.types().basic(Kind::duration);
    case Form::optional:
      return c_.types().optional(map(type.of[0]));
    case Form::list: {
      const Type* elem = map(type.of[0]);
      return elem->is(Kind::error) ? elem : c_.types().list_of(elem);
    }
    case Form::named:
      break;
  }
  const auto at = c_.foreign_types.find(type.cpp);
  if (at != c_.foreign_types.end()) return at->second != nullptr ? at->second : c_.types().error();
  if (unknown.empty()) {
    unknown = type.cpp;
    nested = type.nested;
  }
  return c_.types().error();
}

void report_unknown(Context& c, Range used, const std::string& name, const Mapping& mapping, Range place) {
  const std::string& cpp = mapping.unknown;
  const std::string type = cpp.substr(cpp.rfind(':') + 1);
  const std::string outside =
      mapping.nested ? "name it outside of its class, `using " + type + " = " + cpp.substr(2) + ";`, and " : "";
  c.report(Code::E0221, used,
           quote(name) + " speaks of the C++ type " + quote(cpp.substr(2)) + ", which the program does not use")
      .under("asked for here")
      .at(place, "declared here")
      .help(outside + "ask for the type too: `type " + type + "`");
}

namespace {

/// The struct or enum of that C++ name that the program uses.
const foreign::Named* find_named(const Context& c, const std::string& cpp) {
  for (const auto& scope : c.files)
    for (const auto& [_, d] : scope->items)
      if (d.foreign != nullptr && d.foreign->named && d.foreign->named->cpp == cpp) return &*d.foreign->named;
  return nullptr;
}

}  // namespace

bool total_in(const Context& c, const foreign::Type& type, std::vector<std::string> within) {
  switch (type.form) {
    case Form::time:
    case Form::duration:
      return type.exact;
    case Form::optional:
    case Form::list:
      return total_in(c, type.of[0], std::move(within));
    case Form::named: {
      if (std::find(within.begin(), within.end(), type.cpp) != within.end()) return true;
      const foreign::Named* named = find_named(c, type.cpp);
      within.push_back(type.cpp);
      return named != nullptr && std::all_of(named->fields.begin(), named->fields.end(), [&](const auto& field) {
               return total_in(c, field.type, within);
             });
    }
    default:
      return true;
  }
}

}  // namespace gress::dsl::detail
