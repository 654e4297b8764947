#pragma once
#include <string>
#include <vector>

namespace gress::engine {

/// A `--config` file: YAML, one flat map of names to plain values.
struct ConfigFile {
  struct Entry {
    std::string name;
    std::string value;
    int line;
  };
  std::vector<Entry> entries;
  std::vector<std::string> problems;  // "run.yaml:3: …"
  bool unreadable = false;            // the file itself: missing, a folder …
};

ConfigFile read_config_file(const std::string& path);

}  // namespace gress::engine
