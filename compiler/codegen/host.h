// What a host program sees of a pipeline that is built as a library: a header with structs for rows and params and a class,
// and the other side of it in the generated file (docs/decisions/0026).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/codegen/text.h"
#include "compiler/plan/plan.h"
#include "dsl/check/checked.h"

namespace gress::codegen {

struct Unit;

/// The header in the making. Types stand in it as they are asked for.
class Host {
 public:
  explicit Host(const dsl::checked::Program&);

  /// `fares`, the namespace of the header.
  const std::string& space() const { return space_; }
  /// A value as the host has it. `::fares::Ride`; within the header `Ride`.
  std::string type(const dsl::Type*, bool within = false);
  /// Struct of a sink's rows. `with_op`: each says what becomes of the row of its key.
  std::string sink_row(const dsl::checked::Sink&, const dsl::checked::Row&, bool with_op);
  /// A function of the class: `take_` and the name, or what is like it.
  std::string method(const std::string& what, std::string name);
  const std::string& types() const { return types_.text(); }

  /// A struct or enum of the header.
  struct Named {
    std::string name;
    const dsl::Type* type;                                            // null: rows of a sink
    std::vector<std::pair<std::string, const dsl::Type*>> fields;     // by the language's names
    bool with_op = false;
  };
  const std::vector<Named>& named() const { return named_; }
  /// Types of the program's own C++ headers stand in it as they are.
  bool wants_headers() const { return wants_headers_; }

  struct Push {
    std::string method, row, doc;
  };
  struct Take {
    std::string method, row, doc;
    std::string from;  // of Pipeline in the generated file
  };
  struct Advance {
    std::string method, source;
    std::string member;
  };
  std::vector<Push> pushes;
  std::vector<Take> takes;
  std::vector<Advance> advances;

 private:
  std::string enumeration(const dsl::Type*);
  std::string record(const dsl::Type*);
  void print_struct(const std::string& name, const std::string& doc, const std::vector<dsl::RecordField>&, bool with_op);

  std::string space_;
  Names names_, methods_;
  std::map<const dsl::Type*, std::string> foreign_, enums_, records_;
  bool wants_headers_ = false;
  std::vector<Named> named_;
  Printer types_;
};

// emit_host.cpp
/// A source whose rows the host pushes: what stands in its spec, and its member.
void declare_pushed(const Unit&, Printer& spec, const dsl::checked::Source&);
void emit_pushed(Unit&, plan::NodeId source, const std::string& time);
/// A sink's method and what it fills.
void emit_taken(Unit&, plan::NodeId sink);
/// In struct Pipeline, and before it.
void print_host_calls(Unit&, Printer&);
void print_prepared(Unit&, Printer&);
void print_host_params(Unit&, Printer&);
/// Conversions between the structs of the header and those of the program.
std::string host_bridges(Unit&);
/// The header, and the part of it that the generated file has too.
std::string host_header(const Unit&, const std::string& declarations);
std::string host_declarations(Unit&);
/// What the header declares, behind everything else.
std::string host_definitions(Unit&);

}  // namespace gress::codegen
