// Names, members, elements.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

using What = Found::What;

std::string listed(const std::vector<std::string_view>& names) {
  std::string out;
  const std::size_t shown = names.size() <= 12 ? names.size() : 12;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i != 0) out += ", ";
    out += '`' + std::string(names[i]) + '`';
  }
  if (shown < names.size()) out += " and " + std::to_string(names.size() - shown) + " more";
  return out;
}

namespace {

/// `True`, `NULL`, `None` and their like.
std::string_view foreign_constant(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (folded == "true") return "true";
  if (folded == "false") return "false";
  for (const char* absent : {"null", "none", "nil", "nullptr", "undefined"})
    if (folded == absent) return "null";
  return {};
}

std::vector<std::string_view> field_names(const Type* record) {
  std::vector<std::string_view> all;
  for (const RecordField& field : record->fields) all.push_back(field.name);
  return all;
}

std::vector<std::string_view> variant_names(const Type* enumeration) {
  std::vector<std::string_view> all;
  for (const EnumVariant& variant : enumeration->variants) all.push_back(variant.name);
  return all;
}

}  // namespace

ExprPtr ExprChecker::Impl::name(const ast::NameRef& ref_, const ast::Expr& e, const Env& env, const Type* expected) {
  const Range range = e.range;
  const Found found = resolve(ref_.name, env, names_of(env));
  if ((found.what == What::other || found.what == What::nothing) && env.asked != nullptr)
    for (const AskedSide& side : *env.asked)
      if (side.name == ref_.name) return asked_side(side, range);
  switch (found.what) {
    case What::value:
      if (found.type == nullptr) return error(range);
      return narrow(ref(found.scope, found.index, found.type, range), e, env);
    case What::param: {
      const Type* type = found.index < program.params.size() ? program.params[found.index].type : nullptr;
      if (type == nullptr || type->is(Kind::error)) return error(range);
      Expr made;
      made.kind = ExprKind::param;
      made.type = type;
      made.range = range;
      made.index = found.index;
      return narrow(make(std::move(made)), e, env);
    }
    case What::right_alias: {
      // The whole right record, out of its columns.
      if (!found.type->is(Kind::record)) return error(range);
      std::vector<ExprPtr> columns;
      for (std::size_t i = 0; i < found.type->fields.size(); ++i) {
        columns.push_back(ref(Scope::right, static_cast<Index>(i), found.type->fields[i].type, range));
      }
      return node(ExprKind::record, found.type, range, std::move(columns));
    }
    case What::other_alias:
      report(Code::E0314, range, "`" + ref_.name + "` is the other state, not a value")
          .help("its fields are `" + ref_.name + "." + (env.other->empty() ? "x" : env.other->front().name) + '`');
      return error(range);
    case What::type: {
      Diagnostic& d = report(Code::E0314, range, "`" + ref_.name + "` is a type, not a value");
      if (found.type->is(Kind::enumeration) && !found.type->variants.empty()) {
        d.help("its values are written `" + ref_.name + '.' + found.type->variants.front().name + '`');
      }
      return error(range);
    }
    case What::function: case What::aggregate:
      report(Code::E0314, range, "`" + ref_.name + "` is a function, not a value")
          .help("call it: `" + ref_.name + "(…)`");
      return error(range);
    case What::other:
      report(Code::E0314, range, "`" + ref_.name + "` is a " + std::string(found.word) + ", not a value");
      return error(range);
    case What::nothing: break;
  }
  unknown_name(ref_.name, range, env, expected);
  return error(range);
}

ExprPtr ExprChecker::Impl::asked_side(const AskedSide& side, Range range) {
  const std::string kind = side.anti ? "anti" : "semi", quoted = '`' + side.name + '`';
  Diagnostic& d = report(Code::E0314, range, std::string("the rows behind ") + (side.anti ? "an" : "a") + " `" + kind + " join` have nothing of " + quoted)
                      .under(side.anti ? "they are those without a match" : "they are the left rows as they were")
                      .at(side.range, "joined here, to ask only whether there is a match");
  if (side.anti) d.help("`left join … as " + side.name + "` gives every left row, with `" + side.name + "` absent where nothing matches");
  else d.help("`join … as " + side.name + "` adds its row, once for each match");
  return error(range);
}

