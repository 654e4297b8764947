// `PROGRAM health [ADDRESS]`: what a container without a shell is asked whether it lives.
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "runtime/engine/admin_server.h"
#include "runtime/engine/failure.h"
#include "runtime/engine/socket_address.h"

namespace gress::engine {
namespace {

constexpr int kPatience = 3;  // seconds

int connect_to(AdminAddress address) {
  if (address.host.empty() || address.host == "0.0.0.0") address.host = "127.0.0.1";
  sockaddr_storage at;
  const socklen_t size = to_socket_address(address, at);
  const int socket = ::socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{kPatience, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&at), size) == 0) return socket;
  const int why = errno;
  if (socket >= 0) ::close(socket);
  throw Failure(Exit::temporary, "no_answer", error_text(why));
}

std::string ask(const AdminAddress& address) {
  const int socket = connect_to(address);
  const std::string question = "GET /health HTTP/1.1\r\nHost: " + to_text(address) + "\r\nConnection: close\r\n\r\n";
  std::string answer;
  char bytes[1024];
  ssize_t n = ::send(socket, question.data(), question.size(), MSG_NOSIGNAL);
  while (n > 0 && answer.size() < 4096) {
    n = ::recv(socket, bytes, sizeof bytes, 0);
    if (n > 0) answer.append(bytes, static_cast<std::size_t>(n));
  }
  const int why = n < 0 ? errno : 0;
  ::close(socket);
  if (why != 0) throw Failure(Exit::temporary, "no_answer", error_text(why));
  return answer;
}

}  // namespace

int health_command(int argc, const char* const* argv) {
  const char* const variable = std::getenv("GRESS_ADMIN");
  const std::string at = argc > 2 ? argv[2] : variable ? variable : "";
  const std::optional<AdminAddress> address = read_admin_address(at);
  if (argc > 3 || !address) {
    log::error("usage", at.empty() ? std::string("nobody says where the program answers\n`health ADDRESS` names what it was given as `--admin`")
                                   : "`" + at + "` is no address\nexpected a port (9464), or an address and a port (10.0.0.5:9464)");
    return static_cast<int>(Exit::usage);
  }
  try {
    const std::string answer = ask(*address);
    const std::size_t body = answer.find("\r\n\r\n");
    if (answer.starts_with("HTTP/1.1 200 ") && body != std::string::npos) {
      std::fputs(answer.c_str() + body + 4, stdout);
      return static_cast<int>(Exit::ok);
    }
    throw Failure(Exit::temporary, "no_answer", "what answers there is no program of Gress");
  } catch (const Failure& f) {
    log::error(f.event, "no program answers at `" + to_text(*address) + "`: " + f.message);
    return static_cast<int>(f.exit);
  }
}

}  // namespace gress::engine
