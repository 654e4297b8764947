// Streams: names to rows. Chains are computed when first read, so items may stand in any order.
#include <algorithm>

#include "dsl/check/options.h"
#include "dsl/check/split.h"
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void explain_no_time(const Context& c, Index stream, Chain& chain) {
  const Stream& s = c.program.streams[stream];
  if (s.has_time) return;
  switch (s.origin) {
    case StreamOrigin::source:
      chain.no_time_reason = "the source " + quote(c.program.sources[s.source].name) + " has no `time:`";
      chain.no_time_range = s.range;
      return;
    case StreamOrigin::invalid:
      chain.no_time_reason = "rows that could not be read have no event time";
      chain.no_time_range = s.range;
      return;
    case StreamOrigin::late: return;
    case StreamOrigin::chain:
      for (const auto& stage : s.stages)
        if (const auto* a = stage.as<Aggregate>(); a && a->window && a->window->kind == WindowKind::global) {
          chain.no_time_reason = "rows of a global window have no event time";
          chain.no_time_range = a->window->range;
          return;
        }
      for (Index input : s.inputs) explain_no_time(c, input, chain);
  }
}

namespace {

bool is_stream_like(ItemKind kind) {
  return kind == ItemKind::source || kind == ItemKind::stream || kind == ItemKind::route;
}

class Streams {
 public:
  explicit Streams(Context& c) : c_(c) {}

  void compute(Index i) {
    c_.progress[i] = Progress::running;
    const auto* decl = c_.stream_items[i]->as<ast::StreamDecl>();
    Chain chain{c_, i, &c_.main()};
    if (!decl) return route(chain, i);
    from(chain, i, decl->from);
    const Type* declared = decl->type ? row_type(*decl->type) : nullptr;
    for (const auto& stage : decl->stages) {
      const bool last = &stage == &decl->stages.back() && !stage.as<ast::UseStage>();
      if (last) chain.wanted = declared;
      check_stage(chain, stage);
    }
    check_end(chain);
    const std::size_t own = chain.stages.size();
    if (!chain.broken && declared) declared_type(chain, i, *decl->type, declared);
    finish(chain, i, own);
  }

 private:
  void finish(Chain& chain, Index i, std::size_t own) {
    chain.note_kinds(own);
    // Only now: resolving the inputs may have moved the vector of streams.
    Stream& s = c_.program.streams[i];
    s.stages = std::move(chain.stages);
    s.row = std::move(chain.row);
    s.kind = chain.kind;
    s.key = std::move(chain.upsert_key);
    s.has_time = chain.has_time;
    c_.broken[i] = chain.broken;
    c_.notes[i] = {std::move(chain.facts), std::move(chain.upsert_reason)};
    c_.progress[i] = Progress::done;
  }

  /// A stream of a `split`.
  void route(Chain& chain, Index i) {
    const ast::Item& item = *c_.stream_items[i];
    const auto& split = *item.as<ast::SplitDecl>();
    std::size_t k = 0;
    while (split.routes[k].name->range != c_.program.streams[i].range) ++k;
    ast::From rows;
    rows.streams = {split.from};
    rows.merge = false;
    rows.range = split.from.range;
    from(chain, i, rows);
    ast::Stage stage;
    stage.range = split.routes[k].range;
    stage.keyword = {item.range.file, item.range.begin, item.range.begin + 5};
    if (!chain.broken) check_route(chain, split, k, stage, c_.splits[&split]);
    finish(chain, i, chain.stages.size());
  }

