#include "compiler/driver/hover.h"

#include <algorithm>
#include <charconv>

#include "compiler/driver/describe_program.h"
#include "compiler/driver/reference.h"
#include "dsl/catalog/connectors.h"
#include "dsl/catalog/functions.h"
#include "dsl/catalog/windows.h"
#include "dsl/check/json_writer.h"
#include "dsl/check/walk.h"
#include "dsl/syntax/lexer.h"

namespace gress::driver {

namespace {

using namespace dsl::checked;
using dsl::Range;
using dsl::Token;
using dsl::TokenKind;
namespace ast = dsl::ast;

bool within(Range inner, Range outer) { return inner.file == outer.file && outer.begin <= inner.begin && inner.end <= outer.end; }
std::uint32_t width(Range r) { return r.end - r.begin; }

/// What one word of the main file stands for. Asked in the order in which the language would read it.
class Word {
 public:
  Word(const Session& session, const std::vector<Token>& tokens, std::size_t at)
      : session_(session), program_(session.program), tree_(*session.files.front()), tokens_(tokens), at_(at), range_(tokens[at].range), text_(session.sources.text(range_)) {
    for (const Stream& stream : program_.streams)
      for (const Stage& each : stream.stages)
        if (within(range_, each.range) && (stage_ == nullptr || width(each.range) < width(stage_->range))) stage_ = &each;
    for (const ast::Item& each : tree_.items)
      if (within(range_, each.range)) item_ = &each;
  }

  std::vector<Hover> find() {
    if (before() == "|>")
      stage();
    else if (after() == ":")
      label();
    else if (before() == "window")
      built_in("window");
    else
      value() || aggregate_call() || declared() || connector() || column() || option() || built_in("") || basic_type();
    return std::move(found_);
  }

 private:
  std::string_view beside(std::size_t i) const { return session_.sources.text(tokens_[i].range); }
  std::string_view before() const { return at_ == 0 ? std::string_view() : beside(at_ - 1); }
  std::string_view after() const { return beside(at_ + 1); }  // there is `eof`

  Hover& add(std::string kind, const std::string& type, const std::string& doc, std::optional<Range> place = {}) {
    found_.push_back({range_, std::move(kind), text_, type, doc, place});
    return found_.back();
  }
  bool add(std::string kind, const dsl::Type* type, const std::string& doc = {}, std::optional<Range> place = {}) {
    add(std::move(kind), type == nullptr ? "" : dsl::to_string(type), doc, place);
    return true;
  }

  /// The smallest expression that the condition holds for.
  template <class Holds>
  const Expr* smallest(Holds&& holds) const {
    const Expr* best = nullptr;
    for (const Expr& e : program_.exprs)
      if (within(range_, e.range) && holds(e) && (best == nullptr || width(e.range) < width(best->range))) best = &e;
    return best;
  }

  /// A word that is the name of a value or of a function that is called.
  bool value() {
    const Expr* e = smallest([&](const Expr& each) {
      switch (each.kind) {
        case ExprKind::call:
        case ExprKind::user_call:
        case ExprKind::foreign_call: return each.range.begin == range_.begin;
        case ExprKind::literal: return each.range.end == range_.end && each.type->plain()->is(dsl::Kind::enumeration);
        case ExprKind::param:
        case ExprKind::ref:
        case ExprKind::member: return each.range.end == range_.end;
        default: return false;
      }
    });
    if (e == nullptr) return false;
    switch (e->kind) {
      case ExprKind::call: return built_in("function", e->type);
      case ExprKind::user_call: return function(program_.functions[e->index]);
      case ExprKind::foreign_call: return function(program_.foreign_functions[e->index]);
      case ExprKind::param: return add("param", known_type(*e), program_.params[e->index].doc, program_.params[e->index].range);
      case ExprKind::literal: return add("variant", e->type, variant_doc(*e->type->plain()), place_of_type(e->type));
      case ExprKind::member: {
        const dsl::RecordField& field = e->args[0]->type->plain()->fields[e->index];
        return add("field", known_type(*e), field.doc, place_of_type(e->args[0]->type));
      }
      default: break;
    }
    switch (e->scope) {
      case Scope::arg: return add("argument", known_type(*e));
      case Scope::state:
      case Scope::other: return add("state", known_type(*e));
      default: return add("column", known_type(*e), column_doc(e->scope));
    }
  }

