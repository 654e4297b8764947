// What a generated program says about itself, as constant data:
//   static constexpr gress::engine::ParamInfo kParams[] = {
//       {"input", "string", "\"../data/flights.csv\"", "Where departures are read."},
//       {"limit", "i64", nullptr, ""},                          // no default: must be given
//   };
//   static constexpr gress::engine::ProgramInfo kProgram{
//       .name = "flights_daily", .doc = "Departures of every airport, day by day.", .source_file =
//       "flights_daily.gress", .source_hash = "3f9c…", .describe = R"json({…})json", .params = kParams};
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/engine/cpu_features.h"

namespace gress::paging {
void begin(const char* folder, std::size_t bytes);  // runtime/paging/paging.h
}

namespace gress::engine {

#if defined(__clang__)
inline constexpr const char* kCompiler = "clang " __clang_version__;
#else
inline constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

struct ParamInfo {
  const char* name;
  const char* type;          // as in the language: "string", "duration", "Status"
  const char* default_text;  // as written in the program; null: none
  const char* doc = "";
  bool optional() const { return std::string_view(type).ends_with('?'); }
  bool required() const { return default_text == nullptr && !optional(); }
};

struct ProgramInfo {
  const char* name;
  const char* doc = "";
  const char* source_file = "";  // display name of the .gress file
  const char* source_hash = "";
  const char* plan_hash = "";    // the same for programs that do the same
  const char* describe = "{}";  // JSON text for --describe
  std::span<const ParamInfo> params = {};
  bool for_workers = false;           // compiled with exchanges: runs right with several workers
  std::int64_t checkpoint = 0;        // microseconds between two; 0: none are taken
  const char* checkpoint_dir = "";    // as the program says; empty: NAME.checkpoints
  std::int64_t state_memory = 0;      // bytes; 0: the state is held in memory
  int cold_tables = 0;                // of a worker, that go beyond it
  void (*page)(const char* folder, std::size_t bytes) = nullptr;  // where pages of state go to disk: paging::begin
  const char* state = "";             // what its checkpoints hold, as JSON (runtime/checkpoint/evolution.h)
  const char* cpu = "";               // what `--cpu` was: "native", "baseline", …
  const char* compiler = kCompiler;   // that the generated file was compiled with
  const char* built_for = kBuiltFor;  // features the generated file was compiled with
};

}  // namespace gress::engine
