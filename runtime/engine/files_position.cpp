#include "runtime/engine/files_position.h"

#include <algorithm>
#include <charconv>

#include "runtime/engine/output.h"

namespace gress::engine {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}
  bool at_end() const { return left_.empty(); }
  bool ok() const { return ok_; }

  template <class Number>
  Number number() {
    Number n = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), n);
    ok_ = ok_ && error == std::errc();
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    take(" ");
    return n;
  }
  std::string_view sized() {
    const auto size = number<std::size_t>();
    ok_ = ok_ && size <= left_.size();
    const std::string_view text = left_.substr(0, size);
    left_.remove_prefix(text.size());
    return text;
  }
  void take(std::string_view what) {
    ok_ = ok_ && left_.starts_with(what);
    left_.remove_prefix(std::min(what.size(), left_.size()));
  }
  char letter() {
    const char c = at_end() ? '\0' : left_.front();
    left_.remove_prefix(at_end() ? 0 : 1);
    return c;
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace

std::string FilesPosition::text() const {
  const bool commits = std::ranges::any_of(files, [](const File& f) { return f.kind != 'o'; });
  std::string out(commits ? Output::kCommits : "");
  const auto say = [&](const auto& n) { out.append(std::to_string(n)) += ' '; };
  const auto sized = [&](std::string_view text) {
    say(text.size());
    out += text;
  };
  say(next);
  say(closed);
  sized(parts);
  for (const File& f : files) {
    out.append(1, '\n').append(1, f.kind) += ' ';
    say(f.number);
    say(f.size);
    say(f.end);
    sized(f.path);
  }
  return out;
}

std::optional<FilesPosition> FilesPosition::read(std::string_view text) {
  if (text.starts_with(Output::kCommits)) text.remove_prefix(Output::kCommits.size());
  Reader in(text);
  FilesPosition at;
  at.next = in.number<std::uint64_t>();
  at.closed = in.number<std::int64_t>();
  at.parts = in.sized();
  while (in.ok() && !in.at_end()) {
    File f{};
    in.take("\n");
    f.kind = in.letter();
    in.take(" ");
    f.number = in.number<std::uint64_t>();
    f.size = in.number<std::uint64_t>();
    f.end = in.number<std::int64_t>();
    f.path = in.sized();
    if (f.kind != 'o' && f.kind != 'p' && f.kind != 'c') return std::nullopt;
    at.files.push_back(f);
  }
  if (!in.ok()) return std::nullopt;
  return at;
}

}  // namespace gress::engine
