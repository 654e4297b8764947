// The tree as indented S-expressions: declarations and stages. Expressions are in print_expr.cpp.
#include "dsl/syntax/print.h"
#include "dsl/syntax/tree_writer.h"

namespace gress::dsl {

namespace {

using detail::TreeWriter;

class AstPrinter {
 public:
  explicit AstPrinter(TreeWriter& out) : out_(out) {}

  void pipeline(const ast::Pipeline& node) {
    out_.open("pipeline", node.name.text);
    doc(node.doc);
    if (node.options) options(*node.options);
    out_.close();
  }

  void item(const ast::Item& item) {
    std::visit([&](const auto& node) { print(node, item.doc); }, item.node);
  }

 private:
  void doc(const std::string& text) {
    if (!text.empty()) out_.leaf("doc", text);
  }
  void wire(const std::optional<std::string>& name) {
    if (name) out_.leaf("wire", *name);
  }
  void options(const ast::Options& node) {
    out_.open("options");
    out_.entries(node.entries);
    out_.close();
  }
  void options(const std::optional<ast::Options>& node) {
    if (node) options(*node);
  }
  void ref(const ast::StreamRef& node) {
    out_.leaf("ref", node.case_ ? node.stream.text + '.' + node.case_->text : node.stream.text);
  }
  void part(std::string_view name, const ast::Expr* expr) {
    if (expr == nullptr) return;
    out_.open(name);
    out_.expr(*expr);
    out_.close();
  }
  void part(std::string_view name, const ast::ExprPtr& expr) { part(name, expr.get()); }
  void part(std::string_view name, const std::vector<ast::Entry>& entries) {
    out_.open(name);
    out_.entries(entries);
    out_.close();
  }
  void params(const std::vector<ast::FnParam>& all) {
    for (const ast::FnParam& param : all) {
      out_.open("param", param.name.text);
      out_.type(*param.type);
      out_.close();
    }
  }
  void state(const std::vector<ast::StateField>& fields) {
    for (const ast::StateField& field : fields) {
      out_.open("state", field.name.text);
      out_.type(*field.type);
      out_.expr(*field.init);
      out_.close();
    }
  }
  void path(std::string_view name, const std::optional<ast::Path>& node) {
    if (!node) return;
    std::string text;
    for (const ast::Name& piece : node->parts) text += (text.empty() ? "" : ".") + piece.text;
    out_.leaf(name, text);
  }

