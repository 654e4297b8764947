// The pieces that the JSON form of a program is made of: types, expressions, rows, options. Internal to dsl/check.
#pragma once
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "dsl/catalog/functions.h"
#include "dsl/check/checked.h"
#include "dsl/check/checked_names.h"
#include "dsl/check/json_writer.h"
#include "dsl/source/source.h"

namespace gress::dsl::detail {

/// Writes the parts of a program that are made of types and expressions.
class JsonParts {
 public:
  JsonParts(const checked::Program& program, const SourceManager& sources) : program_(program), sources_(sources) {}

  JsonWriter out;

  // ---- small pieces
  void texts(const char* name, const std::vector<std::string>& list) {
    out.key(name).begin_array();
    for (const std::string& t : list) out.string(t);
    out.end_array();
  }
  void text(const char* key, std::string_view value) { out.key(key).string(value); }
  void flag(const char* key, bool value) { out.key(key).boolean(value); }
  void index(const char* key, checked::Index value) {
    out.key(key);
    if (value == checked::kNone) out.null();
    else out.number(value);
  }
  void indices(const char* key, const std::vector<checked::Index>& values) {
    out.key(key).begin_array();
    for (checked::Index i : values) out.number(i);
    out.end_array();
  }
  void line(Range range) {
    out.key("line").number(range.file < sources_.size() ? sources_.position(range).line : 0);
  }

  // ---- types
  std::size_t type_index(const Type* type) {
    auto [at, fresh] = type_indices_.try_emplace(type, types_.size());
    if (fresh) types_.push_back(type);
    return at->second;
  }
  void type(const char* key, const Type* value) {
    out.key(key);
    if (!value) out.null();
    else out.number(static_cast<std::int64_t>(type_index(value)));
  }
  /// Written last, since it fills as the rest is written (and as it is written itself).
  void type_table() {
    out.key("type_table").begin_array();
    for (std::size_t i = 0; i < types_.size(); ++i) {
      out.line();
      one_type(*types_[i]);
    }
    out.end_array();
  }

  // ---- expressions
  void expr(const char* key, checked::ExprPtr e) {
    out.key(key);
    if (e) expr(*e);
    else out.null();
  }
  void exprs(const char* key, const std::vector<checked::ExprPtr>& list) {
    out.key(key).begin_array();
    for (checked::ExprPtr e : list) expr(*e);
    out.end_array();
  }
  void expr(const checked::Expr& e) {
    out.begin_object();
    text("kind", name(e.kind));
    type("type", e.type);
    line(e.range);
    switch (e.kind) {
      case checked::ExprKind::literal: value(e.value); break;
      case checked::ExprKind::param:
        index("index", e.index);
        if (e.index < program_.params.size()) text("name", program_.params[e.index].name);
        break;
      case checked::ExprKind::ref:
        text("scope", name(e.scope));
        index("index", e.index);
        break;
      case checked::ExprKind::member:
        index("index", e.index);
        text("name", e.args[0]->type->plain()->fields[e.index].name);
        break;
      case checked::ExprKind::arithmetic:
        text("op", name(e.op));
        text("arith", name(e.arith));
        break;
      case checked::ExprKind::compare: text("op", name(e.op)); break;
      case checked::ExprKind::convert: text("conversion", name(e.conversion)); break;
      case checked::ExprKind::in_list:
      case checked::ExprKind::in_value:
      case checked::ExprKind::is_null: flag("negated", e.negated); break;
      case checked::ExprKind::call:
        text("fn", std::string(e.fn->name));
        text("cpp", std::string(e.form->cpp));
        break;
      case checked::ExprKind::user_call:
      case checked::ExprKind::foreign_call: index("index", e.index); break;
      case checked::ExprKind::match:
        out.key("arms").begin_array();
        for (const auto& arm : e.arms) {
          out.begin_object();
          exprs("patterns", arm.patterns);
          expr("value", arm.value);
          out.end_object();
        }
        out.end_array();
        break;
      default: break;
    }
    if (!e.args.empty() || (e.kind != checked::ExprKind::literal && e.kind != checked::ExprKind::param && e.kind != checked::ExprKind::ref))
      exprs("args", e.args);
    out.end_object();
  }

