#include "dsl/check/checked_names.h"

namespace gress::dsl::checked {

const char* name(ExprKind value) {
  switch (value) {
    case ExprKind::literal: return "literal";
    case ExprKind::param: return "param";
    case ExprKind::ref: return "ref";
    case ExprKind::member: return "member";
    case ExprKind::element: return "element";
    case ExprKind::negate: return "negate";
    case ExprKind::not_: return "not";
    case ExprKind::arithmetic: return "arithmetic";
    case ExprKind::compare: return "compare";
    case ExprKind::and_: return "and";
    case ExprKind::or_: return "or";
    case ExprKind::in_list: return "in_list";
    case ExprKind::in_value: return "in_value";
    case ExprKind::is_null: return "is_null";
    case ExprKind::coalesce: return "coalesce";
    case ExprKind::convert: return "convert";
    case ExprKind::if_: return "if";
    case ExprKind::match: return "match";
    case ExprKind::call: return "call";
    case ExprKind::user_call: return "user_call";
    case ExprKind::foreign_call: return "foreign_call";
    case ExprKind::record: return "record";
    case ExprKind::list: return "list";
    case ExprKind::concat: return "concat";
    case ExprKind::fail: return "fail";
  }
  return "?";
}

const char* name(Scope value) {
  switch (value) {
    case Scope::row: return "row";
    case Scope::right: return "right";
    case Scope::state: return "state";
    case Scope::arg: return "arg";
    case Scope::group: return "group";
    case Scope::agg: return "agg";
    case Scope::other: return "other";
  }
  return "?";
}

const char* name(Op value) {
  switch (value) {
    case Op::add: return "add";
    case Op::sub: return "sub";
    case Op::mul: return "mul";
    case Op::div: return "div";
    case Op::rem: return "rem";
    case Op::eq: return "eq";
    case Op::ne: return "ne";
    case Op::lt: return "lt";
    case Op::le: return "le";
    case Op::gt: return "gt";
    case Op::ge: return "ge";
  }
  return "?";
}

const char* name(Arith value) {
  switch (value) {
    case Arith::number: return "number";
    case Arith::time_plus_duration: return "time_plus_duration";
    case Arith::time_minus_time: return "time_minus_time";
    case Arith::duration_duration: return "duration_duration";
    case Arith::duration_times: return "duration_times";
    case Arith::duration_over: return "duration_over";
    case Arith::duration_ratio: return "duration_ratio";
  }
  return "?";
}

const char* name(Conversion value) {
  switch (value) {
    case Conversion::widen: return "widen";
    case Conversion::wrap: return "wrap";
    case Conversion::lift: return "lift";
    case Conversion::unwrap: return "unwrap";
    case Conversion::reshape: return "reshape";
    case Conversion::null_to: return "null_to";
  }
  return "?";
}

const char* name(JoinKind value) {
  switch (value) {
    case JoinKind::inner: return "inner";
    case JoinKind::left: return "left";
    case JoinKind::full: return "full";
    case JoinKind::semi: return "semi";
    case JoinKind::anti: return "anti";
  }
  return "?";
}

const char* name(WindowKind value) {
  switch (value) {
    case WindowKind::tumbling: return "tumbling";
    case WindowKind::sliding: return "sliding";
    case WindowKind::session: return "session";
    case WindowKind::cumulative: return "cumulative";
    case WindowKind::count: return "count";
    case WindowKind::global: return "global";
  }
  return "?";
}

const char* name(CalendarUnit value) {
  switch (value) {
    case CalendarUnit::none: return "none";
    case CalendarUnit::hour: return "hour";
    case CalendarUnit::day: return "day";
    case CalendarUnit::week: return "week";
    case CalendarUnit::month: return "month";
    case CalendarUnit::quarter: return "quarter";
    case CalendarUnit::year: return "year";
  }
  return "?";
}

const char* name(EmitKind value) {
  switch (value) {
    case EmitKind::on_close: return "on_close";
    case EmitKind::every: return "every";
    case EmitKind::on_count: return "on_count";
  }
  return "?";
}

const char* name(StreamKind value) {
  switch (value) {
    case StreamKind::append: return "append";
    case StreamKind::upsert: return "upsert";
  }
  return "?";
}

const char* name(StreamOrigin value) {
  switch (value) {
    case StreamOrigin::source: return "source";
    case StreamOrigin::chain: return "chain";
    case StreamOrigin::late: return "late";
    case StreamOrigin::invalid: return "invalid";
  }
  return "?";
}

const char* name(Format value) {
  switch (value) {
    case Format::none: return "none";
    case Format::json: return "json";
    case Format::json_array: return "json_array";
    case Format::csv: return "csv";
    case Format::text: return "text";
  }
  return "?";
}

const char* name(TimeFormat value) {
  switch (value) {
    case TimeFormat::automatic: return "automatic";
    case TimeFormat::rfc3339: return "rfc3339";
    case TimeFormat::epoch_s: return "epoch_s";
    case TimeFormat::epoch_ms: return "epoch_ms";
    case TimeFormat::epoch_us: return "epoch_us";
    case TimeFormat::pattern: return "pattern";
  }
  return "?";
}

const char* name(Kind value) {
  switch (value) {
    case Kind::error: return "error";
    case Kind::null: return "null";
    case Kind::boolean: return "bool";
    case Kind::i32: return "i32";
    case Kind::i64: return "i64";
    case Kind::f32: return "f32";
    case Kind::f64: return "f64";
    case Kind::decimal: return "decimal";
    case Kind::string: return "string";
    case Kind::bytes: return "bytes";
    case Kind::timestamp: return "timestamp";
    case Kind::duration: return "duration";
    case Kind::uuid: return "uuid";
    case Kind::enumeration: return "enum";
    case Kind::record: return "record";
    case Kind::list: return "list";
    case Kind::map: return "map";
    case Kind::optional: return "optional";
  }
  return "?";
}

}  // namespace gress::dsl::checked
