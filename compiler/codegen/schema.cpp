#include "compiler/codegen/schema.h"

#include "compiler/codegen/connector.h"
#include "compiler/codegen/expr.h"

namespace gress::codegen {

using dsl::checked::TimeFormat;

namespace {

class SchemaPrinter {
 public:
  SchemaPrinter(Unit& unit, Printer& printer, const WireOptions& wire) : u(unit), p(printer), options(wire) {}

  void print(const std::string& name, const std::string& row, const Type* record, const plan::Uses& uses) {
    for (std::size_t i = 0; i != std::min(options.fields, record->fields.size()); ++i) field(record->fields[i], uses[i], "", "r", row);
    p.open("struct {}", name);
    p.line("using Row = {};", row);
    if (options.check_all) p.line("static constexpr bool check_all = true;");
    if (options.decoded) p.raw("#if GRESS_PART != 2");
    p.line("static constexpr auto fields = decode::fields(");
    for (std::size_t i = 0; i != lines.size(); ++i) p.line("    {}{}", lines[i], i + 1 == lines.size() ? ");" : ",");
    if (options.decoded) p.raw("#endif");
    p.close(";");
  }

 private:
  static std::string escape(const std::string& wire) {
    std::string out;
    for (const char c : wire) {
      if (c == '.' || c == '?' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  }

  void field(const dsl::RecordField& f, const plan::Use& use, const std::string& prefix, const std::string& object,
             const std::string& row) {
    const std::string path = prefix + escape(f.wire.empty() ? f.name : f.wire);
    const std::string member = object + "." + identifier(f.name);
    const Type* plain = f.type->plain();
    if (plain->kind == Kind::record && !use.whole) {
      // Only some members are read, or none.
      const bool optional = f.type->is_optional();
      if (optional && use.any())
        lines.push_back(fmt::format("decode::presence({}, [](auto& r) -> auto& {{ return {}.has; }})", literal(path + "?"), member));
      for (std::size_t i = 0; i != plain->fields.size(); ++i) {
        const auto inner = use.members.find(static_cast<std::uint32_t>(i));
        field(plain->fields[i], inner == use.members.end() ? plan::Use{} : inner->second, path + (optional ? "?." : "."),
              optional ? member + ".value" : member, row);
      }
      return;
    }
    std::string standing_in;
    if (f.default_value != nullptr)
      standing_in = fmt::format(", [] {{ [[maybe_unused]] Eval& ev = initial_ev; return {}; }}", emit_expr(u, f.default_value, ExprEnv{}));
    if (!use.any()) {
      lines.push_back(fmt::format("decode::unread<{}>({}{})", wire_type(f.type), literal(path), standing_in));
    } else if (prefix.empty()) {
      lines.push_back(fmt::format("decode::field<{}>({}, &{}::{}{})", wire_type(f.type), literal(path), row, identifier(f.name), standing_in));
    } else {
      lines.push_back(fmt::format("decode::field<{}>({}, [](auto& r) -> auto& {{ return {}; }}{})", wire_type(f.type), literal(path), member, standing_in));
    }
  }

  std::string timestamp() {
    switch (options.time_format) {
      case TimeFormat::automatic: return "wire::Timestamp";
      case TimeFormat::rfc3339: return "wire::TimestampAs<wire::TimeFormat::rfc3339>";
      case TimeFormat::epoch_s: return "wire::TimestampAs<wire::TimeFormat::epoch_s>";
      case TimeFormat::epoch_ms: return "wire::TimestampAs<wire::TimeFormat::epoch_ms>";
      case TimeFormat::epoch_us: return "wire::TimestampAs<wire::TimeFormat::epoch_us>";
      case TimeFormat::pattern: break;
    }
    auto it = u.time_parsers.find(options.time_pattern);
    if (it == u.time_parsers.end()) {
      it = u.time_parsers.emplace(options.time_pattern, u.global_names.take("read_time")).first;
      u.globals.open("inline bool {}(std::string_view text, std::int64_t& micros)", it->second);
      u.globals.line("static thread_local Eval ev;");
      u.globals.line("ev.clear();");
      u.globals.line("ev.arena.reset();");
      u.globals.line("micros = fn::parse_time(ev, Text(text), {});", text_literal(options.time_pattern));
      u.globals.line("return !ev.failed;");
      u.globals.close();
    }
    return fmt::format("wire::TimestampBy<&{}>", it->second);
  }

  std::string wire_type(const Type* t) {
    switch (t->kind) {
      case Kind::boolean: return "wire::Bool";
      case Kind::i32: return "wire::I32";
      case Kind::i64: return "wire::I64";
      case Kind::f32: return "wire::F32";
      case Kind::f64: return "wire::F64";
      case Kind::decimal: return "wire::Decimal";
      case Kind::string: return "wire::String";
      case Kind::bytes: return "wire::Bytes";
      case Kind::duration: return "wire::Duration";
      case Kind::uuid: return "wire::Uuid";
      case Kind::timestamp: return timestamp();
      case Kind::enumeration: return fmt::format("wire::Enum<{}>", cpp_type(u, t));
      case Kind::record: return fmt::format("wire::Record<{}>", whole_schema(t));
      case Kind::list: return fmt::format("wire::ListOf<{}>", wire_type(t->elem));
      case Kind::map: return fmt::format("wire::MapOf<{}, {}>", wire_type(t->key), wire_type(t->elem));
      case Kind::optional: return fmt::format("wire::Optional<{}>", wire_type(t->elem));
      default: return "wire::String";
    }
  }

  /// Schema of a record that is read whole. Types of one shape may have other names on the wire, so it is by type.
  std::string whole_schema(const Type* record) {
    const std::string key = fmt::format("{}/{}/{}", static_cast<const void*>(record), static_cast<int>(options.time_format), options.time_pattern);
    auto it = u.schemas.find(key);
    if (it != u.schemas.end()) return it->second;
    plan::Use whole;
    whole.whole = true;
    const std::string row = cpp_type(u, record);
    const std::string name = u.type_names.take(row + "_schema");
    SchemaPrinter(u, p, {options.time_format, options.time_pattern, false}).print(name, row, record, plan::Uses(record->fields.size(), whole));
    u.schemas.emplace(key, name);
    return name;
  }

  Unit& u;
  Printer& p;
  const WireOptions& options;
  std::vector<std::string> lines;
};

}  // namespace

void print_schema(Unit& u, Printer& p, const std::string& name, const std::string& row, const Type* record,
                  const plan::Uses& uses, const WireOptions& options) {
  SchemaPrinter(u, p, options).print(name, row, record, uses);
}

std::string decoder_base(dsl::checked::Format format, const std::string& schema, bool table) {
  switch (format) {
    case dsl::checked::Format::csv: return fmt::format("decode::CsvDecoder<{}, kBlock{}>", schema, table ? ", false" : "");
    case dsl::checked::Format::json_array: return fmt::format("decode::JsonArrayDecoder<{}, kBlock>", schema);
    case dsl::checked::Format::text: return fmt::format("decode::TextDecoder<{}, kBlock>", schema);
    default: return fmt::format("decode::JsonDecoder<{}, kBlock>", schema);
  }
}

std::string source_decoder(const dsl::checked::Source& source, const std::string& schema) {
  if (source.info->messages && source.format == dsl::checked::Format::text)
    return fmt::format("decode::TextDecoder<{}, kBlock, decode::kMessageEnd>", schema);
  return decoder_base(source.format, schema);
}

std::string print_decoder(Unit& u, const std::string& name, const std::string& base) {
  const std::string decoder = name + "_decoder";
  constexpr const char* kArguments = "const char* data, std::size_t size, bool at_end, Output& out, Eval& ev";
  u.decoders.open("struct {} : {}", decoder, base);
  u.decoders.line("using Base = {};", base);
  u.decoders.line("{}();", decoder);
  u.decoders.line("std::size_t decode({});", kArguments);
  u.decoders.close(";");
  u.decoding.line("{}::{}() = default;", decoder, decoder);
  u.decoding.open("std::size_t {}::decode({})", decoder, kArguments);
  u.decoding.line("return Base::decode(data, size, at_end, out, ev);");
  u.decoding.close();
  return decoder;
}

}  // namespace gress::codegen
