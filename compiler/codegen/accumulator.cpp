#include "compiler/codegen/accumulator.h"

#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"

namespace gress::codegen {

using namespace dsl::checked;
using dsl::AggregateKind;

bool numbers_text(const Unit& u, const AggregateCall& call) {
  // Numbers are a worker's own, and states that are saved may go to another.
  // The numbers of all texts would have to stay in memory.
  if (u.durable && (u.for_workers || u.beyond_memory)) return false;
  return call.fn != nullptr && call.fn->kind == AggregateKind::count_distinct && call.args[0]->type->plain()->kind == Kind::string;
}

std::string accumulator_type(Unit& u, const AggregateCall& call, bool merged) {
  if (call.fn == nullptr) return u.aggregate_names[call.user];
  const auto arg = [&](std::size_t i) { return cpp_type(u, call.args[i]->type->plain()); };
  const bool optional = call.type->is_optional();
  const char* absent = optional ? ", true" : "";
  switch (call.fn->kind) {
    case AggregateKind::count: return "agg::Count";
    case AggregateKind::count_distinct:
      if (numbers_text(u, call)) return "agg::CountDistinctText";
      return fmt::format("agg::CountDistinct<{}>", arg(0));
    case AggregateKind::approx_count_distinct: return fmt::format("agg::ApproxCountDistinct<{}>", arg(0));
    case AggregateKind::sum: return fmt::format("agg::Sum<{}>", arg(0));
    case AggregateKind::avg: return fmt::format("agg::Avg<{}{}>", arg(0), absent);
    case AggregateKind::min: return fmt::format("agg::Min<{}{}>", arg(0), absent);
    case AggregateKind::max: return fmt::format("agg::Max<{}{}>", arg(0), absent);
    case AggregateKind::first: return fmt::format("agg::First<{}{}>", arg(0), absent);
    case AggregateKind::last: return fmt::format("agg::Last<{}{}>", arg(0), absent);
    case AggregateKind::min_by: return fmt::format("agg::MinBy<{}, {}{}>", arg(0), arg(1), absent);
    case AggregateKind::max_by: return fmt::format("agg::MaxBy<{}, {}{}>", arg(0), arg(1), absent);
    case AggregateKind::stddev: return "agg::Stddev";
    case AggregateKind::variance: return "agg::Variance";
    case AggregateKind::quantile: return fmt::format("agg::Quantile<{}{}>", arg(0), absent);
    case AggregateKind::approx_quantile: return fmt::format("agg::ApproxQuantile<{}{}>", arg(0), absent);
    case AggregateKind::collect: return fmt::format("agg::Collect{}<{}>", merged ? "Merged" : "", arg(0));
    case AggregateKind::any: return "agg::Any";
    case AggregateKind::all: return "agg::All";
  }
  return "";
}

std::vector<std::string> accumulator_names(const Aggregate& a) {
  std::vector<std::string> out;
  Names names;
  for (Index c = 0; c != a.calls.size(); ++c) {
    std::string name = a.calls[c].fn != nullptr ? std::string(a.calls[c].fn->name) : "aggregate";
    for (const Output& o : a.outputs)
      if (o.value->kind == ExprKind::ref && o.value->scope == Scope::agg && o.value->index == c) {
        name = o.name;
        break;
      }
    out.push_back(names.fresh(name));
  }
  return out;
}

std::string add_call(Unit& u, const AggregateCall& call, const std::string& accumulator, const std::vector<std::string>& args,
                     const std::string& numbers) {
  if (call.fn == nullptr) return retracting_call(u, call, "add", accumulator, args);
  std::string list = "ev";
  for (const std::string& a : args) list += ", " + a;
  if (numbers_text(u, call)) list += ", " + numbers;
  if (call.fn != nullptr && call.fn->order_dependent)
    // Equal keys of min_by and max_by go by arrival (docs/decisions/0003), first and last by event time.
    list += call.fn->has_key ? ", in.position_of(i)" : ", Place{in.time_of(i), in.position_of(i)}";
  return fmt::format("{}.add({});", accumulator, list);
}

std::string retracting_type(Unit& u, const AggregateCall& call) {
  if (call.fn == nullptr) return u.aggregate_names[call.user];
  const auto arg = [&](std::size_t i) { return cpp_type(u, call.args[i]->type->plain()); };
  const char* absent = call.type->is_optional() ? ", true" : "";
  const auto of_one = [&](const char* name) { return fmt::format("agg::retracting::{}<{}{}>", name, arg(0), absent); };
  switch (call.fn->kind) {
    case AggregateKind::count_distinct:
    case AggregateKind::approx_count_distinct: return fmt::format("agg::retracting::CountDistinct<{}>", arg(0));
    case AggregateKind::sum:
      return call.args[0]->type->plain()->is_float() ? "agg::retracting::Sum" : accumulator_type(u, call);
    case AggregateKind::avg:
      return call.args[0]->type->plain()->is_float() ? fmt::format("agg::retracting::Avg<{}>", call.type->is_optional()) : accumulator_type(u, call);
    case AggregateKind::min: return of_one("Min");
    case AggregateKind::max: return of_one("Max");
    case AggregateKind::first: return of_one("First");
    case AggregateKind::last: return of_one("Last");
    case AggregateKind::min_by: return fmt::format("agg::retracting::MinBy<{}, {}{}>", arg(0), arg(1), absent);
    case AggregateKind::max_by: return fmt::format("agg::retracting::MaxBy<{}, {}{}>", arg(0), arg(1), absent);
    case AggregateKind::stddev: return "agg::retracting::Stddev";
    case AggregateKind::variance: return "agg::retracting::Variance";
    case AggregateKind::quantile:
    case AggregateKind::approx_quantile: return of_one("Quantile");
    case AggregateKind::collect: return fmt::format("agg::retracting::Collect<{}>", arg(0));
    default: return accumulator_type(u, call);
  }
}

std::string retracting_call(Unit& u, const AggregateCall& call, const char* verb, const std::string& accumulator,
                            const std::vector<std::string>& args) {
  std::string values = "ev", present, locals;
  for (std::size_t i = 0; i != args.size(); ++i) {
    // Rows of which an argument is absent are skipped, unless the program's own aggregate takes absent ones.
    const bool takes_absent = call.fn == nullptr && u.program.aggregates[call.user].params[i].type->is_optional();
    if (!call.args[i]->type->is_optional() || takes_absent) {
      values += ", " + args[i];
      continue;
    }
    locals += fmt::format("const auto x{} = {}; ", i, args[i]);
    present += fmt::format("{}x{}.has", present.empty() ? "" : " && ", i);
    values += fmt::format(", x{}.value", i);
  }
  if (call.fn != nullptr && call.fn->order_dependent)
    values += call.fn->has_key ? ", in.position_of(i)" : ", Place{in.time_of(i), in.position_of(i)}";
  const std::string statement = fmt::format("{}.{}({});", accumulator, verb, values);
  return present.empty() ? statement : fmt::format("{{ {}if ({}) {} }}", locals, present, statement);
}

std::string result_call(Unit& u, const AggregateCall& call, const std::string& accumulator) {
  if (call.q != nullptr) return fmt::format("{}.result(ev, {})", accumulator, emit_expr(u, call.q, ExprEnv{}));
  return fmt::format("{}.result(ev)", accumulator);
}

}  // namespace gress::codegen
