// A sink of a user's header: rows are gathered as its structs and written a batch at a time. The writer of the first worker
// has the user's object; all workers' batches go to it, one at a time.
//
// What a committing sink has prepared stands in the checkpoint, and is committed when that counts, or at a restart. Without
// checkpoints all is committed at the end.
#pragma once
#include <atomic>
#include <charconv>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/connectors/foreign/concepts.h"
#include "runtime/connectors/foreign/foreign_failure.h"
#include "runtime/connectors/foreign/options.h"
#include "runtime/core/block.h"
#include "runtime/engine/failure.h"
#include "runtime/engine/output.h"
#include "runtime/engine/runtime.h"

namespace gress::foreign {

template <Sink K>
class ForeignWriter final : public engine::Output {
 public:
  using Row = decltype(row_written(&K::write));

  /// `durable`: the program takes checkpoints.
  [[gnu::cold]] ForeignWriter(engine::Runtime& runtime, std::string_view sink, std::string_view cpp, OptionsOf<K> options, bool durable,
                              int line = 0)
      : Output(runtime, sink, cpp, line), cpp_(cpp), options_(std::move(options)), durable_(durable) {
    batch_.reserve(kBlock);
    runtime.add_output(this);
  }
  ~ForeignWriter() override { runtime().remove_output(this); }

  void add(Row&& row) {
    batch_.push_back(std::move(row));
    if (batch_.size() == kBlock) flush();
  }

  void open() override {
    guarded([&] {
      if constexpr (HasOptions<K>) sink_ = std::make_unique<K>(options_);
      else sink_ = std::make_unique<K>();
    });
  }
  void join(engine::Output& first) override { first_ = static_cast<ForeignWriter&>(first).first_; }
  void begin() override { recover(std::nullopt); }
  void abandon() override { sink_.reset(); }

  void flush() override {
    if (batch_.empty()) return;
    {
      const std::lock_guard lock(first_->mutex_);
      if (first_->broken_) return;
      guarded([&] { first_->sink_->write(std::span<const Row>(batch_)); });
      first_->unprepared_ = true;
    }
    batch_.clear();
  }
  void flush_when_idle() override {
    flush();
    if constexpr (Flushing<K>) {
      const std::lock_guard lock(first_->mutex_);
      if (first_->sink_ && !first_->broken_) guarded([&] { first_->sink_->flush(); });
    }
  }
  void finish() override {
    if (first_->sink_ == nullptr || first_->broken_) return;  // it was never opened
    flush_when_idle();
    if constexpr (Committing<K>)
      if (!durable_ && first_ == this && unprepared_) guarded([&] { sink_->commit(sink_->prepare()); });
  }

  // ---- checkpoints

  std::string position() override {
    flush_when_idle();
    if constexpr (Committing<K>) {
      if (first_ != this) return {};
      const std::lock_guard lock(mutex_);
      if (broken_) guarded([] { throw std::runtime_error("it has failed, and is not called again"); });
      prepared_ = guarded([&] { return sink_->prepare(); });
      unprepared_ = false;
      return std::string(kCommits) + text(*prepared_);
    } else {
      return {};
    }
  }
  void commit() override {
    if constexpr (Committing<K>) {
      const std::lock_guard lock(mutex_);
      guarded([&] { sink_->commit(*prepared_); });
    }
  }
  void resume(std::string_view position) override {
    if constexpr (Committing<K>)
      if (position.starts_with(kCommits)) {
        std::optional<Prepared> prepared = value(position.substr(kCommits.size()));
        if (!prepared)
          throw engine::Failure(engine::Exit::data, "output_changed",
                                "sink `" + std::string(sink()) + "`: the checkpoint holds `" + std::string(position.substr(kCommits.size())) +
                                    "`, which this sink has not prepared: it was another one when the checkpoint was taken; begin anew with `--fresh`",
                                {{"sink", std::string(sink()), false}});
        return recover(std::move(prepared));
      }
    begin();
  }

 private:
  template <class C>
  struct PreparedBy {
    using Type = std::string;
  };
  template <Committing C>
  struct PreparedBy<C> {
    using Type = std::decay_t<decltype(std::declval<C&>().prepare())>;
  };
  using Prepared = typename PreparedBy<K>::Type;

  void recover([[maybe_unused]] std::optional<Prepared> prepared) {
    if constexpr (Committing<K>) guarded([&] { sink_->recover(std::move(prepared)); });
  }

  // In checkpoints stands text of visible characters, whatever bytes the sink says, and first of all which kind it is.
  static constexpr std::string_view kKind = std::is_integral_v<Prepared> ? "number:" : "text:";
  static std::string text(const Prepared& prepared) {
    std::string out(kKind);
    if constexpr (std::is_integral_v<Prepared>) {
      out += std::to_string(prepared);
    } else {
      constexpr char kDigits[] = "0123456789abcdef";
      for (const char c : prepared) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && byte < 0x7f && byte != '%') out += c;
        else (out += '%') += {kDigits[byte >> 4], kDigits[byte & 15]};
      }
    }
    return out;
  }
  /// None of another kind, or of something else.
  static std::optional<Prepared> value(std::string_view text) {
    if (!text.starts_with(kKind)) return std::nullopt;
    text.remove_prefix(kKind.size());
    const auto number = [](std::string_view digits, int base, auto& to) {
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), to, base);
      return error == std::errc() && end == digits.data() + digits.size();
    };
    Prepared out{};
    if constexpr (std::is_integral_v<Prepared>) {
      if (!number(text, 10, out)) return std::nullopt;
    } else {
      for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = static_cast<unsigned char>(text[i]);
        if (text[i] == '%') {
          if (!number(text.substr(i + 1, 2), 16, byte)) return std::nullopt;
          i += 2;
        }
        out += static_cast<char>(byte);
      }
    }
    return out;
  }

  template <class Call>
  auto guarded(Call call) {
    try {
      return foreign::or_fail("sink", sink(), cpp_, call);
    } catch (...) {
      first_->broken_ = true;
      throw;
    }
  }

  const std::string_view cpp_;
  const OptionsOf<K> options_;
  const bool durable_;
  std::vector<Row> batch_;
  ForeignWriter* first_ = this;
  // ---- of the first worker's
  std::mutex mutex_;
  std::atomic<bool> broken_{false};  // it has thrown, and is not called again
  std::unique_ptr<K> sink_;
  bool unprepared_ = false;  // it has rows that were written since it last prepared
  std::optional<Prepared> prepared_;
};

}  // namespace gress::foreign
