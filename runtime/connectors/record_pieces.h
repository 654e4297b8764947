// A piece of a file whose records may hold line feeds, as those of CSV may.
#pragma once
#include <cstdint>

#include "runtime/connectors/file/byte_reader.h"
#include "runtime/engine/pieces.h"

namespace gress {

/// The reader's bytes become the piece's records, and who takes the next piece is told where its first one begins. `header`:
/// where the header ends.
void take_records(file::ByteReader& reader, engine::Pieces& pieces, const engine::Piece& piece, std::uint64_t header);

}  // namespace gress
