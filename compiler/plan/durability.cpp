// What the pipeline's options say of checkpoints.
#include "compiler/plan/plan.h"
#include "dsl/check/expr_checker.h"

namespace gress::plan {
namespace {

template <class T>
T constant_option(const dsl::checked::Program& program, std::string_view name) {
  for (const dsl::checked::OptionValue& o : program.options)
    if (o.name == name && o.value != nullptr)
      if (const auto v = dsl::constant_value(o.value))
        if (const auto* value = std::get_if<T>(&*v)) return *value;
  return {};
}

}  // namespace

std::int64_t checkpoint_interval(const dsl::checked::Program& program) { return constant_option<std::int64_t>(program, "checkpoint"); }
std::string checkpoint_dir(const dsl::checked::Program& program) { return constant_option<std::string>(program, "checkpoint_dir"); }

}  // namespace gress::plan