  /// The type of a name where it stands: behind a test for absence it is the plain one.
  const dsl::Type* known_type(const Expr& e) const {
    const Expr* present = smallest([&](const Expr& each) { return each.kind == ExprKind::convert && each.conversion == Conversion::unwrap && each.args[0] == &e; });
    return present == nullptr ? e.type : present->type;
  }

  std::string variant_doc(const dsl::Type& type) const {
    const int i = type.variant(text_);
    return i < 0 ? "" : type.variants[static_cast<std::size_t>(i)].doc;
  }

  static std::optional<Range> place_of_type(const dsl::Type* type) {
    return type->plain()->name.empty() ? std::nullopt : std::optional(type->plain()->range);
  }

  const Column* column_of(const Row& row) const {
    const int i = row.find(text_);
    return i < 0 ? nullptr : &row.columns[static_cast<std::size_t>(i)];
  }

  std::string column_doc(Scope scope) const {
    if (stage_ == nullptr) {
      const Source* source = one(program_.sources, item_name());
      const int i = source == nullptr || source->type == nullptr ? -1 : source->type->field(text_);
      return i < 0 ? "" : source->type->fields[static_cast<std::size_t>(i)].doc;
    }
    if (const auto* join = stage_->as<StreamJoin>(); scope == Scope::right && join != nullptr && join->right != kNone) {
      const Column* column = column_of(program_.streams[join->right].row);
      return column == nullptr ? "" : column->doc;
    }
    if (const auto* join = stage_->as<TableJoin>(); scope == Scope::right && join != nullptr && join->table != kNone) {
      const dsl::Type* row = program_.tables[join->table].type;
      const int i = row->field(text_);
      return i < 0 ? "" : row->fields[static_cast<std::size_t>(i)].doc;
    }
    const Column* column = column_of(stage_->in);
    return column == nullptr ? "" : column->doc;
  }

  bool function(const auto& f) {
    return add("function", signature(f.params, f.result), f.doc, f.range), true;
  }

  bool aggregate(const UserAggregate& a) {
    return add("aggregate", signature(a.params, a.result_type), a.doc, a.range), true;
  }

  bool aggregate_call() {
    const auto call = [&](const AggregateCall& each) {
      if (each.range.file != range_.file || each.range.begin != range_.begin || (each.fn == nullptr && each.user == kNone)) return false;
      return each.fn == nullptr ? aggregate(program_.aggregates[each.user]) : built_in("aggregate", each.type);
    };
    if (stage_ == nullptr) return false;
    if (const auto* node = stage_->as<Aggregate>()) return std::ranges::any_of(node->calls, call);
    if (const auto* node = stage_->as<Features>()) return std::ranges::any_of(node->calls, [&](const FramedCall& f) { return call(f.call); });
    return false;
  }

  template <class T>
  static const T* one(const std::vector<T>& all, std::string_view name) {
    const auto at = std::ranges::find(all, name, &T::name);
    return at == all.end() ? nullptr : &*at;
  }

  std::string_view item_name() const {
    if (item_ == nullptr) return {};
    const auto* source = item_->as<ast::SourceDecl>();
    return source == nullptr ? std::string_view() : source->name.text;
  }

