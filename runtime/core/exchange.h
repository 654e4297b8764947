// Where rows change the worker: each goes to the owner of its key (or all to worker 0), through a ring of slots between
// each two workers. Rows are written straight into the open slot of their owner; a slot goes when it is full, or when
// the sender has sent much or has nothing more for now. It carries the sender's watermark as of then: rows in it that
// came after that are only seen sooner than they need be.
//
// A sender that finds a ring full works on what waits in its own rings, of this exchange and those behind it
// (Pipeline::receive), so no circle of workers can wait for each other, and no operator is entered again while it is at
// work: the rows that it gives go to exchanges behind it.
//
// Spec (generated):
//   Pipeline, In; static constexpr int kLevel;         // the order of exchanges in the plan
//   static std::uint64_t hash(Pipeline&, const In&, int i);   // absent: all rows go to worker 0
//   static void process(Pipeline&, const In&);  static void watermark(Pipeline&, std::int64_t);
// Pipeline: engine::Runtime& runtime; bool receive(int level);  // takes what waits in exchanges of that level and above
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <type_traits>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/kept.h"
#include "runtime/core/spsc_ring.h"
#include "runtime/engine/run.h"

namespace gress {

template <class In>
struct ExchangeSlot {
  static constexpr bool kBorrowed = std::is_pointer_v<decltype(In::rows)>;
  struct Nothing {};

  ExchangeSlot() {
    if constexpr (kBorrowed) block.rows = rows;
  }
  In block;
  [[no_unique_address]] std::conditional_t<kBorrowed, typename In::Row[kBlock], Nothing> rows;
  Eval text;  // what rows of the block refer to
  std::int64_t watermark = kStartOfTime;
  bool last = false;  // the sender sends no more
};

/// The rings of one exchange, shared by all workers.
template <class In>
class ExchangeRings {
 public:
  using Slot = ExchangeSlot<In>;
  static constexpr std::uint32_t kSlots = 8;

  explicit ExchangeRings(int workers) : workers_(workers) {
    if (workers > 1)
      for (int i = 0; i != workers * workers; ++i) rings_.emplace_back(kSlots);
  }
  SpscRing<Slot>& between(int from, int to) { return rings_[static_cast<std::size_t>(from * workers_ + to)]; }

 private:
  int workers_;
  std::deque<SpscRing<Slot>> rings_;
};

template <class Spec>
class Exchange {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using Rings = ExchangeRings<In>;
  using Slot = typename Rings::Slot;
  static constexpr bool kByKey = requires(Pipeline& p, const In& in) { Spec::hash(p, in, 0); };

  Exchange(Pipeline& pipeline, Rings& rings)
      : pipeline_(pipeline),
        rings_(rings),
        me_(pipeline.runtime.worker()),
        workers_(pipeline.runtime.workers()),
        open_(static_cast<std::size_t>(workers_), nullptr),
        senders_(static_cast<std::size_t>(workers_)) {}

  // ---- sending

  void send(const In& in) {
    std::uint8_t owners[kBlock];
    for (int i = 0; i != in.count; ++i) {
      owners[i] = 0;
      if constexpr (kByKey) owners[i] = static_cast<std::uint8_t>(engine::owner_of(Spec::hash(pipeline_, in, i), workers_));
    }
    for (int i = 0; i != in.count; ++i) {
      // An update's two rows stand side by side, unless they belong to different workers.
      if constexpr (In::has(kOp))
        if (in.op[i] == Op::retract && i + 1 != in.count && owners[i + 1] == owners[i] && slot(owners[i]).block.count + 2 > kBlock)
          hand_on(owners[i]);
      put(slot(owners[i]), in, i);
      if (open_[owners[i]]->block.full()) hand_on(owners[i]);
    }
    sent_ += in.count;
  }
  void raise(std::int64_t watermark) {
    watermark_ = watermark;
    if (sent_ >= kBlock / 2 * workers_ || ++raised_ == kRaises || watermark == kEndOfTime) flush();
  }
  /// All that was sent can be received, and how far the watermark is.
  void flush() {
    if (ended_ || (greeted_ && sent_ == 0 && watermark_ == told_)) return;
    greeted_ = true;
    raised_ = 0;
    for (int to = 0; to != workers_; ++to) {
      slot(to);
      hand_on(to);
    }
    sent_ = 0;
    told_ = watermark_;
  }
  /// No more will be sent.
  void end() {
    if (ended_) return;
    ended_ = true;
    for (int to = 0; to != workers_; ++to) {
      slot(to).last = true;
      hand_on(to);
    }
  }

  // ---- receiving

