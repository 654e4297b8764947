// Where rows change the worker: each goes to the owner of its key (or all to worker 0), through a ring of slots between
// each two workers. A block's rows are sorted by owner and copied into the open slot of each; a slot goes when it is full,
// some steps later at the latest, and when the sender has nothing more for now. It carries the sender's watermark as of
// then: rows in it that came after that are only seen sooner than they need be. Another worker that sleeps is woken for
// several slots, not for each. A sender's own rows are processed at once where none before them wait for their turn.
//
// A sender that finds a ring full works on what waits in its own rings, of this exchange and those behind it
// (Pipeline::receive), so no circle of workers can wait for each other, and no operator is entered again while it is at
// work: the rows that it gives go to exchanges behind it.
//
// Spec (generated):
//   Pipeline, In; static constexpr int kLevel;         // the order of exchanges in the plan; 0 for all that are sent to
//                                                      // by sources alone: no operator is at work then
//   static std::uint64_t hash(Pipeline&, const In&, int i);   // absent: all rows go to worker 0
//   static void process(Pipeline&, const In&);  static void watermark(Pipeline&, std::int64_t);
//   using Aggregate;                                   // optional: the operator's Spec, if rows may be added up before
//                                                      // they are sent (combining.h), and then
//   static constexpr bool kAlways;                     // they are, without a look at how many come to a key
//   static constexpr bool kRoutesLate;                 // late rows are wanted: only where it is known here which are
//   static bool place(Pipeline&, std::int64_t time, std::int64_t own, PanePlace&);   // false: late, or in no pane
//   static void merge(Pipeline&, const In&, const Partials<State>&);
//   static constexpr bool kNumbers = true, kMerges = true;      // optional: rows get their turns here, or wait for them
//   static void reach(Pipeline&, Turn);                          // optional: to exchanges behind, whose senders hear of turns
//                                                                // here (docs/decisions/0028-order-over-exchanges.md)
//   static constexpr bool kInTurn = true;              // optional: the sender's own rows come no sooner than others'
// Pipeline: engine::Runtime& runtime; bool receive(int level);  // takes what waits in exchanges of that level and above
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/combining.h"
#include "runtime/core/kept.h"
#include "runtime/core/row_bits.h"
#include "runtime/core/spsc_ring.h"
#include "runtime/core/turns.h"
#include "runtime/engine/run.h"

namespace gress {

struct NoPartials {};
template <class Spec>
struct PartialsOf {
  using type = NoPartials;
};
template <class Spec>
  requires requires { typename Spec::Aggregate; }
struct PartialsOf<Spec> {
  using type = Partials<typename Spec::Aggregate::State>;
};

/// A block that has its rows itself.
template <class In>
struct OwningBlock {
  static constexpr bool kBorrowed = std::is_pointer_v<decltype(In::rows)>;
  struct Nothing {};

  OwningBlock() {
    if constexpr (kBorrowed) block.rows = rows;
  }
  OwningBlock(const OwningBlock&) = delete;
  OwningBlock& operator=(const OwningBlock&) = delete;
  In block;
  [[no_unique_address]] std::conditional_t<kBorrowed, typename In::Row[kBlock], Nothing> rows;
};

template <class In, class Partials = NoPartials>
struct ExchangeSlot : OwningBlock<In> {
  [[no_unique_address]] Partials partials;
  Eval text;  // what rows of the block refer to
  std::int64_t watermark = kStartOfTime;
  bool last = false;  // the sender sends no more
  std::uint32_t piece = 0;  // of a file, which all rows in it come from; 0: of none
  bool ends_piece = false;
  std::uint64_t pause = 0;  // the sender sends no more until all workers have met in this pause
  Turn turn = 0;            // of an exchange that numbers rows: all below it have been sent
  std::vector<Turn> turns;  // of one that puts them in order: the same, by who has numbered
};

/// The rings of one exchange, shared by all workers.
template <class In, class Partials = NoPartials>
class ExchangeRings {
 public:
  using Slot = ExchangeSlot<In, Partials>;

