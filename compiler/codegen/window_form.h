// A window as C++: the operator that keeps its state, and the arguments with which it is made.
#pragma once
#include <string>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

struct WindowForm {
  Unit& u;
  const dsl::checked::Window& window;

  /// `WindowAggregate<SPEC, Tumbling>`
  std::string operator_type(const std::string& spec) const;
  /// `Tumbling{size, offset}`, and what else the operator is made of.
  std::string form() const;
  /// Windows that share slices.
  bool sliced() const;

  /// `Tumbling`
  std::string geometry() const;

 private:
  std::string calendar() const;
  std::string zone_pointer() const;
  const char* unit_name() const;
  std::string revision() const;
};

}  // namespace gress::codegen
