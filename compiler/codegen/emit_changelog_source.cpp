// A source that is a changelog: records are decoded into lines of their own form, and an operator behind the decoder
// makes exact changes of them (runtime/core/changelog.h).
#include "compiler/codegen/connector.h"
#include "compiler/codegen/schema.h"
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

plan::Use whole() { return {.whole = true, .present = false, .members = {}}; }

class ChangelogSource {
 public:
  ChangelogSource(Unit& unit, plan::NodeId id)
      : u(unit),
        node(u.plan.nodes[id]),
        source(u.program.sources[node.source]),
        flow(u.flow(node.out)),
        name(u.node_names[id]),
        // Tests and hosts give rows and deletes, whatever the records look like.
        kind(u.given() ? ChangesKind::op : source.changes),
        wire(u.given() ? source.fed : source.wire) {}

  void emit() {
    for (const dsl::RecordField& f : wire->fields) line.columns.push_back({f.name, f.type, f.wire, f.doc});
    set_uses();
    print_row_struct(u, u.rows, name + "_line", line, uses);
    if (!u.host) print_schema(u, u.rows, name + "_schema", name + "_line", wire, uses, {source.time_format, source.time_pattern, source.check_all, wire_fields()});
    if (source.info->messages && kind == ChangesKind::upsert) print_key_schema();
    u.rows.line("using {}_line_block = Block<{}_line, {}, true>;", name, name, lanes());
    u.rows.blank();
    const auto position = u.sources.position(source.range);
    u.specs.line("// {}:{} {}", comment(u.where(source.range).substr(0, u.where(source.range).find(':'))), position.line, comment(u.sources.text(source.range)));
    print_specs();
    define_source();
    define_changes();
    print_failed();
    u.members.line("Changelog<{}_changelog> {}_changes{{*this, {}}};", name, name, emit_option(u, source.retain.duration, "kEndOfTime"));
    u.section(static_cast<plan::NodeId>(&node - u.plan.nodes.data()), name + "_changes", ".changes");
    const std::string time = source_time(u, source);
    if (u.host) return emit_pushed(u, static_cast<plan::NodeId>(&node - u.plan.nodes.data()), time);
    if (u.options.tests) {
      u.members.line("testing::TestSource<{}_spec> {}{{*this, {}}};", name, name, time);
      return;
    }
    u.members.line("RecordSource<{}_spec, {}, {}> {}{{*this, runtime, {}, {}, {}}};", name, source.info->input_class,
                   print_decoder(u, name, source_decoder(source, name + "_schema")), name, make_input(u, node), time, emit_option(u, source.rate, "0.0"));
  }

 private:
  /// Those of a line that stand in the record.
  std::size_t wire_fields() const { return kind == ChangesKind::upsert ? wire->fields.size() - source.meta.size() : wire->fields.size(); }

  /// Of messages without a value: the key alone.
  void print_key_schema() {
    Type key = *wire;
    plan::Uses read;
    key.fields.clear();
    for (const Index k : source.key) {
      key.fields.push_back(wire->fields[k]);
      read.push_back(whole());
    }
    print_schema(u, u.rows, source.name + "_key_schema", name + "_line", &key, read, {source.time_format, source.time_pattern, false});
  }

  /// What is read of a line: the columns that somebody reads of the row, and what says how it changes.
  void set_uses() {
    uses.resize(line.columns.size());
    if (kind == ChangesKind::upsert) {
      uses = flow.uses;
    } else if (kind == ChangesKind::op) {
      uses[0] = whole();
      std::copy(flow.uses.begin(), flow.uses.end(), uses.begin() + 1);
    } else {
      plan::Use before, after;
      for (std::uint32_t k = 0; k != source.key.size(); ++k) before.members[k] = whole();
      for (std::uint32_t c = 0; c != flow.uses.size(); ++c)
        if (flow.uses[c].any()) after.members[c] = flow.uses[c];
      uses = {before, after, whole(), {}};
      uses[3].members = {{0, before}, {1, after}, {2, whole()}};
    }
  }

  std::string lanes() const {
    std::string bits = source.time == nullptr ? "0" : "kTime | kWatermark";
    if (flow.meta.position) bits += " | kPosition";
    if (flow.meta.record || kind == ChangesKind::debezium) bits += " | kRecord";
    return bits;
  }

  void print_specs() {
    Printer& s = u.specs;
    print_state_key(u, s, node, name + "_key", key_parts(flow.row, source.key), source.key);
    s.open("struct {}_spec", name);
    s.line("using Pipeline = program::Pipeline;");
    s.line("using Block = {}_line_block;", name);
    declare_source(u, s, source, source.time != nullptr);
    s.line("static void time([[maybe_unused]] Eval& ev, const Block::Row& row, std::int64_t& t);");
    s.line("static void invalid(Pipeline& p, const Record& record, std::string_view error);");
    s.line("static void out(Pipeline& p, const Block& block);");
    s.line("static void watermark(Pipeline& p, std::int64_t t);");
    declare_message(u, s, source);
    declare_pushed(u, s, source);
    s.close(";");
    s.open("struct {}_changelog", name);
    s.line("using Pipeline = program::Pipeline;");
    s.line("using In = {}_line_block;", name);
    s.line("using Out = {};", u.block_type(node.out));
    s.line("using Key = {}_key;", name);
    s.line("static Changed read(Pipeline& p, const In& in, int i, Out::Row& o);");
    s.line("static Key key([[maybe_unused]] const Out::Row& r) {{ return {}; }}", key_value("Key", flow.row, source.key, "r"));
    s.line("static void out(Pipeline& p, Out& block);");
    s.line("static void watermark(Pipeline& p, std::int64_t t);");
    s.close(";");
    s.blank();
  }

