#include "compiler/package/tar.h"

#include <array>
#include <cstring>

#include "compiler/toolchain/failure.h"

namespace gress::package {

namespace {

constexpr std::size_t kBlock = 512;

/// The header as POSIX lays it out; numbers are octal text.
struct Header {
  char name[100], mode[8], owner[8], group[8], size[12], time[12], sum[8], type, link[100], magic[6], version[2], user[32],
      group_name[32], major[8], minor[8], prefix[155], rest[12];
};
static_assert(sizeof(Header) == kBlock);

template <std::size_t N>
void octal(char (&field)[N], std::uint64_t value) {
  for (std::size_t i = N - 1; i-- != 0; value >>= 3) field[i] = static_cast<char>('0' + (value & 7));
}

}  // namespace

void Tar::header(std::string_view name, char type, std::size_t size, unsigned mode, int owner) {
  Header head{};
  std::size_t cut = 0;  // of the name: a prefix of so many bytes and a `/`
  if (name.size() > sizeof head.name) {
    cut = name.rfind('/', sizeof head.prefix);
    if (cut == std::string_view::npos || cut == 0 || name.size() - cut - 1 > sizeof head.name)
      throw toolchain::Failure(toolchain::exit_usage, "`" + std::string(name) + "` is too long a name for an archive");
    std::memcpy(head.prefix, name.data(), cut++);
  }
  std::memcpy(head.name, name.data() + cut, name.size() - cut);
  octal(head.mode, mode);
  octal(head.owner, static_cast<std::uint64_t>(owner));
  octal(head.group, static_cast<std::uint64_t>(owner));
  octal(head.size, size);
  octal(head.time, 0);
  head.type = type;
  std::memcpy(head.magic, "ustar", 6);
  std::memcpy(head.version, "00", 2);
  std::memset(head.sum, ' ', sizeof head.sum);
  std::array<unsigned char, kBlock> bytes;
  std::memcpy(bytes.data(), &head, kBlock);
  unsigned sum = 0;
  for (unsigned char byte : bytes) sum += byte;
  char digits[7] = {};
  octal(digits, sum);
  std::memcpy(head.sum, digits, sizeof digits);
  out_.append(reinterpret_cast<const char*>(&head), kBlock);
}

void Tar::folder(std::string_view name, unsigned mode, int owner) { header(std::string(name) + '/', '5', 0, mode, owner); }

void Tar::file(std::string_view name, std::string_view content, unsigned mode, int owner) {
  header(name, '0', content.size(), mode, owner);
  out_ += content;
  out_.append((kBlock - content.size() % kBlock) % kBlock, '\0');
}

std::string Tar::take() {
  out_.append(2 * kBlock, '\0');
  return std::move(out_);
}

}  // namespace gress::package
