// Options of the pipeline about checkpoints and what they promise.
#include <algorithm>

#include "dsl/check/expr_checker.h"
#include "dsl/check/source_options.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

/// The duration of `every(10s)`; null after a diagnostic.
const ast::Expr* interval(Context& c, const GivenOption& g) {
  const ast::Expr& value = bare(*g.value);
  const auto* call = value.as<ast::Call>();
  const std::string* function = call ? bare_name(*call->callee) : nullptr;
  if (function && *function == "every" && call->args.size() == 1 && call->args[0].value && !call->args[0].name) return call->args[0].value.get();
  c.report(Code::E0505, g.value->range, "the option `checkpoint` takes how often the state is saved").under("not of the form `every(…)`").help("such as `checkpoint: every(10s)`");
  return nullptr;
}

void needs_checkpoint(Context& c, const GivenOption& g) {
  c.report(Code::E0504, g.name_range, "the option " + quote(g.name) + " needs `checkpoint:`").under("no checkpoints are taken").help("add `checkpoint: every(10s)`");
}

/// What is compiled into the program; another value is given at start.
void want_constant(Context& c, const GivenOption& g, ExprPtr value, const char* option) {
  if (value == nullptr || value->type->is(Kind::error) || constant_value(value)) return;
  c.report(Code::E0505, g.value->range, "the option " + quote(g.name) + " takes a constant")
      .under("known only at start")
      .help(std::string("another value can be given at start: `") + option + "`");
}

/// Less is not enough for the store's own blocks.
void check_size(Context& c, const GivenOption& g, ExprPtr value) {
  constexpr std::int64_t kLeast = std::int64_t{16} << 20;
  if (value == nullptr || value->type->is(Kind::error)) return;
  const auto constant = constant_value(value);
  const auto* bytes = constant ? std::get_if<std::int64_t>(&*constant) : nullptr;
  if (bytes == nullptr)
    c.report(Code::E0505, g.value->range, "the option " + quote(g.name) + " takes a constant").under("known only at start").help("such as `state_memory: 512MB`");
  else if (*bytes < kLeast)
    c.report(Code::E0505, g.value->range, "the option " + quote(g.name) + " takes 16MB or more").under("too little").help("such as `state_memory: 512MB`");
}

/// `{ daily: per_day }`: the state of what is called `daily` now stands in checkpoints as that of `per_day`.
void check_former_names(Context& c, const ast::Expr& value) {
  const auto* record = bare(value).as<ast::Record>();
  if (record == nullptr) {
    c.report(Code::E0505, value.range, "the option `was` takes former names").under("not of the form `{ new: former }`").help("such as `was: { daily: per_day }`");
    return;
  }
  std::vector<std::string_view> names;
  for (const Stream& s : c.program.streams) names.push_back(s.name);
  for (const Source& s : c.program.sources) names.push_back(s.name);
  for (const Sink& s : c.program.sinks) names.push_back(s.name);
  const auto known = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
  for (const ast::Entry& entry : record->entries) {
    const std::string* former = entry.value ? bare_name(*entry.value) : nullptr;
    if (!entry.name || former == nullptr) {
      c.report(Code::E0505, entry.range, "the option `was` takes former names").under("not of the form `new: former`").help("such as `was: { daily: per_day }`");
    } else if (!known(entry.name->text)) {
      auto& d = c.report(Code::E0505, entry.name->range, "there is no stream, source or sink " + quote(entry.name->text));
      d.under("wanted is a name that it has now");
      suggest(d, entry.name->text, entry.name->range, names);
    } else if (known(*former)) {
      c.report(Code::E0505, entry.value->range, quote(*former) + " is the name of another one").under("its state is its own").help("leave out this entry, or rename the other one");
    } else if (std::ranges::find(c.program.renamed, *former, &Renamed::former) != c.program.renamed.end()) {
      c.report(Code::E0505, entry.value->range, quote(*former) + " is the former name of another one").under("its state can be gone on from once");
    } else {
      c.program.renamed.push_back({entry.name->text, *former});
    }
  }
}

}  // namespace

