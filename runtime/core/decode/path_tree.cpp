#include "runtime/core/decode/path_tree.h"

namespace gress::decode {

void PathTree::add(std::string_view path, int field, bool presence) {
  int at = 0;
  std::string name;
  bool optional = false;
  const auto enter = [&](bool last) {
    std::size_t expected = 0;
    int node = find(at, name, expected);
    if (node < 0) {
      node = size();
      PathNode made;
      made.name = name;
      made.path = at == 0 ? name : nodes_[static_cast<std::size_t>(at)].path + "." + name;
      nodes_.push_back(made);
      nodes_[static_cast<std::size_t>(at)].children.push_back(node);
    }
    PathNode& n = nodes_[static_cast<std::size_t>(node)];
    if (last && !presence) n.field = field;
    if (last && presence) n.presence = field;
    if (!last || presence) n.optional = n.optional || optional;
    at = node;
    name.clear();
    optional = false;
  };
  for (std::size_t i = 0; i != path.size(); ++i) {
    const char c = path[i];
    if (c == '\\' && i + 1 != path.size()) {
      name += path[++i];
    } else if (c == '?' && (i + 1 == path.size() || path[i + 1] == '.')) {
      optional = true;
    } else if (c == '.') {
      enter(false);
    } else {
      name += c;
    }
  }
  enter(true);
}

}  // namespace gress::decode
