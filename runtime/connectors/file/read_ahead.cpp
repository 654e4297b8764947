#include "runtime/connectors/file/read_ahead.h"

#include <poll.h>
#include <signal.h>

#include <system_error>

#include "runtime/engine/failure.h"

namespace gress::file {

using Got = ByteStream::Got;

namespace {

std::atomic<int> g_made{0};

}  // namespace

std::unique_ptr<ReadAhead> ReadAhead::make() {
  if (g_made.load(std::memory_order_relaxed) >= kMost) return nullptr;
  try {
    return std::unique_ptr<ReadAhead>(new ReadAhead);
  } catch (const engine::Failure&) {
    return nullptr;
  }
}

/// All slots are there before the thread is, which has nowhere to tell that there is no memory but in them.
ReadAhead::ReadAhead() {
  for (; ring_.open() != nullptr; ring_.push()) {
  }
  for (; ring_.front() != nullptr; ring_.pop()) {
  }
  g_made.fetch_add(1, std::memory_order_relaxed);
}

ReadAhead::~ReadAhead() {
  stop();
  g_made.fetch_sub(1, std::memory_order_relaxed);
}

void ReadAhead::start(ByteStream& stream) {
  stop_.store(false, std::memory_order_relaxed);
  waits_.store(false, std::memory_order_relaxed);
  // Signals are for the threads that were there before.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this, &stream] { run(stream); });
  } catch (const std::system_error&) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void ReadAhead::stop() {
  if (!runs()) return;
  stop_.store(true, std::memory_order_release);
  reads_.ring();
  thread_.join();
  while (ring_.front() != nullptr) ring_.pop();
  if (std::exchange(dozing_, false)) reader_.rise();
}

void ReadAhead::run(ByteStream& stream) {
  for (;;) {
    Chunk* const chunk = ring_.open();
    if (stop_.load(std::memory_order_acquire)) return;
    if (chunk == nullptr) {
      wait_for_room();
      continue;
    }
    try {
      if (chunk->buffer.capacity() == 0) chunk->buffer.grow(kBefore + kChunk, 0);
      const ByteStream::Part part = stream.read(chunk->buffer.data() + kBefore, kChunk);
      if (part.got == Got::idle) {
        wait_for_input(stream);
        continue;
      }
      chunk->got = part.got;
      chunk->size = part.size;
      chunk->thrown = nullptr;
    } catch (...) {
      chunk->thrown = std::current_exception();
    }
    const bool last = chunk->thrown || chunk->got != Got::data;
    ring_.push();
    if (last || ++made_ % kTold == 0) reader_.ring();
    if (last) return;
  }
}

void ReadAhead::wait_for_room() {
  reads_.doze();
  if (!ring_.half_free() && !stop_.load(std::memory_order_acquire)) reads_.sleep();
  reads_.rise();
}

void ReadAhead::wait_for_input(const ByteStream& stream) {
  waits_.store(true, std::memory_order_release);
  reader_.ring();
  reads_.doze();
  if (!stop_.load(std::memory_order_acquire)) {
    pollfd polled[] = {{stream.descriptor(), POLLIN, 0}, {reads_.descriptor(), POLLIN, 0}};
    ::poll(polled, 2, -1);
  }
  reads_.rise();
  waits_.store(false, std::memory_order_relaxed);
}

ReadAhead::Chunk* ReadAhead::next() {
  for (;;) {
    if (std::exchange(dozing_, false)) reader_.rise();
    if (Chunk* const chunk = ring_.front()) return chunk;
    reader_.doze();
    dozing_ = true;
    const bool waits = waits_.load(std::memory_order_acquire);
    if (ring_.front() != nullptr) continue;
    if (waits) return nullptr;
    reader_.sleep();
  }
}

void ReadAhead::taken() {
  ring_.pop();
  if (++taken_ % kTold == 0 || ring_.front() == nullptr) reads_.ring();
}

}  // namespace gress::file
