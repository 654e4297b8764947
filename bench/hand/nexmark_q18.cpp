// q18: the last bid of each bidder on each auction. Bidders are numbered, and bids of a time are of few of them: each bidder
// has a small open-addressing table of auctions, which lies in the caches while the bidder is at work. Rows stand in one
// array, in the order in which their keys came.
#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "bench/hand/nexmark.h"

using namespace hand;

namespace {

struct Row {
  i64 auction, bidder, price, at;
  u32 extra, size, channel;
};

/// Memory from huge pages, never given back.
struct Memory {
  static constexpr std::size_t kBlock = std::size_t{32} << 20;
  char *next = nullptr, *end = nullptr;
  template <class T>
  T* take(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes > static_cast<std::size_t>(end - next)) {
      const std::size_t size = bytes > kBlock ? (bytes + kBlock - 1) / kBlock * kBlock : kBlock;
      next = static_cast<char*>(std::aligned_alloc(std::size_t{2} << 20, size));
      madvise(next, size, MADV_HUGEPAGE);
      end = next + size;
    }
    T* items = reinterpret_cast<T*>(next);
    next += bytes;
    return items;
  }
};

struct Slot {
  u32 auction, row;  // auction 0 is free
};
struct Bidder {
  Slot* slots = nullptr;
  u32 count = 0, capacity = 0;
};

struct Last {
  static constexpr u32 kRows = 1 << 16;
  Memory memory;
  std::vector<Slot*> free = std::vector<Slot*>(32);
  std::vector<Bidder> bidders;
  std::vector<Row*> blocks;
  u32 rows = 0;

  static u32 home(u32 auction, u32 capacity) { return (auction * 0x9e3779b1u) >> (32 - __builtin_ctz(capacity)); }
  Row& row(u32 n) { return blocks[n / kRows][n % kRows]; }
  /// Old tables are used again; each begins with the next one.
  void grow(Bidder& b) {
    Slot* const old = b.slots;
    const u32 before = b.capacity;
    b.capacity = before == 0 ? 4 : before * 2;
    Slot*& first = free[__builtin_ctz(b.capacity)];
    if (first != nullptr) {
      b.slots = first;
      std::memcpy(&first, b.slots, sizeof(void*));
    } else {
      b.slots = memory.take<Slot>(b.capacity);
    }
    std::memset(static_cast<void*>(b.slots), 0, b.capacity * sizeof(Slot));
    for (u32 i = 0; i != before; ++i)
      if (old[i].auction != 0) {
        u32 at = home(old[i].auction, b.capacity);
        while (b.slots[at].auction != 0) at = (at + 1) & (b.capacity - 1);
        b.slots[at] = old[i];
      }
    if (before != 0) {
      std::memcpy(static_cast<void*>(old), &free[__builtin_ctz(before)], sizeof(void*));
      free[__builtin_ctz(before)] = old;
    }
  }
  void put(const Row& r) {
    Bidder& b = bidders[static_cast<std::size_t>(r.bidder)];
    if (b.count * 2 >= b.capacity) grow(b);
    const u32 auction = static_cast<u32>(r.auction);
    u32 at = home(auction, b.capacity);
    while (b.slots[at].auction != 0 && b.slots[at].auction != auction) at = (at + 1) & (b.capacity - 1);
    if (b.slots[at].auction == 0) {
      b.slots[at] = {auction, rows};
      ++b.count;
      if (rows % kRows == 0) blocks.push_back(memory.take<Row>(kRows));
      ++rows;
    }
    row(b.slots[at].row) = r;
  }
};

}  // namespace

int main(int argc, char** argv) {
  Market m = market(argc, argv);
  Last last;
  alignas(64) i64 auction[48], bidder[48], price[48], at[48];
  alignas(64) u32 where[48], size[48];
  u64 sum = 0;
  for (i64 g = 0; g != m.events / 50; ++g) {
    m.enter(g);
    m.auctions(g, auction);
    m.bidders(g, bidder);
    m.prices(g, price);
    m.times(g, at);
    extras(m, g, where, size);
    if (last.bidders.size() < static_cast<std::size_t>(g) + 2048) last.bidders.resize(last.bidders.size() * 2 + 4096);
    for (u32 j = 0; j != 46; ++j) last.put({auction[j], bidder[j], price[j], at[j], where[j], size[j], m.draw(g, 4 + j, kChannel)});
  }
  for (u32 n = 0; n != last.rows; ++n) sum += static_cast<u64>(last.row(n).price);
  std::printf("%u %llu\n", last.rows, static_cast<unsigned long long>(sum));
}
