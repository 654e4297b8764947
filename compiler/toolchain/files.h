// Files and folders as the toolchain needs them: whole reads, atomic writes, scratch folders.
#pragma once
#include <string>
#include <string_view>

#include "compiler/toolchain/failure.h"

namespace gress::toolchain {

/// The whole file. Failure exit_no_input when it is missing, unreadable or a folder.
std::string read_file(const std::string& path);
/// False when the file cannot be read.
bool try_read_file(const std::string& path, std::string& text);

/// Writes text so that the path holds the old or the new content, never a part (a temporary file beside it, renamed).
/// What is there and is no regular file (a device, a pipe) is written into. Failure exit_cannot_create or exit_io.
void write_file(const std::string& path, std::string_view text, unsigned mode = 0666);
/// Copies a file the same way, reported as the creation of `to`. The copy gets `mode` less the umask.
void copy_file(const std::string& from, const std::string& to, unsigned mode = 0666);

/// Makes the folder and those above it; false when that fails.
bool make_folders(const std::string& path, unsigned mode = 0777);
void remove_tree(const std::string& path);

/// Folder part (`.` without one) and last part of a path.
std::string folder_of(const std::string& path);
std::string base_of(const std::string& path);
bool is_file(const std::string& path);
bool is_folder(const std::string& path);
/// Whether both paths lead to one existing file.
bool same_file(const std::string& a, const std::string& b);

/// Text of the last failed system call: "no space left on device".
std::string system_error_text(int error);

/// A folder of one's own that goes away with the object.
class ScratchFolder {
 public:
  /// In `parent` if that works, else in $TMPDIR or /tmp. Failure exit_cannot_create when neither does.
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace gress::toolchain