  explicit ExchangeRings(int workers) : workers_(workers) {
    // Of many workers each sends the less to each.
    const std::uint32_t slots = workers <= 4 ? 32 : workers <= 16 ? 16 : 8;
    if (workers > 1)
      for (int i = 0; i != workers * workers; ++i) rings_.emplace_back(slots);
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
  using Rings = ExchangeRings<In, typename PartialsOf<Spec>::type>;
  using Slot = typename Rings::Slot;
  static constexpr bool kCombines = requires { typename Spec::Aggregate; };
  static constexpr bool kNumbers = requires { Spec::kNumbers; };
  static constexpr bool kMerges = requires { Spec::kMerges; };
  static constexpr bool kFeeds = requires(Pipeline& p) { Spec::reach(p, Turn{}); };
  static constexpr bool kByKey = requires(Pipeline& p, const In& in) { Spec::hash(p, in, 0); };
  /// Turns are told by slots.
  static constexpr bool kDirect = !kNumbers && !kMerges && !requires { Spec::kInTurn; };

  /// `stage`: the operator behind.
  Exchange(Pipeline& pipeline, Rings& rings, engine::Counted& stage)
      : pipeline_(pipeline),
        rings_(rings),
        stage_(stage),
        me_(pipeline.runtime.worker()),
        workers_(pipeline.runtime.workers()),
        open_(static_cast<std::size_t>(workers_), nullptr),
        senders_(static_cast<std::size_t>(workers_)),
        turns_(me_, workers_),
        own_(kDirect && workers_ > 1 ? std::make_unique<Own>() : nullptr) {
    if constexpr (kCombines) combiners_.resize(static_cast<std::size_t>(workers_));
  }

  // ---- sending

  void send(const In& in) {
    const engine::At here(pipeline_.runtime.presence(), stage_);
    sent_ = true;
    distribute(in);
    if constexpr (kNumbers) turns_.given(in.count);
  }
  void raise(std::int64_t watermark) {
    if (workers_ == 1) {
      watermark_ = received_ = watermark;
      return Spec::watermark(pipeline_, watermark);
    }
    // The last watermark closes what the end does not. Before any row nothing stands before the end.
    if (watermark == kEndOfTime && (sent_ || watermark_ != told_)) flush();
    watermark_ = watermark;
    if (watermark == kEndOfTime) flush();
  }
  /// Once a step: nothing waits long.
  void tick() {
    if (++steps_ == kSteps) flush();
  }
  /// All that was sent can be received, and how far the watermark is.
  void flush() {
    steps_ = 0;
    if (ended_ || (greeted_ && !sent_ && watermark_ == told_)) return;
    greeted_ = true;
    for (int to = 0; to != workers_; ++to) {
      slot(to);
      hand_on(to, true);
    }
    sent_ = false;
    told_ = watermark_;
  }
  /// What is sent from here on comes from one piece of a file.
  void begin_piece(std::uint32_t number) {
    piece_ = number;
    cut_ = true;
    if constexpr (kNumbers) turns_.begin_piece(number);
  }
  void end_piece() {
    if constexpr (kNumbers) turns_.end_piece();
    for (int to = 0; to != workers_; ++to) {
      slot(to).ends_piece = true;
      hand_on(to, true);
    }
    piece_ = 0;
    if constexpr (kNumbers) turns_.leave_pieces();
    sent_ = false;
    told_ = watermark_;
  }
  /// No more will be sent.
  void end() {
    if (ended_) return;
    ended_ = true;
    for (int to = 0; to != workers_; ++to) {
      slot(to).last = true;
      hand_on(to, true);
    }
  }
  /// All rows below this turn have come to this worker, and what became of them was sent.
  void reach(Turn turn)
    requires kMerges
  {
    if (turns_.reach(turn)) sent_ = true;
  }
  /// Nothing is sent any more until all workers have met in the runtime's pause.
  void pause() {
    const std::uint64_t pause = pipeline_.runtime.pausing();
    if (ended_ || std::exchange(paused_, pause) == pause) return;
    greeted_ = true;
    for (int to = 0; to != workers_; ++to) {
      slot(to).pause = pause;
      hand_on(to, true);
    }
    sent_ = false;
    told_ = watermark_;
  }
  /// In checkpoints; nothing is on its way then.
  template <class Io>
  void archive(Io& io) {
    io(watermark_, of_pieces_, received_);
    // A worker that has no partition has said so when it was made.
    if constexpr (Io::kReads)
      if (greeted_) watermark_ = std::max(watermark_, told_);
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
      if (slot->piece != 0) {
        if (!take_of_piece(*slot)) continue;
      } else {
        if (slot->block.count != 0) {
          slot->block.others = std::min(slot->block.others, lowest_but(from));
          if constexpr (kMerges) held_.hold(from, slot->block);
          else take(*slot);
        }
        if constexpr (kMerges) held_.passed(from, slot->turns);
        Sender& sender = senders_[static_cast<std::size_t>(from)];
        sender.watermark = slot->watermark;
        sender.ended = slot->last;
        sender.paused = slot->pause;
      }
      if constexpr (kNumbers && kFeeds) Spec::reach(pipeline_, slot->turn);
      if (from == me_ && slot->block.count != 0) --own_waiting_;
      any = true;
      if (ring.pop()) pipeline_.runtime.ring(from);
    }
    if constexpr (kMerges)
      if (any) give_in_order();
    if (any) advance();
    return any;
  }
  /// All senders have ended, and all that they sent has been taken.
  bool ended() const {
    for (const Sender& s : senders_)
      if (!s.ended) return false;
    return true;
  }
  /// All that was sent before the pause has been taken.
  bool paused() const {
    const std::uint64_t pause = pipeline_.runtime.pausing();
    for (const Sender& s : senders_)
      if (!s.ended && s.paused != pause) return false;
    return true;
  }

