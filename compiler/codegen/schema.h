// Record schemas: how the rows of a source or table look on the wire, for the runtime's decoders.
#pragma once
#include <cstdint>
#include <string>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

struct WireOptions {
  dsl::checked::TimeFormat time_format = dsl::checked::TimeFormat::automatic;
  std::string time_pattern;
  bool check_all = false;
  /// How many of the record's fields stand in it, from the first; the others come from elsewhere.
  std::size_t fields = SIZE_MAX;
  /// By a decoder, which may be compiled apart from the pipeline; else by the source itself.
  bool decoded = true;
};

/// Prints `struct NAME` for rows of struct ROW, which holds the used fields of the record.
void print_schema(Unit&, Printer&, const std::string& name, const std::string& row, const Type* record,
                  const plan::Uses&, const WireOptions&);
/// Prints the decoder of a source or table and gives its name. It is a class of the program's, so that it can be compiled
/// apart. `base`: the runtime's.
std::string print_decoder(Unit&, const std::string& name, const std::string& base);
/// decoder_base for a source.
std::string source_decoder(const dsl::checked::Source&, const std::string& schema);
/// `decode::JsonDecoder<SCHEMA, kBlock>`, by format; `table`: read once, so without what only pays on many rows.
std::string decoder_base(dsl::checked::Format, const std::string& schema, bool table = false);

}  // namespace gress::codegen
