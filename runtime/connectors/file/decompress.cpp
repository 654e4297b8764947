#include "runtime/connectors/file/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <new>

namespace gress::file {
namespace {

class Gzip final : public Decompressor {
 public:
  Gzip() {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

  Result run(const char* in, std::size_t in_size, char* out, std::size_t out_size) override {
    Result r;
    if (!inside_) {
      // Zeros between and behind members are padding, as gzip itself takes them.
      while (began_ && r.used != in_size && in[r.used] == 0) ++r.used;
      if (r.used == in_size) return r;
      inflateReset(&stream_);
      inside_ = began_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in + r.used));
    stream_.avail_in = static_cast<uInt>(in_size - r.used);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(out_size);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    r.used = in_size - stream_.avail_in;
    r.made = out_size - stream_.avail_out;
    if (code == Z_STREAM_END) {
      inside_ = false;
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      r.error = stream_.msg ? stream_.msg : "damaged data";
    }
    return r;
  }
  bool may_end() const override { return began_ && !inside_; }

 private:
  z_stream stream_ = {};
  bool inside_ = false;  // a member
  bool began_ = false;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : context_(ZSTD_createDCtx()) {
    if (!context_) throw std::bad_alloc();
  }
  ~Zstd() override { ZSTD_freeDCtx(context_); }

  Result run(const char* in, std::size_t in_size, char* out, std::size_t out_size) override {
    ZSTD_inBuffer input{in, in_size, 0};
    ZSTD_outBuffer output{out, out_size, 0};
    const std::size_t code = ZSTD_decompressStream(context_, &output, &input);
    Result r{input.pos, output.pos, {}};
    if (ZSTD_isError(code)) {
      r.error = ZSTD_getErrorName(code);
    } else if (code == 0) {
      complete_ = true;
    } else if (input.pos != 0 || output.pos != 0) {
      complete_ = false;  // asked without input, it names what the next frame would need
    }
    return r;
  }
  bool may_end() const override { return complete_; }

 private:
  ZSTD_DCtx* context_;
  bool complete_ = false;  // the last frame
};

bool ends_with(std::string_view s, std::string_view end) {
  return s.size() > end.size() && s.substr(s.size() - end.size()) == end;
}

}  // namespace

Compression compression_by_name(std::string_view path) {
  return ends_with(path, ".gz") ? Compression::gzip : ends_with(path, ".zst") ? Compression::zstd : Compression::none;
}

Compression compression_by_content(std::string_view beginning, bool& enough) {
  struct Magic {
    std::string_view bytes;
    Compression compression;
  };
  static constexpr Magic kMagic[] = {{"\x1f\x8b", Compression::gzip}, {"\x28\xb5\x2f\xfd", Compression::zstd}};
  enough = true;
  for (const Magic& m : kMagic) {
    if (beginning.substr(0, m.bytes.size()) == m.bytes) return m.compression;
    if (beginning.size() < m.bytes.size() && m.bytes.substr(0, beginning.size()) == beginning) enough = false;
  }
  return Compression::none;
}

const char* name(Compression c) { return c == Compression::gzip ? "gzip" : c == Compression::zstd ? "zstd" : "none"; }

std::unique_ptr<Decompressor> make_decompressor(Compression c) {
  if (c == Compression::gzip) return std::make_unique<Gzip>();
  if (c == Compression::zstd) return std::make_unique<Zstd>();
  return nullptr;
}

}  // namespace gress::file