  /// A name of the program: no two things of one file share it.
  bool declared() {
    const std::string& name = text_;
    const Stream* stream = one(program_.streams, name);
    if (const auto* p = one(program_.params, name)) return add("param", p->type, p->doc, p->range);
    if (const auto* s = one(program_.sources, name)) return add("source", s->type, s->doc, s->range), found_.back().stream = stream, true;
    if (const auto* t = one(program_.tables, name)) return add("table", t->type, t->doc, t->range);
    if (stream != nullptr) return add("stream", nullptr, stream->doc, stream->range), found_.back().stream = stream, true;
    if (const auto* s = one(program_.sinks, name)) return add("sink", nullptr, "", s->range), found_.back().stream = &program_.streams[s->stream], true;
    for (const dsl::Type* type : program_.types)
      if (type->name == name) return add(type->is(dsl::Kind::enumeration) ? "enum" : "type", nullptr, type->doc, type->range);
    if (const auto* f = one(program_.functions, name)) return function(*f);
    for (const ForeignFunction& f : program_.foreign_functions)
      if (f.name == name) function(f);
    if (!found_.empty()) return true;
    if (const auto* a = one(program_.aggregates, name)) return aggregate(*a);
    if (const ForeignConnector* own = own_connector(name)) {
      const dsl::foreign::Connector* header = of_header(*own);
      return add(own->info.is_source ? "source connector" : "sink connector", own->row, own->doc, header == nullptr ? std::nullopt : std::optional(header->range));
    }
    for (const ast::Item& each : tree_.items) {
      const auto* defined = each.as<ast::StageDecl>();
      const auto* joined = each.as<ast::UnionDecl>();
      if (defined != nullptr && defined->name.text == name) return add("stage", nullptr, each.doc, defined->name.range);
      if (joined != nullptr && joined->name.text == name) return add("union", nullptr, each.doc, joined->name.range);
    }
    if (const auto* each = item_ == nullptr ? nullptr : item_->as<ast::EnumDecl>())
      for (const ast::Variant& variant : each->variants)
        if (variant.name.range == range_) return add("variant", each->name.text, variant.doc, each->name.range), true;
    return false;
  }

  const ForeignConnector* own_connector(std::string_view name) const {
    for (const auto& each : program_.foreign_connectors)
      if (each->name == name) return each.get();
    return nullptr;
  }

  const dsl::foreign::Connector* of_header(const ForeignConnector& own) const {
    for (const auto& [path, header] : session_.headers.headers)
      for (const dsl::foreign::Item& each : header.items)
        if (each.connector && each.connector->cpp == own.cpp) return &*each.connector;
    return nullptr;
  }

  void stage() { declared() || built_in("stage"); }

  bool connector() { return (before() == "from" || before() == "to") && built_in("connector"); }

  /// A name before a colon: of an argument, a field, an option, a column that is made, a param, source, table or stream.
  void label() { argument() || field() || option() || window_argument() || column() || declared(); }

  bool argument() {
    const Expr* e = smallest([&](const Expr& each) {
      return each.kind == ExprKind::user_call || each.kind == ExprKind::foreign_call || (each.kind == ExprKind::record && each.type->is(dsl::Kind::record));
    });
    if (e == nullptr) return false;
    if (e->kind == ExprKind::record) {
      const int i = e->type->field(text_);
      return i >= 0 && add("field", e->type->fields[static_cast<std::size_t>(i)].type, e->type->fields[static_cast<std::size_t>(i)].doc, place_of_type(e->type));
    }
    const FunctionParam* p = one(e->kind == ExprKind::user_call ? program_.functions[e->index].params : program_.foreign_functions[e->index].params, text_);
    return p != nullptr && add("argument", p->type);
  }

  /// A field or an argument where it is declared.
  bool field() {
    if (item_ == nullptr) return false;
    const auto declared = [&](const auto& all, const char* kind) {
      for (const auto& each : all) {
        if (each.name.range != range_) continue;
        std::string doc;
        if constexpr (requires { each.doc; }) doc = each.doc;
        return add(kind, std::string(session_.sources.text(each.type->range)), doc), true;
      }
      return false;
    };
    if (const auto* type = item_->as<ast::TypeDecl>()) return declared(type->fields, "field");
    if (const auto* f = item_->as<ast::FnDecl>()) return declared(f->params, "argument");
    if (const auto* a = item_->as<ast::AggregateDecl>()) return declared(a->params, "argument") || declared(a->state, "state");
    if (const auto* s = item_->as<ast::StageDecl>()) return declared(s->params, "argument");
    return false;
  }

