// Rows as JSON objects and CSV lines: straight-line code, the names and punctuation between values as one literal each.
#include "compiler/codegen/unit.h"

namespace gress::codegen {

namespace {

/// JSON text of a name, quoted and escaped.
std::string json_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
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

/// Gathers constant text until a value comes.
class JsonPrinter {
 public:
  JsonPrinter(Printer& printer, bool wire_names) : p(printer), wires(wire_names) {}

  void text(std::string_view t) { pending += t; }
  void flush() {
    if (!pending.empty()) p.line("out.write({});", literal(pending));
    pending.clear();
  }

  void value(const Type* type, const std::string& x) {
    switch (type->kind) {
      case Kind::optional:
        flush();
        p.open("if ({}.has)", x);
        value(type->elem, x + ".value");
        flush();
        p.close(" else {");
        p.line("  out.write(\"null\");");
        p.raw("}");
        return;
      case Kind::record:
        text("{");
        for (std::size_t i = 0; i != type->fields.size(); ++i) {
          const dsl::RecordField& f = type->fields[i];
          text((i == 0 ? "" : ",") + json_name(wires && !f.wire.empty() ? f.wire : f.name) + ":");
          value(f.type, x + "." + identifier(f.name));
        }
        text("}");
        return;
      case Kind::list: {
        flush();
        const std::string item = fresh("item");
        p.line("out.write(\"[\");");
        p.open("for (std::size_t at_{} = 0; at_{} != {}.count; ++at_{})", item, item, x, item);
        p.line("if (at_{} != 0) out.write(\",\");", item);
        p.line("const auto& {} = {}.items[at_{}];", item, x, item);
        value(type->elem, item);
        flush();
        p.close();
        text("]");
        return;
      }
      case Kind::map: {
        flush();
        const std::string item = fresh("entry");
        p.line("out.write(\"{{\");");
        p.open("for (std::size_t at_{} = 0; at_{} != {}.count; ++at_{})", item, item, x, item);
        p.line("if (at_{} != 0) out.write(\",\");", item);
        p.line("const auto& {} = {}.items[at_{}];", item, x, item);
        key(type->key, item + ".key");
        text(":");
        value(type->elem, item + ".value");
        flush();
        p.close();
        text("}");
        return;
      }
      default: flush(); scalar(type, x);
    }
  }

 private:
  void scalar(const Type* type, const std::string& x) {
    switch (type->kind) {
      case Kind::timestamp: p.line("fn::json_timestamp(out, {});", x); return;
      case Kind::duration: p.line("fn::json_duration(out, {});", x); return;
      case Kind::enumeration: p.line("fn::json(out, fn::enum_text({}));", x); return;
      default: p.line("fn::json(out, {});", x); return;
    }
  }
  void key(const Type* type, const std::string& x) {
    switch (type->kind) {
      case Kind::boolean:
      case Kind::i32:
      case Kind::i64:
      case Kind::decimal:
        text("\"");
        flush();
        scalar(type, x);
        text("\"");
        return;
      default: scalar(type, x);
    }
  }
  std::string fresh(const char* name) { return fmt::format("{}_{}", name, ++depth); }

  Printer& p;
  const bool wires;
  std::string pending;
  int depth = 0;
};

}  // namespace

void print_json_row(Unit&, Printer& p, const dsl::checked::Row& row, const plan::Uses& uses, const std::string& name,
                    bool wires, const std::string& first) {
  JsonPrinter json(p, wires);
  json.text("{" + first);
  bool comma = !first.empty();
  for (std::size_t i = 0; i != row.columns.size(); ++i) {
    const dsl::checked::Column& c = row.columns[i];
    // Of a record that is read in part, the parts that are not here cannot be shown.
    if (!uses[i].whole) continue;
    json.text((comma ? "," : "") + json_name(wires && !c.wire.empty() ? c.wire : c.name) + ":");
    json.value(c.type, name + "." + identifier(c.name));
    comma = true;
  }
  json.text("}");
  json.flush();
}

void print_csv_row(Unit&, Printer& p, const dsl::checked::Row& row, const std::string& name, const std::string& first) {
  if (!first.empty()) p.line("out.write({});", literal(first));
  for (std::size_t i = 0; i != row.columns.size(); ++i) {
    const Type* type = row.columns[i].type;
    std::string x = name + "." + identifier(row.columns[i].name);
    if (i != 0) p.line("out.write(\",\");");
    const bool optional = type->is_optional();
    if (optional) {
      p.open("if ({}.has)", x);
      x += ".value";
    }
    switch (type->plain()->kind) {
      case Kind::timestamp: p.line("fn::csv_timestamp(out, {});", x); break;
      case Kind::duration: p.line("fn::csv_duration(out, {});", x); break;
      case Kind::enumeration: p.line("fn::csv(out, fn::enum_text({}));", x); break;
      default: p.line("fn::csv(out, {});", x); break;
    }
    if (optional) p.close();
  }
}

}  // namespace gress::codegen
