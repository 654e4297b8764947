// What generated code says of a connector, all from its description: its classes, its header, and its options as
// arguments (runtime/connectors/connector.h says how they are handed over).
#pragma once
#include "compiler/codegen/unit.h"
#include "runtime/connectors/connector.h"

namespace gress::codegen {

const connectors::ConnectorInfo& connector_of(const std::string& name);

/// `, a, b, {.c = d}`: the required options in the order of the description, then the others that are given. `side` is
/// connectors::kOnSource …
std::string connector_arguments(Unit&, const std::string& connector, std::uint8_t side, const std::vector<dsl::checked::OptionValue>&);

/// `#include`s of the connectors that the program uses, beyond pch.h.
void include_connectors(const Unit&, Printer&);

/// C++ text of what every source's constructor takes.
std::string source_time(Unit&, const dsl::checked::Source&);
/// Defines `invalid` of a source's spec.
void define_invalid(Unit&, const dsl::checked::Source&, const std::string& spec);
/// The pipeline's method for a row of the source that fails in a stage before anything is keyed.
void print_failed_record(Unit&, const std::string& name);
/// `std::make_unique<file::FileInput>(runtime, "name", "path", 7)`
/// Declares and defines what a source tells exchanges of the pieces of a file, if it is read in pieces.
void declare_pieces(Unit&, plan::NodeId source);
void define_pieces(Unit&, plan::NodeId source, const std::string& spec);
/// `, &shared.NAME_pieces`, the argument behind the others of the source, or nothing.
std::string pieces_argument(const Unit&, plan::NodeId source);
std::string make_input(Unit&, const dsl::checked::Source&);

}  // namespace gress::codegen
