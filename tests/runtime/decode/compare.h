// The quick ways must give exactly what the complete readers give: rows, ranges, errors, in any pieces. Shared by the
// random tests and the fuzz targets. Each function returns what differs, empty if nothing does.
#pragma once
#include <nlohmann/json.hpp>

#include "tests/runtime/decode/run.h"
#include "tests/runtime/decode/schemas.h"

namespace gress::testing {

struct Nothing {
  Opt<Text> unlikely;
};
/// Reads nothing that must be there: a record is good if it is well-formed.
struct NothingSchema {
  using Row = Nothing;
  static constexpr auto fields = decode::fields(decode::field<wire::Optional<wire::String>>("\x01 unlikely", &Nothing::unlikely));
};

template <class Row>
std::string difference(const Gathered<Row>& quick, const Gathered<Row>& complete) {
  if (quick.header_error != complete.header_error) return "headers: " + quick.header_error + " / " + complete.header_error;
  const auto shown = [](const auto& b) {
    return std::to_string(b.offset) + " after " + std::to_string(b.rows_before) + " rows, " + b.error + ": " + b.text;
  };
  for (std::size_t i = 0; i != quick.bad.size() || i != complete.bad.size(); ++i) {
    if (i == quick.bad.size()) return "only complete refuses " + shown(complete.bad[i]);
    if (i == complete.bad.size()) return "only quick refuses " + shown(quick.bad[i]);
    if (!(quick.bad[i] == complete.bad[i])) return "bad records: quick " + shown(quick.bad[i]) + "\n complete " + shown(complete.bad[i]);
  }
  if (quick.records != complete.records) return "ranges of rows";
  // A row that holds NaN is not equal to itself.
  for (std::size_t i = 0; i != quick.rows.size(); ++i)
    if (!(quick.rows[i] == complete.rows[i]) && quick.rows[i] == quick.rows[i]) return "row of " + quick.records[i].second;
  return "";
}

template <class Schema>
std::string compare_json(std::string_view input, std::size_t piece) {
  Kept kept;
  decode::JsonDecoder<Schema> quick(3000), complete(3000);
  complete.learn_shapes(false);
  return difference(gather(quick, input, piece, kept), gather(complete, input, 0, kept));
}

template <class Schema>
std::string compare_csv(std::string_view input, std::size_t piece) {
  Kept kept;
  decode::CsvDecoder<Schema> quick(3000), complete(3000);
  complete.use_short_loops(false);
  return difference(gather(quick, input, piece, kept), gather(complete, input, 0, kept));
}

/// Whole records against another reader of JSON.
inline std::string compare_well_formed(std::string_view input) {
  Kept kept;
  decode::JsonDecoder<NothingSchema> decoder;
  const auto all = gather(decoder, input, 0, kept);
  // Numbers of any size are well-formed here; there they must fit a double. It also nests without end, and takes a NUL
  // for the end of the text.
  const auto comparable = [](std::string_view record) {
    return record.find_first_of(std::string_view("eE\0", 3)) == record.npos && record.size() < 300 && !record.starts_with("\xef\xbb\xbf");
  };
  const auto accepts = [](std::string_view record) {
    const auto begin = record.find_first_not_of(" \t\r\n");
    return begin != record.npos && record[begin] == '{' && nlohmann::json::accept(record);
  };
  for (const auto& [offset, record] : all.records)
    if (comparable(record) && !accepts(record)) return "taken: " + record;
  for (const auto& b : all.bad)
    if (comparable(b.text) && accepts(b.text)) return "refused (" + b.error + "): " + b.text;
  return "";
}

}  // namespace gress::testing
