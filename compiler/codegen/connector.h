// What generated code says of a connector, all from its description: its classes, its header, and its options as
// arguments (runtime/connectors/connector.h says how they are handed over).
#pragma once
#include "compiler/codegen/unit.h"
#include "runtime/connectors/connector.h"

namespace gress::codegen {

/// `, a, b, {.c = d}`: the required options in the order of the description, then the others that are given. `side` is
/// connectors::kOnSource …
/// `more`: initializers behind those of the options; `type`: of the struct that they initialize, if it must be said; `rows`:
/// with those that mean something only by row.
std::string connector_arguments(Unit&, const connectors::ConnectorInfo& connector, std::uint8_t side, const std::vector<dsl::checked::OptionValue>&,
                                const std::string& more = "", const std::string& type = "", bool rows = false);

/// Whether the value of an option speaks of the sink's row.
bool by_row(Unit&, const dsl::checked::OptionValue&);
bool by_row(Unit&, dsl::checked::ExprPtr);
/// Statements of a sink whose connector takes messages: row `r` of block `in`, at `i`. `delete_if`: a condition under which
/// the row is taken back; empty in an append stream.
void print_message(Unit&, Printer&, plan::NodeId, const std::string& delete_if);

// emit_files.cpp: sinks of files by row.
/// Initializers of the writer beside the options.
std::string files_arguments(Unit&, const plan::Node&, const std::string& header);
/// What the sink has beside its writer, its window above all; and the method that hears of watermarks.
void declare_files(Unit&, plan::NodeId);
/// Statements before row `r` of block `in`, at `i`, is printed: whose file it goes to.
void print_file_path(Unit&, Printer&, plan::NodeId);

/// `#include`s of the connectors that the program uses, beyond pch.h.
void include_connectors(const Unit&, Printer&);

/// C++ text of what every source's constructor takes.
std::string source_time(Unit&, const dsl::checked::Source&);
/// What the spec of every source begins with.
void declare_source(const Unit&, Printer& spec, const dsl::checked::Source&, bool has_time);
/// How its partitions are numbered among those of other sources, if rows of several meet in a merge.
void declare_numbering(const Unit&, Printer& spec, const dsl::checked::Source&);
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
std::string make_input(Unit&, const plan::Node& source);

/// Whether messages set fields of the rows; rows of tests are given whole.
bool gives_meta(const Unit&, const dsl::checked::Source&);
/// What a source's messages give beside the record (`meta:`, keys of deletes): declarations for its spec, and definitions
/// behind it. Nothing where the connector has no messages.
void declare_message(Unit&, Printer& spec, const dsl::checked::Source&);
void define_message(Unit&, const dsl::checked::Source&, const std::string& spec, const dsl::checked::Row& row, const plan::Uses&);

}  // namespace gress::codegen
