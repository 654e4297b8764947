// Streaming compression into gzip (level 6) or zstd (level 3): one member or frame a file.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "runtime/connectors/file/decompress.h"

namespace gress::file {

class Compressor {
 public:
  virtual ~Compressor() = default;
  /// Appends to `out` what is ready of the compressed bytes; `last` ends the member or frame.
  virtual void add(std::string_view bytes, bool last, std::string& out) = 0;
};

/// Null for Compression::none.
std::unique_ptr<Compressor> make_compressor(Compression);

}  // namespace gress::file
