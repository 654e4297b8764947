// The complete reader of JSON objects.
#include <algorithm>

#include "runtime/core/decode/json_read.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

namespace {

/// Reads one object into a fresh row, by the schema's tree of paths.
class ObjectReader {
 public:
  ObjectReader(JsonCursor& cursor, const JsonLayout& layout, void* row) : c(cursor), layout_(layout), row_(row) {
    const std::size_t words = (static_cast<std::size_t>(layout.tree.size()) + 63) / 64;
    seen_ = c.arena.allocate_array<std::uint64_t>(words);
    std::fill_n(seen_, words, 0);
  }
  /// At `{`; `node` is what the object is in the tree.
  bool read(int node = 0) { return members(node) && complete(node); }

 private:
  bool seen(int n) const { return (seen_[n / 64] >> (n % 64) & 1) != 0; }

  bool members(int node) {
    if (++c.depth > kMaxDepth) return c.fail("nested deeper than 1024 levels");
    ++c.p;
    c.skip_space();
    bool more = !c.take('}');
    std::size_t expected = 0;
    while (more) {
      RawString raw;
      if (!c.member_name(raw)) return false;
      const std::string_view name = raw.escaped ? c.unescape(raw.text) : raw.text;
      const int child = layout_.tree.find(node, name, expected);
      if (child < 0 || seen(child)) {
        if (!c.skip_value()) return false;
      } else {
        seen_[child / 64] |= std::uint64_t{1} << (child % 64);
        if (!member(child)) return false;
      }
      if (!c.next_member('}', more)) return false;
    }
    --c.depth;
    return true;
  }

  bool member(int node) {
    const PathNode& n = layout_.tree[node];
    if (n.field >= 0) {
      const JsonFieldLayout& field = layout_.fields[static_cast<std::size_t>(n.field)];
      return field.read(c, field.in(row_)) || c.within(n.path);
    }
    const char* token = c.p;
    if (c.peek() == '{') {
      if (n.presence >= 0) *static_cast<bool*>(layout_.fields[static_cast<std::size_t>(n.presence)].in(row_)) = true;
      return read(node);
    }
    if (!c.skip_value()) return false;
    if (n.optional && *token == 'n') return true;
    return c.fail("expected record, got " + c.shown(token)) || c.within(n.path);
  }

  /// What did not come below `node` takes its default, is absent, or is an error.
  bool complete(int node) {
    for (const int child : layout_.tree[node].children) {
      if (seen(child)) continue;
      const PathNode& n = layout_.tree[child];
      bool fine = n.optional;
      if (n.field >= 0) {
        const JsonFieldLayout& field = layout_.fields[static_cast<std::size_t>(n.field)];
        if (field.stand_in != nullptr) field.stand_in(row_);
        fine = field.may_be_missing;
      }
      if (!fine) return c.fail("missing field `" + n.path + "`");
    }
    return true;
  }

  JsonCursor& c;
  const JsonLayout& layout_;
  void* row_;
  /// A bit for each node of the tree.
  std::uint64_t* seen_;
};

}  // namespace

bool read_json_object(JsonCursor& cursor, const JsonLayout& layout, void* row) { return ObjectReader(cursor, layout, row).read(); }

bool read_json_record(const char* begin, const char* end, const JsonLayout& layout, void* row, Arena& arena, std::string& error) {
  JsonCursor c(begin, end, arena);
  c.skip_space();
  bool good = false;
  if (c.peek() != '{') {
    c.fail("not an object");
  } else if (ObjectReader(c, layout, row).read()) {
    c.skip_space();
    good = c.at_end() || c.fail("text after the object");
  }
  if (!good) error = c.message();
  return good;
}

}  // namespace GRESS_SIMD_LEVEL

}  // namespace gress::decode