  /// An option of the pipeline, or of a source, table or sink, and what stands in its value and has no type of its own.
  bool option() {
    if (tree_.pipeline && tree_.pipeline->options && within(range_, tree_.pipeline->options->range)) {
      return option_in(*tree_.pipeline->options, [](std::string_view name) {
        const auto* found = connectors::find_option(dsl::pipeline_options(), name);
        return found == nullptr ? std::nullopt : std::optional(*found);
      });
    }
    if (item_ == nullptr) return false;
    if (const auto* source = item_->as<ast::SourceDecl>()) return option_of(source->connector.text, source->options, connectors::kOnSource);
    if (const auto* table = item_->as<ast::TableDecl>()) return option_of(table->connector.text, table->options, connectors::kOnTable);
    if (const auto* sink = item_->as<ast::SinkDecl>()) return option_of(sink->connector.text, sink->options, connectors::kOnSink);
    return false;
  }

  bool option_of(const std::string& name, const std::optional<ast::Options>& options, std::uint8_t side) {
    const ForeignConnector* own = own_connector(name);
    const connectors::ConnectorInfo* info = own == nullptr ? dsl::default_catalog().find(name) : &own->info;
    if (!options || info == nullptr) return false;
    if (own != nullptr)
      if (const auto* o = one(own->options, text_)) {
        const dsl::foreign::Connector* header = of_header(*own);
        const auto* there = header == nullptr ? nullptr : one(header->options, text_);
        return add("option", o->type, o->doc, there == nullptr ? std::nullopt : std::optional(there->range));
      }
    return option_in(*options, [&](std::string_view each) { return option_as_taken(*info, each, side); });
  }

  bool option_in(const ast::Options& options, auto&& find) {
    for (const ast::Entry& entry : options.entries) {
      if (!within(range_, entry.range)) continue;
      const std::optional<connectors::OptionInfo> found = find(entry.field_name());
      if (!found) return false;
      Hover& made = add("option", option_type(*found), std::string(found->doc));
      made.name = found->name;
      made.text = option_text(*found);
      return true;
    }
    return false;
  }

  /// `late_to:` of a window.
  bool window_argument() {
    const dsl::WindowArgument* argument = dsl::find_window_argument(text_);
    std::size_t depth = 0, i = at_;  // the name before the parenthesis around it
    for (; i > 1; --i) {
      const TokenKind kind = tokens_[i].kind;
      if (kind == TokenKind::right_paren) ++depth;
      if (kind == TokenKind::left_paren && depth-- == 0) break;
    }
    if (argument == nullptr || i <= 1 || std::ranges::find(dsl::windows(), beside(i - 1), &dsl::WindowInfo::name) == dsl::windows().end()) return false;
    Hover& made = add("window argument", "", std::string(argument->doc));
    made.text = std::string(argument->form) + ": " + std::string(argument->doc) + '\n';
    return true;
  }

  /// A column that a stage makes, takes away or names anew.
  bool column() {
    if (stage_ == nullptr) return false;
    if (const Column* out = column_of(stage_->out)) return add("column", out->type, out->doc);
    if (const Column* in = column_of(stage_->in)) return add("column", in->type, in->doc);
    const auto* scan = stage_->as<Scan>();
    const StateField* state = scan == nullptr ? nullptr : one(scan->state, text_);
    return state != nullptr && add("state", state->type);
  }

  /// A part of the language. Without a kind: what is called, whatever it is.
  bool built_in(const std::string& kind, const dsl::Type* type = nullptr) {
    if (kind.empty() && after() != "(") return false;
    for (const ReferenceEntry& entry : reference(kind)) {
      if (entry.name != text_ || (kind.empty() && (entry.kind == "stage" || entry.kind == "connector"))) continue;
      add(entry.kind, type, entry.doc);
      found_.back().text = entry.text;
      return true;
    }
    return false;
  }

  bool basic_type() {
    for (auto kind = dsl::Kind::boolean; kind <= dsl::Kind::uuid; kind = static_cast<dsl::Kind>(static_cast<int>(kind) + 1))
      if (dsl::to_string(program_.type_table->basic(kind)) == text_) return add("type", nullptr);
    return false;
  }

