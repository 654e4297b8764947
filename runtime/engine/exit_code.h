// How a program ends; the numbers are those of sysexits.h. A file that cannot be read is `no_input` and one that
// cannot be written `cannot_create`, also when permission is what lacks: `no_permission` is for services that refuse
// us.
#pragma once

namespace gress::engine {

enum class Exit : int {
  ok = 0,
  usage = 64,          // command line, config file, params
  data = 65,           // an invalid row under `invalid: fail`, a damaged compressed file
  no_input = 66,       // an input is missing or cannot be read
  internal = 70,       // a bug of ours, or a CPU that lacks what the program was built for
  cannot_create = 73,  // an output cannot be created
  io = 74,             // reading or writing failed on the way
  temporary = 75,      // trying again later may help
  no_permission = 77,
};

}  // namespace gress::engine
