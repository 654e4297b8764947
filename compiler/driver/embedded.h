// Files that are part of gressc: error pages, the files of a new project, templates. The list is made while building.
#pragma once
#include <span>
#include <string_view>

namespace gress::driver {

struct EmbeddedFile {
  std::string_view name;  // "E0101.md", "new/pipeline.gress"
  std::string_view text;
};

std::span<const EmbeddedFile> error_pages();
std::span<const EmbeddedFile> new_project_files();
std::span<const EmbeddedFile> package_templates();

}  // namespace gress::driver
