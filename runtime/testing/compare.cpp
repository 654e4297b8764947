// Rows held against expectations. Those that fit are paired one to one; of the rest each expected row is shown beside
// the row that came nearest to it, the fields that differ marked.
#include <algorithm>

#include "runtime/testing/collected.h"

namespace gress::testing {

namespace {

constexpr std::size_t kNone = SIZE_MAX;

/// A row as a sink would say it: an insert that follows the retract of its key is one upsert with it.
struct Change {
  std::string op;
  std::vector<std::string> columns;
};

bool same_key(const Collected& c, const Shown& a, const Shown& b) {
  if (c.key.empty()) return false;
  for (const int k : c.key)
    if (a.columns[static_cast<std::size_t>(k)] != b.columns[static_cast<std::size_t>(k)]) return false;
  return true;
}

std::vector<Change> changelog(const Collected& c) {
  std::vector<Change> out;
  for (std::size_t i = 0; i != c.rows.size(); ++i) {
    const bool retract = c.rows[i].op == Op::retract;
    const Shown* next = i + 1 != c.rows.size() && c.rows[i + 1].follows ? &c.rows[i + 1] : nullptr;
    if (retract && next != nullptr && next->op == Op::insert && same_key(c, c.rows[i], *next)) continue;
    out.push_back({retract ? "delete" : "upsert", c.rows[i].columns});
  }
  return out;
}

std::vector<Change> final_rows(const Collected& c) {
  std::vector<Change> out;
  for (const Shown& row : c.rows) {
    if (row.op == Op::insert) {
      out.push_back({"", row.columns});
      continue;
    }
    for (std::size_t i = out.size(); i-- != 0;)
      if (out[i].columns == row.columns) {
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      }
  }
  return out;
}

/// How many of the expected fields the row has.
std::size_t alike(const ExpectedRow& e, const Change& row) {
  std::size_t n = !e.op.empty() && e.op == row.op;
  for (const auto& [column, value] : e.columns) n += row.columns[static_cast<std::size_t>(column)] == value;
  return n;
}
bool matches(const ExpectedRow& e, const Change& row) { return alike(e, row) == e.columns.size() + !e.op.empty(); }

std::string show(const Collected& c, const ExpectedRow& e) {
  std::string out = e.op.empty() ? "" : "_op: \"" + e.op + "\"";
  for (const auto& [column, value] : e.columns)
    out += (out.empty() ? "" : ", ") + c.columns[static_cast<std::size_t>(column)] + ": " + value;
  return out.empty() ? "{ }" : "{ " + out + " }";
}
std::string show(const Collected& c, const Change& row) {
  std::string out = row.op.empty() ? "" : "_op: \"" + row.op + "\"";
  for (std::size_t i = 0; i != row.columns.size(); ++i) out += (out.empty() ? "" : ", ") + c.columns[i] + ": " + row.columns[i];
  return "{ " + out + " }";
}

/// One to one, in any order: augmenting paths, since a row may match several expectations.
bool assign(std::size_t e, const std::vector<std::vector<std::size_t>>& fits, std::vector<bool>& seen, std::vector<std::size_t>& taken) {
  for (const std::size_t row : fits[e]) {
    if (seen[row]) continue;
    seen[row] = true;
    if (taken[row] == kNone || assign(taken[row], fits, seen, taken)) {
      taken[row] = e;
      return true;
    }
  }
  return false;
}

/// By row: the expectation that it fulfils, in any order.
std::vector<std::size_t> pair_freely(const Expectation& expected, const std::vector<Change>& rows) {
  std::vector<std::vector<std::size_t>> fits(expected.rows.size());
  for (std::size_t e = 0; e != expected.rows.size(); ++e)
    for (std::size_t r = 0; r != rows.size(); ++r)
      if (matches(expected.rows[e], rows[r])) fits[e].push_back(r);
  std::vector<std::size_t> taken(rows.size(), kNone);
  for (std::size_t e = 0; e != expected.rows.size(); ++e) {
    std::vector<bool> seen(rows.size(), false);
    assign(e, fits, seen, taken);
  }
  return taken;
}

/// The same in order: the longest common subsequence, so that one row too many does not spoil all behind it.
std::vector<std::size_t> pair_in_order(const Expectation& expected, const std::vector<Change>& rows) {
  const std::size_t n = expected.rows.size(), m = rows.size();
  std::vector<std::vector<std::uint32_t>> longest(n + 1, std::vector<std::uint32_t>(m + 1, 0));
  for (std::size_t e = n; e-- != 0;)
    for (std::size_t r = m; r-- != 0;)
      longest[e][r] = matches(expected.rows[e], rows[r]) ? longest[e + 1][r + 1] + 1 : std::max(longest[e + 1][r], longest[e][r + 1]);
  std::vector<std::size_t> taken(m, kNone);
  for (std::size_t e = 0, r = 0; e != n && r != m;) {
    if (matches(expected.rows[e], rows[r])) taken[r++] = e++;
    else if (longest[e + 1][r] >= longest[e][r + 1]) ++e;
    else ++r;
  }
  return taken;
}

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}
std::string padded(std::string text, std::size_t width) {
  const std::size_t have = columns(text);
  return have < width ? text.append(width - have, ' ') : text;
}

/// The expected fields beside those of the row.
std::string side_by_side(const Collected& c, const ExpectedRow& e, const Change& row) {
  struct Line { std::string name, expected, came; };
  std::vector<Line> lines;
  if (!e.op.empty()) lines.push_back({"_op", '"' + e.op + '"', '"' + row.op + '"'});
  for (const auto& [column, value] : e.columns) {
    const auto at = static_cast<std::size_t>(column);
    lines.push_back({c.columns[at], value, row.columns[at]});
  }
  std::size_t name = 0, expected = 8;
  for (const Line& l : lines) {
    name = std::max(name, columns(l.name));
    expected = std::max(expected, columns(l.expected));
  }
  std::string out = "          " + padded("", name) + "  " + padded("expected", expected) + "  came\n";
  for (const Line& l : lines)
    out += std::string(l.expected == l.came ? "          " : "        ! ") + padded(l.name, name) + "  " + padded(l.expected, expected) + "  " + l.came + "\n";
  return out;
}

std::string counted(std::size_t n) { return std::to_string(n) + (n == 1 ? " row" : " rows"); }

}  // namespace

