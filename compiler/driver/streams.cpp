#include "compiler/driver/streams.h"

#include "compiler/driver/settings.h"

namespace gress::driver {

std::uint32_t find_stream(const dsl::checked::Program& program, const std::string& name) {
  std::vector<std::string_view> names;
  for (std::uint32_t i = 0; i < program.streams.size(); ++i) {
    if (program.streams[i].name == name) return i;
    names.push_back(program.streams[i].name);
  }
  Failure failure(toolchain::exit_usage, "there is no stream `" + name + "`");
  if (const std::string_view near = dsl::nearest(name, names); !near.empty()) {
    failure.helps.push_back("did you mean `" + std::string(near) + "`?");
  } else {
    std::string all;
    for (const std::string_view one : names) all += (all.empty() ? "`" : ", `") + std::string(one) + '`';
    failure.helps.push_back("there are " + all);
  }
  throw failure;
}

}  // namespace gress::driver
