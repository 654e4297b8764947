// The fields of a schema as a tree of names, so that a reader of nested objects knows what each name means.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gress::decode {

struct PathNode {
  std::string name;
  std::string path;
  /// The field read here, -1 for a record that is taken apart.
  int field = -1;
  /// For a record taken apart: may it be absent, and the field that says whether it was.
  bool optional = false;
  int presence = -1;
  std::vector<int> children;
};

class PathTree {
 public:
  PathTree() : nodes_(1) {}
  /// Paths as in schema.h; `presence`: the path is a record whose being there is the field's value.
  void add(std::string_view path, int field, bool presence);
  const PathNode& operator[](int node) const { return nodes_[static_cast<std::size_t>(node)]; }
  int size() const { return static_cast<int>(nodes_.size()); }
  /// The child of `node` called `name`, -1 without one. `expected` is where to look first, a place among the children;
  /// it is moved behind the one found.
  int find(int node, std::string_view name, std::size_t& expected) const {
    const std::vector<int>& children = nodes_[static_cast<std::size_t>(node)].children;
    for (std::size_t tried = 0; tried != children.size(); ++tried) {
      if (expected >= children.size()) expected = 0;
      const int child = children[expected];
      if (nodes_[static_cast<std::size_t>(child)].name == name) {
        ++expected;
        return child;
      }
      ++expected;
    }
    return -1;
  }

 private:
  std::vector<PathNode> nodes_;
};

}  // namespace gress::decode
