// What stands in a folder.
#pragma once
#include <filesystem>
#include <system_error>
#include <vector>

namespace gress::engine {

/// The paths of a folder's entries, by name. If it cannot be read to its end: none, and `error` says why.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder, std::error_code& error);

}  // namespace gress::engine
