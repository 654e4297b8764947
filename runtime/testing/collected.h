// What streams gave in a test and what was expected of them; values as their JSON text.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/core/block.h"

namespace gress::testing {

/// A row as JSON text by column.
struct Shown {
  Op op = Op::insert;
  std::vector<std::string> columns;
  bool follows = false;  // the row before it stood in the same block: the two may be one change
};

/// All rows that a stream gave, in order.
struct Collected {
  std::string stream;
  std::vector<std::string> columns;   // names
  bool upsert = false;
  std::vector<int> key;               // columns; none: the whole row
  std::vector<Shown> rows;
};

struct ExpectedRow {
  std::string op;                                   // of `_op`; empty: not looked at
  std::vector<std::pair<int, std::string>> columns; // those that were written
};

struct Expectation {
  std::string_view where;   // file:line
  bool ordered = false;
  bool with_op = false;     // the changelog is meant, not the final rows
  std::vector<ExpectedRow> rows;
};

/// What differs, for people, several lines; empty when the stream gave what was expected.
std::string differences(const Collected& got, const Expectation& expected);

}  // namespace gress::testing