 private:
  using Own = OwningBlock<In>;
  static constexpr int kFew = 8;      // workers
  static constexpr int kSteps = 32;  // that rows and a watermark wait at most
  struct Sender {
    std::int64_t watermark = kStartOfTime;
    bool ended = false;
    std::uint64_t paused = 0;
  };

  /// Pieces are taken in the order of their numbers, and the stamps of their rows raised to what the pieces before have
  /// come to; false while others come first.
  bool take_of_piece(Slot& slot) {
    if (slot.piece != due_) return false;
    if (slot.block.count != 0) {
      if constexpr (In::has(kWatermark)) raise_to(slot.block, of_pieces_);
      take(slot);
    }
    of_pieces_ = std::max(of_pieces_, slot.watermark);
    if (slot.ends_piece) ++due_;
    return true;
  }

  /// After a piece's first rows they mostly are as high, and nothing is written to memory that the sender writes next.
  static void raise_to(In& block, std::int64_t watermark) {
    std::int64_t lowest = kEndOfTime;
    for (int i = 0; i != block.count; ++i) lowest = std::min(lowest, block.watermark[i]);
    if (lowest >= watermark) return;
    for (int i = 0; i != block.count; ++i) block.watermark[i] = std::max(block.watermark[i], watermark);
  }

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

  /// How many of the first `n` of `count` rows can stand in one block: an update's two rows are not parted, and a retract whose
  /// insert belongs to another worker stands before no insert.
  static int whole_changes(const In& in, const std::uint16_t* rows, int n, int count) {
    for (int k = 1; k <= n && k < count; ++k) {
      if (in.op[rows[k - 1]] != Op::retract || in.op[rows[k]] != Op::insert) continue;
      const bool update = rows[k] == rows[k - 1] + 1;
      if (update && k == n) return n - 1;
      if (!update) return k;
    }
    return n;
  }

  /// No row waits for its turn that is stamped with less than the watermark: whoever has told of a higher one has told of
  /// the turns before it too.
  void give_in_order() {
    held_.release(lowest_but(-1), [&](const In& in) { Spec::process(pipeline_, in); });
    if constexpr (kFeeds)
      for (const Turn turn : held_.released()) Spec::reach(pipeline_, turn);
  }

  void take(const Slot& slot) {
    if constexpr (kCombines)
      if (slot.partials.present) return Spec::merge(pipeline_, slot.block, slot.partials);
    Spec::process(pipeline_, slot.block);
  }

