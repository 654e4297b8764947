#include "dsl/syntax/ast.h"

namespace gress::dsl::ast {

std::string Entry::field_name() const {
  if (name) return name->text;
  if (const auto* ref = value->as<NameRef>()) return ref->name;
  if (const auto* member = value->as<Member>()) return member->member.text;
  return {};
}

}  // namespace gress::dsl::ast