void ExprChecker::Impl::unknown_name(std::string_view name, Range range, const Env& env, const Type* expected) {
  const Names& known = names_of(env);
  const std::string quoted = '`' + std::string(name) + '`';
  // A column that the rows have, and an aggregate's output cannot see.
  Env rows;
  rows.row = env.row;
  if ((env.calls != nullptr || env.group != nullptr) && resolve_local(name, rows).what == What::value) {
    if (env.calls != nullptr) {
      report(Code::E0326, range, quoted + " is a column of the rows, and one row a group comes out")
          .under("outside an aggregate")
          .help("say which of its values: `last(" + std::string(name) + ")`, `max(" + std::string(name) +
                ")`, `collect(" + std::string(name) + ")`")
          .help("or group by it: `key … , " + std::string(name) + '`');
    } else {
      report(Code::E0326, range, quoted + " is a column of the rows, and there is no row here")
          .under("no row here")
          .help("keep what is needed in the state");
    }
    return;
  }
  const auto variant_of = [&](const Type* type) {
    return type->is(Kind::enumeration) && type->variant(name) >= 0;
  };
  const Type* enumeration = expected != nullptr && variant_of(expected->plain()) ? expected->plain() : nullptr;
  for (const auto& [type_name, type] : known.types) {
    if (enumeration == nullptr && variant_of(type)) enumeration = type;
  }
  Diagnostic& d = report(Code::E0301, range, "there is no " + quoted + " here").under("unknown name");
  if (enumeration != nullptr) {
    const std::string full = enumeration->name + '.' + std::string(name);
    d.fix("as a variant it is written `" + full + '`', range, full);
    return;
  }
  if (const std::string_view ours = foreign_constant(name); !ours.empty()) {
    d.fix("here it is `" + std::string(ours) + '`', range, std::string(ours));
    return;
  }
  if (find_function(name) != nullptr || find_aggregate(name) != nullptr) {
    d.help("the function is called: `" + std::string(name) + "(…)`");
    return;
  }
  Env offered = env;
  if (env.params_only) offered.row = nullptr;
  const std::vector<std::string_view> visible = visible_values(offered, known, program);
  if (const std::string_view near = nearest(name, visible); !near.empty()) {
    d.fix("did you mean `" + std::string(near) + "`?", range, std::string(near));
  } else if (!visible.empty()) {
    d.note("visible here: " + listed(visible));
  }
  if (!env.hint.empty()) d.note(env.hint);
}

ExprPtr ExprChecker::Impl::member(const ast::Member& m, const ast::Expr& e, const Env& env) {
  const Range range = e.range;
  if (const auto* base_name = m.base->as<ast::NameRef>()) {
    const Found found = resolve(base_name->name, env, names_of(env));
    if (found.what == What::type && found.type->is(Kind::enumeration)) {
      const int at = found.type->variant(m.member.text);
      if (at >= 0) return literal(static_cast<std::int64_t>(at), found.type, range);
      Diagnostic& d =
          report(Code::E0304, m.member.range, "`" + found.type->name + "` has no variant `" + m.member.text + '`')
              .under("unknown variant");
      const std::vector<std::string_view> all = variant_names(found.type);
      if (const std::string_view near = nearest(m.member.text, all); !near.empty()) {
        d.fix("did you mean `" + std::string(near) + "`?", m.member.range, std::string(near));
      } else {
        d.note("its variants: " + listed(all));
      }
      return error(range);
    }
    if (found.what == What::right_alias && found.type->is(Kind::record)) {
      const int at = found.type->field(m.member.text);
      if (at < 0) {
        field(node(ExprKind::record, found.type, m.base->range, {}), m.member, range);
        return error(range);
      }
      const auto index = static_cast<Index>(at);
      return narrow(ref(Scope::right, index, found.type->fields[index].type, range), e, env);
    }
    if (found.what == What::other_alias) {
      for (std::size_t i = 0; i < env.other->size(); ++i) {
        if ((*env.other)[i].name == m.member.text) {
          return narrow(ref(Scope::other, static_cast<Index>(i), (*env.other)[i].type, range), e, env);
        }
      }
      report(Code::E0302, m.member.range, "the state has no field `" + m.member.text + '`').under("unknown field");
      return error(range);
    }
  }
  return narrow(field(expr(*m.base, env, nullptr), m.member, range), e, env);
}