  const Session& session_;
  const Program& program_;
  const ast::File& tree_;
  const std::vector<Token>& tokens_;
  std::size_t at_;
  Range range_;
  std::string text_;
  const Stage* stage_ = nullptr;       // the innermost that it stands in
  const ast::Item* item_ = nullptr;
  std::vector<Hover> found_;
};

void json_range(dsl::JsonWriter& json, Range range, const dsl::SourceManager& sources) {
  const dsl::SourceFile& file = sources.file(range.file);
  const dsl::Position begin = file.position(range.begin), end = file.position(range.end);
  json.begin_object();
  json.key("file").string(file.name());
  json.key("line").number(begin.line);
  json.key("column").number(begin.column);
  json.key("end_line").number(end.line);
  json.key("end_column").number(end.column);
  json.end_object();
}

}  // namespace

std::optional<Place> place_of(const std::string& word) {
  std::string_view rest = word;
  std::uint32_t numbers[2] = {0, 0};  // the last first
  int count = 0;
  for (; count != 2; ++count) {
    const std::size_t colon = rest.rfind(':');
    if (colon == rest.npos || colon + 1 == rest.size()) break;
    const char* end = rest.data() + rest.size();
    if (const auto read = std::from_chars(rest.data() + colon + 1, end, numbers[count]); read.ec != std::errc() || read.ptr != end) break;
    rest = rest.substr(0, colon);
  }
  if (count == 0 || rest.empty()) return std::nullopt;
  return Place{std::string(rest), count == 2 ? numbers[1] : numbers[0], count == 2 ? numbers[0] : 0};
}

std::vector<Hover> hovers(const Session& session, const Place& place) {
  std::vector<Hover> all;
  if (session.program.type_table == nullptr) return all;  // not checked: some item could not be read
  const dsl::FileId file = session.files.front()->id;
  dsl::Diagnostics known;  // reported by the parser
  std::vector<Token> tokens = dsl::lex(session.sources, file, known);
  std::erase_if(tokens, [](const Token& t) { return t.kind == TokenKind::comment || t.kind == TokenKind::doc_comment; });
  for (std::size_t i = 0; i != tokens.size(); ++i) {
    const dsl::Position begin = session.sources.position(tokens[i].range);
    const std::uint32_t end = session.sources.file(file).position(tokens[i].range.end).column;
    if (tokens[i].kind != TokenKind::name || begin.line != place.line || (place.column != 0 && (place.column < begin.column || place.column >= end))) continue;
    for (Hover& found : Word(session, tokens, i).find()) {
      if (place.column == 0 && std::ranges::any_of(all, [&](const Hover& h) { return h.kind == found.kind && h.name == found.name && h.type == found.type; })) continue;
      if (place.column == 0) found.text.clear();
      all.push_back(std::move(found));
    }
  }
  return all;
}

std::string hovers_json(const std::vector<Hover>& all, const dsl::SourceManager& sources) {
  dsl::JsonWriter json;
  json.begin_array();
  for (const Hover& hover : all) {
    json.begin_object();
    json.key("kind").string(hover.kind);
    json.key("name").string(hover.name);
    json.key("type").string(hover.type);
    json.key("doc").string(hover.doc);
    json_range(json.key("range"), hover.range, sources);
    json.key("declared");
    if (hover.declared)
      json_range(json, *hover.declared, sources);
    else
      json.null();
    if (hover.stream != nullptr) describe_stream(json.key("stream"), *hover.stream);
    if (!hover.text.empty()) json.key("text").string(hover.text);
    json.end_object();
    json.line();
  }
  json.end_array();
  json.line();
  return json.take();
}

std::string hovers_text(const std::vector<Hover>& all, const dsl::SourceManager& sources) {
  std::string out;
  for (const Hover& hover : all) {
    const bool called = hover.type.starts_with('(');
    out += (out.empty() ? "" : "\n") + hover.kind + ' ' + hover.name + (hover.type.empty() || called ? "" : ": ") + hover.type + '\n';
    if (!hover.text.empty()) out += hover.text;
    else if (hover.stream != nullptr) out += describe_stream(*hover.stream);
    else if (!hover.doc.empty()) out += hover.doc + '\n';
    if (hover.declared) out += "declared at " + sources.where(*hover.declared) + '\n';
  }
  return out;
}

}  // namespace gress::driver
