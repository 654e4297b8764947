// How texts become parts of files: templates with holes, and one function a kind of file by which text of a program or of
// a user becomes a value in it.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gress::package {

using Holes = std::vector<std::pair<std::string_view, std::string>>;

/// The template with each `{{name}}` filled in. What is filled in is indented as its hole where that begins a line; a line of
/// nothing but an empty hole goes away. std::logic_error for a hole without a value and a value without a hole.
std::string fill(std::string_view text, const Holes&);

/// A YAML value: a double-quoted scalar, on one line. Failure exit_usage for text that is no UTF-8.
std::string yaml_text(std::string_view text);
/// The same in a compose file, where `$` begins a variable.
std::string compose_text(std::string_view text);
/// A word of a setting of systemd, where `%` begins a specifier.
std::string systemd_word(std::string_view text);
/// The rest of a line of a unit, unquoted: a description.
std::string systemd_line(std::string_view text);
/// A path in a Dockerfile, as a JSON string. Failure exit_usage for one with characters that mean something there.
std::string docker_path(std::string_view path);
/// For a comment in any of them: one line, no control characters.
std::string comment_text(std::string_view text);
/// The same behind a value of YAML; empty without text.
std::string remark(std::string_view text);

}  // namespace gress::package
