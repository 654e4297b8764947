// One overload a stage: a stage that is missing here does not compile.
#include "compiler/plan/reads.h"

#include <algorithm>

#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

Use whole() {
  Use u;
  u.whole = true;
  return u;
}

struct Reader {
  const Program& program;
  const Stage& stage;
  const Flow& out;
  std::vector<Reads>& inputs;

  Uses& uses() { return inputs[0].uses; }
  Meta& meta() { return inputs[0].meta; }

  void keys(const std::vector<Index>& columns) {
    for (Index k : columns) uses()[k].add(whole());
  }
  void expr(ExprPtr e) {
    if (e != nullptr) add_uses(program, e, uses());
  }
  void call(const AggregateCall& c) {
    for (ExprPtr arg : c.args) expr(arg);
    expr(c.where);
    if (c.fn != nullptr && c.fn->order_dependent) meta().time = meta().position = true;
  }
  /// Times of rows, for windows and for `retain`.
  void timed() { meta().time = meta().watermark = true; }
  /// Columns of the output that are the input's, by name; the operator sets window bounds and rank itself.
  void pass(bool windowed, const std::string& rank = "") {
    for (std::size_t i = 0; i != out.uses.size(); ++i) {
      const std::string& column = stage.out.columns[i].name;
      if ((windowed && (column == "window_start" || column == "window_end")) || (!rank.empty() && column == rank)) continue;
      const int at = stage.in.find(column);
      if (at >= 0) uses()[static_cast<std::size_t>(at)].add(out.uses[i]);
    }
  }
  void window(const Window& w) {
    timed();
    if (w.kind == WindowKind::session) meta().position = true;
    if (w.processing_time) meta().time = meta().watermark = false;
  }
  void bound(const std::optional<Window>& w) { w ? window(*w) : timed(); }

  // ---- stateful stages

  void operator()(const Aggregate& s) {
    keys(s.keys);
    for (const AggregateCall& c : s.calls) call(c);
    bound(s.window);
    if (!s.window && out.meta.position) meta().position = true;
  }
  void operator()(const Top& s) {
    keys(s.keys);
    pass(s.window.has_value(), s.rank);
    for (const OrderBy& o : s.by) expr(o.value);
    meta().time = meta().position = true;
    bound(s.window);
  }
  void operator()(const Latest& s) {
    keys(s.keys);
    pass(s.window.has_value());
    meta().time = meta().position = true;
    bound(s.window);
  }
  void operator()(const Distinct& s) {
    pass(false);
    for (ExprPtr key : s.keys) expr(key);
    meta() = out.meta;
    timed();
  }
  void operator()(const Scan& s) {
    keys(s.keys);
    for (const auto& [field, value] : s.update) expr(value);
    for (const Output& o : s.emit) expr(o.value);
    expr(s.when);
    meta() = out.meta;
    if (s.retain != nullptr) timed();
  }
  void operator()(const StreamJoin& s) {
    Reads& right = inputs[1];
    const std::size_t columns = stage.in.columns.size();
    for (std::size_t i = 0; i != out.uses.size(); ++i) {
      const std::string& column = stage.out.columns[i].name;
      if (s.window && (column == "window_start" || column == "window_end")) continue;
      const Use& use = out.uses[i];
      if (i < columns) {
        uses()[i].add(use.any() && s.kind == JoinKind::full ? whole() : use);
      } else {
        if (use.whole) std::fill(right.uses.begin(), right.uses.end(), whole());
        for (const auto& [member, of] : use.members) right.uses[member].add(of);
      }
    }
    for (const Equality& e : s.equalities) {
      add_uses(program, e.left, uses());
      add_uses(program, e.right, uses(), &right.uses);
    }
    if (s.rest != nullptr) add_uses(program, s.rest, uses(), &right.uses);
    expr(s.high);
    expr(s.as_of);
    timed();
    if (s.bound == JoinBound::retain && s.retain.duration == nullptr && stage.kind == StreamKind::append) {
      // Facts kept for ever: their times are those of the result.
      meta().time = out.meta.time;
      meta().watermark = out.meta.watermark;
    }
    right.meta.time = meta().time;
    right.meta.watermark = meta().watermark;
    meta().position = right.meta.position = s.bound == JoinBound::as_of || (s.bound == JoinBound::retain && stage.kind == StreamKind::upsert) ||
                                            (s.bound != JoinBound::retain && out.meta.position) ||
                                            (s.window && s.window->kind == WindowKind::session);
  }
  void operator()(const SetTime& s) {
    pass(false);
    expr(s.time);
    meta().position = true;  // whose partition's watermark it moves
  }
  void operator()(const InOrder&) {
    pass(false);
    meta() = out.meta;
    timed();
    meta().position = true;
  }
  void operator()(const Changes&) {
    const std::size_t columns = stage.in.columns.size();
    for (std::size_t i = 0; i != columns; ++i) uses()[i].add(out.uses[i]);
    const Use& old = out.uses[columns + 1];
    if (old.whole) std::fill(uses().begin(), uses().end(), whole());
    for (const auto& [member, of] : old.members) uses()[member].add(of);
    meta() = out.meta;
  }
  void operator()(const Features& s) {
    keys(s.keys);
    for (const FramedCall& c : s.calls) call(c.call);
    for (std::size_t i = 0; i != s.outputs.size(); ++i) {
      if (out.uses[i].any()) add_uses(program, s.outputs[i].value, out.uses[i], uses());
      else if (may_fail(program, s.outputs[i].value)) expr(s.outputs[i].value);
    }
    meta() = out.meta;
    timed();
    meta().position = true;
  }

  // ---- stages of chains (prune.cpp)
  void operator()(const Filter&) {}
  void operator()(const Project&) {}
  void operator()(const Flatten&) {}
  void operator()(const Key&) {}
  void operator()(const TableJoin&) {}
};

}  // namespace

void read(const Program& program, const Stage& stage, const Flow& out, std::vector<Reads>& inputs) {
  std::visit(Reader{program, stage, out, inputs}, stage.node);
  inputs[0].meta.record = false;
}

}  // namespace gress::plan
