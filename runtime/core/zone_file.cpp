#include <bit>

#include "runtime/core/zone_data.h"

namespace gress::fn {

namespace {

/// Big-endian numbers off the front of a file; `good` turns false where it ends too early.
struct Reader {
  std::string_view left;
  bool good = true;

  std::string_view take(std::uint64_t bytes) {
    if (bytes > left.size()) {
      good = false;
      return {};
    }
    const std::string_view taken = left.substr(0, bytes);
    left.remove_prefix(bytes);
    return taken;
  }
  std::int64_t number(int bytes) {
    std::uint64_t v = 0;
    for (const char c : take(static_cast<std::uint64_t>(bytes))) v = v << 8 | static_cast<unsigned char>(c);
    return bytes == 4 ? static_cast<std::int32_t>(v) : static_cast<std::int64_t>(v);
  }
};

struct Header {
  char version;
  std::uint32_t utc_flags, standard_flags, leaps, times, types, letters;
};

bool read_header(Reader& in, Header& h) {
  if (in.take(4) != "TZif") return false;
  const std::string_view version = in.take(16);
  if (!in.good) return false;
  h.version = version[0];
  for (std::uint32_t* count : {&h.utc_flags, &h.standard_flags, &h.leaps, &h.times, &h.types, &h.letters})
    *count = static_cast<std::uint32_t>(in.number(4));
  return in.good;
}

std::uint64_t body_size(const Header& h, std::uint64_t time_size) {
  return h.times * (time_size + 1) + h.types * std::uint64_t{6} + h.letters + h.leaps * (time_size + 4) +
         h.standard_flags + h.utc_flags;
}

}  // namespace

bool parse_zone_file(std::string_view bytes, ZoneFile& out) {
  Reader in{bytes};
  Header h;
  if (!read_header(in, h)) return false;
  int time_size = 4;
  if (h.version >= '2') {  // the same again with 64-bit times
    in.take(body_size(h, 4));
    if (!in.good || !read_header(in, h)) return false;
    time_size = 8;
  }
  if (h.leaps != 0 || h.types == 0 || body_size(h, static_cast<std::uint64_t>(time_size)) > in.left.size())
    return false;

  out = {};
  out.transitions.resize(h.times);
  for (ZoneTransition& t : out.transitions) t.at = in.number(time_size);
  for (ZoneTransition& t : out.transitions) {
    t.type = static_cast<unsigned char>(in.take(1)[0]);
    if (t.type >= h.types) return false;
  }
  for (std::size_t i = 1; i < out.transitions.size(); ++i)
    if (out.transitions[i].at <= out.transitions[i - 1].at) return false;
  struct Raw {
    std::int64_t offset;
    std::uint8_t letters;
  };
  std::vector<Raw> raw(h.types);
  for (Raw& r : raw) {
    r.offset = in.number(4);
    in.take(1);  // whether it is daylight time: nothing here depends on it
    r.letters = static_cast<unsigned char>(in.take(1)[0]);
    if (r.letters >= h.letters || r.offset < -167 * 3600 || r.offset > 167 * 3600) return false;
  }
  const std::string_view letters = in.take(h.letters);
  for (const Raw& r : raw) {
    const std::string_view name = letters.substr(r.letters);
    out.types.push_back({static_cast<std::int32_t>(r.offset), std::string(name.substr(0, name.find('\0')))});
  }
  in.take(std::uint64_t{h.standard_flags} + h.utc_flags);
  if (time_size == 8 && in.left.size() >= 2 && in.left.front() == '\n') {
    const std::size_t end = in.left.find('\n', 1);
    if (end == std::string_view::npos) return false;
    out.rule = in.left.substr(1, end - 1);
  }
  return in.good;
}

}  // namespace gress::fn