  void from(Chain& chain, Index i, const ast::From& from) {
    std::vector<Index> inputs;
    for (const auto& ref : from.streams) {
      Index input = resolve_stream(c_, ref, "a stream");
      if (input == kNone || c_.broken[input]) chain.broken = true;
      if (input != kNone) inputs.push_back(input);
    }
    if (inputs.empty()) chain.broken = true;
    c_.program.streams[i].inputs = inputs;
    c_.program.streams[i].merge = from.merge;
    if (chain.broken) return;

    const Stream& first = c_.program.streams[inputs.front()];
    chain.row = first.row;
    for (auto& column : chain.row.columns) column.wire = column.name;  // wire names are those of `stream x: T` alone
    chain.has_time = true;
    for (Index input : inputs) {
      const Stream& s = c_.program.streams[input];
      if (!s.has_time) {
        chain.has_time = false;
        explain_no_time(c_, input, chain);
      }
    }
    if (!from.merge) {
      chain.kind = first.kind;
      chain.upsert_key = first.key;
      if (auto notes = c_.notes.find(inputs.front()); notes != c_.notes.end()) {
        chain.facts = notes->second.facts;
        chain.upsert_reason = notes->second.upsert_reason;
      }
      return;
    }
    merge(chain, from, inputs);
  }

  void merge(Chain& chain, const ast::From& from, const std::vector<Index>& inputs) {
    const Stream& first = c_.program.streams[inputs.front()];
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const Stream& s = c_.program.streams[inputs[k]];
      Range range = from.streams[k].range;
      if (s.kind == StreamKind::upsert) {
        auto& d = c_.report(Code::E0412, range, "`merge` wants facts, and the rows of " + quote(s.name) + " replace each other");
        d.under("an upsert stream");
        if (!c_.notes[inputs[k]].upsert_reason.empty()) d.note("the rows are upserts: " + c_.notes[inputs[k]].upsert_reason);
        d.help("merge its changes: `stream … = " + s.name + " |> changes`");
        return chain.give_up();
      }
      if (k == 0) continue;
      std::string difference = differ(first, s);
      if (difference.empty()) continue;
      c_.report(Code::E0415, range, "the rows of " + quote(s.name) + " differ from those of " + quote(first.name))
          .under(difference)
          .at(from.streams[0].range, "rows like these are wanted")
          .help("bring them to one shape by `select` first");
      return chain.give_up();
    }
  }

  static std::string differ(const Stream& a, const Stream& b) {
    for (const auto& column : a.row.columns) {
      int i = b.row.find(column.name);
      if (i < 0) return "no field " + quote(column.name);
      const Type* type = b.row.columns[static_cast<std::size_t>(i)].type;
      if (!column.type->is(Kind::error) && !type->is(Kind::error) && !same_shape(column.type, type))
        return quote(column.name) + " is " + quote(to_string(type)) + ", not " + quote(to_string(column.type));
    }
    for (const auto& column : b.row.columns)
      if (a.row.find(column.name) < 0) return "a further field " + quote(column.name);
    for (std::size_t i = 0; i < a.row.columns.size(); ++i)
      if (a.row.columns[i].name != b.row.columns[i].name) return "the fields are in another order";
    return "";
  }

  /// The T of `stream x: T`, null after a diagnostic.
  const Type* row_type(const ast::Name& name) {
    ast::TypeRef ref;
    ref.name = name;
    ref.range = name.range;
    const Type* type = c_.resolve_type(ref, c_.main());
    if (type->is(Kind::record)) return type;
    if (!type->is(Kind::error))
      c_.report(Code::E0215, name.range, "the rows of a stream are records, not " + quote(to_string(type))).under("no record type");
    return nullptr;
  }

