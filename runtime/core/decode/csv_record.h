// CSV text to fields (RFC 4180), and a header line to columns. The complete way; csv_decoder.h has the quick one.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/arena.h"

namespace gress::decode {

struct CsvField {
  std::string_view text;
  bool quoted = false;
};

/// One record taken apart. A quote inside a field that does not begin with one is an ordinary character.
struct CsvRecord {
  std::vector<CsvField> fields;
  /// Where the record ends, without its line end, and where the next begins.
  const char* end = nullptr;
  const char* next = nullptr;
  /// Of an unfinished record: the quote that has not been closed, if there is one; `fields` are those before it.
  const char* open_quote = nullptr;

  enum class Outcome : std::uint8_t {
    good,
    bad,        // `error` says why; end and next are set
    unfinished  // no line end, or none outside quotes: more bytes are wanted, or with `at_end` the quotes stay open
  };
  std::string error;
  /// [p, data_end) begins with a record; doubled quotes are resolved into the arena. `at_end`: a last line may lack its
  /// line end.
  Outcome split(const char* p, const char* data_end, bool at_end, Arena& arena);
};

/// Passes the records that begin in [p, stop); what lies behind, up to `data_end`, is read for the last of them. True: `p` is
/// where the next one begins, or with `at_end` there is none. False: more bytes are wanted for the record at `p`. Records are
/// what CsvReader makes of them: one that is longer than `max_record`, or whose quote is not closed within that, is its line.
bool pass_csv_records(const char*& p, const char* stop, const char* data_end, bool at_end, std::size_t max_record);

/// What a schema's field wants of the header.
struct CsvWanted {
  std::string_view path;  // as in schema.h
  bool looked_at;
  bool required;
};
/// Which column each field has, -1 for none; empty error if all is well. Names the nearest column where one is missing.
struct CsvColumns {
  std::vector<int> column_of_field;
  std::vector<int> field_of_column;
  std::string error;
};
CsvColumns match_columns(const std::vector<CsvField>& header, const std::vector<CsvWanted>& wanted);

}  // namespace gress::decode
