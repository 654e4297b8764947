#include "compiler/codegen/spec.h"

#include <algorithm>

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// Number of values of a type that numbers itself; 0 for others.
std::size_t values_of(const Type* type) {
  switch (type->kind) {
    case Kind::boolean: return 2;
    case Kind::enumeration: return type->variants.size();
    case Kind::optional: {
      const std::size_t n = values_of(type->elem);
      return n == 0 ? 0 : n + 1;
    }
    default: return 0;
  }
}

std::string number_of(const Type* type, const std::string& value) {
  if (type->is_optional())
    return fmt::format("({}.has ? 1 + {} : 0)", value, number_of(type->elem, value + ".value"));
  return fmt::format("static_cast<std::uint32_t>({})", value);
}

}  // namespace

std::vector<KeyPart> key_parts(const Row& row, const std::vector<Index>& columns) {
  std::vector<KeyPart> parts;
  for (const Index c : columns) parts.push_back({identifier(row.columns[c].name), row.columns[c].type});
  return parts;
}

namespace {

std::string hash_of(const std::vector<std::string>& parts) {
  std::string hash = parts.empty() ? "0" : "";
  for (const std::string& part : parts) {
    const std::string h = fmt::format("fn::key_hash({})", part);
    hash = hash.empty() ? h : fmt::format("fn::combine({}, {})", hash, h);
  }
  return hash;
}

/// What the worker of a key's rows goes by; empty: the hash of all parts.
std::string route_of(const plan::Node& node, const std::vector<KeyPart>& parts, const std::vector<Index>& columns) {
  if (node.at.how == plan::Spread::How::one) return "0";
  if (node.at.how == plan::Spread::How::anywhere || node.at.columns == columns) return "";
  std::vector<std::string> names;
  for (const std::uint32_t c : node.at.columns)
    names.push_back(parts[static_cast<std::size_t>(std::find(columns.begin(), columns.end(), c) - columns.begin())].name);
  return hash_of(names);
}

void print_key(Unit& u, Printer& p, const std::string& name, const std::vector<KeyPart>& parts, bool durable, const std::string& route,
               bool beyond_memory = false) {
  std::size_t dense = 1;
  for (const KeyPart& part : parts) {
    const std::size_t n = values_of(part.type);
    dense = n == 0 || dense > 4096 ? 0 : dense * n;
  }
  if (dense > 4096) dense = 0;
  p.open("struct {}", name);
  std::vector<std::string> members;
  for (const KeyPart& part : parts) {
    p.line("{} {}{{}};", cpp_type(u, part.type), part.name);
    members.push_back(part.name);
  }
  p.raw(members_line(name, members));
  p.line("friend bool operator==(const {}&, const {}&) = default;", name, name);
  p.line("static constexpr std::uint32_t kDense = {};", dense);
  if (durable) p.line("static constexpr bool kDurable = true;");
  if (beyond_memory && dense == 0) {
    p.line("static constexpr bool kBeyondMemory = true;");
    ++u.cold_tables;
  }
  std::string number = "0";
  for (const KeyPart& part : parts)
    if (dense != 0) number = fmt::format("({}) * {} + {}", number, values_of(part.type), number_of(part.type, part.name));
  p.line("std::uint32_t dense() const {{ return {}; }}", number);
  p.line("std::uint64_t hash() const {{ return {}; }}", hash_of(members));
  if (durable && !route.empty()) p.line("std::uint64_t route() const {{ return {}; }}", route);
  p.close(";");
}

}  // namespace

void print_key_struct(Unit& u, Printer& p, const std::string& name, const std::vector<KeyPart>& parts) { print_key(u, p, name, parts, false, ""); }

void print_state_key(Unit& u, Printer& p, const plan::Node& node, const std::string& name, const std::vector<KeyPart>& parts,
                     const std::vector<Index>& columns) {
  print_key(u, p, name, parts, u.durable, route_of(node, parts, columns), u.beyond_memory && plan::goes_beyond_memory(u.plan, node));
}

std::string key_value(const std::string& type, const Row& row, const std::vector<Index>& columns, const std::string& name) {
  std::string parts;
  for (const Index c : columns) parts += fmt::format("{}{}.{}", parts.empty() ? "" : ", ", name, identifier(row.columns[c].name));
  return fmt::format("{}{{{}}}", type, parts);
}

void print_order_struct(Unit& u, Printer& p, const std::string& name, const std::vector<OrderBy>& by) {
  p.open("struct {}", name);
  std::vector<std::string> members;
  for (std::size_t i = 0; i != by.size(); ++i) {
    members.push_back(fmt::format("by_{}", i));
    p.line("{} {}{{}};", cpp_type(u, by[i].value->type), members.back());
  }
  p.raw(members_line(name, members));
  const char* unused = by.empty() ? "[[maybe_unused]] " : "";
  p.open("static int compare({}const {}& a, {}const {}& b)", unused, name, unused, name);
  for (std::size_t i = 0; i != by.size(); ++i)
    p.line("if (const int c = fn::{}(a.by_{}, b.by_{}); c != 0) return c;", by[i].descending ? "order_descending" : "order_ascending", i, i);
  p.line("return 0;");
  p.close();
  p.close(";");
}

