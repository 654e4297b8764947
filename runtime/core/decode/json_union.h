// JSON lines of several types, told apart by a tag: in a field of the record (`by type`), beside the field that holds
// the record (`by type in data`), or as the name of the one field that there is ({"placed": {…}}).
//
// Spec (generated): Cases, a tuple of cases with Schema and kTag (union_blocks.h); kTagPath, kContentPath: arrays of names.
#pragma once
#include <array>
#include <span>

#include "runtime/core/decode/json_read.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/union_blocks.h"

namespace gress::decode {

/// Where a record's case was found, or why it was not.
struct TaggedRecord {
  int which = -1;
  const char* begin = nullptr;  // of the case's record
  const char* end = nullptr;
  bool unknown = false;         // the tag is missing or none of the union's
  std::string error;
};

/// Looks into a record only as far as it has to; what is wrong behind that is found when the case is read.
TaggedRecord find_tag(const char* begin, const char* end, std::span<const std::string_view> tag_path,
                      std::span<const std::string_view> content_path, std::span<const std::string_view> tags, Arena& arena);

template <class Spec, int Block = kLibraryBlock>
class JsonUnionDecoder {
  using Cases = typename Spec::Cases;
  static constexpr std::size_t kCases = union_size<Cases>;
  template <class Case>
  struct Rows {
    typename Case::Block::Row rows[Block];
  };

 public:
  struct Output : Decoded<UnionRow, Block> {
    std::array<int, kCases> counts{};
    void clear() {
      Decoded<UnionRow, Block>::clear();
      counts.fill(0);
    }
    decltype([]<class... Case>(std::type_identity<std::tuple<Case...>>) { return std::tuple<Rows<Case>...>{}; }(std::type_identity<Cases>{})) of;
  };

  explicit JsonUnionDecoder(std::size_t max_record = kMaxRecord) { state_.max_record = max_record; }

  void begin_input() {
    state_.skipping = false;
    state_.beginning = true;
  }
  /// Where it is between two records.
  template <class Io>
  void archive(Io& io) { io(state_); }

  /// As JsonDecoder::decode.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    out.clear();
    bool enough;
    std::size_t at = state_.leave_out(data, size, at_end, enough);
    if (at == size || !enough) return at;
    for (int taken = 0; taken != Block && at != size; ++taken) {
      const auto* found = static_cast<const char*>(std::memchr(data + at, '\n', size - at));
      if (found == nullptr && !at_end) {
        if (size - at <= state_.max_record) break;
        add_bad(out.bad, at, at + kCutText, out.count, true, state_.too_long());
        state_.skipping = true;
        return size;
      }
      const std::size_t end = found == nullptr ? size : static_cast<std::size_t>(found - data);
      record(data, at, end, out, ev);
      at = found == nullptr ? size : end + 1;
    }
    return at;
  }

 private:
  static constexpr auto kTags = []<class... Case>(std::type_identity<std::tuple<Case...>>) {
    return std::array<std::string_view, kCases>{Case::kTag...};
  }(std::type_identity<Cases>{});

  void record(const char* data, std::size_t begin, std::size_t end, Output& out, Eval& ev) {
    if (end - begin > state_.max_record) return add_bad(out.bad, begin, begin + std::min(end - begin, kCutText), out.count, true, state_.too_long());
    if (end != begin && data[end - 1] == '\r') --end;
    const char* p = data + begin;
    while (p != data + end && (*p == ' ' || *p == '\t' || *p == '\r')) ++p;
    if (p == data + end) return;
    TaggedRecord tagged = find_tag(data + begin, data + end, Spec::kTagPath, Spec::kContentPath, kTags, ev.arena);
    bool good = false;
    if (tagged.which >= 0)
      with_case<Cases>(static_cast<std::uint32_t>(tagged.which), [&]<std::size_t I> {
        auto& row = std::get<I>(out.of).rows[out.counts[I]];
        good = read_json_record<typename std::tuple_element_t<I, Cases>::Schema>(tagged.begin, tagged.end, row, ev.arena, tagged.error);
        if (!good) return;
        ++out.counts[I];
        out.rows[out.count] = {&row, static_cast<std::uint32_t>(I)};
      });
    if (!good) {
      add_bad(out.bad, begin, end, out.count, false, std::move(tagged.error));
      out.bad.back().unknown = tagged.unknown;
      return;
    }
    out.begin[out.count] = static_cast<std::uint32_t>(begin);
    out.end[out.count++] = static_cast<std::uint32_t>(end);
  }

  LineState state_;
};

}  // namespace gress::decode
