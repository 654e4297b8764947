// What the files of a deployment must know of a program.
#pragma once
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dsl/check/checked.h"
#include "dsl/source/source.h"

namespace gress::package {

/// A param of the program, which is set from outside by an environment variable.
struct Setting {
  std::string name, environment;  // `input`, `GRESS_INPUT`
  std::string doc;
  std::string fallback = {};      // the default, as the variable would say it
  std::string value = {};         // to be written down, where `given`
  bool given = false;
  bool required = false;          // no default
  bool secret = false;            // never written down: comes from where secrets are kept
};

/// A server that connectors name by a constant or by a param alone, and that everybody may use.
struct Server {
  std::string connector;                                // "kafka"
  std::vector<std::pair<std::string, int>> addresses;  // host, port
  std::string param;                                    // that names it; empty: the program itself does
  std::set<std::string> topics = {};                    // that the program reads and writes there
  bool other_topics = false;                            // and such as are not known here
};

inline constexpr const char kAdminVariable[] = "GRESS_ADMIN";
inline constexpr int kAdminPort = 9464;

struct Facts {
  std::string name;     // of the program
  std::string command;  // the same as the name of a file: letters, digits, `_`
  std::string label;    // the same as part of a host's name: lower case, `-`
  std::string title;    // the first line of its documentation, else its name
  std::string file;     // the program's, without its folder
  std::vector<std::string> files;  // all of the program's, from the folder of `file`, that first
  std::string source_hash;
  std::vector<Setting> settings;
  std::vector<Server> servers;
  int workers = 1;
  bool all_cpus = false;      // as many workers as it may use CPUs, instead
  std::int64_t state_memory = 0;  // bytes that its state is kept within; 0: not bounded
  bool ends = false;          // by itself, at the end of its inputs, or may
  std::vector<std::string> may_end;  // sources of C++ headers, of which nobody knows whether they end
  bool standard_input = false;
  bool files_read_or_written = false;
  bool checkpoints = false;
  bool network = false;       // speaks to servers
  bool certificates = false;  // checks those of servers by the system's list
  bool zones = false;         // reads the time zone database
  bool event_time = false;    // of a source
  bool lag = false;           // a source knows how much it has not read

  /// Of the files that start it again where it ends, comments; empty: none.
  std::string note_of_ends() const;
  /// Nobody else means something else by GRESS_ADMIN.
  bool answers() const {
    return std::none_of(settings.begin(), settings.end(), [](const Setting& s) { return s.environment == kAdminVariable; });
  }

  /// A place of its own that outlives the process.
  bool keeps_data() const { return files_read_or_written || checkpoints; }
};

/// `zones` and `source_hash` are left to the caller. `given`: NAME=VALUE of params. Failure exit_usage for one that is no
/// param.
Facts find_facts(const dsl::checked::Program&, const dsl::SourceManager&, const std::vector<std::string>& headers,
                 const std::vector<std::string>& given);

/// Failure exit_usage that names the params which have neither default nor value, apart from secrets and those that the
/// file supplies by itself.
void require_values(const Facts&, const std::set<std::string>& supplied = {});

}  // namespace gress::package
