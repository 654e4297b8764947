// Items of the data flow: pipeline, param, use, source, table, stream, sink, split, stage.
#include <algorithm>

#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

void Parser::parse_pipeline(ast::File& file, std::string doc) {
  const Range begin = peek().range;
  advance();
  ast::Pipeline pipeline;
  pipeline.name = expect_name("the name of the pipeline");
  if (failed_) return;
  pipeline.options = parse_options();
  pipeline.doc = std::move(doc);
  pipeline.range = since(begin);
  if (file.pipeline) {
    complain(Code::E0121, begin, "a second `pipeline`").at(file.pipeline->range, "the first is here");
    return;
  }
  if (!file.items.empty()) {
    complain(Code::E0121, begin, "`pipeline` stands before all items").at(file.items.front().range, "the first item");
  }
  file.pipeline = std::move(pipeline);
}

void Parser::parse_item(ast::File& file, std::string doc) {
  const Token token = peek();
  const Range begin = token.range;
  if (token.kind != TokenKind::name) return unknown_item();
  std::string_view keyword = text(token);
  const auto words = item_words();
  if (std::find(words.begin(), words.end(), keyword) == words.end()) {
    unknown_item();
    // A near miss followed by a name is parsed as what it was meant to be, for the sake of what is inside.
    const TokenKind next = peek(1).kind;
    keyword = nearest(keyword, words);
    if (keyword.empty() || (next != TokenKind::name && next != TokenKind::string_begin)) return;
    failed_ = false;
  }
  if (keyword == "pipeline") return parse_pipeline(file, std::move(doc));
  advance();
  if (keyword == "param") add_item(file, begin, doc, parse_param());
  else if (keyword == "type") add_item(file, begin, doc, parse_type_decl());
  else if (keyword == "enum") add_item(file, begin, doc, parse_enum());
  else if (keyword == "union") add_item(file, begin, doc, parse_union());
  else if (keyword == "fn") add_item(file, begin, doc, parse_fn());
  else if (keyword == "aggregate") add_item(file, begin, doc, parse_aggregate_decl());
  else if (keyword == "use") add_item(file, begin, doc, parse_use());
  else if (keyword == "source") add_item(file, begin, doc, parse_source());
  else if (keyword == "table") add_item(file, begin, doc, parse_table());
  else if (keyword == "stream") add_item(file, begin, doc, parse_stream());
  else if (keyword == "sink") add_item(file, begin, doc, parse_sink());
  else if (keyword == "split") add_item(file, begin, doc, parse_split());
  else if (keyword == "stage") add_item(file, begin, doc, parse_stage_decl());
  else add_item(file, begin, doc, parse_test());
}

std::optional<ast::Param> Parser::parse_param() {
  ast::Param param;
  param.name = declared_name("the name of a param");
  if (failed_) return std::nullopt;
  expect(TokenKind::colon, "and the type of the param");
  param.type = parse_type_ref();
  if (accept(TokenKind::assign)) param.init = parse_expr();
  return param;
}

std::optional<ast::UseDecl> Parser::parse_use() {
  ast::UseDecl use;
  use.path = parse_plain_text("the path of a file", use.path_range);
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and what is used, as in `{ fn distance }`")) return std::nullopt;
  list(
      TokenKind::right_brace, open,
      [&] {
        ast::Used used = parse_used();
        if (!failed_) use.used.push_back(std::move(used));
      },
      false);  // `type Order` within these braces looks like an item
  refuse_empty(use.used, open, "`use`");
  return use;
}

ast::Used Parser::parse_used() {
  ast::Used used;
  const Token kind = peek();
  static constexpr std::string_view kinds[] = {"type", "enum", "union", "fn", "aggregate", "stage", "source", "sink"};
  if (kind.kind != TokenKind::name || std::find(std::begin(kinds), std::end(kinds), text(kind)) == std::end(kinds)) {
    unexpected("one of `type enum union fn aggregate stage source sink`").help("what is used says what it is: `fn name`");
    return used;
  }
  advance();
  used.kind = text(kind);
  if (!at(TokenKind::name)) {
    unexpected("a name after `" + used.kind + '`');
    return used;
  }
  used.name = {std::string(text(peek())), peek().range};
  advance();
  if (at(TokenKind::colon) || at(TokenKind::dot)) {
    unexpected("`,` or `}` after the name").help("a name of C++ stands without its namespaces: they are looked through");
    return used;
  }
  if (accept_word("as")) used.alias = declared_name("a name after `as`");
  used.range = since(kind.range);
  return used;
}

std::optional<ast::SourceDecl> Parser::parse_source() {
  ast::SourceDecl source;
  source.name = declared_name("the name of a source");
  if (failed_) return std::nullopt;
  if (accept(TokenKind::colon)) source.type = parse_type_ref();
  expect_word("from", "and a connector");
  source.connector = expect_name("a connector such as `file` after `from`");
  source.options = parse_options();
  return source;
}

std::optional<ast::TableDecl> Parser::parse_table() {
  ast::TableDecl table;
  table.name = declared_name("the name of a table");
  if (failed_) return std::nullopt;
  expect(TokenKind::colon, "and the type of the table's rows");
  table.type = parse_type_ref();
  expect_word("from", "and a connector");
  table.connector = expect_name("a connector such as `file` after `from`");
  table.options = parse_options();
  return table;
}

