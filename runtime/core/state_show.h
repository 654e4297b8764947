// What an entry of keyed state says, as the values of its columns: for reading a checkpoint without running
// (runtime/checkpoint/scan.cpp). An operator whose entries are by key has
//
//   static bool show_entry(StateIn& key, StateIn& value, ShownState& to);   // false: this one is not by key
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/core/eval.h"
#include "runtime/core/state_io.h"

namespace gress {

struct ShownState {
  bool windowed = false;
  std::int64_t start = 0, end = 0;                            // of the window
  std::string_view key;                                       // as it stands
  std::vector<std::string> aggregates;                        // the value of each, as bytes; empty: it has none
  std::vector<std::pair<std::string_view, std::string>> rows; // by kRole
};

/// Of what a value consists of it takes what the state's description names: aggregates, and rows by role.
class StateShow {
 public:
  static constexpr bool kReads = false;
  explicit StateShow(ShownState& to) : to_(to) {}

  template <class... T>
  void aggregates(const T&... values) { (aggregate(values), ...); }
  template <class... T>
  void operator()(const T&... values) { (part(values), ...); }
  void count(std::uint64_t) {}
  void raw(const void*, std::size_t) {}

 private:
  template <class T>
  void aggregate(const T& value) {
    std::string& bytes = to_.aggregates.emplace_back();
    if constexpr (requires { value.result(ev_); }) {
      StateOut out;
      out(value.result(ev_));
      if (!ev_.failed) bytes = out.view();
      ev_.clear();
    }
  }
  template <class T>
  void part(const T& value) {
    if constexpr (requires { T::kRole; }) {
      StateOut out;
      out(value);
      to_.rows.emplace_back(T::kRole, out.view());
    } else if constexpr (state::is_array<T>) {
      for (std::size_t i = 0; i != value.size(); ++i) part(value[i]);
    } else if constexpr (requires { value.get(); }) {
      part(value.get());
    } else if constexpr (requires(T& v, StateShow& io) { v.archive(io); }) {
      const_cast<T&>(value).archive(*this);
    }
  }

  ShownState& to_;
  Eval ev_;
};

/// An entry of a table, `key` and `value` standing at those of the table.
template <class Value>
bool show_entry_of(StateIn& key, StateIn& value, ShownState& to) {
  to.key = key.rest();
  Value v{};
  value(v);
  value.end();
  StateShow show(to);
  show(v);
  return true;
}

/// By section; null: its state is not by key.
using ShowEntry = bool (*)(StateIn& key, StateIn& value, ShownState& to);
class ShownSections {
 public:
  template <class Part>
  void section(std::string_view name) {
    if constexpr (requires { &Part::show_entry; }) all_[name] = &Part::show_entry;
    else all_[name] = nullptr;
  }
  const std::map<std::string_view, ShowEntry>& all() const { return all_; }

 private:
  std::map<std::string_view, ShowEntry> all_;
};

}  // namespace gress