  void define_source() {
    Printer& p = u.definitions;
    const std::string spec = name + "_spec";
    ExprEnv env;
    env.row = columns_of(flow.row, "r");
    if (kind == ChangesKind::debezium && source.time != nullptr) {
      p.line("template <class Change>");
      p.open("inline std::int64_t {}_time([[maybe_unused]] Eval& ev, const Change& change)", name);
      const std::string op = identifier("op");
      // What is no row moves no watermark.
      p.line("if (!change.after.has || !change.{}.has || change.{}.value == {}::{}) return kNoRowTime;", op, op,
             cpp_type(u, wire->fields[2].type->plain()), identifier("delete"));
      p.line("[[maybe_unused]] const auto& r = change.after.value;");
      p.line("return {};", emit_expr(u, source.time, env));
      p.close();
    }
    open_definition(u, "void", spec, "time([[maybe_unused]] Eval& ev, [[maybe_unused]] const Block::Row& r, std::int64_t& t)");
    if (source.time == nullptr) p.line("t = 0;");
    else if (kind == ChangesKind::debezium) p.line("t = r.payload.has ? {}_time(ev, r.payload.value) : {}_time(ev, r);", name, name);
    else p.line("t = {};", emit_expr(u, source.time, env));
    p.close();
    define_invalid(u, source, spec);
    define_message(u, source, spec, line, uses);
    open_definition(u, "void", spec, "out(Pipeline& p, const Block& block)");
    p.line("p.{}_changes.process(block);", name);
    p.close();
    open_definition(u, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
    p.line("p.{}_changes.watermark(t);", name);
    p.close();
  }

  void define_changes() {
    Printer& p = u.definitions;
    const std::string spec = name + "_changelog";
    if (kind == ChangesKind::debezium) print_debezium();
    open_definition(u, "Changed", spec, "read([[maybe_unused]] Pipeline& p, const In& in, int i, Out::Row& o)");
    p.line("const auto& r = in.rows[i];");
    if (kind == ChangesKind::debezium) {
      p.line("const char* why = \"\";");
      p.line("const Changed done = r.payload.has ? {}_read(r.payload.value, o, why) : {}_read(r, o, why);", name, name);
      p.line("if (done != Changed::failed) [[likely]] return done;");
      p.line("p.ev.fail(why);");
      p.line("p.fail_{}_record(in.record[i]);", name);
      p.line("return done;");
    } else {
      assign_columns(u, node.out, columns_of(flow.row, "r"));
      if (kind == ChangesKind::upsert) p.line("return Changed::upsert;");
      else p.line("return r.{} == {}::{} ? Changed::erase : Changed::upsert;", identifier("_op"), cpp_type(u, wire->fields[0].type), identifier("delete"));
    }
    p.close();
    open_definition(u, "void", spec, "out(Pipeline& p, Out& block)");
    p.line("p.flow_{}(block);", u.flow_names[node.out]);
    p.close();
    open_definition(u, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
    p.line("p.watermark_{}(t);", u.flow_names[node.out]);
    p.close();
  }

  /// { before, after, op }, alone or as a payload.
  void print_debezium() {
    Printer& p = u.definitions;
    const std::string op = cpp_type(u, wire->fields[2].type->plain());
    p.line("template <class Change>");
    p.open("inline Changed {}_read(const Change& change, {}& o, const char*& why)", name, u.row_type(node.out));
    const std::string field = identifier("op");
    p.open("if (!change.{}.has)", field);
    p.line("why = \"no change of Debezium: `op` is missing\";");
    p.line("return Changed::failed;");
    p.close();
    p.open("if (change.{}.value == {}::{})", field, op, identifier("delete"));
    p.open("if (!change.before.has)");
    p.line("why = \"a delete without `before` does not say of which row\";");
    p.line("return Changed::failed;");
    p.close();
    for (const Index k : source.key) {
      const std::string column = identifier(flow.row.columns[k].name);
      p.line("o.{} = change.before.value.{};", column, column);
    }
    p.line("return Changed::erase;");
    p.close();
    p.open("if (!change.after.has)");
    p.line("why = \"`after` is missing\";");
    p.line("return Changed::failed;");
    p.close();
    p.line("[[maybe_unused]] const auto& r = change.after.value;");
    assign_columns(u, node.out, columns_of(flow.row, "r"));
    p.line("return Changed::upsert;");
    p.close();
  }

  /// A retract that fails in a stage has nothing to say: its insert did.
  void print_failed() {
    u.methods.open("[[gnu::cold, gnu::noinline]] void fail_{}_record(std::uint32_t row)", name);
    u.methods.line("if (row == kNoRecord) return ev.clear();");
    u.methods.line("{}_spec::invalid(*this, {}.record(row), ev.message);", name, name);
    u.methods.line("{}.failed();", name);
    u.methods.line("ev.clear();");
    u.methods.close();
  }

  Unit& u;
  const plan::Node& node;
  const Source& source;
  const plan::Flow& flow;
  const std::string& name;
  const ChangesKind kind;
  const Type* wire;
  Row line;
  plan::Uses uses;
};

}  // namespace

void emit_changelog_source(Unit& u, plan::NodeId id) { ChangelogSource(u, id).emit(); }

}  // namespace gress::codegen
