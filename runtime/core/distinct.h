// `distinct a, b within d`: lets a row through when its value has none let through before, or at least d earlier.
// A value is forgotten when a watermark is greater than the time it was let through + d.
//
// Spec (generated): Pipeline, In, Out (same row type), Key, static Key key(const In::Row&),
//   static void copy(const In&, int i, Out::Row&), out, watermark.
#pragma once
#include "runtime/core/cold_table.h"
#include "runtime/core/emitter.h"
#include "runtime/core/ran_out.h"

namespace gress {

struct LastPassed {
  static constexpr bool kRunsOut = true;
  std::int64_t time = kStartOfTime;
  bool is_started() const { return time != kStartOfTime; }
  std::int64_t last_time() const { return time; }
  static constexpr auto members = Members<&LastPassed::time>{};
  void clear() { time = kStartOfTime; }
};

template <class Spec>
class Distinct {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;
  static constexpr bool kBeyondMemory = is_beyond_memory<Key>;

  Distinct(typename Spec::Pipeline& pipeline, std::int64_t within) : pipeline_(pipeline), expiry_(within) {
    if constexpr (kBeyondMemory) table_.runs_out_by(expiry_);
  }

  void process(const In& in) {
    std::uint32_t entries[kBlock];
    int i = 0;
    while (i < in.count) {
      if (in.watermark_before(i) > expiry_.next()) [[unlikely]] expire(in.watermark_before(i));
      int end = in.count;
      if (in.watermark_before(end - 1) > expiry_.next()) end = i + 1;
      find(in, i, end, entries);
      for (int k = i; k < end; ++k)
        if (entries[k] != kFailed) pass(in, k, entries[k]);
      i = end;
    }
    out_.others = in.others;
    if (out_.count != 0) Spec::out(pipeline_, out_);
    out_.count = 0;
  }

  void watermark(std::int64_t t) {
    if (expiry_.tell(t)) expire(t);
    Spec::watermark(pipeline_, t);
  }

  std::size_t keys() const { return table_.size(); }

  auto beyond_memory()
    requires kBeyondMemory
  {
    return BeyondMemory{table_, std::tuple{StatePart::entries}};
  }

  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most)
    requires(!kBeyondMemory)
  {
    return table_.save_ahead(changes, std::tuple{StatePart::entries}, most);
  }
  void save(StateChanges& changes) { table_.save(changes, std::tuple{StatePart::entries}); }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::due) pass_over_due<Key>(key);
    else table_.load(key, value);
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() == StatePart::entries && decltype(table_)::show_entry(key, value, to);
  }
  void loaded() {
    table_.loaded();
    table_.each([&](std::uint32_t n) { expiry_.start(n, table_[n].value.time); });
  }

 private:
  static constexpr std::uint32_t kFailed = 0xffffffff;

  void find(const In& in, int begin, int end, std::uint32_t* entries) {
    for (int k = begin; k < end; ++k) {
      if (!Spec::key(pipeline_, in, k, keys_[k])) entries[k] = kFailed;
      else if constexpr (!kBeyondMemory) entries[k] = table_.find_or_add(keys_[k]);
      else entries[k] = 0;
    }
    if constexpr (kBeyondMemory) {
      std::uint32_t found[kBlock];
      int rows[kBlock], n = 0;
      for (int k = begin; k < end; ++k)
        if (entries[k] != kFailed) rows[n++] = k;
      table_.find_all(0, n, [&](int k) { return keys_[rows[k]]; }, [](int) { return true; }, found);
      for (int k = 0; k != n; ++k) entries[rows[k]] = found[k];
    }
  }

  void pass(const In& in, int i, std::uint32_t number) {
    LastPassed& last = table_[number].value;
    const std::int64_t t = in.time_of(i);
    const bool fresh = last.time == kStartOfTime;
    if (!fresh && !expiry_.expired(last.time, in.watermark_of(i))) {
      if (t < add_saturated(last.time, expiry_.retain())) return;
    }
    last.time = t;
    if (fresh) expiry_.start(number, t);
    const int o = out_.count++;
    Spec::copy(in, i, out_.rows[o]);
    out_.take_lanes(o, in, i);
  }

  void expire(std::int64_t t) { forget_run_out(expiry_, t, table_); }

  typename Spec::Pipeline& pipeline_;
  BoundedExpiry<Key> expiry_;
  BoundedTable<Key, LastPassed> table_;
  Key keys_[kBlock];
  Out out_;
};

}  // namespace gress
