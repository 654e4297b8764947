// File names by pattern: `*`, `?` and `[…]` within one part of a path, `**` as a whole part for any folders below.
// A name that begins with a dot is matched only by a pattern that does too; folders are not results; `**` does not
// follow symbolic links.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace gress::file {

bool is_pattern(std::string_view path);

/// Names of the files that match, in byte order. Folders that cannot be read, and links that lead nowhere, are named in
/// `unreadable`, with the reason.
std::vector<std::string> expand_pattern(const std::string& pattern, std::vector<std::string>& unreadable);

}  // namespace gress::file
