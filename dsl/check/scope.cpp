#include "dsl/check/scope.h"

namespace gress::dsl {

using checked::Scope;
using What = Found::What;

namespace {

/// Sets `found` if one of the entries has the name.
template <class Entries>
bool find_in(const Entries* entries, Scope scope, std::string_view name, Found& found) {
  if (entries == nullptr) return false;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if ((*entries)[i].name != name) continue;
    found.what = What::value;
    found.scope = scope;
    found.index = static_cast<checked::Index>(i);
    found.type = (*entries)[i].type;
    return true;
  }
  return false;
}

}  // namespace

Found resolve_local(std::string_view name, const Env& env) {
  Found found;
  if (find_in(env.args, Scope::arg, name, found)) return found;
  if (find_in(env.state, Scope::state, name, found)) return found;
  if (env.right != nullptr && name == env.right_alias) {
    found.what = What::right_alias;
    found.type = env.right;
    return found;
  }
  if (env.other != nullptr && name == env.other_alias) {
    found.what = What::other_alias;
    return found;
  }
  if (env.calls != nullptr || env.group != nullptr) {
    find_in(env.group != nullptr ? &env.group->columns : nullptr, Scope::group, name, found);
  } else {
    find_in(env.row != nullptr ? &env.row->columns : nullptr, Scope::row, name, found);
  }
  return found;
}

Found resolve(std::string_view name, const Env& env, const Names& names) {
  Found found = resolve_local(name, env);
  if (found.what != What::nothing) return found;
  const auto lookup = [&](const auto& map, What what) {
    const auto at = map.find(name);
    if (at == map.end()) return false;
    found.what = what;
    found.index = at->second;
    return true;
  };
  if (lookup(names.params, What::param)) return found;
  if (const auto type = names.types.find(name); type != names.types.end()) {
    found.what = What::type;
    found.type = type->second;
    return found;
  }
  if (names.foreign.contains(name)) {
    found.what = What::function;
    return found;
  }
  if (lookup(names.functions, What::function) || lookup(names.aggregates, What::aggregate)) return found;
  if (const auto other = names.others.find(name); other != names.others.end()) {
    found.what = What::other;
    found.word = other->second;
  }
  return found;
}

std::vector<std::string_view> visible_values(const Env& env, const Names& names, const checked::Program& program) {
  std::vector<std::string_view> all;
  const auto add = [&](const auto* entries) {
    if (entries == nullptr) return;
    for (const auto& entry : *entries) all.push_back(entry.name);
  };
  add(env.args);
  add(env.state);
  if (env.right != nullptr) all.push_back(env.right_alias);
  if (env.other != nullptr) all.push_back(env.other_alias);
  if (env.group != nullptr) add(&env.group->columns);
  if (env.row != nullptr && env.calls == nullptr && env.group == nullptr) add(&env.row->columns);
  for (const auto& [name, index] : names.params) {
    if (index < program.params.size()) all.push_back(name);
  }
  return all;
}

}  // namespace gress::dsl