ExprPtr ExprChecker::Impl::field(ExprPtr base, const ast::Name& name, Range range) {
  base = require_type(base);
  if (base->type->is(Kind::error)) return error(range);
  const Type* plain_type = base->type->plain();
  if (!plain_type->is(Kind::record)) {
    Diagnostic& d = report(Code::E0323, name.range, "`" + to_string(base->type) + "` has no fields")
                        .under("no field `" + name.text + "` in it")
                        .at(base->range, "this is `" + to_string(base->type) + '`');
    const std::string operand(sources.text(base->range));
    if (plain_type->is(Kind::map)) {
      d.help("an entry of a map is `" + operand + "[\"" + name.text + "\"]`");
    } else if (find_function(name.text) != nullptr) {
      const std::string written = name.text + '(' + operand + ')';
      d.fix("the function is called: `" + written + '`', range, written);
    }
    return error(range);
  }
  const int at = plain_type->field(name.text);
  if (at < 0) {
    const std::string of = plain_type->name.empty() ? "this record" : '`' + plain_type->name + '`';
    Diagnostic& d = report(Code::E0302, name.range, of + " has no field `" + name.text + '`').under("unknown field");
    const std::vector<std::string_view> all = field_names(plain_type);
    if (const std::string_view near = nearest(name.text, all); !near.empty()) {
      d.fix("did you mean `" + std::string(near) + "`?", name.range, std::string(near));
    } else if (!all.empty()) {
      d.note("its fields: " + listed(all));
    }
    return error(range);
  }
  const auto index = static_cast<Index>(at);
  const Type* type = plain_type->fields[index].type;
  if (type == nullptr || type->is(Kind::error)) return error(range);
  if (base->type->is_optional()) type = types.optional(type);
  Expr made;
  made.kind = ExprKind::member;
  made.type = type;
  made.range = range;
  made.index = index;
  made.args = {base};
  return make(std::move(made));
}

ExprPtr ExprChecker::Impl::narrow(ExprPtr value, const ast::Expr& e, const Env& env) {
  if (env.facts.empty() || !value->type->is_optional()) return value;
  FactPath path;
  return fact_path(e, env, path) && env.facts.has(path) ? unwrap(value) : value;
}

ExprPtr ExprChecker::Impl::element(const ast::Index& at, Range range, const Env& env) {
  ExprPtr base = require_type(expr(*at.base, env, nullptr));
  if (base->type->is(Kind::error)) {
    expr(*at.index, env, nullptr);
    return error(range);
  }
  base = plain(base, "`[…]`");
  if (base->type->is(Kind::list)) {
    const ExprPtr index = expr_as(*at.index, env, i64(), "the index of a list");
    if (is_error(index->type)) return index;
    return node(ExprKind::element, types.optional(base->type->elem), range, {base, index});
  }
  if (base->type->is(Kind::map)) {
    const ExprPtr key = expr_as(*at.index, env, base->type->key, "the key of a map");
    if (is_error(key->type)) return key;
    return node(ExprKind::element, types.optional(base->type->elem), range, {base, key});
  }
  expr(*at.index, env, nullptr);
  if (is_error(base->type)) return error(range);
  Diagnostic& d = report(Code::E0322, base->range, "`" + to_string(base->type) + "` has no elements")
                      .under("`[…]` is for lists and maps");
  if (base->type->is(Kind::string)) d.help("a part of a text is `substring(text, start, count)`");
  if (base->type->is(Kind::record)) d.help("a field of a record is `x.name`");
  return error(range);
}

}  // namespace gress::dsl