void open_definition(Unit& u, const std::string& result, const std::string& spec, const std::string& signature, bool in_loop) {
  u.definitions.open("{}inline {} {}::{}", in_loop ? "[[gnu::always_inline]] " : "", result, spec, signature);
}

void print_late_row(Unit& u, const plan::Node& node, plan::FlowId in, plan::FlowId route) {
  u.definitions.line("p.{}_counters.late.add(1);", u.node_names[static_cast<std::size_t>(&node - u.plan.nodes.data())]);
  if (route != plan::kNone) {
    const plan::Flow& flow = u.flow(route);
    const std::string& name = u.flow_names[route];
    u.definitions.line("auto& late_block = p.{}_out;", name);
    u.definitions.line("const int at = late_block.count++;");
    u.definitions.line("[[maybe_unused]] const auto& r = in.rows[i];");
    u.definitions.line("[[maybe_unused]] auto& o = late_block.rows[at];");
    for (std::size_t c = 0; c != flow.row.columns.size(); ++c)
      if (flow.uses[c].any())
        u.definitions.line("o.{} = {};", identifier(flow.row.columns[c].name),
                           convert_column(u, u.row_type(route), flow.row.columns[c], flow.uses[c],
                                          "r." + identifier(u.flow(in).row.columns[c].name)));
    u.definitions.line("late_block.take_lanes(at, in, i);");
    if (flow.meta.watermark) u.definitions.line("late_block.watermark[at] = kStartOfTime;");
    u.definitions.line("if (late_block.full()) p.flush_{}();", name);
  } else {
    u.definitions.line("static_cast<void>(in);");
    u.definitions.line("static_cast<void>(i);");
  }
}

void print_outlets(Unit& u, const plan::Node& node, const std::string& spec, bool late) {
  const std::string& out = u.flow_names[node.out];
  open_definition(u, "void", spec, "out(Pipeline& p, Out& block)");
  u.definitions.line("p.flow_{}(block);", out);
  u.definitions.close();
  const bool routed = node.late != plan::kNone;
  open_definition(u, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
  u.definitions.line("p.watermark_{}(t);", out);
  if (routed) u.definitions.line("if (t == kEndOfTime) p.watermark_{}(t);", u.flow_names[node.late]);
  u.definitions.close();
  if (!late) return;
  open_definition(u, "void", spec, "late(Pipeline& p, const In& in, int i)");
  print_late_row(u, node, node.in[0], node.late);
  u.definitions.close();
}

void check_row_failed(Unit& u, const plan::Node& node, dsl::Range where, const std::string& tail) {
  u.definitions.open("if (ev.failed) [[unlikely]]");
  u.definitions.line("p.{}", fail_statement(u, node.in[0], "in", "i", where, false, u.program.streams[node.stream].name));
  if (!tail.empty()) u.definitions.raw(tail);
  u.definitions.close();
}

void check_result_failed(Unit& u, const plan::Node& node, const Row& row, const std::vector<Index>& keys, dsl::Range where,
                         const std::string& tail, const std::string& key) {
  u.definitions.open("if (ev.failed) [[unlikely]]");
  Row shown;
  plan::Uses uses;
  for (const Index k : keys) {
    shown.columns.push_back(row.columns[k]);
    uses.push_back({.whole = true, .present = false, .members = {}});
  }
  u.definitions.line("gress::Out& out = p.row_text();");
  print_json_row(u, u.definitions, shown, uses, key, false);
  u.definitions.line("p.ev.fail(ev.message);");
  u.definitions.line("ev.clear();");
  u.definitions.line("p.fail_row({});", literal(place(u, u.program.streams[node.stream].name, where)));
  u.definitions.raw(tail);
  u.definitions.close();
}

void print_copy(Unit& u, const plan::Node& node, const std::string& spec) {
  open_definition(u, "void", spec, "copy(const In& in, int i, [[maybe_unused]] Out::Row& o)");
  u.definitions.line("[[maybe_unused]] const auto& r = in.rows[i];");
  assign_columns(u, node.out, columns_of(u.plan.stage(node.steps[0]).in, "r"));
  u.definitions.close();
}

void assign_columns(Unit& u, plan::FlowId id, const std::vector<std::string>& values) {
  const plan::Flow& flow = u.flow(id);
  for (std::size_t c = 0; c != flow.row.columns.size(); ++c)
    if (flow.uses[c].any())
      u.definitions.line("o.{} = {};", identifier(flow.row.columns[c].name),
                         convert_column(u, u.row_type(id), flow.row.columns[c], flow.uses[c], values[c]));
}

}  // namespace gress::codegen
