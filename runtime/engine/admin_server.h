// Answers questions about a running program by HTTP, on a thread of its own: `/metrics` for a Prometheus server, `/health` and
// `/ready` for whoever starts and restarts it. GET and HEAD, one question a connection; nothing can be changed by it.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/engine/admin_address.h"
#include "runtime/engine/counters.h"
#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

class AdminServer {
 public:
  /// Listens from now on. Throws Failure where it cannot.
  AdminServer(const ProgramInfo& program, const AdminAddress& address);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// All counters have been made, the state is restored, and rows are taken. `checkpoints`: null without any.
  void ready(const Runtime& runtime, const CheckpointCounters* checkpoints);

 private:
  struct Connection {
    int socket;
    std::int64_t deadline;  // by steady_micros()
    std::string question = {}, answer = {};
    std::size_t sent = 0;
  };

  void serve();
  void accept_all();
  /// Whether it goes on.
  bool goes_on(Connection& connection) const;
  bool go_on(Connection& connection) const;
  std::string answer(std::string_view head) const;

  const ProgramInfo& program_;
  const std::int64_t begun_;
  int listener_ = -1, stop_ = -1;
  const CheckpointCounters* checkpoints_ = nullptr;
  std::atomic<const Runtime*> runtime_ = nullptr;  // null until all is ready; behind checkpoints_
  std::vector<Connection> connections_;  // has room for all
  std::int64_t full_until_ = 0;  // no descriptor was left: no more are taken until then
  std::jthread thread_;
};

/// `PROGRAM health [ADDRESS]`: asks a program that runs elsewhere, as `--admin` or GRESS_ADMIN says; the exit code.
int health_command(int argc, const char* const* argv);

}  // namespace gress::engine
