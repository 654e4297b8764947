// Two pipelines, several of each: what is pushed comes out, time is the host's, and wrong calls say so.
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "fares.h"
#include "host_calls.hpp"
#include "orders.h"

using namespace std::chrono_literals;
using gress::embedded::Decimal;
using gress::embedded::Error;
using gress::embedded::Fault;
using gress::embedded::Op;
using gress::embedded::Time;

namespace {

int failures = 0;

void check(bool holds, const char* what, int line) {
  if (holds) return;
  std::fprintf(stderr, "host.cpp:%d: %s\n", line, what);
  ++failures;
}
#define CHECK(...) check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __LINE__)

/// The call fails so, and says this.
template <class Call>
void refused(Fault fault, const std::string& said, int line, Call call) {
  try {
    call();
  } catch (const Error& error) {
    check(error.fault() == fault && std::string(error.what()).find(said) != std::string::npos, error.what(), line);
    return;
  }
  check(false, ("not refused: " + said).c_str(), line);
}
#define REFUSED(fault, said, ...) refused(fault, said, __LINE__, [&] { __VA_ARGS__; })

const Time kNoon = std::chrono::sys_days{std::chrono::January / 31 / 2026} + 12h;

fares::Ride ride(std::chrono::seconds after, std::string area, Decimal fare) { return {kNoon + after, std::move(area), fare}; }

void windows() {
  fares::Pipeline a, b({.least = Decimal(5)});
  const std::vector<fares::Ride> rides = {ride(0s, "north", Decimal("2.50")), ride(60s, "a long name of an area", 7), ride(61s, "north", 6)};
  a.push_rides(rides);
  b.push_rides(rides);
  CHECK(a.take_busy().empty());
  a.advance_to(kNoon + 5min);
  auto rows = a.take_busy();
  CHECK(rows.size() == 2);
  for (const fares::BusyRow& row : rows) {
    const bool north = row.area == "north";
    CHECK(north || row.area == "a long name of an area");
    CHECK(row.rides == (north ? 2 : 1) && row.fares == (north ? Decimal("8.5") : Decimal(7)) && row.window_start == kNoon);
  }
  CHECK(a.take_busy().empty());
  CHECK(b.take_busy().empty());
  a.push_rides(ride(30s, "late", 9));  // what is late is dropped, as the program says nothing of it
  a.push_rides(ride(301s, "north", 9));
  // Moved, and on another thread.
  fares::Pipeline moved = std::move(a);
  REFUSED(Fault::misuse, "`fares`: finish: it was moved", a.finish());
  std::thread([&] { moved.finish(); }).join();
  rows = moved.take_busy();
  CHECK(rows.size() == 1 && rows[0].highest == Decimal(9));
  b.finish();
  rows = b.take_busy();
  CHECK(rows.size() == 2 && rows[0].rides == 1 && rows[1].rides == 1);
  REFUSED(Fault::misuse, "`fares`: push_rides: finish() has been called", b.push_rides(rides));
  REFUSED(Fault::misuse, "advance_to: finish() has been called", b.advance_to(kNoon));
}

void many_rows() {
  fares::Pipeline pipeline;
  std::vector<fares::Ride> rides;
  for (int i = 0; i != 1000; ++i) rides.push_back(ride(std::chrono::seconds(i), i % 2 == 0 ? "even" : "odd", 3));
  pipeline.push_rides(rides);
  pipeline.finish();
  std::int64_t count = 0;
  for (const fares::BusyRow& row : pipeline.take_busy()) count += row.rides;
  CHECK(count == 1000);
}

void wrong_rows() {
  fares::Pipeline pipeline;
  REFUSED(Fault::bad_row, "row 2 of 3 for source `rides`: text that C++ gave is not UTF-8",
          const std::vector<fares::Ride> rides{ride(0s, "a", 1) , ride(1s, "\xff", 1) , ride(2s, "b", 1)};
          pipeline.push_rides(rides));
  REFUSED(Fault::bad_row, "row 1 of 1 for source `rides`: a decimal", pipeline.push_rides(ride(0s, "a", Decimal(1, 200))));
  REFUSED(Fault::bad_row, "not in the years 0 to 9999", pipeline.push_rides({Time::max(), "a", 1}));
  REFUSED(Fault::misuse, "`fares`: advance_to: the time", pipeline.advance_to(Time::min()));
  REFUSED(Fault::misuse, "`x` is no decimal number", Decimal("x"));
  // It goes on, with what stands behind the wrong one.
  const std::vector<fares::Ride> rides{ride(0s, "b", 1), ride(0s, "\xff", 1), ride(0s, "b", 1), ride(0s, "\xff", 1)};
  std::size_t wrong = 0;
  for (std::span<const fares::Ride> rest = rides; !rest.empty();) {
    try {
      pipeline.push_rides(rest);
      break;
    } catch (const Error& error) {
      CHECK(error.fault() == Fault::bad_row && error.row() == 1);
      rest = rest.subspan(error.row() + 1);
      ++wrong;
    }
  }
  pipeline.finish();  // the rows before the wrong ones are in it
  const auto rows = pipeline.take_busy();
  CHECK(wrong == 2 && rows.size() == 2 && rows[0].area == "a" && rows[1].area == "b" && rows[1].rides == 2);
}

orders::Order order(std::int64_t id, std::chrono::seconds after) {
  orders::Order o;
  o.id = id;
  o.customer = "customer " + std::to_string(id % 2);
  o.channel = orders::Channel::shop;
  o.lines = {{"a", 1}, {"a stock-keeping unit", 2}};
  if (id % 2 == 0) o.note = "a note that is longer than a word";
  o.labels = {{"gift", 1}, {"gift", 2}, {"fragile", 3}};
  o.key[0] = 0x12, o.key[15] = 0x34;
  o.seal = {std::byte{0}, std::byte{255}};
  o.placed = kNoon + after;
  return o;
}

void state_and_types() {
  orders::Pipeline a({.tax = Decimal("0.2")}), b({.tax = Decimal(1), .wait = 1min, .zone = "Asia/Tokyo", .mark = "a mark that takes some room"});
  for (orders::Pipeline* p : {&a, &b}) {
    p->set_clock(kNoon);
    p->push_orders(std::vector{order(1, 0s), order(2, 1s), order(3, 2s)});
    p->push_payments(std::vector<orders::Payment>{{1, 10, kNoon + 30s}, {3, Decimal("2.50"), kNoon + 120s}, {2, 1, kNoon + 300s}});
    p->set_clock(kNoon + 9s);
    CHECK(p->take_rate().empty());
    p->set_clock(kNoon + 10s);
    const auto rate = p->take_rate();
    CHECK(rate.size() == 1 && rate[0].n == 3);
    p->advance_to(kNoon + 1h);
  }
  auto paid = a.take_paid();
  CHECK(paid.size() == 3);
  for (const orders::PaidRow& row : paid) {
    const orders::Order o = order(row.id, 0s);
    CHECK(row.customer == o.customer && row.channel == o.channel && row.note == o.note && row.key == o.key && row.seal == o.seal);
    CHECK(row.lines.size() == 2 && row.lines[1].sku == o.lines[1].sku && row.lines[1].count == 2);
    CHECK(row.labels.size() == 2 && row.labels[0] == std::pair<std::string, std::int64_t>("gift", 1));
    CHECK(row.hour == 12 && row.marked == "none");
    CHECK(row.gross == (row.id == 1 ? Decimal(12) : row.id == 2 ? Decimal("1.2") : Decimal(3)));
  }
  paid = b.take_paid();
  CHECK(paid.size() == 1 && paid[0].id == 1 && paid[0].gross == 20 && paid[0].hour == 21);
  CHECK(paid[0].marked == "a mark that takes some room");
  const auto spent = a.take_spent();
  CHECK(spent.size() == 3 && spent.back()._op == Op::upsert);
  Decimal last = 0;
  for (const orders::SpentRow& row : spent)
    if (row.customer == "customer 1") last = row.gross;
  CHECK(last == 15);
  a.finish();
  b.finish();
}

void unions_and_changes() {
  orders::Pipeline pipeline({.tax = 0});
  pipeline.push_visits_went({.visitor = 7, .at = kNoon, .stayed = 90s});
  pipeline.push_visits_went({.visitor = 8, .at = kNoon, .stayed = 0s});
  pipeline.push_visits_came(std::vector<orders::Came>{{50, kNoon}, {20, kNoon}});
  const auto stays = pipeline.take_stays();
  CHECK(stays.size() == 1 && stays[0].visitor == 7 && stays[0].stayed == 90s);
  const auto known = pipeline.take_known();
  CHECK(known.size() == 1 && known[0].name == "a guest");
  const auto shares = pipeline.take_shares();
  CHECK(shares.size() == 2 && shares[1].share == 5);
  pipeline.push_prices(std::vector<orders::Price>{{"a", 1}, {"b", 2}, {"a", 3}});
  pipeline.erase_prices({"b", {}});
  const auto prices = pipeline.take_prices();
  CHECK(prices.size() == 4 && prices[2].price == 3 && prices[3].sku == "b" && prices[3]._op == Op::erase);
  // Where the program has a place for invalid rows, they go there.
  pipeline.push_payments({.order = 1, .amount = Decimal(1, -1), .paid = kNoon});
  const auto bad = pipeline.take_bad();
  CHECK(bad.size() == 1 && bad[0].source == "payments" && bad[0].error.find("a decimal") != std::string::npos);
  // A row that fails in a stage ends it, what came before can be taken.
  pipeline.push_visits_came({20, kNoon});
  REFUSED(Fault::row_failed, "`orders`: source `visits`", pipeline.push_visits_came({0, kNoon}));
  REFUSED(Fault::misuse, "finish: it has ended by a failure before", pipeline.finish());
  CHECK(pipeline.take_shares().size() == 1);
}

extern "C" int areas();  // in_shared.cpp

orders::Pipeline* at_work = nullptr;

/// What a call from within, or from another thread, wants is refused, and does nothing.
void calls_from_within() {
  orders::Pipeline pipeline({.tax = 0});
  at_work = &pipeline;
  host_calls::from_within = [] {
    REFUSED(Fault::misuse, "`orders`: take_shares: another call is not done", at_work->take_shares());
    REFUSED(Fault::misuse, "set_clock: another call is not done", at_work->set_clock(kNoon));
    REFUSED(Fault::misuse, "push_visits_came: another call is not done", at_work->push_visits_came({20, kNoon}));
    REFUSED(Fault::misuse, "finish: another call is not done", at_work->finish());
  };
  pipeline.push_visits_came({20, kNoon});
  host_calls::from_within = nullptr;
  std::this_thread::sleep_for(2ms);
  pipeline.push_visits_came({50, kNoon});
  auto shares = pipeline.take_shares();
  CHECK(shares.size() == 2 && shares[0].at > kNoon && shares[1].at > shares[0].at);  // the clock is still the machine's
  pipeline.finish();
  REFUSED(Fault::misuse, "set_clock: finish() has been called", pipeline.set_clock(kNoon));
  CHECK(pipeline.take_shares().empty());
}

void large_maps() {
  orders::Pipeline pipeline({.tax = 0});
  orders::Order o = order(1, 0s);
  o.labels.clear();
  for (int twice = 0; twice != 2; ++twice)
    for (int i = 0; i != 100'000; ++i) o.labels.emplace_back("label " + std::to_string(i), i + twice);
  pipeline.push_orders(o);
  pipeline.push_payments({1, 10, kNoon + 30s});
  pipeline.finish();
  const auto paid = pipeline.take_paid();
  CHECK(paid.size() == 1 && paid[0].labels.size() == 100'000 && paid[0].labels[99'999] == o.labels[99'999]);
}

/// Objects with other params, each on a thread of its own.
void threads() {
  const auto run = [](std::int64_t least) {
    fares::Pipeline pipeline({.least = Decimal(least)});
    for (int i = 0; i != 2000; ++i) pipeline.push_rides(ride(std::chrono::seconds(i), "a", i % 10));
    pipeline.finish();
    std::int64_t count = 0;
    for (const fares::BusyRow& row : pipeline.take_busy()) count += row.rides;
    CHECK(count == (10 - least) * 200);
  };
  std::thread other(run, 3);
  run(7);
  other.join();
}

void wrong_params() {
  REFUSED(Fault::bad_param, "`orders`: param `tax` has no default", orders::Pipeline());
  REFUSED(Fault::unavailable, "none.csv", orders::Pipeline({.tax = 1, .guests_path = "none.csv"}));
  REFUSED(Fault::bad_param, "Nowhere/Atall", orders::Pipeline({.tax = 1, .zone = "Nowhere/Atall"}));
  REFUSED(Fault::bad_param, "param `zone`: text that C++ gave is not UTF-8", orders::Pipeline({.tax = 1, .zone = "\xff"}));
}

}  // namespace

int main() {
  std::ofstream("guests.csv") << "visitor,name\n20,a guest\n";
  windows();
  many_rows();
  wrong_rows();
  state_and_types();
  unions_and_changes();
  calls_from_within();
  large_maps();
  threads();
  CHECK(areas() == 1);
  wrong_params();
  if (failures == 0) std::puts("all hold");
  return failures == 0 ? 0 : 1;
}
