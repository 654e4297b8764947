// What a checkpoint saves of a program: a section for each node that holds state, under a name that stays as long as the
// stage does, and the form of what is saved, by which a restart tells whether it can read it.
#include "compiler/codegen/accumulator.h"
#include "compiler/codegen/spec.h"
#include "compiler/codegen/unit.h"
#include "dsl/check/expr_checker.h"

namespace gress::codegen {

using namespace dsl::checked;
using plan::NodeKind;

namespace {

std::string used_columns(const Unit& u, plan::FlowId id) {
  const plan::Flow& flow = u.flow(id);
  std::string text;
  for (std::size_t c = 0; c != flow.row.columns.size(); ++c)
    if (flow.uses[c].any()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", flow.row.columns[c].name, to_string(flow.row.columns[c].type));
  return text;
}

/// `keyed by origin string; departures agg::Count, mean_delay agg::Avg<std::int64_t>`
std::string layout(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  std::string text(name(node.kind));
  if (node.kind == NodeKind::source) {
    const Source& source = u.program.sources[node.source];
    return source.changes == ChangesKind::none ? text : text + ": " + used_columns(u, node.out);
  }
  if (node.steps.empty()) return text;
  const Stage& stage = u.plan.stage(node.steps[0]);
  if (const auto* keys = plan::keys_of(stage)) {
    text += ", keyed by";
    for (const KeyPart& part : key_parts(stage.in, *keys)) text += fmt::format(" {} {}", part.name, to_string(part.type));
  }
  if (const Window* w = plan::window_of(stage)) text += fmt::format(", {}", u.sources.text(w->range));
  if (const auto* a = stage.as<Aggregate>()) {
    const std::vector<std::string> names = accumulator_names(*a);
    for (std::size_t c = 0; c != names.size(); ++c)
      text += fmt::format("; {} {}", names[c], u.flow(node.in[0]).upsert ? retracting_type(u, a->calls[c]) : accumulator_type(u, a->calls[c]));
    return text;
  }
  if (const auto* s = stage.as<Scan>()) {
    for (const StateField& f : s->state) text += fmt::format("; {} {}", f.name, to_string(f.type));
    return text;
  }
  for (const plan::FlowId in : node.in)
    if (in != plan::kNone) text += (u.flow(in).meta.pair ? "; numbers of rows of " : "; rows of ") + used_columns(u, in);
  return text;
}

}  // namespace

void Unit::section(plan::NodeId id, const std::string& member, const std::string& suffix) {
  if (!durable) return;
  sections.push_back({node_names[id] + suffix, layout(*this, id), member});
}

void print_archive(const Unit& u, Printer& p, const std::vector<std::string>& members) {
  if (!u.durable) return;
  std::string list;
  for (const std::string& m : members) list += (list.empty() ? "" : ", ") + m;
  p.line("template <class Io>");
  p.line("void archive([[maybe_unused]] Io& io) {{ {} }}", list.empty() ? "" : "io(" + list + ");");
}

void print_sections(const Unit& u, Printer& p) {
  if (!u.durable) return;
  p.line("static constexpr bool kDurable = true;");
  p.line("template <class Visit>");
  p.open("void sections(Visit& visit)");
  for (const Unit::Section& s : u.sections) p.line("visit({}, {}, {});", literal(s.name), literal(s.layout), s.member);
  p.close();
}

}  // namespace gress::codegen
