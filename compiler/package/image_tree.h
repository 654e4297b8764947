// The files of an image: an executable, the shared objects it needs, a few files of the system where the program reads
// them, and a folder that is the program's to write. Nothing else: no shell, no package manager.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/package/facts.h"
#include "compiler/package/needed.h"

namespace gress::package {

/// Who runs in an image: no user of any machine.
inline constexpr int kImageUser = 65532;

struct ImageFile {
  std::string path;           // in the image, without `/` in front
  std::string from;           // path here; empty: a folder
  unsigned mode = 0755;
  int owner = 0;
};

struct ImageTree {
  std::string architecture = {};
  std::vector<ImageFile> system = {};  // what images of different programs have in common
  std::vector<ImageFile> program = {};
};

ImageTree image_tree(const std::string& executable, const Facts&);

/// Writes it below `folder`, which may exist but must be empty: `system`, and `data` apart, as a Dockerfile copies by owner.
void write_tree(const ImageTree&, const std::string& folder);

}  // namespace gress::package
