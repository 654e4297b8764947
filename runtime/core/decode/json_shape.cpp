#include "runtime/core/decode/json_shape.h"

#include <cstring>

#include "runtime/core/decode/json_cursor.h"

namespace gress::decode {
namespace {

constexpr std::size_t kMaxPieces = 256;
constexpr int kMaxEntries = 4000;
constexpr int kMaxLearnDepth = 32;
constexpr std::ptrdiff_t kMaxOffset = 16000;

/// Walks a good record once and cuts it into pieces and values.
class Learner {
 public:
  Learner(const PathTree& tree, JsonShape& shape, const char* begin, const char* end, const char* line_end)
      : tree_(tree), shape_(shape), cursor_(begin, end, arena_), line_end_(line_end), piece_(begin), seen_(static_cast<std::size_t>(tree.size())) {
    // The first piece is found from the line end before the record.
    anchor_ = {0, 1};
  }

  bool run() {
    cursor_.skip_space();
    if (!object(0, 0)) return false;
    cursor_.skip_space();
    if (!cursor_.at_end()) return false;
    shape_.entries = quotes_ + count_quotes(piece_, line_end_) + 1;
    if (shape_.entries > kMaxEntries || !close_piece(line_end_ + 1, true)) return false;
    opened_.push_back(0);
    for (int n = 0; n != tree_.size(); ++n) {
      for (const int child : tree_[n].children)
        if (tree_[child].field >= 0 && !seen_[static_cast<std::size_t>(child)]) shape_.missing.push_back({tree_[child].field, opened(n)});
      if (tree_[n].presence >= 0) shape_.presences.push_back({tree_[n].presence, opened(n)});
    }
    return true;
  }

 private:
  static int count_quotes(const char* p, const char* end) {
    int n = 0;
    for (; p != end; ++p) n += *p == '"';
    return n;
  }

  bool object(int node, int depth) {
    if (depth > kMaxLearnDepth || !cursor_.take('{')) return false;
    if (node > 0) opened_.push_back(node);
    cursor_.skip_space();
    bool more = !cursor_.take('}');
    std::size_t expected = 0;
    while (more) {
      RawString name;
      if (!cursor_.member_name(name) || name.escaped) return false;
      int child = node < 0 ? -1 : tree_.find(node, name.text, expected);
      if (child >= 0 && seen_[static_cast<std::size_t>(child)]) child = -1;
      if (child >= 0) seen_[static_cast<std::size_t>(child)] = true;
      if (!member(child, depth) || !cursor_.next_member('}', more)) return false;
    }
    return true;
  }

  bool member(int node, int depth) {
    const bool inner = node >= 0 && tree_[node].field < 0;
    const int field = node >= 0 ? tree_[node].field : -1;
    const char first = cursor_.peek();
    if (first == '{' && field < 0) return object(inner ? node : -1, depth + 1);
    const char* begin = cursor_.p;
    if (first == '"') {
      RawString s;
      if (!cursor_.string(s) || s.escaped || inner) return false;
      return value(JsonShape::Kind::quoted, field, begin + 1, cursor_.p - 1);
    }
    if (!cursor_.skip_value()) return false;
    const bool composite = first == '{' || first == '[';
    if (inner) return first == 'n' && value(JsonShape::Kind::null_only, -1, begin, cursor_.p);
    return value(composite ? JsonShape::Kind::other : JsonShape::Kind::bare, field, begin, cursor_.p);
  }

  bool value(JsonShape::Kind kind, int field, const char* begin, const char* end) {
    if (!close_piece(begin, false)) return false;
    JsonShape::Value v{};
    v.kind = kind;
    v.field = field;
    v.span.begin = {anchor_.entry, static_cast<std::int16_t>(anchor_.offset + (begin - piece_))};
    quotes_ += count_quotes(piece_, end);
    piece_ = end;
    // The next piece begins where the value ends; its place is known when its first quote is.
    shape_.values.push_back(v);
    open_value_ = true;
    return true;
  }

  /// The text from piece_ to `end` is fixed: found from its first quote, or, being the last, from the line end.
  bool close_piece(const char* end, bool last) {
    if (open_value_) {
      const char* quote = piece_;
      while (quote != end && *quote != '"') ++quote;
      if (quote != end) {
        anchor_ = {static_cast<std::uint16_t>(quotes_ + 1), 0};
      } else if (last) {
        quote = line_end_;
        anchor_ = {static_cast<std::uint16_t>(shape_.entries), 0};
      } else {
        return false;
      }
      if (quote - piece_ > kMaxOffset) return false;
      anchor_.offset = static_cast<std::int16_t>(piece_ - quote);
      shape_.values.back().span.end = anchor_;
      open_value_ = false;
    }
    if (quotes_ > kMaxEntries || end - piece_ > kMaxOffset) return false;
    for (const char* p = piece_; p < end; p += JsonShape::Piece::kBytes) {
      if (shape_.pieces.size() == kMaxPieces) return false;
      JsonShape::Piece piece{};
      piece.length = static_cast<std::uint32_t>(std::min(end - p, JsonShape::Piece::kBytes));
      std::memcpy(piece.bytes, p, piece.length);
      std::memset(piece.ones, 0xff, piece.length);
      piece.at = {anchor_.entry, static_cast<std::int16_t>(anchor_.offset + (p - piece_))};
      shape_.pieces.push_back(piece);
    }
    return true;
  }

  bool opened(int node) const {
    for (const int n : opened_)
      if (n == node) return true;
    return false;
  }

  const PathTree& tree_;
  JsonShape& shape_;
  Arena arena_;
  JsonCursor cursor_;
  const char* line_end_;
  /// Where the text begins that is not yet part of a piece, and how to find it.
  const char* piece_;
  Spot anchor_;
  /// Quotes of the record before piece_.
  int quotes_ = 0;
  bool open_value_ = false;
  std::vector<bool> seen_;
  std::vector<int> opened_;
};

}  // namespace

bool JsonShape::learn(const PathTree& tree, const char* begin, const char* end, const char* line_end) {
  *this = {};
  return Learner(tree, *this, begin, end, line_end).run();
}

}  // namespace gress::decode
