#include "runtime/engine/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

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
    out.host = host == "localhost" ? "127.0.0.1" : host;
    in6_addr address;
    if (!out.host.empty() && inet_pton(brackets ? AF_INET6 : AF_INET, out.host.c_str(), &address) != 1) return std::nullopt;
  }
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || stop != port.data() + port.size()) return std::nullopt;
  return out;
}

std::string to_text(const AdminAddress& address) {
  const std::string& host = address.host.empty() ? "0.0.0.0" : address.host;
  return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + std::to_string(address.port);
}

socklen_t to_socket_address(const AdminAddress& address, sockaddr_storage& out) {
  out = {};
  if (address.host.find(':') != std::string::npos) {
    auto& six = reinterpret_cast<sockaddr_in6&>(out);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &six.sin6_addr);
    return sizeof six;
  }
  auto& four = reinterpret_cast<sockaddr_in&>(out);
  four.sin_family = AF_INET;
  four.sin_port = htons(address.port);
  four.sin_addr.s_addr = htonl(INADDR_ANY);
  if (!address.host.empty()) inet_pton(AF_INET, address.host.c_str(), &four.sin_addr);
  return sizeof four;
}

}  // namespace gress::engine
