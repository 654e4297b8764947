#include "runtime/engine/admin_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>

#include "runtime/engine/clock.h"
#include "runtime/engine/failure.h"
#include "runtime/engine/log.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/socket_address.h"

namespace gress::engine {
namespace {

constexpr std::size_t kMostConnections = 32, kMostOfQuestion = 8192;
constexpr std::int64_t kPatience = 5'000'000, kPause = 1'000'000;  // microseconds

[[noreturn]] void refuse(const AdminAddress& address, const std::string& why, Exit code = Exit::usage) {
  throw Failure(code, "admin_failed", "cannot answer at `" + to_text(address) + "`: " + why + "\n`--admin` says where");
}

int listen_at(const AdminAddress& address) {
  sockaddr_storage at;
  const socklen_t size = to_socket_address(address, at);
  const int socket = ::socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  if (socket >= 0 && setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      bind(socket, reinterpret_cast<sockaddr*>(&at), size) == 0 && listen(socket, 16) == 0)
    return socket;
  const int why = errno;
  if (socket >= 0) ::close(socket);
  refuse(address, error_text(why), why == EADDRINUSE ? Exit::temporary : Exit::usage);
}

/// The port that was free.
std::uint16_t port_of(int socket) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0) return 0;
  return ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(at).sin6_port : reinterpret_cast<sockaddr_in&>(at).sin_port);
}

std::string response(std::string_view status, std::string_view body, bool with_body, std::string_view more = {}) {
  std::string out = "HTTP/1.1 ";
  out.append(status).append("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: ");
  out += std::to_string(body.size());
  out.append("\r\nCache-Control: no-store\r\nConnection: close\r\n").append(more) += "\r\n";
  if (with_body) out += body;
  return out;
}

}  // namespace

AdminServer::AdminServer(const ProgramInfo& program, const AdminAddress& address)
    : program_(program), begun_(steady_micros()), listener_(listen_at(address)), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  connections_.reserve(kMostConnections);
  // Signals are for the workers, whose waits they end.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    if (stop_ < 0) throw std::system_error(errno, std::generic_category());
    thread_ = std::jthread([this] { serve(); });
  } catch (const std::system_error& e) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(listener_);
    if (stop_ >= 0) ::close(stop_);
    refuse(address, error_text(e.code().value()));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::string at = to_text({address.host, port_of(listener_)});
  log::write(log::Level::info, "admin", "answers at http://" + at + "/metrics, /health and /ready", {{"address", at, false}});
}

AdminServer::~AdminServer() {
  eventfd_write(stop_, 1);
  thread_.join();
  for (const Connection& c : connections_) ::close(c.socket);
  ::close(listener_);
  ::close(stop_);
}

void AdminServer::ready(const Runtime& runtime, const CheckpointCounters* checkpoints) {
  checkpoints_ = checkpoints;
  runtime_.store(&runtime, std::memory_order_release);
}

void AdminServer::serve() {
  std::vector<pollfd> watched;
  watched.reserve(kMostConnections + 2);
  for (;;) {
    const std::int64_t now = steady_micros();
    watched.assign(1, {stop_, POLLIN, 0});
    std::int64_t wake = INT64_MAX;
    for (const Connection& c : connections_) {
      watched.push_back({c.socket, static_cast<short>(c.answer.empty() ? POLLIN : POLLOUT), 0});
      wake = std::min(wake, c.deadline);
    }
    if (connections_.size() < kMostConnections && now >= full_until_) watched.push_back({listener_, POLLIN, 0});
    else wake = std::min(wake, std::max(full_until_, now + kPause));
    const int wait = wake == INT64_MAX ? -1 : static_cast<int>(std::clamp<std::int64_t>((wake - now) / 1000 + 1, 0, 60'000));
    if (::poll(watched.data(), watched.size(), wait) < 0) {
      if (errno != EINTR) std::this_thread::sleep_for(std::chrono::microseconds(kPause));  // no memory: the program may go on
      continue;
    }
    if (watched[0].revents != 0) return;
    const std::int64_t after = steady_micros();
    for (std::size_t i = connections_.size(); i-- != 0;) {
      if (watched[i + 1].revents != 0 ? goes_on(connections_[i]) : after < connections_[i].deadline) continue;
      ::close(connections_[i].socket);
      connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watched.back().fd == listener_ && watched.back().revents != 0) accept_all();
  }
}

void AdminServer::accept_all() {
  while (connections_.size() < kMostConnections) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) full_until_ = steady_micros() + kPause;
      return;
    }
    connections_.push_back({socket, steady_micros() + kPatience});
  }
}

/// Where memory is out the question is not answered; the program is not ended by it.
bool AdminServer::goes_on(Connection& c) const try {
  return go_on(c);
} catch (const std::bad_alloc&) {
  return false;
}

bool AdminServer::go_on(Connection& c) const {
  if (c.answer.empty()) {
    char bytes[2048];
    const ssize_t n = ::recv(c.socket, bytes, sizeof bytes, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    c.question.append(bytes, static_cast<std::size_t>(n));
    const bool whole = c.question.find("\r\n\r\n") != std::string::npos || c.question.find("\n\n") != std::string::npos;
    if (!whole && c.question.size() < kMostOfQuestion) return true;
    c.answer = whole ? answer(c.question) : response("431 Request Header Fields Too Large", "the question is too long\n", true);
  }
  const ssize_t n = ::send(c.socket, c.answer.data() + c.sent, c.answer.size() - c.sent, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  c.sent += static_cast<std::size_t>(n);
  return c.sent != c.answer.size();
}

std::string AdminServer::answer(std::string_view head) const {
  const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
  const std::size_t first = line.find(' '), second = line.rfind(' ');
  if (first == std::string_view::npos || second <= first || !line.substr(second + 1).starts_with("HTTP/1."))
    return response("400 Bad Request", "this is no HTTP/1.1\n", true);
  const std::string_view method = line.substr(0, first);
  std::string_view path = line.substr(first + 1, second - first - 1);
  path = path.substr(0, path.find('?'));
  const bool body = method != "HEAD";
  if (body && method != "GET") return response("405 Method Not Allowed", "only GET and HEAD are answered\n", true, "Allow: GET, HEAD\r\n");
  const Runtime* const runtime = runtime_.load(std::memory_order_acquire);
  const char* const state = !runtime ? "starting\n" : signals::stop_requested() != 0 ? "stopping\n" : "running\n";
  if (path == "/metrics")
    return response("200 OK", metrics_text(program_, runtime, checkpoints_, static_cast<double>(steady_micros() - begun_) / 1e6), body);
  if (path == "/health") return response("200 OK", state, body);
  if (path == "/ready") return response(*state == 'r' ? "200 OK" : "503 Service Unavailable", state, body);
  return response("404 Not Found", "there are /metrics, /health and /ready\n", body);
}

}  // namespace gress::engine
