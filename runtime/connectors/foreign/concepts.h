// What a class of a user's header has to be, to stand behind `source … from S` or `sink … to K`. gressc asks the same of the
// class itself, with messages at both places; a header needs none of this, but may say
// `static_assert(gress::foreign::Source<Ticks>)`. How to write one: docs/language/foreign.md.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gress::foreign {

/// Where a source is, and what a sink has prepared.
template <class P>
concept Position = std::same_as<P, std::string> || (std::signed_integral<P> && sizeof(P) == 8);

template <class S, class Row>
Row row_read(std::optional<std::size_t> (S::*)(std::span<Row>));
template <class S, class Row>
Row row_read(std::optional<std::size_t> (S::*)(std::span<Row>) const);
template <class K, class Row>
Row row_written(void (K::*)(std::span<const Row>));
template <class K, class Row>
Row row_written(void (K::*)(std::span<const Row>) const);

/// One partition of a source.
template <class S>
concept SourcePartition = requires(S source, const S& at, decltype(row_read(&S::read))* rows) {
  /// Fills the first of `rows` and says how many; 0: there is nothing just now; nothing: the end. What stands in the rows
  /// before is not said.
  { source.read(std::span(rows, 1)) } -> std::same_as<std::optional<std::size_t>>;
  /// Behind the last row that was read.
  { at.position() } -> Position;
  /// Before the first read: goes on behind the row that stood there.
  source.seek(at.position());
};

/// Options are an aggregate in the class, `struct Options { … }`; without one a class takes none.
template <class S>
concept HasOptions = requires { typename S::Options; };

/// Several partitions are read side by side, by several workers if there are: their names stay the same from run to run.
template <class S>
concept Partitioned = requires {
  { S::partitions() } -> std::same_as<std::vector<std::string>>;
} || requires(const typename S::Options& options) {
  { S::partitions(options) } -> std::same_as<std::vector<std::string>>;
};

template <class S>
concept Source = SourcePartition<S> &&
                 ((HasOptions<S> && Partitioned<S> && std::constructible_from<S, const typename S::Options&, std::string_view>) ||
                  (HasOptions<S> && !Partitioned<S> && std::constructible_from<S, const typename S::Options&>) ||
                  (!HasOptions<S> && Partitioned<S> && std::constructible_from<S, std::string_view>) ||
                  (!HasOptions<S> && !Partitioned<S> && std::default_initializable<S>));

/// Its members are called one at a time, from several threads.
template <class K>
concept Sink = requires(K sink, const decltype(row_written(&K::write))* rows) {
  /// Some hundred rows at most.
  sink.write(std::span(rows, 1));
} && (std::default_initializable<K> || std::constructible_from<K, const typename K::Options&>);

/// What it wrote can be taken back until it is committed.
template <class K>
concept Committing = Sink<K> && requires(K sink) {
  /// All that was written is safe, though not to be seen; names it. Rows that come later are not part of it.
  { sink.prepare() } -> Position;
  /// What was prepared so counts from now on.
  sink.commit(sink.prepare());
  /// Before the first write: what `prepared` names counts (commit() may have been called for it or not), and all that was
  /// written later is taken back. Nothing: the program begins anew, or goes on from a checkpoint that does not know the sink.
  sink.recover(std::optional(sink.prepare()));
};

/// What it wrote can be seen by others now.
template <class K>
concept Flushing = requires(K sink) { sink.flush(); };

}  // namespace gress::foreign
