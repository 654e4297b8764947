// Names outside of namespaces that the runtime and generated code have too, and macros of names that only the runtime has.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct Text {
  double x;
};
struct Block {};
struct Eval {};
struct Out {};
struct Op {};
struct Row {};
struct Members {};
struct Pipeline {};
struct Prepared {};
struct Params {};
struct Shared {};
struct Bridge {};
struct EnumBridge {};
template <class T>
struct Opt {};
template <class T>
struct List {};
enum class Read { nothing };
enum class Kind { round, square };
namespace program {
struct Pipeline {};
}
namespace engine {
struct Runtime {};
}
namespace foreign {
struct Eval {};
inline int out(int x) noexcept { return x; }
}
namespace fn {
struct Zone {};
}
namespace decode {}
namespace file {}
namespace testing {}
inline int params = 1, ev = 2, kBlock = 3, kTime = 4, kProgram = 5, out = 6, runtime = 7, scaled_row = 8;
inline int guarded(int x) noexcept { return x; }
inline int literal(const Text&) noexcept { return 1; }
template <class T>
int values_in(T) {
  return 0;
}
#define arena_of nothing
#define sections_said nothing

/// Uses the names that are its own.
inline double nasty(const Text& text, Kind kind) noexcept { return text.x + (kind == Kind::square ? params : ev); }
inline Kind kind_of(double x) noexcept { return x < 1 ? Kind::round : Kind::square; }
inline Text text_of(double x) noexcept { return {x}; }
