// JSON for logs, summaries and `--version --json`: built in memory, not for rows. Text that is not UTF-8 has its bad
// bytes replaced by U+FFFD.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace gress::engine {

class JsonWriter {
 public:
  JsonWriter& object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value) { return raw(std::to_string(value)); }
  JsonWriter& number(std::uint64_t value) { return raw(std::to_string(value)); }
  /// With three digits behind the point.
  JsonWriter& seconds(double value);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& raw(std::string_view json);
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  std::string out_;
  bool comma_ = false;  // a value stands before the place of writing
};

/// `text` as a JSON string with its quotes.
std::string json_text(std::string_view text);

}  // namespace gress::engine
