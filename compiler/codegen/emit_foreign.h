// What is used of C++ headers.
#pragma once
#include <string>
#include <vector>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

/// The headers, and what bridges their types.
void include_headers(const Unit&, Printer&);
/// How values of their structs and enums come and go; behind the program's own types.
void emit_bridges(Unit&);
/// A call of a header's function; `args` are C++ expressions of the arguments that are given.
std::string foreign_call(Unit&, ExprPtr, const std::vector<std::string>& args);

/// Of a source of a header: how its structs become rows, in the source's spec; and the member that is the source.
void declare_given_row(const Unit&, Printer&, const dsl::checked::Source&);
void define_given_row(Unit&, const dsl::checked::Source&, const std::string& spec, const plan::Flow&);
std::string make_foreign_source(Unit&, const plan::Node&, const std::string& name, const std::string& spec, const std::string& time);
/// The writer of a sink of a header.
std::string make_foreign_writer(Unit&, const dsl::checked::Sink&, const std::string& name);

/// The accumulator of an aggregate of a header.
void emit_foreign_aggregate(Unit&, const dsl::checked::UserAggregate&, const std::string& name);

}  // namespace gress::codegen
