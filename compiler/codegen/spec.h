// What the printers of stateful operators share: key structs, results into rows, late rows.
#pragma once
#include <string>
#include <vector>

#include "compiler/codegen/expr.h"

namespace gress::codegen {

struct KeyPart {
  std::string name;
  const Type* type;
};

/// `struct NAME { parts; ==; hash; kDense; dense; members }`, as runtime/core/key_table.h wants it.
void print_key_struct(Unit&, Printer&, const std::string& name, const std::vector<KeyPart>& parts);
/// The same of what the node's state is kept by, these columns: it may be saved, and says `route()` where the worker of its
/// rows does not go by the hash of all parts.
void print_state_key(Unit&, Printer&, const plan::Node&, const std::string& name, const std::vector<KeyPart>& parts,
                     const std::vector<dsl::checked::Index>& columns = {});
/// `struct NAME { by_0 …; static int compare(a, b); }` of what `top` orders by; nothing to order by is equal.
void print_order_struct(Unit&, Printer&, const std::string& name, const std::vector<dsl::checked::OrderBy>& by);
/// Key parts for columns of a row.
std::vector<KeyPart> key_parts(const dsl::checked::Row&, const std::vector<dsl::checked::Index>& columns);
/// `Key{r.a, r.b}`.
std::string key_value(const std::string& type, const dsl::checked::Row&, const std::vector<dsl::checked::Index>& columns,
                      const std::string& row);
/// Out-of-class definition of a spec's static function: `inline RESULT SPEC::NAME(ARGS)`; `in_loop`: inlined at all costs.
void open_definition(Unit&, const std::string& result, const std::string& spec, const std::string& signature, bool in_loop = false);
/// Defines SPEC::out and SPEC::watermark, and SPEC::late if `late`.
void print_outlets(Unit&, const plan::Node&, const std::string& spec, bool late);
/// Inside a function with `p`, `in`, `i`: row i of flow `in` is late; it is counted, and goes to `route` if there is one.
void print_late_row(Unit&, const plan::Node&, plan::FlowId in, plan::FlowId route);
/// `if (ev.failed) …` in a spec function where row `i` of `in` fails (`fails`), or a result does; then `tail`.
void check_row_failed(Unit&, const plan::Node&, dsl::Range where, const std::string& tail);
void check_result_failed(Unit&, const plan::Node&, const dsl::checked::Row& key_row, const std::vector<dsl::checked::Index>& keys, dsl::Range where, const std::string& tail,
                         const std::string& key = "key");
/// Defines SPEC::copy(in, i, o): the row as it came, as far as the output has its columns.
void print_copy(Unit&, const plan::Node&, const std::string& spec);
/// Assigns the used columns of `out` from C++ expressions by column.
void assign_columns(Unit&, plan::FlowId out, const std::vector<std::string>& values);

}  // namespace gress::codegen
