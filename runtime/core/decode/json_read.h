// JSON to values of any wire type, completely and with explanations: the reader behind the short loops, and the only
// one for lists, maps and records read whole. One pass, no tree.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <vector>

#include "runtime/core/decode/field_layout.h"
#include "runtime/core/decode/json_cursor.h"
#include "runtime/core/decode/path_tree.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {

/// read(cursor, out): one value of type W at the cursor; false with the cursor's error set.
template <class W>
struct JsonReader {
  using Value = typename W::Value;
  static bool read(JsonCursor& c, Value& out) {
    const char* token = c.p;
    const char first = c.peek();
    if (first == '"') {
      RawString s;
      if (!c.string(s)) return false;
      const Misfit m = ValueReader<W>::template read<Form::json_text>(s.escaped ? c.unescape(s.text) : s.text, c.arena, out);
      return m == Misfit::none || misfit(c, m, token);
    }
    if (first == '{' || first == '[') return c.skip_value() && misfit(c, Misfit::type, token);
    const char* end = bare_end(c.p, c.end);
    const Misfit m = ValueReader<W>::template read<Form::json_bare>({c.p, static_cast<std::size_t>(end - c.p)}, c.arena, out);
    if (m == Misfit::none) [[likely]] {
      c.p = end;
      return true;
    }
    // Malformed, or only of another type?
    return c.skip_value() && misfit(c, m, token);
  }
  [[gnu::cold, gnu::noinline]] static bool misfit(JsonCursor& c, Misfit m, const char* token) {
    return c.fail(misfit_text(m, type_text<W>(), c.shown(token)));
  }
};

/// A bare token is taken by type, so `nul` must not look like a mistyped value: readers of bare tokens refuse all that
/// is no JSON token, and skip_value() above tells the two apart.
template <class W>
struct JsonReader<wire::Optional<W>> {
  static bool read(JsonCursor& c, Opt<typename W::Value>& out) {
    if (c.peek() == 'n') {
      if (!c.take_word("null")) return c.expected("expected a value");
      out = {};
      return true;
    }
    out.has = true;
    return JsonReader<W>::read(c, out.value);
  }
};

template <class W>
struct JsonReader<wire::ListOf<W>> {
  using Item = typename W::Value;
  static bool read(JsonCursor& c, List<Item>& out) {
    const char* token = c.p;
    if (c.peek() != '[') return c.skip_value() && c.fail(misfit_text(Misfit::type, type_text<wire::ListOf<W>>(), c.shown(token)));
    if (++c.depth > kMaxDepth) return c.fail("nested deeper than 1024 levels");
    ++c.p;
    c.skip_space();
    std::size_t count = 0, room = 8;
    Item* items = c.arena.template allocate_array<Item>(room);
    bool more = !c.take(']');
    while (more) {
      if (count == room) {
        Item* larger = c.arena.template allocate_array<Item>(room * 2);
        std::memcpy(static_cast<void*>(larger), items, count * sizeof(Item));
        items = larger;
        room *= 2;
      }
      Item item{};
      if (!JsonReader<W>::read(c, item)) return c.within(count);
      items[count++] = item;
      if (!c.next_member(']', more)) return false;
    }
    --c.depth;
    out = {items, count};
    return true;
  }
};