std::string differences(const Collected& c, const Expectation& expected) {
  std::vector<Change> rows;
  if (c.upsert) {
    rows = expected.with_op ? changelog(c) : final_rows(c);
  } else {
    for (const Shown& row : c.rows) rows.push_back({expected.with_op ? "upsert" : "", row.columns});
  }
  const std::vector<std::size_t> taken = expected.ordered ? pair_in_order(expected, rows) : pair_freely(expected, rows);
  std::vector<std::size_t> missing, extra;
  for (std::size_t e = 0; e != expected.rows.size(); ++e)
    if (std::find(taken.begin(), taken.end(), e) == taken.end()) missing.push_back(e);
  for (std::size_t r = 0; r != rows.size(); ++r)
    if (taken[r] == kNone) extra.push_back(r);
  if (missing.empty() && extra.empty()) return "";

  std::string out = std::string(expected.where) + ": stream `" + c.stream + "`: " + counted(expected.rows.size()) + " expected, " +
                    std::to_string(rows.size()) + " came\n";
  const std::string of = std::string(" of the ") + (expected.with_op ? "changes" : c.upsert ? "final rows" : "rows") + " that came";
  if (expected.ordered && missing.size() == extra.size()) {
    const std::vector<std::size_t> freely = pair_freely(expected, rows);
    if (std::find(freely.begin(), freely.end(), kNone) == freely.end()) out += "      all of them came, in another order:\n";
  }
  const auto number = [&](std::size_t r) { return expected.ordered ? " " + std::to_string(r + 1) : std::string(); };
  for (const std::size_t e : missing) {
    std::size_t best = kNone, likeness = 0;
    for (const std::size_t r : extra)
      if (const std::size_t n = alike(expected.rows[e], rows[r]); n > likeness) {
        best = r;
        likeness = n;
      }
    if (best == kNone || matches(expected.rows[e], rows[best])) {
      out += "      - missing" + number(e) + ": " + show(c, expected.rows[e]) + "\n";
      continue;
    }
    out += "      - missing" + number(e) + ", and beside it the nearest" + of + (expected.ordered ? "," + number(best) : "") + ":\n" +
           side_by_side(c, expected.rows[e], rows[best]);
    extra.erase(std::find(extra.begin(), extra.end(), best));
  }
  for (const std::size_t r : extra) out += "      + unexpected" + number(r) + ": " + show(c, rows[r]) + "\n";
  return out;
}

}  // namespace gress::testing