std::optional<ast::StreamDecl> Parser::parse_stream() {
  ast::StreamDecl stream;
  stream.name = declared_name("the name of a stream");
  if (failed_) return std::nullopt;
  if (accept(TokenKind::colon)) stream.type = expect_name("the name of the row type after `:`");
  if (at(TokenKind::pipe) || at_word("from")) {
    unexpected("`=` and where the rows come from").help("write `stream name = source |> …`");
  }
  expect(TokenKind::assign, "and where the rows come from");
  stream.from = parse_from();
  if (failed_) sync_to_stage();
  stream.stages = parse_chain(false);
  return stream;
}

ast::From Parser::parse_from() {
  ast::From from{{}, false, {}};
  const Range begin = peek().range;
  if (at_word("merge") && peek(1).kind == TokenKind::left_paren) {
    from.merge = true;
    advance();
    const Token open = peek();
    advance();
    std::optional<ast::StreamRef> of_chain;  // whose rows are not what the chain would give
    list(TokenKind::right_paren, open, [&] {
      ast::StreamRef stream = parse_stream_ref();
      if (failed_) return;
      if (at(TokenKind::pipe)) {
        complain(Code::E0101, since(stream.range), "`merge` takes streams by name")
            .help("give the chain a name: `stream x = " + stream.stream.text + (stream.case_ ? "." + stream.case_->text : "") +
                  " |> …`, and `merge(x, …)`");
        skip_chain_in(TokenKind::right_paren);
        of_chain = std::move(stream);
        return;
      }
      from.streams.push_back(std::move(stream));
    });
    if (from.streams.empty() && of_chain) from.streams.push_back(std::move(*of_chain));
    refuse_empty(from.streams, open, "`merge`");
  } else {
    if (at_word("from") && peek(1).kind == TokenKind::name) {
      complain(Code::E0101, peek().range, "no `from` is needed: a stream is its source, then stages")
          .fix("remove it", peek().range, "");
      advance();
    }
    from.streams.push_back(parse_stream_ref());
  }
  from.range = since(begin);
  return from;
}

std::optional<ast::SinkDecl> Parser::parse_sink() {
  ast::SinkDecl sink;
  sink.stream = parse_stream_ref();
  if (failed_) return std::nullopt;
  if (accept_word("as")) sink.alias = expect_name("a name after `as`");
  expect_word("to", "and a connector");
  sink.connector = expect_name("a connector such as `file` after `to`");
  sink.options = parse_options();
  return sink;
}

std::optional<ast::SplitDecl> Parser::parse_split() {
  ast::SplitDecl split;
  split.from = parse_stream_ref();
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and the routes")) return std::nullopt;
  list(TokenKind::right_brace, open, [&] {
    const Range begin = peek().range;
    Entry route;
    if (at_word("true") && peek(1).kind != TokenKind::colon) {
      complain(Code::E0101, begin, "the last route of a `split` has a name, too").fix("name it", {file_, begin.begin, begin.begin}, "rest: ");
    } else {
      route.name = declared_name("the name of a route");
      expect(TokenKind::colon, "and the condition of the route");
    }
    route.value = parse_expr();
    route.range = since(begin);
    if (!failed_) split.routes.push_back(std::move(route));
  });
  refuse_empty(split.routes, open, "`split`");
  return split;
}

std::optional<ast::StageDecl> Parser::parse_stage_decl() {
  ast::StageDecl stage;
  stage.name = declared_name("the name of a stage");
  if (failed_) return std::nullopt;
  if (at(TokenKind::left_paren)) stage.params = parse_fn_params(false);
  expect(TokenKind::assign, "and the stages");
  if (failed_) sync_to_stage();
  stage.stages = parse_chain(true);
  return stage;
}

ast::StreamRef Parser::parse_stream_ref() {
  ast::StreamRef ref;
  const Range begin = peek().range;
  ref.stream = expect_name("the name of a stream");
  if (accept(TokenKind::dot)) ref.case_ = expect_name("the name of a case after `.`");
  ref.range = since(begin);
  return ref;
}

ast::Path Parser::parse_path(std::string_view what) {
  ast::Path path;
  path.parts.push_back(expect_name(what));
  while (accept(TokenKind::dot)) path.parts.push_back(expect_name("a name after `.`"));
  path.range = since(path.parts.front().range);
  return path;
}

std::optional<ast::Options> Parser::parse_options() {
  const Token open = peek();
  if (!accept(TokenKind::left_brace)) return std::nullopt;
  ast::Options options;
  options.entries = parse_entries(open);
  options.range = since(open.range);
  return options;
}

std::string Parser::parse_plain_text(std::string_view what, Range& range) {
  range = peek().range;
  if (failed_) return {};
  if (!at(TokenKind::string_begin) && !at(TokenKind::raw_string)) {
    unexpected(std::string(what) + " in quotes");
    return {};
  }
  const ExprPtr expr = parse_primary();
  range = expr->range;
  std::string out;
  for (const ast::StringPart& part : expr->as<ast::String>()->parts) {
    if (part.expr) complain(Code::E0123, range, std::string(what) + " cannot hold an interpolation");
    out += part.text;
  }
  return out;
}

}  // namespace gress::dsl::detail
