// What a program counts. A cell has one writer (the worker that owns it) and may be read by any thread: adding is a
// plain load, add and store, never a locked instruction. Generated code adds once a block, not once a row.
#pragma once
#include <cstdint>
#include <string>

namespace gress::engine {

class Counter {
 public:
  void add(std::uint64_t n) { __atomic_store_n(&value_, value_ + n, __ATOMIC_RELAXED); }
  std::uint64_t get() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }

 private:
  std::uint64_t value_ = 0;
};

class Gauge {
 public:
  explicit Gauge(std::int64_t start) : value_(start) {}
  void set(std::int64_t value) { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }
  std::int64_t get() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }

 private:
  std::int64_t value_;
};

struct Counted {
  std::string name;  // as in the program
  int line = 0;      // in the .gress file; 0: not known
  // Microseconds of one worker, by the sampler.
  Counter busy;      // at work here
  Counter waiting;   // for what is outside: a sink's target, input
  Counter blocked;   // for another worker, whose ring is full
  Counter held;      // that others were blocked while this worker was here
};

struct SourceCounters : Counted {
  Counter rows;   // decoded, invalid ones not included
  Counter bytes;  // uncompressed
  Counter invalid;
  Counter unknown;  // records of a union whose tag is none of its, by `unknown:`
  Gauge lag{-1};  // records that are there and were not read when it was last looked; -1: not known, or no such thing
  Gauge watermark{INT64_MIN};  // INT64_MIN: none yet or no event time; INT64_MAX: ended
};

struct OperatorCounters : Counted {
  Counter late;    // rows that came too late, routed or dropped
  Counter failed;  // rows that failed here, by the pipeline's `errors`
  Gauge held{0};   // rows that wait for the watermark now, of `in_order`
  Gauge open{0};   // windows (or states with results not given yet) that are open now
  Gauge kept{0};   // rows that a join kept at once, at most
};

struct SinkCounters : Counted {
  std::string target;  // path or the like, for people
  Counter rows;
};

struct CheckpointCounters {
  Counter taken;    // completed by this process
  Counter micros;   // from their beginning until they counted
  Gauge number{0};  // of the last one
  Gauge at{0};      // when it was completed, microseconds since the epoch; 0: none yet
};

}  // namespace gress::engine
