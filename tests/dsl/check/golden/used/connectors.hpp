#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace own {

struct Tick {
  std::int64_t n;
  std::string name;
};
struct Coarse {
  std::chrono::sys_time<std::chrono::nanoseconds> at;
};
enum class Colour { red, green };

/// Numbers.
class Ticks {
 public:
  struct Options {
    std::int64_t most;
    std::string name = "tick";               ///< of each
    std::chrono::microseconds pause{};
  };
  static std::vector<std::string> partitions(const Options&) { return {"a"}; }
  Ticks(const Options&, std::string_view) {}
  std::optional<std::size_t> read(std::span<Tick>) { return std::nullopt; }
  std::string position() const { return ""; }
  void seek(const std::string&) {}
};
/// Writes them.
class Log {
 public:
  void write(std::span<const Tick>) {}
};
class Safe {
 public:
  void write(std::span<const Tick>) {}
  std::int64_t prepare() { return 0; }
  void commit(std::int64_t) {}
  void recover(std::optional<std::int64_t>) {}
};

// ---- what is wrong with them

class Empty {};
class Odd {
 public:
  struct Options {
    std::vector<std::string> names;
    std::int64_t rate = 1;
  };
  std::size_t read(std::span<Tick>) { return 0; }
  double position() const { return 0; }
  static void seek(double) {}
};
class Unmade {
 public:
  struct Options {
    std::int64_t n = 0;
  };
  static std::vector<int> partitions(const Options&) { return {}; }
  explicit Unmade(const Options&) {}
  std::optional<std::size_t> read(std::span<Colour>) { return 0; }
  std::int64_t position() { return 0; }
  void seek(std::string) {}
};
class Common {
 public:
  struct Options {
    std::int64_t rate = 1;
  };
  explicit Common(const Options&) {}
  std::optional<std::size_t> read(std::span<Tick>) { return 0; }
  std::int64_t position() const { return 0; }
  void seek(std::int64_t) {}
};
class Half {
 public:
  void write(std::span<Tick>) {}
  void commit(std::int64_t) {}
};
class Unsafe {
 public:
  void write(std::span<const Tick>) {}
  std::string prepare() { return ""; }
  void commit(std::int64_t) {}
  void recover(std::string) {}
};
class Late {
 public:
  void write(std::span<const Coarse>) {}
};
struct Glance {
  std::vector<std::optional<std::string_view>> names;
};
class Viewing {
 public:
  struct Options {
    std::string_view folder;
  };
  explicit Viewing(const Options&) {}
  void write(std::span<const Glance>) {}
};
class Derived : public Common {
 public:
  using Common::Common;
};

}  // namespace own