  /// `stream x: T`: the fields of T, in T's order and with T's wire names.
  void declared_type(Chain& chain, Index i, const ast::Name& name, const Type* type) {
    std::vector<Output> outputs;
    std::string missing, extra;
    bool same = type->fields.size() == chain.row.columns.size(), good = true;
    for (std::size_t k = 0; k < type->fields.size(); ++k) {
      const auto& field = type->fields[k];
      int at = chain.row.find(field.name);
      if (at < 0) {
        missing += (missing.empty() ? "" : ", ") + quote(field.name);
        continue;
      }
      ExprPtr value = chain.column(static_cast<Index>(at), name.range);
      if (value->type->is(Kind::error)) good = false;
      else if (!c_.exprs->converts(value, field.type)) {
        c_.report(Code::E0414, name.range, "the field " + quote(field.name) + " is " + quote(to_string(value->type)) + ", and " + quote(type->name) + " says " + quote(to_string(field.type)))
            .under("the row is another")
            .at(type->range, "the type");
        good = false;
      } else {
        ExprPtr converted = c_.exprs->coerce(value, field.type, "the field " + quote(field.name));
        same &= converted == value && at == static_cast<int>(k) && field.wire == field.name;
        outputs.push_back({field.name, converted, name.range});
      }
    }
    for (const auto& column : chain.row.columns)
      if (type->field(column.name) < 0) extra += (extra.empty() ? "" : ", ") + quote(column.name);
    if (!missing.empty() || !extra.empty()) {
      auto& d = c_.report(Code::E0414, name.range, "the row of " + quote(c_.program.streams[i].name) + " is not " + quote(type->name));
      d.under(!missing.empty() ? "lacks " + missing : "has " + extra + " beside");
      if (!missing.empty() && !extra.empty()) d.note("and has " + extra + " beside");
      d.at(type->range, "the type");
      d.help("end the chain with a `select` of exactly these fields");
      good = false;
    }
    if (!good) return;
    if (!same) chain.project("stream", name.range, std::move(outputs));
    for (std::size_t k = 0; k < type->fields.size(); ++k) {
      auto& column = chain.row.columns[k];
      column.wire = type->fields[k].wire;
      if (column.doc.empty()) column.doc = type->fields[k].doc;
    }
    if (!same) chain.stages.back().out = chain.row;
    c_.program.streams[i].declared_type = name.text;
  }

  Context& c_;
};

Index broken_stream(Context& c, const std::string& name, Range range) {
  Index i = c.add_stream(name, "", range, StreamOrigin::late);
  c.broken[i] = true;
  c.progress[i] = Progress::done;
  return i;
}

bool ready(Context& c, Index i, Range range) {
  if (c.progress[i] == Progress::untouched) Streams(c).compute(i);
  if (c.progress[i] == Progress::done) return true;
  const Stream& s = c.program.streams[i];
  c.report(Code::E0204, range, "the stream " + quote(s.name) + " reads its own rows")
      .under("leads back to " + quote(s.name))
      .at(s.range, "the stream");
  return false;
}

/// Rows that come too late for the window of a sink are rows of its stream.
void late_of_sink(Context& c, Index late, const ast::SinkDecl& sink) {
  if (c.program.streams[late].late_stream != kNone || c.broken[late]) return;
  if (c.progress[late] == Progress::running) {
    c.report(Code::E0204, sink.stream.range, "the stream " + quote(c.program.streams[late].name) + " reads its own rows")
        .under("leads back to " + quote(c.program.streams[late].name))
        .at(c.program.streams[late].range, "the stream");
    c.broken[late] = true;
    return;
  }
  c.progress[late] = Progress::running;
  const Index from = resolve_stream(c, sink.stream, "a stream");
  c.progress[late] = Progress::done;
  if (from == kNone || c.broken[from]) {
    c.broken[late] = true;
    return;
  }
  Stream& s = c.program.streams[late];
  s.row = c.program.streams[from].row;
  s.has_time = c.program.streams[from].has_time;
  s.late_stream = from;
}

}  // namespace

