// Streaming decompression of gzip (RFC 1952, by zlib) and zstd (RFC 8878, by libzstd), all members and frames.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gress::file {

enum class Compression : std::uint8_t { none, gzip, zstd };

/// By the end of the name: `.gz`, `.zst`.
Compression compression_by_name(std::string_view path);
/// By the first bytes; `enough` is false when more of them are needed to tell.
Compression compression_by_content(std::string_view beginning, bool& enough);
const char* name(Compression);

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  struct Result {
    std::size_t used = 0;  // of the input
    std::size_t made = 0;  // of the output
    std::string error;     // empty: fine; what was made before it is good
  };
  virtual Result run(const char* in, std::size_t in_size, char* out, std::size_t out_size) = 0;
  /// Whether the compressed data may end here.
  virtual bool may_end() const = 0;
};

/// Null for Compression::none.
std::unique_ptr<Decompressor> make_decompressor(Compression);

}  // namespace gress::file
