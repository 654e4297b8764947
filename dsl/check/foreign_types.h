// C++ types of headers as types of the program. Internal to dsl/check.
#pragma once
#include <string>
#include <vector>

#include "dsl/check/program.h"

namespace gress::dsl::detail {

/// The types of a declaration, as the program knows them.
class Mapping {
 public:
  explicit Mapping(Context& c) : c_(c) {}
  const Type* map(const foreign::Type& type);
  /// A type that the program did not ask for, and whether it stands within a class.
  std::string unknown;
  bool nested = false;

 private:
  Context& c_;
};

/// `name` speaks of a type that the program does not use.
void report_unknown(Context&, Range used, const std::string& name, const Mapping&, Range place);

/// Whether every value of the language has one of that C++ type. `within`: the structs around it, which may hold
/// themselves by way of a list.
bool total_in(const Context&, const foreign::Type& type, std::vector<std::string> within = {});

}  // namespace gress::dsl::detail