  void distribute(const In& in) {
    std::uint16_t rows[kBlock + 64];
    std::uint64_t hashes[kBlock];
    if constexpr (kByKey) {
      RowBytes owners;
      const int workers = workers_, count = in.count;
      for (int i = 0; i != count; ++i) hashes[i] = Spec::hash(pipeline_, in, i);
      for (int i = 0; i != count; ++i) owners[i] = static_cast<std::uint8_t>(engine::owner_of(hashes[i], workers));
      if (workers <= kFew) {  // a look at all rows for each is cheaper than counters that each row waits for
        for (int to = 0; to != workers; ++to)
          if (const int n = rows_equal(owners, count, static_cast<std::uint8_t>(to)).write(rows); n != 0) put(to, in, rows, n, hashes);
        return;
      }
      std::uint16_t* const ends = ends_.data();
      std::fill_n(ends, workers_, 0);
      for (int i = 0; i != in.count; ++i) ++ends[owners[i]];
      for (int to = 0, begin = 0; to != workers_; ++to)
        ends[to] = static_cast<std::uint16_t>(std::exchange(begin, begin + ends[to]));
      for (int i = 0; i != in.count; ++i) rows[ends[owners[i]]++] = static_cast<std::uint16_t>(i);
      for (int to = 0, begin = 0; to != workers_; begin = ends[to++])
        if (begin != ends[to]) put(to, in, rows + begin, ends[to] - begin, hashes);
    } else {
      for (int i = 0; i != in.count; ++i) {
        rows[i] = static_cast<std::uint16_t>(i);
        hashes[i] = 0;
      }
      put(0, in, rows, in.count, hashes);
    }
  }
  /// These rows of a block, to one worker.
  void put(int to, const In& in, const std::uint16_t* rows, int count, const std::uint64_t* hashes) {
    if constexpr (kDirect)
      if (to == me_ && is_own_turn()) return process_own(in, rows, count);
    while (count != 0) {
      Slot& into = slot(to);
      const int n = fill(into, to, in, rows, count, hashes);
      rows += n;
      count -= n;
      if (count != 0 || (into.block.full() && !combines(into))) hand_on(to, false);
    }
  }
  /// As many of the rows as the slot takes; how many.
  int fill(Slot& into, [[maybe_unused]] int to, const In& in, const std::uint16_t* rows, int count,
           [[maybe_unused]] const std::uint64_t* hashes) {
    if constexpr (kCombines)
      if (into.partials.present) return combine(into, combiners_[static_cast<std::size_t>(to)], in, rows, count, hashes);
    return append(into, in, rows, count);
  }
  /// All that this worker has sent to itself has been taken, and what is being sent is of the piece that is due.
  bool is_own_turn() const {
    const Slot* const open = open_[static_cast<std::size_t>(me_)];
    return started_ && own_waiting_ == 0 && (open == nullptr || open->block.count == 0) && (piece_ == 0 || piece_ == due_);
  }
  void process_own(const In& in, const std::uint16_t* rows, int count) {
    while (count != 0) {
      own_->block.count = 0;
      own_->block.others = lowest_but(me_);
      const int n = append(*own_, in, rows, count);
      if constexpr (In::has(kWatermark))
        if (piece_ != 0) raise_to(own_->block, of_pieces_);
      Spec::process(pipeline_, own_->block);
      rows += n;
      count -= n;
    }
  }
  static bool combines([[maybe_unused]] const Slot& slot) {
    if constexpr (kCombines) return slot.partials.present;
    else return false;
  }
  template <class To>
  int append(To& into, const In& in, const std::uint16_t* rows, int count) {
    In& block = into.block;
    int n = std::min(count, kBlock - block.count);
    if constexpr (In::has(kOp)) n = lone_retract(block) && in.op[rows[0]] == Op::insert ? 0 : whole_changes(in, rows, n, count);
    copy(into, block.count, in, rows, n);
    block.others = std::min(block.others, in.others);
    block.count += n;
    return n;
  }
  /// Added up; a slot that is full still takes rows of keys and panes that are in it.
  int combine(Slot& into, Combiner& combiner, const In& in, const std::uint16_t* rows, int count,
              const std::uint64_t* hashes) {
    using Aggregate = typename Spec::Aggregate;
    In& block = into.block;
    if (block.count == 0) combiner.begin_slot();
    block.others = std::min(block.others, in.others);
    int k = 0;
    for (; k != count; ++k) {
      const int i = rows[k];
      const std::int64_t time = in.time_of(i), own = in.watermark_of(i);
      int n = Combiner::kNone;
      // What is late stands for itself.
      if (combiner.place.has(time, own) || Spec::place(pipeline_, time, own, combiner.place)) [[likely]]
        n = combiner.find(hashes[i], block.count,
                          [&](int row) { return Aggregate::key(block.rows[row]) == Aggregate::key(in.rows[i]); });
      if (n == Combiner::kNone) {
        if (block.full()) break;
        n = block.count++;
        copy(into, n, in, &rows[k], 1);
        into.partials.states[n].clear();
        into.partials.rows[n] = 0;
      }
      Aggregate::add(pipeline_, into.partials.states[n], in, i);
      ++into.partials.rows[n];
    }
    combiner.added(k);
    return k;
  }
  template <class To>
  void copy(To& into, int to, const In& in, const std::uint16_t* rows, int count) {
    auto* const out = into.block.rows + to;  // of borrowed rows they are the slot's own
    for (int k = 0; k != count; ++k) {
      out[k] = in.rows[rows[k]];
      if constexpr (requires { into.text; }) fn::keep(into.text, out[k]);
    }
    into.block.take_lanes(to, in, rows, count);
    if constexpr (kNumbers)
      for (int k = 0; k != count; ++k) into.block.turn[to + k] = turns_.of(rows[k]);
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
    if (found == nullptr) {
      const engine::Waiting blocked(pipeline_.runtime.presence(), stage_, to);
      pipeline_.runtime.all_workers().ring_all();
      while (!ring.half_free())
        pipeline_.runtime.blocked([&] { return ring.half_free(); }, [&] { return pipeline_.receive(Spec::kLevel); });
      found = ring.open();
    }
    found->last = found->ends_piece = false;
    found->piece = piece_;
    found->pause = 0;
    found->block.count = 0;
    found->text.arena.reset();
    found->block.others = kEndOfTime;
    if constexpr (kCombines)
      found->partials.present = (Spec::kAlways || combiners_[static_cast<std::size_t>(to)].wanted()) &&
                                !(Spec::kRoutesLate && piece_ != 0);
    return found;
  }
  void hand_on(int to, bool at_once) {
    Slot*& open = open_[static_cast<std::size_t>(to)];
    open->watermark = cut_ && piece_ == 0 && watermark_ != kEndOfTime ? kStartOfTime : watermark_;
    if constexpr (kNumbers) open->turn = turns_.bound();
    if constexpr (kMerges) open->turns = turns_.reached();
    if constexpr (kCombines) {
      Combiner& combiner = combiners_[static_cast<std::size_t>(to)];
      if (open->partials.present) combiner.end_slot(open->block.count);
      else combiner.passed(open->block.count);
    }
    if (to == me_ && open->block.count != 0) ++own_waiting_;
    open = nullptr;
    if (rings_.between(me_, to).push() || at_once) pipeline_.runtime.ring(to);
  }
  std::int64_t lowest_but(int but) const {
    std::int64_t lowest = kEndOfTime;
    for (int s = 0; s != workers_; ++s)
      if (s != but) lowest = std::min(lowest, senders_[static_cast<std::size_t>(s)].watermark);
    return lowest;
  }
  void advance() {
    const std::int64_t lowest = std::max(lowest_but(-1), of_pieces_);
    if (lowest <= received_) return;
    received_ = lowest;
    Spec::watermark(pipeline_, lowest);
  }

