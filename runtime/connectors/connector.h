// Connectors described as plain data: what they can do and which options they take. One description serves the
// checker, `--help`, the reference pages and completion. Nothing here depends on the rest of the runtime, so that the
// compiler can include it; each connector's own description stands in its folder (file/file_description.h …), the
// list of all of them in registry.h, options that every source or sink takes in common_options.h.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace gress::connectors {

/// Where an option may stand; bits.
inline constexpr std::uint8_t kOnSource = 1;
inline constexpr std::uint8_t kOnTable = 2;
inline constexpr std::uint8_t kOnSink = 4;

/// What an option's value is. Values of the scalar types are constant expressions over literals and params.
enum class OptionType : std::uint8_t {
  string,
  boolean,
  i64,
  duration,
  size,          // 64MB
  rate,          // 1000/s
  word,          // one of `choices`, written bare
  word_or_text,  // one of `choices`, or text: time_format
  word_or_i64,   // one of `choices`, or a number: parallelism
  word_or_time,  // one of `choices`, or a timestamp
  stream,        // a name that declares or feeds a stream; `choices` are words that may stand instead
  name,          // a bare name that tells things apart
  fields,        // names of fields of the row, commas between in a list or alone
  expression,    // over the row, of the type that `doc` says
  record,        // { name: … }
  window,        // tumbling(1h)
};

/// What a value of a property is; in text it is handed to the client library.
enum class PropertyKind : std::uint8_t { integer, number, boolean, word, text };

/// A setting of a client library, reached by an option of such.
struct PropertyInfo {
  std::string_view name = {};     // as the library says it, with points
  PropertyKind kind = PropertyKind::text;
  std::uint8_t on = 0;            // kOnSource …
  std::string_view range = {};    // "0 .. 100", or words with commas between
  std::string_view instead = {};  // not to be set: why, or what to say
};

struct OptionInfo {
  std::string_view name = {};
  OptionType type = OptionType::string;
  std::string_view doc = {};                         // one sentence, no full stop
  std::uint8_t on = kOnSource | kOnTable | kOnSink;  // within a connector that can be such
  bool required = false;
  std::string_view default_text = {};  // as shown to people; empty: none
  std::span<const std::string_view> choices = {};
  std::string_view needs = {};  // another option that must be given with it
  bool per_row = false;      // a value may speak of the sink's row, as in `path: "{tenant}.jsonl"`
  /// Of a record that sets properties of a client library.
  std::span<const PropertyInfo> (*properties)() = nullptr;
  bool ends = false;         // a source that it is given to comes to an end by itself
  bool names_files = false;  // the value does; `-` is standard input or output
  bool by_row_only = false;  // means something only where the required option speaks of the row
  bool of_records = false;  // common ones: speaks of records being read, of no use where a connector brings its rows
  bool of_time = false;     // common ones: speaks of event time, which a connector may bring
  bool of_refusals = false;  // common ones: speaks of rows that a target refuses, which not every one does
  std::string_view since = "0.1";
};

/// Types of the fields of rows that a connector brings.
enum class FieldType : std::uint8_t { boolean, i64, f64, string, timestamp };

struct FieldInfo {
  std::string_view name = {};
  FieldType type = FieldType::i64;
  std::string_view doc = {};
};

/// A case of a source whose connector brings its rows; the field named by ConnectorInfo::time is their event time.
struct CaseInfo {
  std::string_view name = {};
  std::string_view type = {};  // name of the record
  std::string_view doc = {};
  std::span<const FieldInfo> fields = {};
};

/// What a connector knows beside the record; `meta: { sent: timestamp }` makes fields of it.
struct MetaInfo {
  std::string_view name = {};  // also of the function of a message that gives it to generated code
  FieldType type = FieldType::i64;
  bool optional = false;
  bool named = false;  // said with a name of its own: header("trace")
  std::string_view doc = {};
};

/// Whether a source comes to an end by itself, apart from options that say so (`OptionInfo::ends`).
enum class Ends : std::uint8_t { never, always, unknown };

