// The plan for people and tools.
#include <fmt/format.h>

#include "compiler/plan/passes.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20) {
      out += fmt::format("\\u{:04x}", u);
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// What a node does, in the program's own words.
std::string words(const Plan& plan, const dsl::SourceManager& sources, const Node& node) {
  const Program& p = *plan.program;
  if (node.kind == NodeKind::source) return fmt::format("{} from {}", p.sources[node.source].name, p.sources[node.source].connector);
  if (node.kind == NodeKind::sink) return fmt::format("{} to {}", p.sinks[node.sink].name, p.sinks[node.sink].connector);
  std::string out;
  for (const Step step : node.steps) {
    std::string text(sources.text(plan.stage(step).range));
    std::string line;
    for (const char c : text)
      if (c != '\n' && c != '\r' && (c != ' ' || (!line.empty() && line.back() != ' '))) line += c;
    if (line.size() > 60) line = line.substr(0, 57) + "...";
    out += (out.empty() ? "" : " |> ") + line;
  }
  return out.empty() ? name(node.kind) : out;
}

std::string kind_words(const Plan& plan, const Flow& flow) {
  std::string out = flow.upsert ? "upsert" : "append";
  if (flow.upsert && !flow.streams.empty()) {
    const Stream& s = plan.program->streams[flow.streams.back()];
    std::string key;
    for (const Index k : s.key) key += (key.empty() ? "" : ", ") + s.row.columns[k].name;
    out += key.empty() ? " by the whole row" : " by " + key;
  }
  if (flow.has_time) out += ", event time";
  return out;
}

std::string columns(const Flow& flow) {
  std::string out;
  for (std::size_t i = 0; i != flow.row.columns.size(); ++i)
    if (flow.uses[i].any())
      out += fmt::format("{}{}: {}{}", out.empty() ? "" : ", ", flow.row.columns[i].name, dsl::to_string(flow.row.columns[i].type),
                         flow.uses[i].whole || flow.row.columns[i].type->plain()->kind != dsl::Kind::record ? "" : " (in part)");
  return out;
}

std::string print_text(const Plan& plan, const dsl::SourceManager& sources) {
  std::string out = fmt::format("pipeline {}\n", plan.program->name);
  const bool durable = checkpoint_interval(*plan.program) != 0;
  for (std::size_t i = 0; i != plan.nodes.size(); ++i) {
    const Node& node = plan.nodes[i];
    out += fmt::format("\n{:>3}  {}: {}\n", i, name(node.kind), words(plan, sources, node));
    for (const FlowId in : node.in) out += fmt::format("       reads {}\n", plan.flows[in].name);
    std::vector<FlowId> outs = node.cases;
    outs.push_back(node.out);
    for (const FlowId id : outs) {
      if (id == kNone) continue;
      const Flow& flow = plan.flows[id];
      out += fmt::format("       gives {} ({}) {{ {} }}\n", flow.name, kind_words(plan, flow), columns(flow));
    }
    for (const std::string& note : node.notes) out += fmt::format("       - {}\n", note);
    if (node.kind == NodeKind::sink && durable) {
      const Delivery d = delivery(plan, static_cast<NodeId>(i));
      out += fmt::format("       - delivery {}: {}\n", d.guarantee, d.why);
    }
  }
  return out;
}

