#include "runtime/connectors/file/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <new>

namespace gress::file {
namespace {

constexpr std::size_t kChunk = 32 * 1024;

class Gzip final : public Compressor {
 public:
  Gzip() {
    if (deflateInit2(&stream_, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { deflateEnd(&stream_); }

  void add(std::string_view bytes, bool last, std::string& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t at = out.size();
      out.resize(at + kChunk);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + at);
      stream_.avail_out = kChunk;
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.resize(at + kChunk - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_ = {};
};

class Zstd final : public Compressor {
 public:
  Zstd() : context_(ZSTD_createCCtx()) {
    if (!context_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() override { ZSTD_freeCCtx(context_); }

  void add(std::string_view bytes, bool last, std::string& out) override {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      const std::size_t at = out.size();
      out.resize(at + kChunk);
      ZSTD_outBuffer output{out.data() + at, kChunk, 0};
      const std::size_t left = ZSTD_compressStream2(context_, &output, &input, last ? ZSTD_e_end : ZSTD_e_continue);
      out.resize(at + output.pos);
      if (ZSTD_isError(left)) throw std::bad_alloc();  // memory is all that compressing can lack
      if (last ? left == 0 : input.pos == input.size) return;
    }
  }

 private:
  ZSTD_CCtx* context_;
};

}  // namespace

std::unique_ptr<Compressor> make_compressor(Compression c) {
  if (c == Compression::gzip) return std::make_unique<Gzip>();
  if (c == Compression::zstd) return std::make_unique<Zstd>();
  return nullptr;
}

}  // namespace gress::file
