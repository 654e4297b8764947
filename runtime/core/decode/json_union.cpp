#include "runtime/core/decode/json_union.h"

#include <algorithm>

#include "runtime/core/decode/json_cursor.h"

namespace gress::decode {
namespace {

using Path = std::span<const std::string_view>;

std::string dotted(Path path) {
  std::string out;
  for (const std::string_view name : path) out += (out.empty() ? "" : ".") + std::string(name);
  return out;
}

struct Value {
  const char* begin = nullptr;
  const char* end = nullptr;
};

std::string_view name_text(JsonCursor& c, const RawString& name) { return name.escaped ? c.unescape(name.text) : name.text; }

/// The value at a path below the object at the cursor; the first of a repeated name counts. True if the text was good as
/// far as it was read; `found` is empty without such a value.
bool find_value(JsonCursor& c, Path path, Value& found) {
  if (c.peek() != '{') return c.skip_value();
  ++c.p;
  c.skip_space();
  if (c.take('}')) return true;
  for (bool more = true; more;) {
    RawString name;
    if (!c.member_name(name)) return false;
    if (name_text(c, name) == path[0]) {
      if (path.size() != 1) return find_value(c, path.subspan(1), found);
      found.begin = c.p;
      if (!c.skip_value()) return false;
      found.end = c.p;
      return true;
    }
    if (!c.skip_value() || !c.next_member('}', more)) return false;
  }
  return true;
}

int index_of(std::span<const std::string_view> tags, std::string_view tag) {
  const auto at = std::find(tags.begin(), tags.end(), tag);
  return at == tags.end() ? -1 : static_cast<int>(at - tags.begin());
}

/// {"placed": {…}}: the first member that is a case.
TaggedRecord find_named(JsonCursor& c, std::span<const std::string_view> tags) {
  TaggedRecord out;
  std::string first;
  ++c.p;
  c.skip_space();
  if (!c.take('}')) {
    for (bool more = true; more;) {
      RawString name;
      if (!c.member_name(name)) break;
      const std::string_view text = name_text(c, name);
      if (first.empty()) first = text;
      const char* begin = c.p;
      if (!c.skip_value()) break;
      if (const int which = index_of(tags, text); which >= 0 && out.which < 0) {
        out.which = which;
        out.begin = begin;
        out.end = c.p;
      }
      if (!c.next_member('}', more)) break;
    }
  }
  c.skip_space();
  if (c.error.empty() && !c.at_end()) c.fail("text after the object");
  if (!c.error.empty()) {
    out.which = -1;
    out.error = c.message();
  } else if (out.which < 0) {
    out.unknown = true;
    out.error = first.empty() ? "no tag: the record is empty" : "unknown tag \"" + first + "\"";
  }
  return out;
}

/// The whole record is well-formed; notes what is wrong.
bool well_formed(const char* begin, const char* end, Arena& arena, std::string& error) {
  JsonCursor c(begin, end, arena);
  c.skip_space();
  bool good = c.skip_value();
  if (good) {
    c.skip_space();
    good = c.at_end() || c.fail("text after the object");
  }
  if (!good) error = c.message();
  return good;
}

}  // namespace

TaggedRecord find_tag(const char* begin, const char* end, Path tag_path, Path content_path, std::span<const std::string_view> tags, Arena& arena) {
  TaggedRecord out;
  JsonCursor c(begin, end, arena);
  c.skip_space();
  if (c.peek() != '{') {
    c.fail("not an object");
    out.error = c.message();
    return out;
  }
  if (tag_path.empty()) return find_named(c, tags);
  const char* object = c.p;
  if (!content_path.empty() && !well_formed(begin, end, arena, out.error)) return out;
  Value tag;
  if (!find_value(c, tag_path, tag)) {
    out.error = c.message();
    return out;
  }
  const std::string_view shown(tag.begin, static_cast<std::size_t>(tag.end - tag.begin));
  if (tag.begin == nullptr || shown == "null") {
    // Nobody reads what is left, so it is looked at here.
    if (!well_formed(begin, end, arena, out.error)) return out;
    out.unknown = true;
    out.error = "no tag: `" + dotted(tag_path) + "` is missing";
    return out;
  }
  if (*tag.begin == '"') {
    std::string_view text = shown.substr(1, shown.size() - 2);
    if (text.find('\\') != std::string_view::npos) text = c.unescape(text);
    out.which = index_of(tags, text);
  }
  if (out.which < 0) {
    if (!well_formed(begin, end, arena, out.error)) return out;
    out.unknown = true;
    out.error = "unknown tag " + std::string(shown);
    return out;
  }
  out.begin = begin;
  out.end = end;
  if (content_path.empty()) return out;
  JsonCursor again(object, end, arena);
  Value content;
  find_value(again, content_path, content);
  if (content.begin == nullptr) {
    out.which = -1;
    out.error = "`" + dotted(content_path) + "` is missing";
    return out;
  }
  out.begin = content.begin;
  out.end = content.end;
  return out;
}

}  // namespace gress::decode