Index resolve_stream(Context& c, const ast::StreamRef& ref, std::string_view what) {
  const std::string& name = ref.stream.text;
  if (name.empty()) return kNone;
  FileScope& scope = c.main();
  auto at = scope.items.find(name);
  if (at == scope.items.end()) {
    auto& d = c.report(Code::E0202, ref.stream.range, "there is no stream " + quote(name));
    d.under("unknown stream");
    std::vector<std::string_view> candidates;
    for (const auto& [other, declared] : scope.items)
      if (is_stream_like(declared.kind)) candidates.push_back(other);
    suggest(d, name, ref.stream.range, candidates);
    return kNone;
  }
  Declared& d = at->second;
  if (d.union_source != kNone) return resolve_case(c, d.union_source, ref);
  if (d.index != kNone) c.read.insert(d.index);
  if (!is_stream_like(d.kind)) {
    auto& report = c.report(Code::E0203, ref.stream.range, quote(name) + " is " + a_word(d.real().kind) + ", and " + std::string(what) + " is wanted here");
    report.under("no stream").at(d.range, "declared here");
    if (d.kind == ItemKind::table) report.help("a table is looked up in: `|> join " + name + " on …`");
    return kNone;
  }
  Index index = d.index;
  const bool split = d.producer && d.producer->as<ast::SplitDecl>();
  if (d.kind == ItemKind::route && !split) {
    if (d.invalid_route) {
      index = invalid_stream(c, name, d.range);
    } else if (d.producer && d.producer->as<ast::StreamDecl>()) {
      // Late rows: known once the stream with the window is.
      auto producer = scope.items.find(d.producer->as<ast::StreamDecl>()->name.text);
      if (producer != scope.items.end() && producer->second.item == d.producer && producer->second.index != kNone &&
          !ready(c, producer->second.index, ref.range))
        return kNone;
      index = d.index;
      if (index != kNone && c.program.streams[index].late_stream == kNone) c.broken[index] = true;
    } else if (d.late_of_sink) {
      late_of_sink(c, index, *d.producer->as<ast::SinkDecl>());
    }
  } else if (index != kNone && !ready(c, index, ref.range)) {
    return kNone;
  }
  if (index == kNone) return kNone;
  c.read.insert(index);
  if (ref.case_ && !c.broken[index]) {
    c.report(Code::E0203, ref.range, "the rows of " + quote(name) + " have no cases").under("`.` picks a case of a union").help("write " + quote(name));
    return kNone;
  }
  return index;
}

void check_streams(Context& c) {
  FileScope& scope = c.main();
  // All streams before any chain: windows name the streams of their late rows, chains name each other.
  for (const auto& item : scope.file->items) {
    const auto* decl = item.as<ast::StreamDecl>();
    if (!decl) continue;
    auto at = scope.items.find(decl->name.text);
    if (at == scope.items.end() || at->second.item != &item) continue;  // a duplicate
    at->second.index = c.add_stream(decl->name.text, item.doc, decl->name.range, StreamOrigin::chain);
    c.stream_items[at->second.index] = &item;
  }
  std::vector<std::pair<Range, Declared*>> routes;
  for (auto& [name, d] : scope.items)
    if (d.kind == ItemKind::route) routes.emplace_back(d.range, &d);
  std::sort(routes.begin(), routes.end(), [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
  for (auto& [range, d] : routes) {
    if (d->index != kNone) continue;
    std::string name(c.sources.text(range));
    if (d->invalid_route) {
      d->index = invalid_stream(c, name, range);
    } else if (d->late_of_sink || (d->producer && d->producer->as<ast::StreamDecl>())) {
      d->index = c.add_stream(name, "", range, StreamOrigin::late);
      c.progress[d->index] = Progress::done;
    } else if (d->producer && d->producer->as<ast::SplitDecl>()) {
      d->index = c.add_stream(name, "", range, StreamOrigin::chain);
      c.stream_items[d->index] = d->producer;
    } else {
      d->index = broken_stream(c, name, range);
    }
  }
  for (const auto& item : scope.file->items) {
    const auto* decl = item.as<ast::StreamDecl>();
    if (!decl) {
      if (const auto* split = item.as<ast::SplitDecl>()) {
        check_split(c, *split, std::string(c.sources.text(split->from.range)));
        for (const auto& r : split->routes)
          if (auto d = scope.items.find(r.field_name()); d != scope.items.end() && d->second.producer == &item && d->second.index != kNone &&
                                                          c.progress[d->second.index] == Progress::untouched)
            Streams(c).compute(d->second.index);
      }
      continue;
    }
    auto at = scope.items.find(decl->name.text);
    if (at == scope.items.end() || at->second.item != &item) continue;
    if (c.progress[at->second.index] == Progress::untouched) Streams(c).compute(at->second.index);
  }
  for (auto& [range, d] : routes)
    if (d->late_of_sink) late_of_sink(c, d->index, *d->producer->as<ast::SinkDecl>());
  for (auto& [range, d] : routes)
    if (c.program.streams[d->index].origin == StreamOrigin::late && c.program.streams[d->index].late_stream == kNone)
      c.broken[d->index] = true;
}

}  // namespace gress::dsl::detail
