// The key of a message that deletes a row, as a record: sinks write one field as its text, several as a JSON object.
#pragma once
#include <string>
#include <string_view>

#include "runtime/core/arena.h"
#include "runtime/core/decode/json_read.h"
#include "runtime/core/out.h"
#include "runtime/core/print_json.h"

namespace gress::kafka {

/// Reads the fields of Schema, and no others. `before`: `{"id":` when the key is the text of one field, else empty;
/// `quoted`: that is a string in JSON.
template <class Schema>
bool read_key(std::string_view key, std::string_view before, bool quoted, typename Schema::Row& row, Arena& arena,
              std::string& error) {
  Out record;
  record.write(before);
  if (quoted)
    fn::json(record, Text(key));
  else
    record.write(key);
  if (!before.empty()) record.write("}");
  char* const text = arena.allocate(record.size());
  std::memcpy(text, record.data(), record.size());
  if (decode::read_json_record<Schema>(text, text + record.size(), row, arena, error)) return true;
  error = "the key of a message without a value: " + error;
  return false;
}

}  // namespace gress::kafka
