// time e [delay d]: event time of what follows, with watermarks a partition of the source.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

struct Barrier {
  std::string what;
  Range range{};
};

/// What stands between the stage and its source: rows that are no longer one partition's records in their order.
std::optional<Barrier> barrier(const Context& c, const std::vector<Stage>& stages, const Stream& s) {
  for (const Stage& stage : stages)
    if (!stage.as<Filter>() && !stage.as<Project>() && !stage.as<Flatten>() && !stage.as<Key>() && !stage.as<SetTime>())
      return Barrier{"a stage `" + stage.word + '`', stage.range};
  if (s.origin == StreamOrigin::source) return std::nullopt;
  if (s.origin == StreamOrigin::late) return Barrier{"late rows", s.range};
  if (s.origin == StreamOrigin::invalid) return Barrier{"invalid rows", s.range};
  if (s.merge) return Barrier{"a `merge`", s.range};
  if (s.inputs.empty()) return std::nullopt;
  const Stream& input = c.program.streams[s.inputs.front()];
  return barrier(c, input.stages, input);
}

}  // namespace

void check_time(Chain& chain, const ast::Stage& stage, const ast::Time& node) {
  Context& c = chain.c;
  if (!chain.wants_no_window(stage, "`time`")) return;
  if (!chain.wants_append(stage, "`time`")) return;
  if (const auto found = barrier(c, chain.stages, c.program.streams[chain.stream])) {
    c.report(Code::E0429, stage.range, "`time` stands before the first keyed stage, join, merge or `in_order`")
        .under("the rows here come from " + found->what)
        .at(found->range, found->what)
        .note("watermarks are those of a source's partitions, whose rows are no longer apart here")
        .help("put `time` before it, in the stream that reads the source");
    return chain.give_up();
  }
  SetTime set;
  const Type* timestamp = c.types().basic(Kind::timestamp);
  if (!node.time) return chain.give_up();
  set.time = chain.check_as(*node.time, chain.env(), timestamp, "the event time");
  if (node.delay) set.delay = chain.positive(*node.delay, c.types().basic(Kind::duration), "`delay`", true);
  chain.has_time = true;
  chain.no_time_reason.clear();
  chain.push(stage, std::move(set), chain.row);
}

}  // namespace gress::dsl::detail
