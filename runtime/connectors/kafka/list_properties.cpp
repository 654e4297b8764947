// A build step: writes the table of librdkafka's properties, of the very version that programs are linked to, as
// kafka_properties.cpp. The library prints it as Markdown: name | C, P or * | range | default | importance | text and
// type.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \n");
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(" \n") - begin + 1);
}

std::vector<std::string_view> cells(std::string_view line) {
  std::vector<std::string_view> out;
  while (out.size() != 5) {
    const std::size_t end = line.find('|');
    if (end == std::string_view::npos) return out;
    out.push_back(trimmed(line.substr(0, end)));
    line.remove_prefix(end + 1);
  }
  out.push_back(trimmed(line));
  return out;
}

/// Properties that options of the connector speak of, or that it cannot do without.
std::string_view instead(std::string_view name) {
  static const std::map<std::string_view, std::string_view> kTaken = {
      {"metadata.broker.list", "say `brokers:`"},
      {"bootstrap.servers", "say `brokers:`"},
      {"group.id", "say `group:`"},
      {"auto.offset.reset", "say `start:`"},
      {"compression.codec", "say `compression:`"},
      {"compression.type", "say `compression:`"},
      {"partitioner", "say `partitioner:`"},
      {"security.protocol", "say `tls: true`, and `sasl:` to log in"},
      {"sasl.mechanism", "say `sasl:`"},
      {"sasl.mechanisms", "say `sasl:`"},
      {"sasl.username", "say `user:`"},
      {"sasl.password", "say `password:`"},
      {"ssl.ca.location", "say `tls_ca:`"},
      {"ssl.certificate.location", "say `tls_certificate:`"},
      {"ssl.key.location", "say `tls_key:`"},
      {"enable.auto.commit", "offsets are committed when rows have left the program"},
      {"auto.commit.enable", "offsets are committed when rows have left the program"},
      {"auto.commit.interval.ms", "offsets are committed when rows have left the program"},
      {"enable.auto.offset.store", "offsets are committed when rows have left the program"},
      {"offset.store.method", "offsets are kept by the brokers"},
      {"offset.store.path", "offsets are kept by the brokers"},
      {"offset.store.sync.interval.ms", "offsets are kept by the brokers"},
      {"enable.partition.eof", "the connector needs it to know what is caught up"},
      {"enable.idempotence", "a sink is always idempotent"},
      {"transactional.id", "say `transactional_id:`"},
      {"delivery.report.only.error", "the connector counts what was delivered"},
      {"queuing.strategy", "messages of a key keep their order"},
      {"builtin.features", "it says what the library was built with"},
  };
  const auto at = kTaken.find(name);
  return at == kTaken.end() ? "" : at->second;
}

std::string literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string_view kind(std::string_view text) {
  for (const auto& [type, kind] :
       {std::pair{"*Type: integer*", "integer"}, {"*Type: float*", "number"}, {"*Type: boolean*", "boolean"}})
    if (text.find(type) != std::string_view::npos) return kind;
  return text.find("*Type: enum value*") != std::string_view::npos ? "word" : "text";
}

}  // namespace

int main() {
  char* printed = nullptr;
  std::size_t size = 0;
  std::FILE* memory = open_memstream(&printed, &size);
  rd_kafka_conf_properties_show(memory);
  std::fclose(memory);

  std::map<std::string, std::string> lines;  // a name of both tables counts as the first says
  for (std::string_view rest(printed, size); !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::vector<std::string_view> cell = cells(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // Callbacks and pointers are no settings of a program.
    if (cell.size() != 6 || cell[1].size() != 1 || cell[5].find("see dedicated API") != std::string_view::npos)
      continue;
    const char* side = cell[1] == "C" ? "kOnSource" : cell[1] == "P" ? "kOnSink" : "kOnSource | kOnSink";
    lines.emplace(cell[0], "{" + literal(cell[0]) + ", PropertyKind::" + std::string(kind(cell[5])) + ", " + side +
                               ", " + literal(cell[2]) + ", " + literal(instead(cell[0])) + "},");
  }
  std::free(printed);
  if (lines.size() < 100) {
    std::fprintf(stderr, "only %zu properties are understood of what librdkafka %s prints\n", lines.size(),
                 rd_kafka_version_str());
    return 1;
  }
  std::printf(
      "// Made by list_properties of librdkafka %s.\n#include \"runtime/connectors/kafka/kafka_description.h\"\n\n"
      "namespace gress::connectors {\nnamespace {\nconstexpr PropertyInfo kProperties[] = {\n",
      rd_kafka_version_str());
  for (const auto& [name, line] : lines) std::printf("    %s\n", line.c_str());
  std::printf(
      "};\n}  // namespace\n\nstd::span<const PropertyInfo> kafka_properties() { return kProperties; }\n\n}  // "
      "namespace gress::connectors\n");
  return 0;
}
