// A sink whose own commit decides whether a checkpoint counts: its rows and the checkpoint's number are committed together,
// and it can be asked afterwards which number it holds. Without one a checkpoint counts from when its manifest stands.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gress::engine {

/// A checkpoint among all there ever were: `run` is a name that each start draws, partly by chance; in one folder a later
/// start's sorts behind. Two processes may take a checkpoint of one number, at different rows.
struct Decision {
  std::string run;
  std::uint64_t epoch = 0;  // 0: nothing was committed since the pipeline began anew
  /// Nothing was ever committed, or it is not kept any more.
  bool none() const { return run.empty(); }
  friend auto operator<=>(const Decision&, const Decision&) = default;
};

/// Failures are thrown as Failure.
class Decider {
 public:
  // ---- at start
  /// Ends what an earlier process may have left open, and from now on refuses what it may still send. Throws StoppedEarly.
  virtual void open() = 0;
  /// What it holds; of an earlier place() where that was another. Nothing: that cannot be asked for from here.
  virtual std::optional<Decision> decided(std::string_view place) = 0;
  /// Where the number is kept, for the manifest.
  virtual std::string place() const = 0;

  // ---- on the thread that writes checkpoints
  /// All rows of the epoch have arrived, and only commit() is left to do. Throws Failure when another process has taken
  /// over; may be called again to find that out.
  virtual void prepare(const Decision&) = 0;
  /// From here on the epoch counts. Throws Failure when it does not, or when that could not be found out.
  virtual void commit(const Decision&) = 0;
  /// There will be no further commit: nobody is to wait for one. From any thread.
  virtual void give_up() = 0;

 protected:
  ~Decider() = default;
};

}  // namespace gress::engine