  // ---------------------------------------------------------------- items
  void print(const ast::Param& node, const std::string& text) {
    out_.open("param", node.name.text);
    doc(text);
    out_.type(*node.type);
    if (node.init) out_.expr(*node.init);
    out_.close();
  }
  void print(const ast::TypeDecl& node, const std::string& text) {
    out_.open("type", node.name.text);
    doc(text);
    for (const ast::Field& field : node.fields) {
      out_.open("field", field.name.text);
      doc(field.doc);
      out_.type(*field.type);
      part("default", field.init);
      wire(field.wire);
      out_.close();
    }
    out_.close();
  }
  void print(const ast::EnumDecl& node, const std::string& text) {
    out_.open("enum", node.name.text);
    doc(text);
    for (const ast::Variant& variant : node.variants) {
      out_.open("variant", variant.name.text);
      doc(variant.doc);
      wire(variant.wire);
      out_.close();
    }
    out_.close();
  }
  void print(const ast::UnionDecl& node, const std::string& text) {
    out_.open("union", node.name.text);
    doc(text);
    path("by", node.by);
    path("in", node.in);
    for (const ast::UnionCase& one : node.cases) {
      out_.open("case", one.name.text);
      out_.leaf("type", one.type.text);
      wire(one.wire);
      out_.close();
    }
    out_.close();
  }
  void print(const ast::FnDecl& node, const std::string& text) {
    out_.open("fn", node.name.text);
    doc(text);
    params(node.params);
    out_.type(*node.result);
    out_.expr(*node.body);
    out_.close();
  }
  void print(const ast::AggregateDecl& node, const std::string& text) {
    out_.open("aggregate", node.name.text);
    doc(text);
    params(node.params);
    out_.type(*node.result_type);
    state(node.state);
    part("add", node.add);
    if (node.retract) part("retract", *node.retract);
    out_.open("merge", node.merge_name.text);
    out_.entries(node.merge);
    out_.close();
    part("result", node.result);
    out_.close();
  }
  void print(const ast::UseDecl& node, const std::string& text) {
    out_.open("use", node.path);
    doc(text);
    for (const ast::Used& used : node.used) {
      out_.open(used.kind, used.name.text);
      if (used.alias) out_.leaf("as", used.alias->text);
      out_.close();
    }
    out_.close();
  }
  void print(const ast::SourceDecl& node, const std::string& text) {
    out_.open("source", node.name.text);
    doc(text);
    if (node.type) out_.type(*node.type);
    out_.leaf("connector", node.connector.text);
    options(node.options);
    out_.close();
  }
  void print(const ast::TableDecl& node, const std::string& text) {
    out_.open("table", node.name.text);
    doc(text);
    out_.type(*node.type);
    out_.leaf("connector", node.connector.text);
    options(node.options);
    out_.close();
  }
  void print(const ast::StreamDecl& node, const std::string& text) {
    out_.open("stream", node.name.text);
    doc(text);
    if (node.type) out_.leaf("type", node.type->text);
    out_.open(node.from.merge ? "merge" : "from");
    for (const ast::StreamRef& stream : node.from.streams) ref(stream);
    out_.close();
    for (const ast::Stage& one : node.stages) stage(one);
    out_.close();
  }
  void print(const ast::SinkDecl& node, const std::string& text) {
    out_.open("sink");
    doc(text);
    ref(node.stream);
    if (node.alias) out_.leaf("as", node.alias->text);
    out_.leaf("connector", node.connector.text);
    options(node.options);
    out_.close();
  }
  void print(const ast::SplitDecl& node, const std::string& text) {
    out_.open("split");
    doc(text);
    ref(node.from);
    out_.entries(node.routes);
    out_.close();
  }
  void print(const ast::StageDecl& node, const std::string& text) {
    out_.open("stage", node.name.text);
    doc(text);
    params(node.params);
    for (const ast::Stage& one : node.stages) stage(one);
    out_.close();
  }
  void print(const ast::TestDecl& node, const std::string& text) {
    out_.open("test", node.name);
    doc(text);
    for (const ast::TestStep& step : node.steps) {
      std::visit([&](const auto& one) { this->step(one); }, step.node);
    }
    out_.close();
  }

  void step(const ast::TestParam& node) {
    out_.open("param", node.name.text);
    out_.expr(*node.value);
    out_.close();
  }
  void step(const ast::Feed& node) {
    out_.open("feed");
    ref(node.stream);
    for (const ast::ExprPtr& row : node.rows) out_.expr(*row);
    out_.close();
  }
  void step(const ast::Advance& node) {
    out_.open("advance", node.source.text);
    out_.expr(*node.to);
    out_.close();
  }
  void step(const ast::Expect& node) {
    out_.open(node.ordered ? "expect_ordered" : "expect", node.stream.text);
    for (const ast::ExprPtr& row : node.rows) out_.expr(*row);
    out_.close();
  }

  // ---------------------------------------------------------------- stages
  void stage(const ast::Stage& stage) {
    std::visit([&](const auto& node) { print(node); }, stage.node);
  }
  void retain(const std::optional<ast::Retain>& node) {
    if (!node) return;
    out_.open("retain");
    if (node->duration) out_.expr(*node->duration);
    else out_.leaf("forever");
    out_.close();
  }
  void late_to(const std::optional<ast::LateTo>& node) {
    if (!node) return;
    out_.open("late_to");
    for (const ast::Name& name : node->names) out_.leaf("name", name.text);
    out_.close();
  }
  void emit(std::string_view name, const ast::Emit& node) {
    out_.open(name);
    out_.entries(node.entries);
    part("when", node.when);
    out_.close();
  }
  void window(const ast::Window& node) {
    out_.open("window", node.name.text);
    out_.entries(node.args);
    out_.close();
  }

