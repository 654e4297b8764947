#include "dsl/format/writer.h"

namespace gress::dsl::detail {

namespace {

/// Kinds of items that line up with their neighbours; numbers of lists in `mark`.
enum Kind : std::uint32_t { params, sources, tables, streams, sinks, types };

}  // namespace

void Writer::item(const ast::Item& item) {
  std::visit([this](const auto& node) { write(node); }, item.node);
}

void Writer::pipeline(const ast::Pipeline& node) {
  token();
  words(1);
  options(node.options);
}

void Writer::options(const std::optional<ast::Options>& options) {
  if (!options) return;
  space();
  record(options->entries);
}

void Writer::write(const ast::Param& node) {
  token();
  words(1);
  token();
  mark(params, 0, 0, Op::anywhere);
  space();
  type(*node.type);
  if (!node.init) return;
  mark(params, 1, 0, Op::anywhere);
  words(1);
  space();
  expr(*node.init);
}

void Writer::wire(const std::optional<std::string>& name) {
  if (!name) return;
  words(1);
  space();
  string_token();
}

void Writer::write(const ast::TypeDecl& node) {
  token();
  words(1);
  mark(types, 0, 0, Op::anywhere);
  if (next_kind() == TokenKind::assign) drop_token();
  space();
  const std::uint32_t id = lists_++;
  list(Shape::braces, node.fields.size(), [&](std::size_t i) {
    const ast::Field& field = node.fields[i];
    token();
    token();
    mark(id);
    space();
    type(*field.type);
    if (field.init) {
      words(1);
      space();
      expr(*field.init);
    }
    wire(field.wire);
  });
}

void Writer::write(const ast::EnumDecl& node) {
  token();
  words(1);
  space();
  list(Shape::braces, node.variants.size(), [&](std::size_t i) {
    token();
    wire(node.variants[i].wire);
  });
}

void Writer::path(const ast::Path& path) {
  space();
  for (std::size_t i = 0; i < path.parts.size(); ++i) {
    if (i > 0) token();
    token();
  }
}

void Writer::write(const ast::UnionDecl& node) {
  token();
  words(1);
  if (node.by) {
    words(1);
    path(*node.by);
  }
  if (node.in) {
    words(1);
    path(*node.in);
  }
  space();
  const std::uint32_t id = lists_++;
  list(Shape::braces, node.cases.size(), [&](std::size_t i) {
    token();
    token();
    mark(id);
    words(1);
    wire(node.cases[i].wire);
  });
}

void Writer::fn_params(const std::vector<ast::FnParam>& params) {
  const std::uint32_t id = lists_++;
  list(Shape::parens, params.size(), [&](std::size_t i) {
    token();
    token();
    mark(id);
    space();
    type(*params[i].type);
  });
}

void Writer::write(const ast::FnDecl& node) {
  token();
  words(1);
  fn_params(node.params);
  words(1);
  space();
  type(*node.result);
  words(1);
  begin_group(next_starts_line());
  indent(2);
  close_line(true);
  expr(*node.body);
  dedent(2);
  end_group();
}

void Writer::state_fields(const std::vector<ast::StateField>& fields) {
  const std::uint32_t id = lists_++;
  list(Shape::braces, fields.size(), [&](std::size_t i) {
    token();
    token();
    mark(id);
    space();
    type(*fields[i].type);
    words(1);
    space();
    expr(*fields[i].init);
  });
}

void Writer::write(const ast::AggregateDecl& node) {
  token();
  words(1);
  fn_params(node.params);
  words(1);
  space();
  type(*node.result_type);
  space();
  token(true);
  indent(2);
  hard();
  token();
  space();
  state_fields(node.state);
  hard();
  token();
  space();
  record(node.add);
  if (node.retract) {
    hard();
    token();
    space();
    record(*node.retract);
  }
  hard();
  token();
  words(1);
  space();
  record(node.merge);
  hard();
  token();
  space();
  indent(2);
  expr(*node.result);
  dedent(2);
  comments();
  dedent(2);
  op(OpKind::hard);
  token();
}

void Writer::write(const ast::UseDecl& node) {
  token();
  space();
  string_token();
  space();
  list(Shape::braces, node.used.size(), [&](std::size_t i) {
    token();
    words(1);
    if (node.used[i].alias) words(2);
  });
}

/// ` from file { … }`, ` to file { … }`; marks 1 and 2 of the kind.
void Writer::connector(std::uint32_t list, const std::optional<ast::Options>& options) {
  words(2);
  if (!options) return;
  mark(list, 2, 0, Op::anywhere);
  this->options(options);
}

void Writer::write(const ast::SourceDecl& node) {
  token();
  words(1);
  if (node.type) {
    token();
    mark(sources, 0, 0, Op::anywhere);
    space();
    type(*node.type);
  }
  mark(sources, 1, node.type != nullptr, Op::anywhere);
  connector(sources, node.options);
}

void Writer::write(const ast::TableDecl& node) {
  token();
  words(1);
  token();
  mark(tables, 0, 0, Op::anywhere);
  space();
  type(*node.type);
  mark(tables, 1, 0, Op::anywhere);
  connector(tables, node.options);
}

void Writer::stream_ref(const ast::StreamRef& ref) {
  token();
  if (!ref.case_) return;
  token();
  token();
}

void Writer::write(const ast::StreamDecl& node) {
  begin_group(false);
  const std::size_t group = ops_.size() - 1;
  token();
  words(1);
  if (node.type) {
    token();
    words(1);
  }
  mark(streams, 0, node.type.has_value(), Op::anywhere);
  words(1);
  space();
  if (node.from.merge) {
    token();
    list(Shape::parens, node.from.streams.size(), [&](std::size_t i) { stream_ref(node.from.streams[i]); });
  } else {
    stream_ref(node.from.streams.front());
  }
  ops_[group].flag = chain_breaks(node.stages);
  indent(2);
  if (!node.stages.empty()) mark(streams, 1, 0, Op::in_flat);
  chain(node.stages, true);
  dedent(2);
  end_group();
}

void Writer::write(const ast::SinkDecl& node) {
  token();
  space();
  stream_ref(node.stream);
  if (node.alias) words(2);
  mark(sinks, 0, 0, Op::anywhere, node.alias.has_value());
  connector(sinks, node.options);
}

void Writer::write(const ast::SplitDecl& node) {
  token();
  space();
  stream_ref(node.from);
  space();
  record(node.routes);
}

void Writer::write(const ast::StageDecl& node) {
  token();
  words(1);
  if (next_kind() == TokenKind::left_paren) fn_params(node.params);
  words(1);
  begin_group(next_starts_line() || chain_breaks(node.stages));
  indent(2);
  close_line(true);
  chain(node.stages, false);
  dedent(2);
  end_group();
}

void Writer::write(const ast::TestDecl& node) {
  token();
  space();
  string_token();
  space();
  token(true);
  indent(2);
  for (const ast::TestStep& step : node.steps) {
    hard();
    comments();
    test_step(step);
  }
  const bool inside = !node.steps.empty() || at_ != next();
  comments();
  dedent(2);
  if (inside) op(OpKind::hard);
  token();
}

void Writer::test_step(const ast::TestStep& step) {
  token();
  if (std::holds_alternative<ast::TestParam>(step.node)) {
    words(2);
    space();
    expr(*std::get<ast::TestParam>(step.node).value);
  } else if (const auto* feed = std::get_if<ast::Feed>(&step.node)) {
    space();
    stream_ref(feed->stream);
    rows(feed->rows);
  } else if (const auto* advance = std::get_if<ast::Advance>(&step.node)) {
    words(2);
    space();
    expr(*advance->to);
  } else if (const auto* expect = std::get_if<ast::Expect>(&step.node)) {
    words(expect->ordered ? 2 : 1);
    rows(expect->rows);
  }
}

void Writer::rows(const std::vector<ast::ExprPtr>& rows) {
  space();
  const std::uint32_t id = lists_++;
  list(Shape::rows, rows.size(), [&](std::size_t i) {
    const auto& entries = rows[i]->as<ast::Record>()->entries;
    // Rows of the same fields line up, field by field. The key is a hash (FNV-1a) of the names.
    std::uint64_t key = 14695981039346656037u;
    for (const ast::Entry& entry : entries) {
      for (char c : entry.field_name() + ',') key = (key ^ static_cast<unsigned char>(c)) * 1099511628211u;
    }
    const std::uint32_t inner = lists_++;
    in_row_ = true;
    list(Shape::braces, entries.size(), [&](std::size_t field) {
      if (field > 0) mark(id, static_cast<std::uint32_t>(field), key, Op::anywhere);
      entry(entries[field], inner);
    });
    in_row_ = false;
  });
}

void Writer::type(const ast::TypeRef& type) {
  token();
  if (!type.args.empty()) {
    token();
    for (std::size_t i = 0; i < type.args.size(); ++i) {
      if (i > 0) {
        token();
        space();
      }
      this->type(*type.args[i]);
    }
    comments();
    if (tokens_[at_].kind == TokenKind::greater_equal) {  // `list<T>= x`: two tokens to the parser
      op(OpKind::text).text = ">";
      comment_pending_ = false;
      tokens_[at_].kind = TokenKind::assign;
      tokens_[at_].range.begin += 1;
      tokens_[at_].line_start = false;
    } else {
      token();
    }
  }
  if (type.optional) token();
}

}  // namespace gress::dsl::detail
