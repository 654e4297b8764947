// Standard input has one reader; standard output may have several writers, of lines that stand for themselves.
#include <optional>

#include "dsl/catalog/connectors.h"
#include "dsl/check/program.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

struct User {
  std::string name;
  Range range;
};

void check_readers(Context& c) {
  std::optional<User> first;
  const auto read = [&](const auto& by) {
    const auto* connector = c.catalog.find(by.connector);
    if (!connector || !connector->reads_input) return;
    if (!first) {
      first = {by.name, by.range};
      return;
    }
    c.report(Code::E0514, by.range, quote(first->name) + " and " + quote(by.name) + " both read standard input")
        .under("finds nothing there")
        .at(first->range, "reads it to its end")
        .help("read it once, and make streams of that source, by `filter` or `split`; or read a file, or a pipe by its path");
  };
  for (const auto& source : c.program.sources) read(source);
  for (const auto& table : c.program.tables) read(table);
}

/// A file of CSV has one heading, at its top.
void check_writers(Context& c) {
  const Sink *first = nullptr, *csv = nullptr;
  for (const Sink& sink : c.program.sinks) {
    if (!sink.info || !sink.info->writes_output) continue;
    if (!csv && sink.format == Format::csv) csv = &sink;
    if (first && csv) {
      const Sink& other = csv == first ? sink : *first;
      c.report(Code::E0514, csv->range, "CSV of " + quote(csv->name) + " would stand among the lines of " + quote(other.name))
          .under("to standard output")
          .at(other.range, "to standard output too")
          .help("write one of them to a file, or both in JSON");
      return;
    }
    if (!first) first = &sink;
  }
}

}  // namespace

void check_standard_streams(Context& c) {
  check_readers(c);
  check_writers(c);
}

}  // namespace gress::dsl::detail