  /// Takes a slot of each sender that has one; false when none had. Nothing is taken before each sender has said how far
  /// it is: of a source with one partition, all but one of them say at once that they are at the end, so that what the
  /// operator does does not hang on who starts first.
  bool receive() {
    if (!greeted_) flush();
    if (!started_ && !start()) return false;
    bool any = false;
    for (int from = 0; from != workers_; ++from) {
      SpscRing<Slot>& ring = rings_.between(from, me_);
      Slot* const slot = ring.front();
      if (slot == nullptr) continue;
      any = true;
      if (slot->block.count != 0) {
        slot->block.others = std::min(slot->block.others, lowest_but(from));
        Spec::process(pipeline_, slot->block);
      }
      Sender& sender = senders_[static_cast<std::size_t>(from)];
      sender.watermark = slot->watermark;
      sender.ended = slot->last;
      slot->block.count = 0;
      slot->text.arena.reset();
      ring.pop();
      pipeline_.runtime.ring(from);
    }
    if (any) advance();
    return any;
  }
  /// All senders have ended, and all that they sent has been taken.
  bool ended() const {
    for (const Sender& s : senders_)
      if (!s.ended) return false;
    return true;
  }

 private:
  static constexpr int kRaises = 64;  // that a watermark without rows waits at most
  struct Sender {
    std::int64_t watermark = kStartOfTime;
    bool ended = false;
  };

  /// All senders have greeted; what they said before any row holds from the start.
  [[gnu::cold, gnu::noinline]] bool start() {
    for (int from = 0; from != workers_; ++from)
      if (rings_.between(from, me_).front() == nullptr) return false;
    for (int from = 0; from != workers_; ++from) {
      const Slot& slot = *rings_.between(from, me_).front();
      if (slot.block.count == 0) senders_[static_cast<std::size_t>(from)].watermark = slot.watermark;
    }
    return started_ = true;
  }

  void put(Slot& slot, const In& in, int i) {
    const int at = slot.block.count++;
    slot.block.others = std::min(slot.block.others, in.others);
    slot.block.rows[at] = fn::kept(slot.text, in.rows[i]);
    slot.block.take_lanes(at, in, i);
  }
  /// The slot that rows for a worker go to.
  [[gnu::always_inline]] Slot& slot(int to) {
    Slot*& open = open_[static_cast<std::size_t>(to)];
    if (open == nullptr) [[unlikely]] open = wait(to);
    return *open;
  }
  [[gnu::noinline]] Slot* wait(int to) {
    SpscRing<Slot>& ring = rings_.between(me_, to);
    Slot* found = ring.open();
    while (found == nullptr) {
      pipeline_.runtime.blocked([&] { return (found = ring.open()) != nullptr; }, [&] { return pipeline_.receive(Spec::kLevel); });
    }
    found->last = false;
    found->block.others = kEndOfTime;
    return found;
  }
  void hand_on(int to) {
    Slot*& open = open_[static_cast<std::size_t>(to)];
    open->watermark = watermark_;
    open = nullptr;
    rings_.between(me_, to).push();
    pipeline_.runtime.ring(to);
  }
  std::int64_t lowest_but(int but) const {
    std::int64_t lowest = kEndOfTime;
    for (int s = 0; s != workers_; ++s)
      if (s != but) lowest = std::min(lowest, senders_[static_cast<std::size_t>(s)].watermark);
    return lowest;
  }
  void advance() {
    const std::int64_t lowest = lowest_but(-1);
    if (lowest <= received_) return;
    received_ = lowest;
    Spec::watermark(pipeline_, lowest);
  }

  Pipeline& pipeline_;
  Rings& rings_;
  const int me_, workers_;
  std::vector<Slot*> open_;  // by receiver
  std::vector<Sender> senders_;
  int sent_ = 0;             // rows since the last flush
  int raised_ = 0;           // times that the watermark rose since
  bool greeted_ = false, ended_ = false, started_ = false;
  std::int64_t watermark_ = kStartOfTime, told_ = kStartOfTime, received_ = kStartOfTime;
};

/// The exchanges' part of a step, in the order of their levels, after what the sources' step said; `received`: this step
/// has taken something. Each exchange ends when those before it have, since what it still sends comes from there.
template <class... Exchanges>
engine::Step step_exchanges(engine::Step sources, bool received, Exchanges&... exchanges) {
  if (sources == engine::Step::more) return sources;
  bool ended = sources == engine::Step::done;
  const auto end = [&](auto& exchange) {
    if (!ended) return;
    exchange.end();
    ended = exchange.ended();
  };
  (end(exchanges), ...);
  if (ended) return engine::Step::done;
  if (received) return engine::Step::more;
  (exchanges.flush(), ...);
  return engine::Step::idle;
}

}  // namespace gress
