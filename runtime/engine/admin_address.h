// Where a program answers questions about itself: `--admin`. Names of machines are not looked up: a port is opened at an
// address that one's own machine has.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gress::engine {

struct AdminAddress {
  std::string host;  // an address of IPv4 or IPv6; empty: every one of the machine
  std::uint16_t port = 0;  // 0: any free one
};

/// "9464" is a port of this machine alone, ":9464" one of all its addresses, "10.0.0.5:9464", "[::1]:9464" and
/// "localhost:9464" of one. Nothing if the text is none of these.
std::optional<AdminAddress> read_admin_address(std::string_view text);
/// As it is written in a URL.
std::string to_text(const AdminAddress& address);

}  // namespace gress::engine