template <class K, class V>
struct JsonReader<wire::MapOf<K, V>> {
  using Entry = MapEntry<typename K::Value, typename V::Value>;
  static bool read(JsonCursor& c, Map<typename K::Value, typename V::Value>& out) {
    const char* token = c.p;
    if (c.peek() != '{') return c.skip_value() && c.fail(misfit_text(Misfit::type, type_text<wire::MapOf<K, V>>(), c.shown(token)));
    if (++c.depth > kMaxDepth) return c.fail("nested deeper than 1024 levels");
    ++c.p;
    c.skip_space();
    // Read into place first; entries whose key has come before, however it was written, are taken out at the end.
    std::vector<Entry> entries;
    bool more = !c.take('}');
    while (more) {
      RawString raw;
      if (!c.member_name(raw)) return false;
      const std::string_view key = raw.escaped ? c.unescape(raw.text) : raw.text;
      Entry& e = entries.emplace_back();
      const Misfit m = read_key(key, c.arena, e.key);
      if (m != Misfit::none) return c.fail("key " + misfit_text(m, type_text<K>(), shown_text(key)));
      if (!JsonReader<V>::read(c, e.value)) return c.within(key);
      if (!c.next_member('}', more)) return false;
    }
    --c.depth;
    Entry* items = c.arena.template allocate_array<Entry>(entries.size());
    std::size_t count = 0;
    if (entries.size() <= 16) {
      for (std::size_t i = 0; i != entries.size(); ++i) {
        bool came = false;
        for (std::size_t j = 0; j != i; ++j) came = came || entries[j].key == entries[i].key;
        if (!came) items[count++] = entries[i];
      }
    } else {
      std::vector<std::size_t> order(entries.size());
      for (std::size_t i = 0; i != order.size(); ++i) order[i] = i;
      std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return entries[a].key == entries[b].key ? a < b : entries[a].key < entries[b].key;
      });
      std::vector<bool> repeated(entries.size());
      for (std::size_t i = 1; i != order.size(); ++i) repeated[order[i]] = entries[order[i]].key == entries[order[i - 1]].key;
      for (std::size_t i = 0; i != entries.size(); ++i)
        if (!repeated[i]) items[count++] = entries[i];
    }
    out = {items, count};
    return true;
  }

 private:
  // A name is text even where its type is written bare elsewhere: {"7": …} has the i64 key 7.
  static Misfit read_key(std::string_view key, Arena& arena, typename K::Value& out) {
    const Misfit m = ValueReader<K>::template read<Form::json_text>(key, arena, out);
    return m == Misfit::type ? ValueReader<K>::template read<Form::json_bare>(key, arena, out) : m;
  }
};

/// Reads a value as a W; `out`, a Member, may be null.
template <class W, class Member = typename W::Value>
struct JsonValue {
  [[gnu::noinline]] static bool read(JsonCursor& c, void* out) {
    typename W::Value value{};
    if (!JsonReader<W>::read(c, value)) return false;
    if (out != nullptr) *static_cast<Member*>(out) = value;
    return true;
  }
};
#define GRESS_JSON_VALUE(W)            \
  extern template struct JsonValue<W>; \
  extern template struct JsonValue<wire::Optional<W>>;
GRESS_NUMBER_WIRES(GRESS_JSON_VALUE)
#undef GRESS_JSON_VALUE

struct JsonFieldLayout : FieldLayout {
  bool (*read)(JsonCursor& c, void* out);
};
/// A schema's fields, and those that are looked at as a tree.
struct JsonLayout {
  explicit JsonLayout(std::initializer_list<JsonFieldLayout> fields);
  std::vector<JsonFieldLayout> fields;
  PathTree tree;
};

template <class Schema, std::size_t I>
JsonFieldLayout json_field_layout() {
  using W = typename FieldOf<Schema, I>::Wire;
  JsonFieldLayout field{field_layout<Schema, I>(), nullptr};
  if constexpr (is_looked_at<Schema, I> && !std::is_same_v<W, wire::Presence>) field.read = JsonValue<W, MemberOf<Schema, I>>::read;
  return field;
}
template <class Schema>
struct JsonSchema {
  inline static const JsonLayout layout = []<std::size_t... I>(std::index_sequence<I...>) {
    return JsonLayout{json_field_layout<Schema, I>()...};
  }(std::make_index_sequence<field_count<Schema>>{});
};

inline namespace GRESS_SIMD_LEVEL {

/// At `{`: one object into a fresh row, by the schema's tree of paths.
bool read_json_object(JsonCursor& cursor, const JsonLayout& layout, void* row);
/// One whole record into a fresh row: an object and nothing behind it.
bool read_json_record(const char* begin, const char* end, const JsonLayout& layout, void* row, Arena& arena, std::string& error);

}  // namespace GRESS_SIMD_LEVEL

template <class S>
struct JsonReader<wire::Record<S>> {
  static bool read(JsonCursor& c, typename S::Row& out) {
    const char* token = c.p;
    if (c.peek() != '{') return c.skip_value() && c.fail("expected record, got " + c.shown(token));
    out = {};
    return read_json_object(c, JsonSchema<S>::layout, &out);
  }
};

template <class Schema>
bool read_json_record(const char* begin, const char* end, typename Schema::Row& row, Arena& arena, std::string& error) {
  row = {};
  return read_json_record(begin, end, JsonSchema<Schema>::layout, &row, arena, error);
}

}  // namespace gress::decode
