// gressc list: what the language has, a line each.
#include <algorithm>

#include "compiler/driver/command.h"
#include "compiler/driver/reference.h"
#include "dsl/check/json_writer.h"

namespace gress::driver {

namespace {

struct Arguments {
  std::string what;
  bool json = false;
} arguments;

std::string as_json(const std::vector<ReferenceEntry>& entries) {
  dsl::JsonWriter json;
  json.begin_array();
  for (const ReferenceEntry& entry : entries) {
    json.begin_object();
    json.key("kind").string(entry.kind);
    json.key("name").string(entry.name);
    json.key("group").string(entry.group);
    json.key("doc").string(entry.doc);
    json.end_object();
    json.line();
  }
  json.end_array();
  json.line();
  return json.take();
}

int run_list(const Settings&) {
  // "functions" asks for entries of kind "function".
  const std::string kind = arguments.what.substr(0, arguments.what.empty() ? 0 : arguments.what.size() - 1);
  const std::vector<ReferenceEntry> entries = reference(kind);
  if (arguments.json) {
    print(as_json(entries));
    return toolchain::exit_ok;
  }
  std::size_t width = 0;
  for (const ReferenceEntry& entry : entries) width = std::max(width, entry.name.size());
  std::string out, heading;
  for (const ReferenceEntry& entry : entries) {
    const std::string group =
        (kind.empty() ? entry.kind + 's' : "") + (kind.empty() && !entry.group.empty() ? ", " : "") + entry.group;
    if (group != heading) {
      out += (out.empty() ? "" : "\n") + group + ":\n";
      heading = group;
    }
    out +=
        (heading.empty() ? "" : "  ") + entry.name + std::string(width + 2 - entry.name.size(), ' ') + entry.doc + '\n';
  }
  print(out);
  return toolchain::exit_ok;
}

}  // namespace

Command make_list() {
  return {.name = "list",
          .summary = "List connectors, functions, aggregates, stages, windows",
          .examples = {{"gressc list", "everything, a line each"},
                       {"gressc list connectors", "where rows come from and go to"},
                       {"gressc list functions --json", "for tools"}},
          .options = {{"WHAT", "", "", &arguments.what, {"connectors", "functions", "aggregates", "stages", "windows"}, true},
                      {"--json", "", "as JSON", &arguments.json}},
          .run = run_list};
}

}  // namespace gress::driver
