#include "runtime/checkpoint/evolution.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/core/convert.h"
#include "runtime/core/hash.h"

namespace gress::checkpoint {
namespace {

using nlohmann::json;

template <class List>
auto named(List& list, std::string_view name) {
  return std::ranges::find_if(list, [&](const auto& each) { return each.first == name; });
}

Descriptor descriptor(const json& all) {
  Descriptor d;
  d.name = all.at("name");
  d.was = all.value("was", "");
  d.kind = all.at("kind");
  d.adds = all.at("adds");
  d.place = all.value("place", "");
  d.one_worker = all.value("one_worker", false);
  d.begins_anew = all.value("begins_anew", false);
  for (const json& each : all.at("fixed")) d.fixed.emplace_back(each.at(0), each.at(1));
  for (const json& each : all.at("aggregates")) d.aggregates.push_back({each.at(0), each.at(1), each.at(2)});
  for (const json& each : all.at("records"))
    d.records.push_back({each.at(0), read_form(each.at(1).get<std::string>()), each.at(2)});
  if (all.contains("shown")) {
    for (const json& each : all["shown"].at("key")) d.shown.key.emplace_back(each.at(0), each.at(1));
    for (const json& each : all["shown"].at("values")) d.shown.values.push_back(each);
  }
  return d;
}

using Given = std::vector<std::pair<std::string, std::string>>;

/// The text again, of one value always the same; of text only a hash, since it may be a secret.
std::string same_text(const std::string& type, const std::string& given) {
  if (given.empty()) return given;
  Eval ev;
  const Text text{std::string_view(given)};
  Text same;
  if (type == "duration") {
    same = fn::to_text_duration(ev, fn::to_duration(ev, text));
  } else if (type == "timestamp") {
    const bool micros = given.find_first_not_of("-0123456789") == given.npos;  // of a default
    same = fn::to_text_timestamp(ev, micros ? fn::to_i64(ev, text) : fn::to_timestamp(ev, text));
  } else if (type == "f64" || type == "f32") {
    same = fn::to_text(ev, fn::to_f64(ev, text));
  } else if (type == "i64" || type == "i32") {
    same = fn::to_text(ev, fn::to_i64(ev, text));
  } else if (type == "uuid") {
    same = fn::to_text(ev, fn::to_uuid(ev, text));
  } else if (type == "decimal") {
    std::string digits(fn::to_text(ev, fn::to_decimal(ev, text)).view());
    if (digits.find('.') != digits.npos) digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
    return ev.failed ? given : digits;
  } else if (type == "string" || type == "bytes") {
    return "#" + std::to_string(fn::stable_hash(given));
  } else {  // bool and enums can be written in one way only
    return given;
  }
  return ev.failed ? given : std::string(same.view());
}
/// Of `["size", "duration", "1h"]`.
std::string value_of(const json& param, const Given& given) {
  const auto at = named(given, param.at(0).get<std::string>());
  return same_text(param.at(1), at != given.end() ? at->second : param.at(2).get<std::string>());
}

/// `sum(i64)? in slices` in its parts.
struct Call {
  std::string_view name, args, rest;
  explicit Call(std::string_view form) {
    const std::size_t open = form.find('('), close = form.rfind(')');
    if (open == form.npos || close == form.npos) throw StateDamaged();
    name = form.substr(0, open);
    args = form.substr(open + 1, close - open - 1);
    rest = form.substr(close + 1);
    if (rest.starts_with('?')) rest.remove_prefix(1);
  }
};

/// Sums are kept in 128 bits, whatever was added, and know no absence.
bool same_bytes(std::string_view was, std::string_view now) {
  if (was == now) return true;
  const Call a(was), b(now);
  return a.name == b.name && (a.name == "sum" || a.name == "avg") && a.rest == b.rest &&
         (a.args == b.args || (a.args == "i32" && b.args == "i64"));
}

void compare_fixed(const Descriptor& was, const Descriptor& now, Verdict& verdict) {
  const auto quoted = [](const std::string& text) { return text.empty() ? std::string("none") : "`" + text + "`"; };
  const auto differ = [&](const std::string& what, const std::string& before, const std::string& after) {
    if (before != after) verdict.problems.push_back("its " + what + " was " + quoted(before) + " and is " + quoted(after));
  };
  for (const auto& [what, text] : now.fixed) {
    const auto before = named(was.fixed, what);
    differ(what, before == was.fixed.end() ? "" : before->second, text);
  }
  for (const auto& [what, text] : was.fixed)
    if (named(now.fixed, what) == now.fixed.end()) differ(what, text, "");
}

/// Entries say whose they are by the place that they had.
void compare_place(const Descriptor& was, const Descriptor& now, Verdict& verdict) {
  if (was.place == now.place) return;
  const auto at = [](const Descriptor& d) { return d.place.empty() ? "the owner of the key" : d.place; };
  if (now.one_worker) verdict.changes.push_back("each key is counted to " + at(now) + ", not to " + at(was));
  else verdict.problems.push_back("each key was at " + at(was) + " and is at " + at(now));
}

void compare_aggregates(const Descriptor& was, const Descriptor& now, Verdict& verdict) {
  using Aggregate = Descriptor::Aggregate;
  bool moves = was.aggregates.size() != now.aggregates.size();
  for (std::size_t i = 0; i != now.aggregates.size(); ++i) {
    const Aggregate& a = now.aggregates[i];
    const auto before = std::ranges::find(was.aggregates, a.name, &Aggregate::name);
    if (before == was.aggregates.end()) {
      if (!now.adds)
        verdict.problems.push_back("`" + a.name + "` is new, and rows that it has not counted may be taken back from it");
      else if (!a.begins)
        verdict.problems.push_back("`" + a.name + "` is new, and " + a.form +
                                   " has no value where no row has come since: with a `where:` it would be optional");
      else verdict.changes.push_back("`" + a.name + "` is new: of the rows from here on");
      continue;
    }
    moves = moves || before - was.aggregates.begin() != static_cast<std::ptrdiff_t>(i);
    if (!same_bytes(before->form, a.form))
      verdict.problems.push_back("`" + a.name + "` was " + before->form + " and is " + a.form);
    else if (before->form != a.form)
      verdict.changes.push_back("`" + a.name + "` changes from " + before->form + " to " + a.form);
  }
  // Calls of one text on numbers of different types.
  for (const auto* all : {&was.aggregates, &now.aggregates})
    for (const Aggregate& a : *all)
      if (&*std::ranges::find(*all, a.name, &Aggregate::name) != &a)
        verdict.problems.push_back("two of its aggregates are `" + a.name + "`, and which is which cannot be told");
  for (const Aggregate& a : was.aggregates)
    if (std::ranges::find(now.aggregates, a.name, &Aggregate::name) == now.aggregates.end())
      verdict.problems.push_back("`" + a.name + "` was " + a.form + " and is gone");
  if (moves && verdict.problems.empty() && verdict.changes.empty()) verdict.changes.emplace_back("the order of its aggregates");
}

void compare_records(const Descriptor& was, const Descriptor& now, Verdict& verdict) {
  const auto kept = [](const Descriptor& d, std::string_view role) {
    const auto at = std::ranges::find(d.records, role, &Descriptor::Record::role);
    return at == d.records.end() || at->form.parts.empty() ? nullptr : &at->form;
  };
  const auto say = [](std::vector<std::string>& to, const std::string& role, const std::vector<std::string>& what) {
    for (const std::string& each : what)
      to.push_back((role == "left" || role == "right" ? "of its " + role + " rows " : "") + each);
  };
  const auto compare_role = [&](const std::string& role) {
    const Form *const before = kept(was, role), *const after = kept(now, role);
    if ((before == nullptr) != (after == nullptr)) {
      const auto text = [](const Form* form) { return form == nullptr ? std::string("none") : "`" + form->text + "`"; };
      say(verdict.problems, role, {"it kept " + text(before) + " and keeps " + text(after)});
    } else if (before != nullptr && before->text != after->text) {
      const std::vector<std::string> problems = why_not(*before, *after);
      say(verdict.problems, role, problems);
      if (problems.empty()) say(verdict.changes, role, differences(*before, *after));
    }
  };
  for (const Descriptor::Record& r : now.records) compare_role(r.role);
  for (const Descriptor::Record& r : was.records)
    if (std::ranges::find(now.records, r.role, &Descriptor::Record::role) == now.records.end()) compare_role(r.role);
}

}  // namespace

Descriptor read_descriptor(std::string_view text) {
  try {
    return descriptor(json::parse(text));
  } catch (const json::exception&) {
    throw StateDamaged();
  }
}

ProgramState read_program_state(std::string_view text, const Given& given) {
  try {
    const json all = json::parse(text);
    ProgramState state;
    for (const json& each : all.at("sections")) {
      json kept = each;
      for (const json& param : each.at("params"))
        kept["fixed"].push_back({"value of `" + param.at(0).get<std::string>() + "`", value_of(param, given)});
      kept.erase("params");
      state.sections.push_back(descriptor(kept));
      kept.erase("was");
      kept.erase("shown");
      state.texts.push_back(kept.dump());
    }
    for (const json& each : all.at("sinks")) state.sinks.emplace_back(each.at(0), each.at(1));
    return state;
  } catch (const json::exception&) {
    throw StateDamaged();
  }
}

std::string summary(const Descriptor& d) {
  std::string text = d.kind;
  for (const auto& [what, how] : d.fixed) text += ", " + what + " " + how;
  for (const Descriptor::Aggregate& a : d.aggregates) text += "; " + a.name + " " + a.form;
  for (const Descriptor::Record& r : d.records) text += "; " + r.role + " " + r.form.text;
  return text;
}

Verdict compare(const Descriptor& was, const Descriptor& now) {
  Verdict verdict;
  if (was.kind != now.kind) {
    verdict.problems.push_back("it was a " + was.kind + " and is a " + now.kind);
    return verdict;
  }
  compare_fixed(was, now, verdict);
  compare_place(was, now, verdict);
  compare_aggregates(was, now, verdict);
  compare_records(was, now, verdict);
  return verdict;
}

Migration::Migration(const Descriptor& was, const Descriptor& now) {
  for (const Descriptor::Aggregate& a : was.aggregates)
    order_.push_back(
        static_cast<int>(std::ranges::find(now.aggregates, a.name, &Descriptor::Aggregate::name) - now.aggregates.begin()));
  for (const Descriptor::Record& r : now.records)
    if (const auto before = std::ranges::find(was.records, r.role, &Descriptor::Record::role);
        before != was.records.end() && before->form.text != r.form.text)
      records_.push_back({r.in_code, before->form, r.form});
}

bool Migration::record(std::string_view in_code, const char*& at, const char* end, Out& out) const {
  for (const Changed& r : records_)
    if (r.in_code == in_code) {
      convert(r.was, r.now, at, end, out);
      return true;
    }
  return false;
}

std::vector<Finding> compare_all(const std::vector<Descriptor>& saved, const std::vector<Descriptor>& now,
                                 const std::vector<std::string>& dropped) {
  const auto is_saved = [&](const std::string& name) { return std::ranges::find(saved, name, &Descriptor::name) != saved.end(); };
  const auto drops = [&](const std::string& name) { return std::ranges::find(dropped, name) != dropped.end(); };
  // Its former name goes before its own, which another stage may have had.
  const auto origin = [&](const Descriptor& stage) { return !stage.was.empty() && is_saved(stage.was) ? stage.was : stage.name; };
  std::vector<Finding> found;
  for (const Descriptor& was : saved) {
    if (drops(was.name)) continue;
    const auto is_origin = [&](const Descriptor& stage) { return origin(stage) == was.name; };
    const auto stage = std::ranges::find_if(now, is_origin);
    if (stage != now.end() && drops(stage->name) && !is_saved(stage->name)) continue;
    const auto refuse = [&](const std::string& why) { found.push_back({was.name, "", {{why}, {}}}); };
    if (stage == now.end() && (was.begins_anew || was.kind == "sink")) {
      found.push_back({was.name, "", {{}, {"it is gone, and nothing hangs on it"}}});
    } else if (stage == now.end()) {
      const auto other = std::ranges::find(now, was.name, &Descriptor::name);
      if (other != now.end()) refuse("the stage of this name goes on from `" + other->was + "`, as `was:` tells, and nothing from this");
      else refuse("the program has no such stage: it is gone, or has another name, which `was: { new: former }` in the options of the "
                  "pipeline tells");
    } else if (const auto second = std::find_if(stage + 1, now.end(), is_origin); second != now.end()) {
      refuse("`" + stage->name + "` and `" + second->name + "` would both go on from it");
    } else if (Verdict verdict = compare(was, *stage); was.begins_anew && !verdict.problems.empty()) {
      found.push_back({was.name, "", {{}, {"it begins anew: " + verdict.problems.front()}}});
    } else {
      found.push_back({was.name, stage->name, std::move(verdict)});
    }
  }
  return found;
}

}  // namespace gress::checkpoint