  void outputs(const char* key, const std::vector<checked::Output>& list) {
    out.key(key).begin_array();
    for (const auto& o : list) {
      out.begin_object();
      text("name", o.name);
      expr("value", o.value);
      out.end_object();
    }
    out.end_array();
  }
  void updates(const char* key, const std::vector<std::pair<checked::Index, checked::ExprPtr>>& list) {
    out.key(key).begin_array();
    for (const auto& [field, value] : list) {
      out.begin_object();
      index("field", field);
      expr("value", value);
      out.end_object();
    }
    out.end_array();
  }
  void state(const char* key, const std::vector<checked::StateField>& fields) {
    out.key(key).begin_array();
    for (const auto& f : fields) {
      out.begin_object();
      text("name", f.name);
      type("type", f.type);
      expr("init", f.init);
      out.end_object();
    }
    out.end_array();
  }
  void row(const char* key, const checked::Row& r) {
    out.key(key).begin_array();
    for (const auto& c : r.columns) {
      out.begin_object();
      text("name", c.name);
      type("type", c.type);
      text("wire", c.wire);
      text("doc", c.doc);
      out.end_object();
    }
    out.end_array();
  }
  void options(const std::vector<checked::OptionValue>& list) {
    out.key("options").begin_array();
    for (const auto& o : list) {
      out.begin_object();
      text("name", o.name);
      expr("value", o.value);
      text("word", o.word);
      if (!o.entries.empty()) {
        out.key("entries").begin_array();
        for (const auto& [name, value] : o.entries) {
          out.begin_object();
          text("name", name);
          expr("value", value);
          out.end_object();
        }
        out.end_array();
      }
      if (!o.fields.empty()) {
        out.key("fields").begin_array();
        for (const auto i : o.fields) out.number(i);
        out.end_array();
      }
      out.end_object();
    }
    out.end_array();
  }
  void params(const char* key, const std::vector<checked::FunctionParam>& list) {
    out.key(key).begin_array();
    for (const auto& p : list) {
      out.begin_object();
      text("name", p.name);
      type("type", p.type);
      out.end_object();
    }
    out.end_array();
  }

 private:
  void value(const checked::Value& v) {
    out.key("value");
    if (auto* b = std::get_if<bool>(&v)) out.boolean(*b);
    else if (auto* i = std::get_if<std::int64_t>(&v)) out.number(*i);
    else if (auto* d = std::get_if<double>(&v)) number(*d);
    else if (auto* s = std::get_if<std::string>(&v)) out.string(*s);
    else out.null();
  }
  void number(double d) {
    if (std::isnan(d)) return out.string("NaN");
    if (std::isinf(d)) return out.string(d > 0 ? "Infinity" : "-Infinity");
    char buffer[40];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, d).ptr;
    std::string text(buffer, end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    out.raw(text);
  }
  void one_type(const Type& t) {
    out.begin_object();
    text("kind", checked::name(t.kind));
    if (t.elem) type("elem", t.elem);
    if (t.key) type("key", t.key);
    if (t.is(Kind::record)) {
      text("name", t.name);
      out.key("fields").begin_array();
      for (const auto& f : t.fields) {
        out.begin_object();
        text("name", f.name);
        type("type", f.type);
        text("wire", f.wire);
        expr("default", f.default_value);
        text("doc", f.doc);
        out.end_object();
      }
      out.end_array();
    }
    if (t.is(Kind::enumeration)) {
      text("name", t.name);
      out.key("variants").begin_array();
      for (const auto& v : t.variants) {
        out.begin_object();
        text("name", v.name);
        text("wire", v.wire);
        out.end_object();
      }
      out.end_array();
    }
    out.end_object();
  }

  const checked::Program& program_;
  const SourceManager& sources_;
  std::map<const Type*, std::size_t> type_indices_;
  std::vector<const Type*> types_;
};

}  // namespace gress::dsl::detail
