// What a source's options say about time, as the runtime's SourceTime.
#include <functional>
#include <numeric>

#include "compiler/codegen/connector.h"
#include "compiler/codegen/expr.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// By source: a number that those share whose rows meet in some operator, where an idle one holds up the others.
std::vector<std::size_t> peers(const Unit& u) {
  std::vector<std::size_t> parent(u.plan.nodes.size());
  std::iota(parent.begin(), parent.end(), 0);
  const std::function<std::size_t(std::size_t)> root = [&](std::size_t n) { return parent[n] == n ? n : parent[n] = root(parent[n]); };
  for (std::size_t n = 0; n != u.plan.nodes.size(); ++n)
    for (const plan::FlowId in : u.plan.nodes[n].in)
      if (const plan::NodeId producer = u.flow(in).producer; producer != plan::kNone) parent[root(n)] = root(producer);
  std::vector<std::size_t> of(u.program.sources.size(), 0);
  for (std::size_t n = 0; n != u.plan.nodes.size(); ++n)
    if (u.plan.nodes[n].source != plan::kNone) of[u.plan.nodes[n].source] = root(n);
  return of;
}

}  // namespace

std::string source_time(Unit& u, const Source& source) {
  std::string out = fmt::format("SourceTime{{{}, {}", emit_option(u, source.watermark_delay, "0"), emit_option(u, source.max_ahead, "kEndOfTime"));
  bool idle = false;
  for (const Source& s : u.program.sources) idle = idle || s.idle != IdleKind::never;
  const bool aligned = !source.align.empty();
  if (idle || aligned) {
    const std::size_t at = static_cast<std::size_t>(&source - u.program.sources.data());
    out += fmt::format(", {}, {}, {}", emit_option(u, source.idle_after, "kEndOfTime"), source.idle == IdleKind::advance, peers(u)[at]);
  }
  if (aligned) {
    std::size_t group = 0;
    while (u.program.sources[group].align != source.align) ++group;
    out += fmt::format(", {}, {}", group, emit_option(u, source.max_drift, "kEndOfTime"));
  }
  return out + "}";
}

}  // namespace gress::codegen
