#include "dsl/catalog/functions.h"

#include <map>

namespace gress::dsl {

namespace {

using enum Category;
using enum Fails;

// ---------------------------------------------------------------- math
constexpr Overload abs_[] = {{"abs(x: number) -> number", "abs"}, {"abs(x: duration) -> duration", "abs"}};
constexpr Overload min_[] = {{"min(a: ordered, b: ordered, …) -> ordered", "min", never},
                             {"min(list: list<ordered>) -> ordered?", "min", never}};
constexpr Overload max_[] = {{"max(a: ordered, b: ordered, …) -> ordered", "max", never},
                             {"max(list: list<ordered>) -> ordered?", "max", never}};
constexpr Overload clamp_[] = {{"clamp(x: ordered, low: ordered, high: ordered) -> ordered", "clamp"}};
constexpr Overload floor_[] = {{"floor(x: float) -> float", "floor"}, {"floor(x: decimal) -> decimal", "floor"}};
constexpr Overload ceil_[] = {{"ceil(x: float) -> float", "ceil"}, {"ceil(x: decimal) -> decimal", "ceil"}};
constexpr Overload round_[] = {{"round(x: float, digits: i64?) -> float", "round"},
                               {"round(x: decimal, digits: i64?) -> decimal", "round"}};
constexpr Overload sqrt_[] = {{"sqrt(x: f64) -> f64", "sqrt", never}};
constexpr Overload ln_[] = {{"ln(x: f64) -> f64", "ln", never}};
constexpr Overload log2_[] = {{"log2(x: f64) -> f64", "log2", never}};
constexpr Overload log10_[] = {{"log10(x: f64) -> f64", "log10", never}};
constexpr Overload exp_[] = {{"exp(x: f64) -> f64", "exp", never}};
constexpr Overload pow_[] = {{"pow(base: f64, exponent: f64) -> f64", "pow", never}};
constexpr Overload sin_[] = {{"sin(x: f64) -> f64", "sin", never}};
constexpr Overload cos_[] = {{"cos(x: f64) -> f64", "cos", never}};
constexpr Overload tan_[] = {{"tan(x: f64) -> f64", "tan", never}};
constexpr Overload asin_[] = {{"asin(x: f64) -> f64", "asin", never}};
constexpr Overload acos_[] = {{"acos(x: f64) -> f64", "acos", never}};
constexpr Overload atan2_[] = {{"atan2(y: f64, x: f64) -> f64", "atan2", never}};
constexpr Overload radians_[] = {{"radians(degrees: f64) -> f64", "radians", never}};
constexpr Overload hash_[] = {{"hash(x: hashable) -> i64", "hash", never}};

// ---------------------------------------------------------------- text
constexpr Overload length_[] = {{"length(text: string) -> i64", "length", never},
                                {"length(data: bytes) -> i64", "length", never},
                                {"length(list: list<T>) -> i64", "length", never},
                                {"length(map: map<K, V>) -> i64", "length", never}};
constexpr Overload lower_[] = {{"lower(text: string) -> string", "lower", never}};
constexpr Overload upper_[] = {{"upper(text: string) -> string", "upper", never}};
constexpr Overload trim_[] = {{"trim(text: string) -> string", "trim", never}};
constexpr Overload contains_[] = {{"contains(text: string, part: string) -> bool", "contains", never},
                                  {"contains(list: list<T>, element: T) -> bool", "contains", never}};
constexpr Overload starts_with_[] = {{"starts_with(text: string, prefix: string) -> bool", "starts_with", never}};
constexpr Overload ends_with_[] = {{"ends_with(text: string, suffix: string) -> bool", "ends_with", never}};
constexpr Overload substring_[] = {{"substring(text: string, start: i64, count: i64) -> string", "substring"}};
constexpr Overload replace_[] = {{"replace(text: string, what: string, by: string) -> string", "replace", never}};
constexpr Overload split_[] = {{"split(text: string, separator: string) -> list<string>", "split", never}};
constexpr Overload join_[] = {{"join(parts: list<string>, separator: string) -> string", "join", never}};
constexpr Overload concat_[] = {{"concat(a: string, b: string, …) -> string", "concat", never}};

// ---------------------------------------------------------------- regular expressions
constexpr Overload regex_matches_[] = {{"regex_matches(text: string, pattern: regex) -> bool", "regex_matches"}};
constexpr Overload regex_replace_[] = {
    {"regex_replace(text: string, pattern: regex, by: string) -> string", "regex_replace"}};
constexpr Overload regex_extract_[] = {
    {"regex_extract(text: string, pattern: regex, group: i64 = 0) -> string?", "regex_extract"}};
constexpr Overload regex_captures_[] = {{"regex_captures(text: string, pattern: regex) -> T?", "regex_captures"}};

// ---------------------------------------------------------------- time
constexpr Overload year_[] = {{"year(time: timestamp, zone: zone?) -> i64", "year", never}};
constexpr Overload month_[] = {{"month(time: timestamp, zone: zone?) -> i64", "month", never}};
constexpr Overload day_[] = {{"day(time: timestamp, zone: zone?) -> i64", "day", never}};
constexpr Overload hour_[] = {{"hour(time: timestamp, zone: zone?) -> i64", "hour", never}};
constexpr Overload minute_[] = {{"minute(time: timestamp, zone: zone?) -> i64", "minute", never}};
constexpr Overload second_[] = {{"second(time: timestamp, zone: zone?) -> i64", "second", never}};
constexpr Overload day_of_week_[] = {{"day_of_week(time: timestamp, zone: zone?) -> i64", "day_of_week", never}};
constexpr Overload truncate_time_[] = {
    {"truncate_time(time: timestamp, step: duration) -> timestamp", "truncate_time"},
    {"truncate_time(time: timestamp, unit: unit, zone: zone?) -> timestamp", "truncate_time_unit"}};
constexpr Overload format_time_[] = {
    {"format_time(time: timestamp, pattern: time_pattern, zone: zone?) -> string", "format_time"}};
constexpr Overload parse_time_[] = {
    {"parse_time(text: string, pattern: time_pattern, zone: zone?) -> timestamp", "parse_time"}};
constexpr Overload now_[] = {{"now() -> timestamp", "now", never}};

// ---------------------------------------------------------------- lists
constexpr Overload first_[] = {{"first(list: list<T>) -> T?", "first", never}};
constexpr Overload last_[] = {{"last(list: list<T>) -> T?", "last", never}};
constexpr Overload sum_[] = {{"sum(list: list<number>) -> number", "sum"}};
constexpr Overload slice_[] = {{"slice(list: list<T>, start: i64, count: i64) -> list<T>", "slice"}};

// ---------------------------------------------------------------- conversions
constexpr Overload to_bool_[] = {{"bool(text: string) -> bool", "to_bool"}};
constexpr Overload to_i32_[] = {{"i32(x: number) -> i32", "to_i32"}, {"i32(text: string) -> i32", "to_i32"}};
constexpr Overload to_i64_[] = {{"i64(x: number) -> i64", "to_i64"}, {"i64(text: string) -> i64", "to_i64"}};
constexpr Overload to_f32_[] = {{"f32(x: number) -> f32", "to_f32"}, {"f32(text: string) -> f32", "to_f32"}};
constexpr Overload to_f64_[] = {{"f64(x: number) -> f64", "to_f64", never}, {"f64(text: string) -> f64", "to_f64"}};
constexpr Overload to_decimal_[] = {{"decimal(x: number) -> decimal", "to_decimal"},
                                    {"decimal(text: string) -> decimal", "to_decimal"}};
constexpr Overload to_string_[] = {
    {"string(x: bool) -> string", "to_text", never},
    {"string(x: number) -> string", "to_text", never},
    {"string(x: uuid) -> string", "to_text", never},
    {"string(x: bytes) -> string", "to_text", never},
    {"string(x: enum) -> string", "to_text", never},
    {"string(x: timestamp) -> string", "to_text_timestamp", never},
    {"string(x: duration) -> string", "to_text_duration", never},
    {"string(x: string) -> string", "to_text", never}};
constexpr Overload to_bytes_[] = {{"bytes(text: string) -> bytes", "to_bytes"}};
constexpr Overload to_timestamp_[] = {{"timestamp(text: string) -> timestamp", "to_timestamp"},
                                      {"timestamp(epoch_ms: i64) -> timestamp", "to_timestamp_i64"}};
constexpr Overload to_duration_[] = {{"duration(text: string) -> duration", "to_duration"}};
constexpr Overload to_uuid_[] = {{"uuid(text: string) -> uuid", "to_uuid"}};

// ---------------------------------------------------------------- control
constexpr Overload coalesce_[] = {{"coalesce(a: T, b: T, …) -> T", "coalesce", never}};
constexpr Overload fail_[] = {{"fail(why: string) -> T", "fail"}};

constexpr Function table[] = {
    {"abs", math, "the value without its sign", abs_},
    {"min", math, "the least of the values, or of a list (absent if it is empty)", min_},
    {"max", math, "the greatest of the values, or of a list (absent if it is empty)", max_},
    {"clamp", math, "`x` held between `low` and `high`", clamp_},
    {"floor", math, "the next whole number below", floor_},
    {"ceil", math, "the next whole number above", ceil_},
    {"round", math, "the nearest number with so many digits after the point, half away from zero", round_},
    {"sqrt", math, "square root", sqrt_},
    {"ln", math, "natural logarithm", ln_},
    {"log2", math, "logarithm to base 2", log2_},
    {"log10", math, "logarithm to base 10", log10_},
    {"exp", math, "e to the power of `x`", exp_},
    {"pow", math, "`base` to the power of `exponent`", pow_},
    {"sin", math, "sine of an angle in radians", sin_},
    {"cos", math, "cosine of an angle in radians", cos_},
    {"tan", math, "tangent of an angle in radians", tan_},
    {"asin", math, "arc sine, in radians", asin_},
    {"acos", math, "arc cosine, in radians", acos_},
    {"atan2", math, "angle of the point (x, y), in radians", atan2_},
    {"radians", math, "degrees in radians", radians_},
    {"hash", math, "a 64-bit hash that never changes between versions; an enum hashes as its wire name", hash_},

    {"length", text, "code points of a text, bytes, elements of a list or entries of a map", length_},
    {"lower", text, "in small letters", lower_},
    {"upper", text, "in capital letters", upper_},
    {"trim", text, "without white space at both ends", trim_},
    {"contains", text, "whether a text has a part, or a list an element", contains_},
    {"starts_with", text, "whether a text begins so", starts_with_},
    {"ends_with", text, "whether a text ends so", ends_with_},
    {"substring", text, "`count` code points from `start` (from 0), clamped; negative values are row errors", substring_},
    {"replace", text, "every occurrence of `what` replaced", replace_},
    {"split", text, "the parts between separators", split_},
    {"join", text, "the parts with a separator between them", join_},
    {"concat", text, "texts one after another; `\"{a}{b}\"` does the same", concat_, FunctionRule::concat},

    {"regex_matches", regex, "whether the pattern (RE2) is found in the text", regex_matches_},
    {"regex_replace", regex, "every match replaced; `\\1` to `\\9` in `by` are its groups, `\\0` all of it", regex_replace_},
    {"regex_extract", regex, "the first match, or a group of it; absent if nothing matches", regex_extract_},
    {"regex_captures", regex, "a record of the literal pattern's named groups; absent if nothing matches", regex_captures_,
     FunctionRule::regex_captures},

    {"year", time, "the year", year_},
    {"month", time, "the month, 1 to 12", month_},
    {"day", time, "the day of the month, from 1", day_},
    {"hour", time, "the hour, 0 to 23", hour_},
    {"minute", time, "the minute, 0 to 59", minute_},
    {"second", time, "the second, 0 to 59", second_},
    {"day_of_week", time, "1 Monday to 7 Sunday", day_of_week_},
    {"truncate_time", time, "the start of the step, or of the calendar unit hour day week month quarter year",
     truncate_time_},
    {"format_time", time, "the time as text, by a `%` pattern", format_time_},
    {"parse_time", time, "a time read by a `%` pattern; UTC if neither text nor `zone` says otherwise", parse_time_},
    {"now", time, "the wall clock; in `select` and `extend` of append streams", now_, FunctionRule::now},

    {"first", list, "the first element, absent if there is none", first_},
    {"last", list, "the last element, absent if there is none", last_},
    {"sum", list, "the sum of the elements", sum_},
    {"slice", list, "`count` elements from `start` (from 0), clamped; negative values are row errors", slice_},

    {"bool", conversion, "from the text `true` or `false`", to_bool_},
    {"i32", conversion, "to a 32-bit integer; truncates towards zero", to_i32_},
    {"i64", conversion, "to a 64-bit integer; truncates towards zero", to_i64_},
    {"f32", conversion, "to a 32-bit float", to_f32_},
    {"f64", conversion, "to a 64-bit float", to_f64_},
    {"decimal", conversion, "to a decimal", to_decimal_},
    {"string", conversion, "to text; an enum gives its wire name, bytes base64", to_string_},
    {"bytes", conversion, "from base64 text", to_bytes_},
    {"timestamp", conversion, "from RFC 3339 text or epoch milliseconds", to_timestamp_},
    {"duration", conversion, "from `PT1H30M` or `1h30m`", to_duration_},
    {"uuid", conversion, "from text", to_uuid_},

    {"coalesce", control, "the first that is present; `a ?? b` does the same", coalesce_, FunctionRule::coalesce},
    {"fail", control, "makes the row invalid for the reason given", fail_, FunctionRule::fail},
};

constexpr std::pair<std::string_view, std::string_view> foreign[] = {
    {"len", "`length(x)`"},
    {"size", "`length(x)`"},
    {"char_length", "`length(x)`"},
    {"cardinality", "`length(x)`"},
    {"ifnull", "`x ?? default`"},
    {"nvl", "`x ?? default`"},
    {"isnull", "`x is null`"},
    {"is_null", "`x is null`"},
    {"isnan", "`x != x`"},
    {"nullif", "`if x == y then null else x`"},
    {"iif", "`if a then b else c`"},
    {"case", "`if a then b else c`, or `match x { … }`"},
    {"cast", "`i64(x)`, `f64(x)`, `string(x)` …"},
    {"to_string", "`string(x)`"},
    {"str", "`string(x)`"},
    {"varchar", "`string(x)`"},
    {"text", "`string(x)`"},
    {"int", "`i64(x)`"},
    {"bigint", "`i64(x)`"},
    {"long", "`i64(x)`"},
    {"float", "`f64(x)`"},
    {"double", "`f64(x)`"},
    {"numeric", "`decimal(x)`"},
    {"to_timestamp", "`timestamp(x)` or `parse_time(text, pattern)`"},
    {"strptime", "`parse_time(text, pattern)`"},
    {"strftime", "`format_time(time, pattern)`"},
    {"date_format", "`format_time(time, pattern)`"},
    {"date_trunc", "`truncate_time(time, day)`"},
    {"date_part", "`year(time)`, `hour(time)` …"},
    {"to_char", "`format_time(time, pattern)`"},
    {"to_date", "`parse_time(text, pattern)`"},
    {"datediff", "`a - b`, a duration"},
    {"date_diff", "`a - b`, a duration"},
    {"timestampdiff", "`a - b`, a duration"},
    {"date_add", "`time + 1d`"},
    {"dateadd", "`time + 1d`"},
    {"tumble_start", "the field `window_start` of what `aggregate` gives"},
    {"tumble_end", "the field `window_end` of what `aggregate` gives"},
    {"extract", "`year(time)`, `hour(time)` …, or `regex_extract(text, pattern)`"},
    {"current_timestamp", "`now()`"},
    {"substr", "`substring(text, start, count)`, counting from 0"},
    {"left", "`substring(text, 0, count)`"},
    {"strpos", "`contains(text, part)`"},
    {"position", "`contains(text, part)`"},
    {"like", "`contains`, `starts_with`, `ends_with` or `regex_matches`"},
    {"regexp_replace", "`regex_replace(text, pattern, by)`"},
    {"regexp_like", "`regex_matches(text, pattern)`"},
    {"regexp", "`regex_matches(text, pattern)`"},
    {"rlike", "`regex_matches(text, pattern)`"},
    {"match", "`regex_matches(text, pattern)`"},
    {"matches", "`regex_matches(text, pattern)`"},
    {"includes", "`contains(text, part)`"},
    {"to_upper", "`upper(text)`"},
    {"to_lower", "`lower(text)`"},
    {"format", "`\"{a} {b}\"`, or of a time `format_time(time, pattern)`"},
    {"concat_ws", "`join(parts, separator)`"},
    {"regexp_extract", "`regex_extract(text, pattern, group)`"},
    {"ucase", "`upper(text)`"},
    {"lcase", "`lower(text)`"},
    {"ceiling", "`ceil(x)`"},
    {"log", "`ln(x)`, `log2(x)` or `log10(x)`"},
    {"power", "`pow(base, exponent)`"},
    {"mod", "`a % b`"},
    {"div", "`a / b`, which truncates for integers"},
    {"atan", "`atan2(y, x)`"},
    {"greatest", "`max(a, b)`"},
    {"least", "`min(a, b)`"},
    {"count_if", "`count(where: condition)`"},
    {"countif", "`count(where: condition)`"},
    {"sum_if", "`sum(x, where: condition)`"},
    {"mean", "`avg(x)`"},
    {"average", "`avg(x)`"},
    {"median", "`quantile(x, 0.5)`"},
    {"percentile", "`quantile(x, q)` or `approx_quantile(x, q)`"},
    {"percentile_cont", "`quantile(x, q)`"},
    {"stddev_samp", "`stddev(x)`"},
    {"var_samp", "`variance(x)`"},
    {"arg_max", "`max_by(x, key)`"},
    {"arg_min", "`min_by(x, key)`"},
    {"argmax", "`max_by(x, key)`"},
    {"argmin", "`min_by(x, key)`"},
    {"array_agg", "`collect(x)`"},
    {"collect_list", "`collect(x)`"},
    {"string_agg", "`collect(x)`, and `join(list, separator)` in a stage behind it"},
    {"any_value", "`first(x)`"},
    {"distinct", "`count_distinct(x)`; rows without repetitions are a stage, `|> distinct a within 1h`"},
    {"rank", "`top … as rank`"},
    {"bool_or", "`any(x)`"},
    {"bool_and", "`all(x)`"},
    {"first_value", "`first(x)`"},
    {"last_value", "`last(x)`"},
    {"lag", "`last(x, before: 1)`"},
    {"row_number", "`top … as rank`"},
    {"error", "`fail(\"why\")`"},
    {"throw", "`fail(\"why\")`"},
    {"raise", "`fail(\"why\")`"},
};

}  // namespace

std::string_view to_string(Category category) {
  switch (category) {
    case math: return "math";
    case text: return "text";
    case regex: return "regular expressions";
    case time: return "time";
    case list: return "lists";
    case conversion: return "conversions";
    case control: return "control";
  }
  return "";
}

std::span<const Function> functions() { return table; }

const Function* find_function(std::string_view name) {
  static const auto* by_name = [] {
    auto* map = new std::map<std::string_view, const Function*>;
    for (const Function& function : table) map->emplace(function.name, &function);
    return map;
  }();
  const auto found = by_name->find(name);
  return found == by_name->end() ? nullptr : found->second;
}

std::string_view foreign_function_hint(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  for (const auto& [theirs, ours] : foreign) {
    if (theirs == lower) return ours;
  }
  return {};
}

}  // namespace gress::dsl
