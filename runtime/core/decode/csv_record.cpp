#include "runtime/core/decode/csv_record.h"

#include <algorithm>
#include <cstring>

#include "runtime/core/decode/utf8.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])});
      corner = above;
    }
  }
  return row[b.size()];
}

std::string without_escapes(std::string_view path) {
  std::string name;
  for (std::size_t i = 0; i != path.size(); ++i) {
    if (path[i] == '\\' && i + 1 != path.size()) {
      name += path[++i];
    } else if (path[i] != '?' || (i + 1 != path.size() && path[i + 1] != '.')) {
      name += path[i];
    }
  }
  return name;
}

}  // namespace

CsvRecord::Outcome CsvRecord::split(const char* p, const char* data_end, bool at_end, Arena& arena) {
  fields.clear();
  error.clear();
  open_quote = nullptr;
  const char* begin = p;
  for (;;) {
    if (p != data_end && *p == '"') {
      open_quote = p;
      const char* first = ++p;
      bool doubled = false;
      for (;;) {
        p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(data_end - p)));
        if (p == nullptr) return Outcome::unfinished;
        if (p + 1 != data_end && p[1] == '"') {
          doubled = true;
          p += 2;
          continue;
        }
        if (p + 1 == data_end && !at_end) return Outcome::unfinished;
        break;
      }
      std::string_view text(first, static_cast<std::size_t>(p - first));
      open_quote = nullptr;
      ++p;
      if (doubled) {
        char* to = arena.allocate(text.size());
        const char* made = to;
        for (std::size_t i = 0; i != text.size(); ++i) {
          *to++ = text[i];
          i += text[i] == '"';
        }
        text = {made, static_cast<std::size_t>(to - made)};
      }
      fields.push_back({text, true});
      const bool carriage = p != data_end && *p == '\r' && (p + 1 == data_end ? at_end : p[1] == '\n');
      if (p != data_end && *p != ',' && *p != '\n' && !carriage) {
        if (*p == '\r' && p + 1 == data_end) return Outcome::unfinished;
        if (error.empty()) error = "text after a closing quote";
        // The rest of the field belongs to it, so that the line's end is found.
        while (p != data_end && *p != ',' && *p != '\n') ++p;
      } else if (carriage) {
        ++p;
      }
    } else {
      const char* first = p;
      while (p != data_end && *p != ',' && *p != '\n') ++p;
      const char* last = p;
      if (last != first && last[-1] == '\r' && (p == data_end ? at_end : *p == '\n')) --last;
      fields.push_back({{first, static_cast<std::size_t>(last - first)}, false});
    }
    if (p != data_end && *p == ',') {
      ++p;
      continue;
    }
    break;
  }
  if (p == data_end && !at_end) return Outcome::unfinished;
  next = p == data_end ? p : p + 1;
  end = p != begin && p[-1] == '\r' ? p - 1 : p;
  if (!is_utf8(begin, end)) error = "line is not valid UTF-8";
  if (std::memchr(begin, '\0', static_cast<std::size_t>(end - begin)) != nullptr) error = "line holds a NUL byte";
  return error.empty() ? Outcome::good : Outcome::bad;
}

namespace {

/// As CsvRecord::split goes: where the record's line end begins (a carriage return before it left out); null: not in these bytes.
const char* record_end(const char* p, const char* data_end, bool at_end) {
  for (;;) {
    if (p != data_end && *p == '"') {
      for (++p;; p += 2) {
        p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(data_end - p)));
        if (p == nullptr) return nullptr;
        if (p + 1 == data_end && !at_end) return nullptr;
        if (p + 1 == data_end || p[1] != '"') break;
      }
      ++p;
    }
    while (p != data_end && *p != ',' && *p != '\n') ++p;
    if (p == data_end) return at_end ? p : nullptr;
    if (*p == '\n') return p;
    ++p;
  }
}

}  // namespace

bool pass_csv_records(const char*& p, const char* stop, const char* data_end, bool at_end, std::size_t max_record) {
  const auto find = [](const char* from, const char* to, char c) {
    return static_cast<const char*>(std::memchr(from, c, static_cast<std::size_t>(to - from)));
  };
  while (p < stop) {
    // Lines without a quote are records.
    const char* const quote = find(p, stop, '"');
    const auto* const feed = static_cast<const char*>(::memrchr(p, '\n', static_cast<std::size_t>((quote ? quote : stop) - p)));
    if (feed != nullptr) {
      p = feed + 1;
      continue;
    }
    const char* end = record_end(p, data_end, at_end);
    if (end == nullptr && !at_end && static_cast<std::size_t>(data_end - p) <= max_record) return false;
    if (end == nullptr || static_cast<std::size_t>(end - p) - (end != p && end[-1] == '\r') > max_record) {
      end = find(p, data_end, '\n');
      if (end == nullptr && !at_end) return false;
    }
    p = end == nullptr || end == data_end ? data_end : end + 1;
  }
  return true;
}

CsvColumns match_columns(const std::vector<CsvField>& header, const std::vector<CsvWanted>& wanted) {
  CsvColumns columns;
  columns.field_of_column.assign(header.size(), -1);
  columns.column_of_field.assign(wanted.size(), -1);
  for (std::size_t f = 0; f != wanted.size(); ++f) {
    if (!wanted[f].looked_at) continue;
    const std::string name = without_escapes(wanted[f].path);
    int found = -1;
    for (std::size_t c = 0; c != header.size(); ++c) {
      if (header[c].text != name) continue;
      if (found >= 0) {
        columns.error = "column `" + name + "` stands twice in the header";
        return columns;
      }
      found = static_cast<int>(c);
    }
    columns.column_of_field[f] = found;
    if (found >= 0) {
      columns.field_of_column[static_cast<std::size_t>(found)] = static_cast<int>(f);
    } else if (wanted[f].required) {
      std::string error = "no column `" + name + "` in the header, which has ";
      const CsvField* nearest = nullptr;
      std::size_t best = std::max<std::size_t>(name.size() / 2, 1) + 1;
      for (std::size_t c = 0; c != header.size(); ++c) {
        if (c < 20) error.append(c == 0 ? "`" : ", `").append(replace_bad_utf8(header[c].text.substr(0, 60))).append("`");
        if (c == 20) error += ", …";
        if (header[c].text.size() > 200) continue;
        const std::size_t d = distance(header[c].text, name);
        if (d < best) best = d, nearest = &header[c];
      }
      if (nearest != nullptr) error.append("; did you mean `").append(nearest->text).append("`?");
      columns.error = std::move(error);
      return columns;
    }
  }
  return columns;
}

}  // namespace gress::decode
