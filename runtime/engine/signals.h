// SIGTERM and SIGINT ask a program to stop: sources end where they are, what was produced is flushed, the exit code is
// 0. Without checkpoints open windows are dropped then, and the summary says how many. A second SIGINT ends the process at
// once. SIGPIPE is ignored; writers see EPIPE. SIGUSR1 asks programs that save their state for a checkpoint.
#pragma once
#include <csignal>

namespace gress::engine::signals {

void install();
/// The signal that asked to stop, 0 if none.
int stop_requested();
/// From now on SIGUSR1 asks for a checkpoint.
void listen_for_checkpoints();
/// Whether it did, since the last call.
bool take_checkpoint_request();
/// As if SIGTERM had come.
void request_stop();
/// Becomes readable when a stop is requested; -1 before install().
int wake_fd();
const char* name(int signal);
/// For tests: forgets a request.
void forget();

}  // namespace gress::engine::signals