std::string print_json(const Plan& plan, const dsl::SourceManager& sources) {
  std::string out = fmt::format("{{\"pipeline\":{},\"nodes\":[", quoted(plan.program->name));
  for (std::size_t i = 0; i != plan.nodes.size(); ++i) {
    const Node& node = plan.nodes[i];
    out += fmt::format("{}\n  {{\"id\":{},\"kind\":{},\"name\":{},\"does\":{},\"in\":[", i == 0 ? "" : ",", i, quoted(name(node.kind)),
                       quoted(node.name), quoted(words(plan, sources, node)));
    for (std::size_t k = 0; k != node.in.size(); ++k) out += fmt::format("{}{}", k == 0 ? "" : ",", quoted(plan.flows[node.in[k]].name));
    out += "]";
    if (node.out != kNone) out += fmt::format(",\"out\":{}", quoted(plan.flows[node.out].name));
    if (node.late != kNone) out += fmt::format(",\"late\":{}", quoted(plan.flows[node.late].name));
    if (node.late_right != kNone) out += fmt::format(",\"late_right\":{}", quoted(plan.flows[node.late_right].name));
    if (node.kind == NodeKind::sink) {
      const Delivery d = delivery(plan, static_cast<NodeId>(i));
      out += fmt::format(",\"delivery\":{{\"guarantee\":{},\"why\":{}}}", quoted(d.guarantee), quoted(d.why));
    }
    out += ",\"notes\":[";
    for (std::size_t k = 0; k != node.notes.size(); ++k) out += (k == 0 ? "" : ",") + quoted(node.notes[k]);
    out += "]}";
  }
  out += "],\n\"flows\":[";
  bool comma = false;
  for (const Flow& flow : plan.flows) {
    if (flow.producer == kNone && flow.streams.empty()) continue;
    out += fmt::format("{}\n  {{\"name\":{},\"kind\":\"{}\",\"event_time\":{},\"columns\":[", comma ? "," : "", quoted(flow.name),
                       flow.upsert ? "upsert" : "append", flow.has_time);
    comma = true;
    for (std::size_t c = 0; c != flow.row.columns.size(); ++c)
      out += fmt::format("{}{{\"name\":{},\"type\":{},\"read\":{}}}", c == 0 ? "" : ",", quoted(flow.row.columns[c].name),
                         quoted(dsl::to_string(flow.row.columns[c].type)), flow.uses[c].any());
    out += "]}";
  }
  return out + "]}\n";
}

/// Edges between nodes: producer, consumer, flow.
template <class F>
void edges(const Plan& plan, F f) {
  for (const Flow& flow : plan.flows)
    if (flow.producer != kNone)
      for (const NodeId consumer : flow.consumers) f(flow.producer, consumer, flow);
}

std::string print_dot(const Plan& plan, const dsl::SourceManager& sources) {
  std::string out = fmt::format("digraph {} {{\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n", quoted(plan.program->name));
  for (std::size_t i = 0; i != plan.nodes.size(); ++i)
    out += fmt::format("  n{} [label={}];\n", i, quoted(std::string(name(plan.nodes[i].kind)) + ": " + words(plan, sources, plan.nodes[i])));
  edges(plan, [&](NodeId a, NodeId b, const Flow& flow) { out += fmt::format("  n{} -> n{} [label={}];\n", a, b, quoted(flow.name)); });
  return out + "}\n";
}

std::string print_mermaid(const Plan& plan, const dsl::SourceManager& sources) {
  const auto escape = [](const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '"' ? std::string("#quot;") : c == '<' ? "#lt;" : c == '>' ? "#gt;" : std::string(1, c);
    return out;
  };
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i != plan.nodes.size(); ++i)
    out += fmt::format("  n{}[\"{}: {}\"]\n", i, name(plan.nodes[i].kind), escape(words(plan, sources, plan.nodes[i])));
  edges(plan, [&](NodeId a, NodeId b, const Flow& flow) { out += fmt::format("  n{} -->|{}| n{}\n", a, escape(flow.name), b); });
  return out;
}

}  // namespace

std::string print(const Plan& plan, const dsl::SourceManager& sources, PrintFormat format) {
  switch (format) {
    case PrintFormat::text: return print_text(plan, sources);
    case PrintFormat::json: return print_json(plan, sources);
    case PrintFormat::dot: return print_dot(plan, sources);
    case PrintFormat::mermaid: return print_mermaid(plan, sources);
  }
  return "";
}

}  // namespace gress::plan
