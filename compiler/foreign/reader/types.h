// C++ types as types of the language.
#pragma once
#include "compiler/foreign/reader/names.h"

namespace gress::headers {

/// A value that goes in, comes out, or (a member of a record) both.
enum class Way { in, out, both };

/// {"form": …, "cpp": how generated code names it, "of": the element of optional and list}; of a struct or enum of the
/// header the form is "named". A type that has no counterpart has the form "other", and a "help".
Json describe_type(Reading&, clang::QualType, Way);
/// Whether it, or an element of it, is "other"; that part then.
const Json* unmapped(const Json& type);

/// A pointer to the function, as an expression that names this overload and no other.
std::string pointer_to(Reading&, const clang::FunctionDecl*);

/// Whether values of the type refer to text or lists that are another's: what keeps them keeps what may be gone.
bool refers(clang::QualType);

/// The type as C++ writes it, for messages.
std::string written(Reading&, clang::QualType);

}  // namespace gress::headers