  Pipeline& pipeline_;
  Rings& rings_;
  engine::Counted& stage_;
  const int me_, workers_;
  std::vector<Slot*> open_;  // by receiver
  std::vector<Combiner> combiners_;  // the same, if rows are added up
  std::vector<Sender> senders_;
  [[no_unique_address]] std::conditional_t<kMerges, ReachedTurns, std::conditional_t<kNumbers, TurnNumbers, NoTurns>> turns_;
  [[no_unique_address]] std::conditional_t<kMerges, HeldRows<In>, NoTurns> held_{me_, workers_};
  const std::unique_ptr<Own> own_;  // rows that are processed at once
  int own_waiting_ = 0;             // slots with rows, on their way from here to here
  // Of a block's rows, by receiver.
  std::vector<std::uint16_t> ends_ = std::vector<std::uint16_t>(static_cast<std::size_t>(workers_));
  std::uint32_t piece_ = 0;  // that is being sent
  bool cut_ = false;         // pieces are sent; what is said between them says nothing of those of others
  std::uint32_t due_ = 1;    // whose turn it is to be received
  std::int64_t of_pieces_ = kStartOfTime;  // watermark of the pieces that have been received
  bool sent_ = false;        // something since the last flush
  int steps_ = 0;            // since the last flush
  std::uint64_t paused_ = 0; // the last pause that was sent
  bool greeted_ = false, ended_ = false, started_ = false;
  std::int64_t watermark_ = kStartOfTime, told_ = kStartOfTime, received_ = kStartOfTime;
};

/// The exchanges' part of a step, in the order of their levels, after what the sources' step said; `received`: this step
/// has taken something. Each exchange ends, or pauses, when those before it have, since what it still sends comes from there.
template <class... Exchanges>
engine::Step step_exchanges(engine::Step sources, bool received, Exchanges&... exchanges) {
  (exchanges.tick(), ...);
  if (sources == engine::Step::more) return sources;
  bool ended = sources == engine::Step::done, paused = sources == engine::Step::paused;
  const auto end = [&](auto& exchange) {
    if (ended) exchange.end();
    if (paused) exchange.pause();
    ended = ended && exchange.ended();
    paused = paused && exchange.paused();
  };
  (end(exchanges), ...);
  if (ended) return engine::Step::done;
  if (paused) return engine::Step::paused;
  if (received) return engine::Step::more;
  (exchanges.flush(), ...);
  return engine::Step::idle;
}

}  // namespace gress
