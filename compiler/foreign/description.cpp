#include "compiler/foreign/description.h"

#include <nlohmann/json.hpp>

#include "compiler/toolchain/failure.h"

namespace gress::foreign {

namespace {

using nlohmann::json;
using namespace dsl::foreign;

/// Percent-encoded, since their bytes need not be UTF-8.
std::string path(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  return out;
}

std::vector<std::string> paths(const json& answer, const char* list) {
  std::vector<std::string> out;
  for (const json& text : answer.value(list, json::array())) out.push_back(path(text));
  return out;
}

struct Reader {
  const json& answer;
  const PlaceOf& place_of;

  dsl::Range place(const json& at) const {
    return place_of(path(answer.at("files").at(at.at(0).get<std::size_t>())), at.at(1), at.at(2));
  }

  Type type(const json& j) const {
    static const std::map<std::string, Type::Form> forms = {
        {"boolean", Type::Form::boolean},   {"i32", Type::Form::i32},    {"i64", Type::Form::i64},
        {"f32", Type::Form::f32},           {"f64", Type::Form::f64},    {"text", Type::Form::text},
        {"optional", Type::Form::optional}, {"list", Type::Form::list},  {"time", Type::Form::time},
        {"duration", Type::Form::duration}, {"named", Type::Form::named}};
    Type out;
    out.form = forms.at(j.at("form"));
    out.cpp = j.at("cpp");
    out.exact = j.value("exact", true);
    out.nested = j.value("nested", false);
    if (j.contains("of")) out.of.push_back(type(j.at("of")));
    return out;
  }

  Function function(const json& j, bool with_result) const {
    Function out;
    out.cpp = j.at("cpp");
    out.pointer = j.value("pointer", "");
    out.doc = j.at("doc");
    out.range = place(j.at("place"));
    out.is_noexcept = j.at("noexcept");
    out.is_deleted = j.value("deleted", false);
    for (const json& p : j.at("params")) out.params.push_back({p.at("name"), type(p.at("type")), p.at("optional")});
    if (with_result) out.result = type(j.at("result"));
    return out;
  }

  Named named(const json& j) const {
    Named out;
    out.cpp = j.at("cpp");
    out.doc = j.at("doc");
    out.range = place(j.at("place"));
    for (const json& f : j.value("fields", json::array()))
      out.fields.push_back({f.at("name"), f.at("doc"), type(f.at("type")), place(f.at("place"))});
    for (const json& v : j.value("variants", json::array())) out.variants.push_back({v.at("name"), v.at("doc")});
    return out;
  }

  Aggregate aggregate(const json& j) const {
    Aggregate out;
    out.cpp = j.at("cpp");
    out.doc = j.at("doc");
    out.range = place(j.at("place"));
    const std::string saved = j.at("saved");
    out.saved = saved == "archive" ? Aggregate::Saved::archive
                : saved == "bytes" ? Aggregate::Saved::bytes
                                   : Aggregate::Saved::no;
    out.form = j.at("form");
    out.add = function(j.at("add"), false);
    out.result = function(j.at("result"), true);
    out.merge_noexcept = j.at("merge").at("noexcept");
    out.merge_pointer = j.at("merge").at("pointer");
    if (j.contains("retract")) out.retract = function(j.at("retract"), false);
    return out;
  }

  Connector connector(const json& j) const {
    Connector out;
    out.cpp = j.at("cpp");
    out.doc = j.at("doc");
    out.range = place(j.at("place"));
    out.options_cpp = j.value("options_cpp", "");
    for (const json& o : j.at("options"))
      out.options.push_back({o.at("name"), o.at("doc"), type(o.at("type")), o.at("required"), place(o.at("place"))});
    out.row = type(j.at("row"));
    out.row_range = place(j.at("row_place"));
    out.partitions = j.value("partitions", false);
    out.commits = j.value("commits", false);
    return out;
  }

  Problem problem(const json& p) const {
    return {p.at("code") == "type", p.at("message"), p.at("label"), p.at("help"), place(p.at("place"))};
  }

  Item item(const json& j) const {
    Item out;
    out.kind = j.at("kind");
    out.name = j.at("name");
    out.missing = j.value("missing", false);
    out.names = j.value("names", std::vector<std::string>());
    out.scopes = j.value("scopes", std::vector<std::string>());
    if (j.contains("another")) out.another = place(j.at("another"));
    for (const json& p : j.value("problems", json::array())) out.problems.push_back(problem(p));
    if (!out.problems.empty()) {  // the rest may be in pieces
      if (j.contains("named")) out.broken = j.at("named").value("cpp", "");
      return out;
    }
    for (const json& f : j.value("functions", json::array())) out.functions.push_back(function(f, true));
    out.others = j.value("others", false);
    if (j.contains("named")) out.named = named(j.at("named"));
    if (j.contains("aggregate")) out.aggregate = aggregate(j.at("aggregate"));
    if (j.contains("connector")) out.connector = connector(j.at("connector"));
    return out;
  }

  Header header() const {
    Header out;
    for (const json& e : answer.at("errors")) {
      Error error{e.at("message"), std::nullopt};
      if (e.contains("file")) error.range = place_of(path(e.at("file")), e.at("at"), e.at("at"));
      out.errors.push_back(std::move(error));
    }
    for (const json& p : answer.value("problems", json::array())) out.problems.push_back(problem(p));
    out.macros = answer.value("macros", std::vector<std::string>());
    out.taken = answer.value("taken", std::vector<std::string>());
    for (const json& w : answer.value("wanted", json::array())) out.items.push_back(item(w));
    return out;
  }
};

}  // namespace

Answer read_answer(const std::string& text, const PlaceOf& place_of) {
  try {
    const json answer = json::parse(text);
    return {Reader{answer, place_of}.header(), {paths(answer, "depends"), paths(answer, "watched")}};
  } catch (const std::exception& e) {
    throw toolchain::Failure(toolchain::exit_internal,
                             std::string("internal error: what gress-headers said cannot be read: ") + e.what());
  }
}

std::optional<Sources> sources_of(const std::string& text) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object() || !answer.value("errors", json::array()).empty()) return std::nullopt;
  return Sources{paths(answer, "depends"), paths(answer, "watched")};
}

}  // namespace gress::foreign
