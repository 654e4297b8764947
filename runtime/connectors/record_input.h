// What a source of records reads from: an input with numbered partitions, and a reader for each that is active. Records
// are cut out of bytes by the decoder; where a record came from, the reader says. Files are one kind (file/file_input.h),
// messages another (kafka/kafka_input.h), whose reader lays one message behind the other, each with an end of its own.
//
// Beyond the concept an input may have
//   kPlaced                               its partitions have a place before they are read, which may be 0: where reading begins
// and one of messages
//   bool grows()                          partitions() may be more than before; looked at once a step
//   from_beginning(partition)             instead of from where the source starts, before anything is read
// and its reader
//   message(begin)                        what belongs to the record at `begin`: problem(), key(), what `meta` speaks of
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/engine/counters.h"

namespace gress {

enum class Read : std::uint8_t {
  data,     // there are more bytes now
  end,      // no more will come; bytes() holds what is left
  stopped,  // a stop was requested; the partition has not ended
  idle,     // nothing there now: the partition is caught up; the runtime waits for it
  behind,   // nothing here now, but there is more to come; the runtime waits for it
};

/// Which partitions of an input a worker reads.
enum class Take : std::uint8_t {
  own,    // every n-th, of n workers
  all,    // each worker all of them: of tables
  first,  // the first worker all of them
};

template <class R>
concept RecordReader = requires(R reader, const R& known, std::size_t n, std::int64_t most) {
  /// What is read and not consumed; the next more() may move it. 64 bytes behind it can be read.
  { known.bytes() } -> std::same_as<std::span<const char>>;
  /// The beginning of bytes() that holds at most so many records: all of it when there are fewer.
  { known.first(most) } -> std::same_as<std::span<const char>>;
  { known.at_end() } -> std::same_as<bool>;
  /// Offset in the partition of the record that begins at n of bytes().
  { reader.offset_at(n) } -> std::same_as<std::uint64_t>;
  reader.consume(n);
  { reader.more() } -> std::same_as<Read>;
};

/// Partitions of which each is read by one reader, whatever that gives.
template <class I>
concept PartitionedInput = requires(I input, const I& known, std::size_t partition) {
  { input.counters() } -> std::same_as<engine::SourceCounters&>;
  { known.partitions() } -> std::same_as<std::size_t>;
  { known.owns(partition) } -> std::same_as<bool>;
  /// For messages: the file, the topic.
  { known.path(partition) } -> std::convertible_to<std::string_view>;
  /// Of no other partition, and the same after a restart.
  { known.name(partition) } -> std::same_as<const std::string&>;
  /// Partitions that are being read; those that are neither here nor ended hold the watermark. Of two that have come as far
  /// the first is read.
  { known.active() } -> std::same_as<std::span<const std::uint32_t>>;
  { known.done() } -> std::same_as<bool>;
  { input.reader(partition) } -> std::same_as<typename I::Reader&>;
  /// The partition is read to its end, maybe in an earlier run; may change active().
  input.ended(partition);
};

template <class I>
concept RecordInput = RecordReader<typename I::Reader> && PartitionedInput<I>;

}  // namespace gress