struct ConnectorInfo {
  std::string_view name = {};
  std::string_view doc = {};  // one sentence, no full stop
  bool is_source = false;
  bool is_table = false;
  bool is_sink = false;
  Ends ends = Ends::never;
  bool reads_input = false;  // a source or table of standard input
  bool writes_output = false;  // a sink to standard output
  bool network = false;      // speaks to servers, or may
  bool files = false;        // may read or write files that no option names
  bool rereadable = false;  // a table that `refresh` can read again
  bool repeats = false;     // a source that can be read again from where a checkpoint stands
  bool takes_back = false;  // a sink that takes back what it wrote after a checkpoint
  bool transactions = false;  // a sink that under `delivery: exactly_once` writes in transactions that commit with checkpoints
  bool upserts = true;      // a sink that takes upserts and deletes (as `_op` lines)
  bool refuses = false;     // a sink that may refuse a row for good: all of them, or those whose target is by row
  /// Words that `format:` takes; empty: the connector takes no `format`.
  std::span<const std::string_view> source_formats = {};
  std::span<const std::string_view> sink_formats = {};
  /// Taken when `format` is left out; empty: it must be said.
  std::string_view default_format = {};
  std::span<const OptionInfo> options = {};  // its own, beside the common ones
  /// Records are messages, with keys of their own, instead of a stretch of bytes: a row without a value deletes.
  bool messages = false;
  std::span<const MetaInfo> meta = {};  // as a source
  /// Rows that it brings as a source: it takes no type, no format and no `time`. Empty: records are read by a format.
  std::span<const CaseInfo> cases = {};
  std::string_view time = {};  // field of every case
  bool has_rows = false;       // it gives and takes rows as they are: of C++ headers
  /// C++ classes. Generated code makes a source's input and a sink's output of a runtime, the name in the program, the
  /// values of the required options in the order of this description, one designated initializer of the others that
  /// are given (if there are others), and a line. Where the connector brings its rows, the class is the source itself:
  /// a template over the spec of unions (runtime/connectors/union_source.h), made of a pipeline before these and of a
  /// SourceTime and a rate behind them.
  std::string_view input_class = {};
  std::string_view output_class = {};
  /// Of a sink whose required option is by row, and its header: it says the option row by row, and takes the options that
  /// are `by_row_only`. Empty: the same class.
  std::string_view by_row_class = {}, by_row_header = {};
  /// What generated code includes for it; empty: it stands in runtime/core/pch.h.
  std::string_view header = {};
  std::string_view example = {};             // lines of a program
  std::string_view since = "0.1";
};

constexpr bool takes(const OptionInfo& option, std::uint8_t side) { return (option.on & side) != 0; }
constexpr bool takes(const PropertyInfo& property, std::uint8_t side) { return (property.on & side) != 0; }
/// Whether the connector takes this common option.
constexpr bool takes(const ConnectorInfo& connector, const OptionInfo& common, std::uint8_t side) {
  if (side != kOnSource) return takes(common, side) && (connector.refuses || !common.of_refusals);
  const bool brings_rows = connector.has_rows || !connector.cases.empty(), brings_time = !connector.time.empty();
  return takes(common, side) && !(common.of_records && brings_rows) && !(common.of_time && brings_time);
}

/// By name; null when there is none.
constexpr const OptionInfo* find_option(std::span<const OptionInfo> options, std::string_view name) {
  for (const OptionInfo& o : options)
    if (o.name == name) return &o;
  return nullptr;
}

constexpr std::string_view name(OptionType type) {
  switch (type) {
    case OptionType::string:
      return "string";
    case OptionType::boolean:
      return "bool";
    case OptionType::i64:
      return "i64";
    case OptionType::duration:
      return "duration";
    case OptionType::size:
      return "size";
    case OptionType::rate:
      return "rate";
    case OptionType::word:
      return "word";
    case OptionType::word_or_text:
      return "word or string";
    case OptionType::word_or_i64:
      return "word or i64";
    case OptionType::word_or_time:
      return "word or timestamp";
    case OptionType::stream:
      return "stream";
    case OptionType::name:
      return "name";
    case OptionType::fields:
      return "fields";
    case OptionType::expression:
      return "expression";
    case OptionType::record:
      return "record";
    case OptionType::window:
      return "window";
  }
  return "";
}

}  // namespace gress::connectors
