// Archives in the format of tar (POSIX ustar), the same bytes for the same files: no times, no names of users.
#pragma once
#include <string>
#include <string_view>

namespace gress::package {

class Tar {
 public:
  /// Names have up to 100 bytes, or 255 where a `/` divides them well. Failure exit_usage for longer ones.
  void folder(std::string_view name, unsigned mode, int owner);
  void file(std::string_view name, std::string_view content, unsigned mode, int owner);
  /// The archive with its end mark.
  std::string take();

 private:
  void header(std::string_view name, char type, std::size_t size, unsigned mode, int owner);
  std::string out_;
};

}  // namespace gress::package