  void print(const ast::Key& node) { part("key", node.keys); }
  void print(const ast::Filter& node) { part("filter", node.condition); }
  void print(const ast::Select& node) { part("select", node.entries); }
  void print(const ast::Extend& node) {
    out_.open("extend");
    out_.entries(node.entries);
    retain(node.retain);
    out_.close();
  }
  void print(const ast::Drop& node) {
    out_.open("drop");
    for (const ast::Name& name : node.names) out_.leaf("name", name.text);
    out_.close();
  }
  void print(const ast::Rename& node) { part("rename", node.entries); }
  void print(const ast::Flatten& node) {
    out_.open("flatten");
    out_.expr(*node.list);
    out_.leaf("as", node.as.text);
    out_.close();
  }
  void print(const ast::Time& node) {
    out_.open("time");
    out_.expr(*node.time);
    part("delay", node.delay);
    out_.close();
  }
  void print(const ast::InOrder& node) {
    out_.open("in_order");
    late_to(node.late_to);
    out_.close();
  }
  void print(const ast::Changes&) { out_.leaf("changes"); }
  void print(const ast::WindowStage& node) { window(node.window); }
  void print(const ast::Aggregate& node) {
    out_.open("aggregate");
    out_.entries(node.entries);
    retain(node.retain);
    out_.close();
  }
  void print(const ast::Scan& node) {
    out_.open("scan");
    state(node.state);
    part("update", node.update);
    emit("emit", node.emit);
    retain(node.retain);
    if (node.then_emit) emit("then_emit", *node.then_emit);
    out_.close();
  }
  void print(const ast::Join& node) {
    constexpr std::string_view kinds[] = {"join", "left_join", "full_join", "semi_join", "anti_join"};
    out_.open(kinds[static_cast<std::size_t>(node.kind)]);
    ref(node.right);
    if (node.alias) out_.leaf("as", node.alias->text);
    part("on", node.on);
    part("within", node.within_low);
    part("within_high", node.within_high);
    if (node.window) window(*node.window);
    retain(node.retain);
    part("as_of", node.as_of);
    part("as_of_within", node.as_of_within);
    late_to(node.late_to);
    out_.close();
  }
  void print(const ast::Distinct& node) {
    out_.open("distinct");
    out_.entries(node.keys);
    part("within", node.within);
    out_.close();
  }
  void print(const ast::Latest& node) {
    out_.open("latest");
    retain(node.retain);
    out_.close();
  }
  void print(const ast::Top& node) {
    out_.open(node.with_ties ? "top_with_ties" : "top");
    out_.expr(*node.count);
    for (const ast::Order& order : node.by) {
      part(order.descending ? "by_desc" : order.explicit_direction ? "by_asc" : "by", order.value);
    }
    if (node.rank) out_.leaf("as", node.rank->text);
    retain(node.retain);
    out_.close();
  }
  void print(const ast::Pattern& node) {
    out_.open("match");
    for (const ast::PatternStep& step : node.steps) {
      out_.open("step", step.name.text);
      if (step.next) out_.leaf("next");
      if (step.negated) out_.leaf("not");
      part(step.open ? "at_least" : step.high ? "from" : "times", step.low);
      part("to", step.high);
      out_.expr(*step.condition);
      out_.close();
    }
    part("within", node.within);
    retain(node.retain);
    emit("emit", node.emit);
    if (node.else_emit) emit("else_emit", *node.else_emit);
    if (node.overlapping) out_.leaf("overlapping");
    late_to(node.late_to);
    out_.close();
  }
  void print(const ast::UseStage& node) {
    out_.open(node.has_parens ? "use_stage_call" : "use_stage", node.name.text);
    out_.entries(node.args);
    out_.close();
  }

  TreeWriter& out_;
};

std::string dump(const ast::File& file) {
  TreeWriter out;
  AstPrinter printer(out);
  if (file.pipeline) printer.pipeline(*file.pipeline);
  for (const ast::Item& item : file.items) printer.item(item);
  return out.take();
}

}  // namespace

std::string print_ast(const ast::File& file, const SourceManager& sources) {
  std::string out = "(file ";
  detail::append_quoted(out, sources.file(file.id).name());
  return out + ")\n" + dump(file);
}

bool same(const ast::File& a, const ast::File& b) { return dump(a) == dump(b); }

}  // namespace gress::dsl
