#include "runtime/core/decode/csv_reader.h"

#include <algorithm>
#include <cstring>

namespace gress::decode {

#define GRESS_CSV_VALUE(W)     \
  template struct CsvValue<W>; \
  template struct CsvValue<wire::Optional<W>>;
GRESS_FIXED_WIRES(GRESS_CSV_VALUE)
#undef GRESS_CSV_VALUE

namespace {

/// Whether a line has a carriage return before its end, outside quotes.
bool holds_carriage(std::string_view line) {
  bool quoted = false;
  for (const char c : line) {
    quoted ^= c == '"';
    if (c == '\r' && !quoted) return true;
  }
  return false;
}

constexpr const char* kCarriage =
    "the header line holds a carriage return (CR) that no line feed (LF) follows; lines have to end in LF or CRLF, those of "
    "old Macs end in CR alone: convert the file, as by `tr '\\r' '\\n'`";

}  // namespace

CsvHeader CsvReader::header(const char* data, std::size_t size, bool at_end) {
  state.skipping = false;
  CsvHeader result;
  std::size_t at = 0;
  if (size < 3 && !at_end) return result;
  if (size >= 3 && std::memcmp(data, "\xef\xbb\xbf", 3) == 0) at = 3;
  while (at != size && (data[at] == '\n' || (data[at] == '\r' && at + 1 != size && data[at + 1] == '\n'))) ++at;
  if (at == size) {
    result.done = at_end;
    result.consumed = at_end ? size : 0;
    return result;
  }
  Arena arena;
  CsvRecord names;
  switch (names.split(data + at, data + size, at_end, arena)) {
    case CsvRecord::Outcome::unfinished:
      if (!at_end && size <= state.max_record) return result;
      if (names.open_quote != nullptr) result.error = "the header: " + open_quote(names, data + at, at_end);
      else if (holds_carriage({data + at, size - at})) result.error = kCarriage;
      else result.error = "the header is longer than " + std::to_string(state.max_record) + " bytes";
      return result;
    case CsvRecord::Outcome::bad:
    case CsvRecord::Outcome::good:
      if (holds_carriage({data + at, names.end})) result.error = kCarriage;
      else if (!names.error.empty()) result.error = "the header: " + names.error;
      break;
  }
  if (!result.error.empty()) return result;
  std::vector<CsvWanted> wanted;
  for (const CsvFieldLayout& f : fields_) wanted.push_back({f.path, f.looked_at, !f.may_be_missing || f.is_presence});
  columns = match_columns(names.fields, wanted);
  result.error = columns.error;
  if (!result.error.empty()) return result;
  column_count = static_cast<int>(names.fields.size());
  result.consumed = static_cast<std::size_t>(names.next - data);
  result.done = true;
  return result;
}

Fate CsvReader::record(const char* data, std::size_t begin, std::size_t size, bool at_end, int number, void* row, std::vector<BadRecord>& bad, Arena& arena) {
  const CsvRecord::Outcome outcome = record_.split(data + begin, data + size, at_end, arena);
  const bool unfinished = outcome == CsvRecord::Outcome::unfinished;
  if (unfinished && !at_end && size - begin <= state.max_record) return Fate::open;
  if (unfinished || static_cast<std::size_t>(record_.end - data) - begin > state.max_record) return too_long(data, begin, size, number, bad);
  const auto end = static_cast<std::size_t>(record_.end - data);
  if (end == begin) return Fate::blank;
  std::string error = std::move(record_.error);
  if (outcome == CsvRecord::Outcome::good && read_fields(row, arena, error)) return Fate::good;
  add_bad(bad, begin, end, number, false, std::move(error));
  return Fate::bad;
}

/// A record that is longer than allowed, or has a quote that is never closed. Its first line is the bad record, and the
/// next one begins behind that, so that a stray quote costs a line and not what follows.
Fate CsvReader::too_long(const char* data, std::size_t begin, std::size_t size, int number, std::vector<BadRecord>& bad) {
  const auto* found = static_cast<const char*>(std::memchr(data + begin, '\n', size - begin));
  std::size_t end = found == nullptr ? size : static_cast<std::size_t>(found - data);
  record_.next = found == nullptr ? data + size : found + 1;
  if (end != begin && data[end - 1] == '\r') --end;
  if (end - begin > state.max_record) {
    state.skipping = found == nullptr;
    add_bad(bad, begin, begin + std::min(end - begin, kCutText), number, true, state.too_long());
  } else {
    // What is said does not hang on how much had come when the record was given up.
    const std::size_t seen = std::min(size - begin, state.max_record + 1);
    Arena arena;
    CsvRecord cut;
    cut.split(data + begin, data + begin + seen, false, arena);
    add_bad(bad, begin, end, number, false, cut.open_quote == nullptr ? state.too_long() : open_quote(cut, data + begin, seen <= state.max_record));
  }
  return Fate::bad;
}

/// Where the quote stands that a record, which begins at `begin`, does not close.
std::string CsvReader::open_quote(const CsvRecord& record, const char* begin, bool at_end) const {
  const auto line = std::count(begin, record.open_quote, '\n') + 1;
  return "the quote that opens field " + std::to_string(record.fields.size() + 1) + (line == 1 ? "" : ", in line " + std::to_string(line) + " of the record,") +
         " is not closed " + (at_end ? "before the end of the data" : "within " + std::to_string(state.max_record) + " bytes");
}

bool CsvReader::read_fields(void* row, Arena& arena, std::string& error) {
  const std::size_t have = record_.fields.size();
  if (have != static_cast<std::size_t>(column_count)) {
    error = "line has " + std::to_string(have) + (have == 1 ? " field" : " fields") + ", the header has " + std::to_string(column_count);
    return false;
  }
  for (std::size_t c = 0; c != have; ++c) {
    const int field = columns.field_of_column[c];
    if (field >= 0 && !read_field(record_.fields[c], fields_[static_cast<std::size_t>(field)], row, arena, error)) return false;
  }
  // The others that have no column are as they are in a fresh row.
  for (std::size_t i = 0; i != fields_.size(); ++i)
    if (columns.column_of_field[i] < 0 && fields_[i].stand_in != nullptr) fields_[i].stand_in(row);
  return true;
}

bool CsvReader::read_field(const CsvField& text, const CsvFieldLayout& field, void* row, Arena& arena, std::string& error) {
  if (field.read == nullptr) {
    error = "field `" + std::string(field.path) + "`: lists, maps and records have no CSV form";
    return false;
  }
  if (field.is_optional && text.text.empty() && !text.quoted) return true;
  const Misfit misfit = field.read(text.text, arena, field.in(row));
  if (misfit == Misfit::none) return true;
  const std::string shown = misfit == Misfit::range ? std::string(text.text.substr(0, 60)) : shown_text(text.text);
  error = "field `" + std::string(field.path) + "`: " + misfit_text(misfit, field.type, shown);
  return false;
}

}  // namespace gress::decode
