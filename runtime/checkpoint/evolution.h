// Whether a program can go on from the state that another version of it saved, and how: the one place that decides it, for
// a program that starts and for `gressc check --against` (docs/decisions/0021).
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/checkpoint/form.h"
#include "runtime/core/state_io.h"

namespace gress::checkpoint {

/// What the state of one stage or source is: JSON, which the compiler writes (compiler/codegen/sections.cpp), a program
/// carries, and a manifest keeps.
///   {"name": "daily_aggregate", "was": "per_day_aggregate", "kind": "window aggregate",
///    "fixed": [["key", "area string"], ["window", "tumbling($size)"]], "params": [["size", "duration", "1m"]],
///    "aggregates": [["n", "count()", true]], "adds": true, "records": [["row", "{id: i64}", "rides_row"]]}
struct Descriptor {
  std::string name;
  std::string was;                                              // its former name, if `was:` tells one
  std::string kind;                                             // of operator
  std::vector<std::pair<std::string, std::string>> fixed;       // what and how: must stay the same
  struct Aggregate {
    std::string name, form;
    bool begins = false;  // has a value of no row
  };
  std::vector<Aggregate> aggregates;                            // in the order in which a state has them
  bool adds = false;                                            // aggregates may come: they begin with no row
  struct Record {
    std::string role;
    Form form;
    std::string in_code;  // its struct, by which the program that reads it knows it
  };
  std::vector<Record> records;                                  // rows that are kept, by their role
  std::string place;                                            // the worker of a key's state; empty: the owner of the key
  bool one_worker = false;                                      // the program runs with one only, which has all state
  bool begins_anew = false;                                     // knows how far its inputs are, and no more: they tell it again
  /// How its entries are shown to people, of a program's own state only: a manifest does not keep it.
  struct Shown {
    std::vector<std::pair<std::string, std::string>> key;  // columns and their forms
    std::vector<std::string> values;                       // forms of what the aggregates give
  } shown;
};

/// Throws StateDamaged, as does read_program_state().
Descriptor read_descriptor(std::string_view json);
/// What a program says of all its sections: {"sections": […], "sinks": [["per_day", "daily"]]}.
struct ProgramState {
  std::vector<Descriptor> sections;
  std::vector<std::string> texts;                          // the same as they stand
  std::vector<std::pair<std::string, std::string>> sinks;  // renamed ones: name, former name
};
/// `given`: values of its params, by name; those of others are the defaults. They are `fixed` where a section reads them, and so
/// they stand in a manifest.
ProgramState read_program_state(std::string_view json, const std::vector<std::pair<std::string, std::string>>& given);

/// In one line, for people.
std::string summary(const Descriptor&);

struct Verdict {
  std::vector<std::string> problems;  // why it cannot be read
  std::vector<std::string> changes;   // what has to be made of it
};
Verdict compare(const Descriptor& was, const Descriptor& now);

/// How the bytes of a section are read that another version of the program saved.
class Migration final : public StateEvolution {
 public:
  Migration(const Descriptor& was, const Descriptor& now);
  const std::vector<int>* order() const override { return &order_; }
  bool record(std::string_view in_code, const char*& at, const char* end, Out& out) const override;

 private:
  struct Changed {
    std::string in_code;
    Form was, now;
  };
  std::vector<int> order_;
  std::vector<Changed> records_;
};

/// Of one section.
struct Finding {
  std::string saved;  // its name in the checkpoint
  std::string stage;  // in the program; empty: no stage has it, or goes on from it
  Verdict verdict;
  const std::string& name() const { return stage.empty() ? saved : stage; }
};
/// Of all sections of a checkpoint but those that are dropped, by the name of either side.
std::vector<Finding> compare_all(const std::vector<Descriptor>& saved, const std::vector<Descriptor>& now,
                                 const std::vector<std::string>& dropped);

}  // namespace gress::checkpoint
