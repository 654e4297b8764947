// Aggregates as C++ accumulators: their types and the calls that add, merge and read them.
#pragma once
#include <string>

#include "compiler/codegen/expr.h"

namespace gress::codegen {

/// Type of the accumulator of a call: `Avg<std::int64_t>`, or the struct of a user aggregate.
/// `merged`: states of it are put together.
std::string accumulator_type(Unit&, const dsl::checked::AggregateCall&, bool merged = false);
/// Names of the calls' members in the state: the output's name where a call is an output, else `count_2`.
std::vector<std::string> accumulator_names(const dsl::checked::Aggregate&);
/// `.add(ev, x, k, Order{…})` arguments; `args` are C++ expressions of the call's arguments.
std::string add_call(Unit&, const dsl::checked::AggregateCall&, const std::string& accumulator,
                     const std::vector<std::string>& args, const std::string& numbers);
/// The same where rows are taken back: an accumulator with an exact `remove` …
std::string retracting_type(Unit&, const dsl::checked::AggregateCall&);
/// … and the statement that adds or removes (`verb`) the row.
std::string retracting_call(Unit&, const dsl::checked::AggregateCall&, const char* verb, const std::string& accumulator,
                            const std::vector<std::string>& args);
/// Whether the call's texts are numbered by an agg::TextNumbers of the operator (`numbers` of add_call).
bool numbers_text(const Unit&, const dsl::checked::AggregateCall&);
/// C++ expression of the result, of the call's type.
std::string result_call(Unit&, const dsl::checked::AggregateCall&, const std::string& accumulator);

}  // namespace gress::codegen
