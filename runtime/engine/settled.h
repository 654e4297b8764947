// A source that tells others how far it has come.
#pragma once

namespace gress::engine {

class Settled {
 public:
  virtual ~Settled() = default;
  /// The program ends well, and all that was made of what this source has given is out.
  virtual void settled() = 0;
};

}  // namespace gress::engine