void check_durability(Context& c, const Options& options) {
  if (const auto* g = options.find("checkpoint"))
    if (const ast::Expr* every = interval(c, *g)) {
      OptionValue option;
      option.name = g->name;
      option.range = g->name_range;
      option.value = c.positive(*every, Env{}, c.types().basic(Kind::duration), "the option `checkpoint`");
      want_constant(c, *g, option.value, "--checkpoint 30s");
      c.program.options.push_back(std::move(option));
    }
  if (const auto* g = options.find("checkpoint"))
    for (const UserAggregate& a : c.program.aggregates)
      if (a.foreign && !a.foreign->saved)
        c.report(Code::E0222, a.foreign->used, "the aggregate " + quote(a.name) + " cannot be saved in checkpoints")
            .under("asked for here")
            .at(a.range, "its bytes are not all of its state, and it has no `archive`")
            .at(g->name_range, "checkpoints are taken")
            .help("add `template <class Io> void archive(Io& io) { io(…); }` with all its data members");
  if (const auto* g = options.find("was"); g != nullptr && !options.find("checkpoint")) needs_checkpoint(c, *g);
  for (const char* name : {"checkpoint_dir", "delivery", "state_memory"}) {
    const auto* g = options.find(name);
    if (g == nullptr) continue;
    if (!options.find("checkpoint")) needs_checkpoint(c, *g);
    OptionValue option = option_value(c, *g, Env{}, nullptr);
    if (g->name == "state_memory") check_size(c, *g, option.value);
    else if (option.value) want_constant(c, *g, option.value, "--checkpoint-dir DIR");
    c.program.options.push_back(std::move(option));
  }
}

/// When all streams and sinks are known.
void check_renamed(Context& c) {
  const auto& pipeline = c.main().file->pipeline;
  if (!pipeline || !pipeline->options) return;
  for (const ast::Entry& entry : pipeline->options->entries)
    if (entry.field_name() == "was" && entry.value) check_former_names(c, *entry.value);
}

/// What a restart does again must leave no trace: sources are read again from where the checkpoint stands, and sinks take
/// back what they wrote since, or write it in a transaction that has not committed.
void check_delivery(Context& c) {
  const OptionValue* said = exactly_once(c.program);
  for (const Sink& sink : c.program.sinks) {
    const auto id = std::ranges::find(sink.options, "transactional_id", &OptionValue::name);
    if (id != sink.options.end() && (said == nullptr || sink.duplicates))
      c.report(Code::E0504, id->range, "the option `transactional_id` needs `delivery: exactly_once`").under("no transactions are written").help(said != nullptr ? "leave out `duplicates: allowed`, or this" : "add `checkpoint: every(10s), delivery: exactly_once` to the options of the pipeline");
  }
  if (said == nullptr) return;
  for (const Source& source : c.program.sources) {
    const auto* connector = source.info;
    if (connector == nullptr || !connector->is_source || connector->repeats) continue;
    c.report(Code::E0512, source.range, "`delivery: exactly_once` cannot hold: " + quote(source.connector) + " cannot be read a second time")
        .under("rows that are under way in a crash are lost")
        .at(said->range, "asked for here")
        .help("read from files or Kafka, or say `delivery: at_least_once`");
  }
  for (const Sink& sink : c.program.sinks) {
    const auto* connector = sink.info;
    if (connector == nullptr || !connector->is_sink || connector->takes_back || connector->transactions || sink.duplicates) continue;
    auto& d = c.report(Code::E0512, sink.range, "`delivery: exactly_once` cannot hold: " + quote(sink.connector) + " cannot take back what was written");
    d.under("a restart writes rows again").at(said->range, "asked for here");
    if (sink.foreign) d.help("give the class `prepare`, `commit` and `recover`");
    d.help("write to a file or to Kafka, or say `duplicates: allowed` in this sink's options, or `delivery: at_least_once`");
  }
}

}  // namespace gress::dsl::detail

namespace gress::dsl::checked {

const OptionValue* exactly_once(const Program& program) {
  const auto find = [&](std::string_view name) { return std::ranges::find(program.options, name, &OptionValue::name); };
  const auto said = find("delivery");
  return said != program.options.end() && said->word == "exactly_once" && find("checkpoint") != program.options.end() ? &*said : nullptr;
}

}  // namespace gress::dsl::checked
