#include "runtime/connectors/record_table.h"

namespace gress {

void bad_table_record(const Record& r, std::uint64_t line, std::string_view error) {
  throw engine::Failure(engine::Exit::data, "invalid_table_record",
                        "table `" + std::string(r.source) + "`: " + std::string(r.path) + ", line " + std::to_string(line) +
                            ": " + std::string(error) + "\n  record: " + std::string(r.bytes.substr(0, 200)));
}

void duplicate_key(std::string_view table, std::string_view path, std::uint64_t first, std::uint64_t second) {
  throw engine::Failure(engine::Exit::data, "duplicate_key",
                        "table `" + std::string(table) + "`: " + std::string(path) + ": lines " + std::to_string(first) +
                            " and " + std::to_string(second) + " have the same key");
}

}  // namespace gress
