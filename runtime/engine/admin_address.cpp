#include "runtime/engine/admin_address.h"

#include <charconv>

namespace gress::engine {

std::optional<AdminAddress> read_admin_address(std::string_view text) {
  AdminAddress out;
  const std::size_t colon = text.rfind(':');
  std::string_view port = text;
  if (colon == std::string_view::npos) {
    out.host = "127.0.0.1";
  } else {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    if (!brackets && host.find_first_of(":[]") != std::string_view::npos) return std::nullopt;
    if (host.find_first_of(" \t\r\n/") != std::string_view::npos) return std::nullopt;
    out.host = host;
  }
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || stop != port.data() + port.size() || number > 65535) return std::nullopt;
  out.port = std::to_string(number);
  return out;
}

std::string to_text(const AdminAddress& address) {
  const std::string& host = address.host.empty() ? "0.0.0.0" : address.host;
  return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + address.port;
}

}  // namespace gress::engine
