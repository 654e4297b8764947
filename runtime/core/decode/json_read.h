// JSON to values of any wire type, completely and with explanations: the reader behind the short loops, and the only
// one for lists, maps and records read whole. One pass, no tree.
#pragma once
#include <algorithm>
#include <vector>

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
    return c.fail(misfit_text<W>(m, c.shown(token)));
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
    if (c.peek() != '[') return c.skip_value() && c.fail(misfit_text<wire::ListOf<W>>(Misfit::type, c.shown(token)));
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
    if (c.peek() != '{') return c.skip_value() && c.fail(misfit_text<wire::MapOf<K, V>>(Misfit::type, c.shown(token)));
    if (++c.depth > kMaxDepth) return c.fail("nested deeper than 1024 levels");
    ++c.p;
    c.skip_space();
    // Read into place first; entries whose key has come before are taken out at the end.
    struct Named {
      std::string_view key;
      Entry entry;
    };
    std::vector<Named> named;
    bool more = !c.take('}');
    while (more) {
      RawString raw;
      if (!c.member_name(raw)) return false;
      const std::string_view key = raw.escaped ? c.unescape(raw.text) : raw.text;
      named.push_back({key, {}});
      Entry& e = named.back().entry;
      const Misfit m = read_key(key, c.arena, e.key);
      if (m != Misfit::none) return c.fail("key " + misfit_text<K>(m, shown_text(key)));
      if (!JsonReader<V>::read(c, e.value)) return c.within(key);
      if (!c.next_member('}', more)) return false;
    }
    --c.depth;
    Entry* items = c.arena.template allocate_array<Entry>(named.size());
    std::size_t count = 0;
    if (named.size() <= 16) {
      for (std::size_t i = 0; i != named.size(); ++i) {
        bool came = false;
        for (std::size_t j = 0; j != i; ++j) came = came || named[j].key == named[i].key;
        if (!came) items[count++] = named[i].entry;
      }
    } else {
      std::vector<std::size_t> order(named.size());
      for (std::size_t i = 0; i != order.size(); ++i) order[i] = i;
      std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return named[a].key != named[b].key ? named[a].key < named[b].key : a < b;
      });
      std::vector<bool> repeated(named.size());
      for (std::size_t i = 1; i != order.size(); ++i) repeated[order[i]] = named[order[i]].key == named[order[i - 1]].key;
      for (std::size_t i = 0; i != named.size(); ++i)
        if (!repeated[i]) items[count++] = named[i].entry;
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

/// Reads the members of one object into a row of `Schema`, by the schema's tree of paths.
template <class Schema>
class RecordReader {
 public:
  using Row = typename Schema::Row;
  using Tree = SchemaTree<Schema>;

  /// At a value that must be an object; `row` is set completely.
  static bool read(JsonCursor& c, Row& row) {
    row = Row{};
    Seen seen{};
    return members(c, row, seen, 0) && complete(c, row, seen, 0);
  }

 private:
  struct Seen {
    std::uint64_t bits[(Tree::kMaxNodes + 63) / 64];
    bool at(int n) const { return (bits[n / 64] >> (n % 64) & 1) != 0; }
    void set(int n) { bits[n / 64] |= std::uint64_t{1} << (n % 64); }
  };

  static bool members(JsonCursor& c, Row& row, Seen& seen, int node) {
    if (++c.depth > kMaxDepth) return c.fail("nested deeper than 1024 levels");
    ++c.p;
    c.skip_space();
    bool more = !c.take('}');
    std::size_t expected = 0;
    while (more) {
      RawString raw;
      if (!c.member_name(raw)) return false;
      const std::string_view name = raw.escaped ? c.unescape(raw.text) : raw.text;
      const int child = Tree::tree.find(node, name, expected);
      if (child < 0 || seen.at(child)) {
        if (!c.skip_value()) return false;
      } else {
        seen.set(child);
        if (!member(c, row, seen, child)) return false;
      }
      if (!c.next_member('}', more)) return false;
    }
    --c.depth;
    return true;
  }

  static bool member(JsonCursor& c, Row& row, Seen& seen, int node) {
    const PathNode& n = Tree::tree[node];
    if (n.field >= 0) return with_field<Schema>(static_cast<std::size_t>(n.field), [&]<std::size_t I> { return value<I>(c, row); }) || c.within(n.path);
    const char* token = c.p;
    if (c.peek() == '{') {
      if (n.presence >= 0) set_presence(row, n.presence);
      return members(c, row, seen, node) && complete(c, row, seen, node);
    }
    if (!c.skip_value()) return false;
    if (n.optional && *token == 'n') return true;
    return c.fail("expected record, got " + c.shown(token)) || c.within(n.path);
  }

  template <std::size_t I>
  static bool value(JsonCursor& c, Row& row) {
    using F = FieldOf<Schema, I>;
    using W = typename F::Wire;
    if constexpr (std::is_same_v<W, wire::Presence> || !is_looked_at<Schema, I>) {
      return true;
    } else {
      typename W::Value v{};
      if (!JsonReader<W>::read(c, v)) return false;
      if constexpr (F::read) std::get<I>(Schema::fields).in(row) = v;
      return true;
    }
  }
  static void set_presence(Row& row, int field) {
    with_field<Schema>(static_cast<std::size_t>(field), [&]<std::size_t I> {
      using F = FieldOf<Schema, I>;
      if constexpr (F::read && std::is_same_v<typename F::Wire, wire::Presence>) std::get<I>(Schema::fields).in(row) = true;
      return true;
    });
  }

  /// What did not come below `node` takes its default, is absent, or is an error.
  static bool complete(JsonCursor& c, Row& row, const Seen& seen, int node) {
    for (const int child : Tree::tree[node].children) {
      if (seen.at(child)) continue;
      const PathNode& n = Tree::tree[child];
      const bool fine = n.field >= 0 ? with_field<Schema>(static_cast<std::size_t>(n.field), [&]<std::size_t I> { return missing<I>(row); }) : n.optional;
      if (!fine) return c.fail("missing field `" + n.path + "`");
    }
    return true;
  }
  template <std::size_t I>
  static bool missing(Row& row) {
    using F = FieldOf<Schema, I>;
    if constexpr (F::has_default) {
      if constexpr (F::read) std::get<I>(Schema::fields).in(row) = std::get<I>(Schema::fields).standing_in();
      return true;
    } else {
      return is_optional<typename F::Wire> || std::is_same_v<typename F::Wire, wire::Presence>;
    }
  }
};

template <class S>
struct JsonReader<wire::Record<S>> {
  static bool read(JsonCursor& c, typename S::Row& out) {
    const char* token = c.p;
    if (c.peek() != '{') return c.skip_value() && c.fail("expected record, got " + c.shown(token));
    return RecordReader<S>::read(c, out);
  }
};

/// One whole record: an object and nothing behind it.
template <class Schema>
bool read_json_record(const char* begin, const char* end, typename Schema::Row& row, Arena& arena, std::string& error) {
  JsonCursor c(begin, end, arena);
  c.skip_space();
  bool good = false;
  if (c.peek() != '{') {
    c.fail("not an object");
  } else if (RecordReader<Schema>::read(c, row)) {
    c.skip_space();
    good = c.at_end() || c.fail("text after the object");
  }
  if (!good) error = c.message();
  return good;
}

}  // namespace gress::decode
