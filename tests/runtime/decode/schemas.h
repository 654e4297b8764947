// The row types that the decoders' tests and fuzz targets share.
#pragma once
#include "runtime/core/decode/schema.h"

namespace gress::testing {
enum class Status : std::uint8_t { automatic, reviewed, deleted };
}
template <>
struct gress::EnumNames<gress::testing::Status> {
  static constexpr std::string_view names[] = {"automatic", "reviewed", "a name that is longer than most"};
};

namespace gress::testing {

struct Flight {
  std::int64_t scheduled;
  std::int64_t delay;
  std::int64_t distance;
  Text origin;
  Text destination;
  friend bool operator==(const Flight&, const Flight&) = default;
};
struct FlightSchema {
  using Row = Flight;
  static constexpr auto fields = decode::fields(
      decode::field<wire::Timestamp>("scheduled", &Flight::scheduled),
      decode::field<wire::I64>("delay", &Flight::delay),
      decode::field<wire::I64>("distance", &Flight::distance),
      decode::field<wire::String>("origin", &Flight::origin),
      decode::field<wire::String>("destination", &Flight::destination));
};

/// A ride request as a program reads it that groups by area.
struct Ride {
  double latitude;
  Text area;
  std::int64_t timestamp;
  friend bool operator==(const Ride&, const Ride&) = default;
};
struct RideSchema {
  using Row = Ride;
  static constexpr auto fields = decode::fields(
      decode::unread<wire::String>("request_id"),
      decode::unread<wire::String>("user_id"),
      decode::field<wire::F64>("location.latitude", &Ride::latitude),
      decode::unread<wire::F64>("location.longitude"),
      decode::field<wire::String>("location.area", &Ride::area),
      decode::field<wire::Timestamp>("timestamp", &Ride::timestamp));
};

/// An earthquake: nested, with an enum, an optional number and an optional record.
struct Quake {
  Text id;
  std::int64_t time;
  Opt<double> magnitude;
  Status status;
  double latitude;
  Opt<std::int64_t> felt;
  Opt<Text> agency;
  bool has_source;
  friend bool operator==(const Quake&, const Quake&) = default;
};
struct QuakeSchema {
  using Row = Quake;
  static constexpr auto fields = decode::fields(
      decode::field<wire::String>("id", &Quake::id),
      decode::field<wire::Timestamp>("time", &Quake::time),
      decode::unread<wire::Timestamp>("updated"),
      decode::field<wire::Optional<wire::F64>>("mag", &Quake::magnitude),
      decode::unread<wire::String>("place"),
      decode::field<wire::Enum<Status>>("status", &Quake::status),
      decode::unread<wire::F64>("position.lon"),
      decode::field<wire::F64>("position.lat", [](Quake& q) -> auto& { return q.latitude; }),
      decode::field<wire::Optional<wire::I64>>("felt", &Quake::felt),
      decode::field<wire::String>("source?.agency", &Quake::agency),
      decode::presence("source?", &Quake::has_source));
};

/// One field of every kind.
struct Point {
  double x;
  Opt<double> y;
  friend bool operator==(const Point&, const Point&) = default;
};
struct PointSchema {
  using Row = Point;
  static constexpr auto fields = decode::fields(
      decode::field<wire::F64>("x", &Point::x),
      decode::field<wire::Optional<wire::F64>>("y", &Point::y));
};
struct Every {
  bool b;
  std::int32_t i;
  float f;
  Decimal d;
  Bytes bytes;
  std::int64_t span;
  Uuid uuid;
  List<std::int64_t> list;
  Map<Text, std::int64_t> map;
  List<Point> points;
  Opt<Point> point;
  std::int64_t seconds;
  std::int64_t standing;
  Opt<Text> note;
  friend bool operator==(const Every&, const Every&) = default;
};
struct EverySchema {
  using Row = Every;
  static constexpr bool check_all = true;
  static constexpr auto fields = decode::fields(
      decode::field<wire::Bool>("b", &Every::b),
      decode::field<wire::I32>("i", &Every::i),
      decode::field<wire::F32>("f", &Every::f),
      decode::field<wire::Decimal>("d", &Every::d),
      decode::field<wire::Bytes>("bytes", &Every::bytes),
      decode::field<wire::Duration>("span", &Every::span),
      decode::field<wire::Uuid>("uuid", &Every::uuid),
      decode::field<wire::ListOf<wire::I64>>("list", &Every::list),
      decode::field<wire::MapOf<wire::String, wire::I64>>("map", &Every::map),
      decode::field<wire::ListOf<wire::Record<PointSchema>>>("points", &Every::points),
      decode::field<wire::Optional<wire::Record<PointSchema>>>("point", &Every::point),
      decode::field<wire::TimestampAs<wire::TimeFormat::epoch_s>>("seconds", &Every::seconds),
      decode::field<wire::I64>("standing", &Every::standing, [] { return std::int64_t{7}; }),
      decode::field<wire::Optional<wire::String>>("note", &Every::note),
      decode::unread<wire::I64>("checked", [] { return std::int64_t{0}; }));
};
/// The same without what CSV cannot hold.
struct FlatSchema {
  using Row = Every;
  static constexpr auto fields = decode::fields(
      decode::field<wire::Bool>("b", &Every::b),
      decode::field<wire::I32>("i", &Every::i),
      decode::field<wire::F32>("f", &Every::f),
      decode::field<wire::Decimal>("d", &Every::d),
      decode::field<wire::Bytes>("bytes", &Every::bytes),
      decode::field<wire::Duration>("span", &Every::span),
      decode::field<wire::Uuid>("uuid", &Every::uuid),
      decode::field<wire::Optional<wire::F64>>("y", [](Every& e) -> auto& { return e.point.value.y; }),
      decode::field<wire::TimestampAs<wire::TimeFormat::epoch_s>>("seconds", &Every::seconds),
      decode::field<wire::I64>("standing", &Every::standing, [] { return std::int64_t{7}; }),
      decode::field<wire::Optional<wire::String>>("note", &Every::note));
};

}  // namespace gress::testing
