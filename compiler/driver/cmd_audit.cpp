// gressc audit: whether what runs for every row is free of what makes it slow.
#include <algorithm>
#include <cstdio>

#include "compiler/audit/audit.h"
#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/toolchain/files.h"
#include "dsl/check/json_writer.h"
#include "dsl/source/utf8.h"

namespace gress::driver {

namespace {

struct Arguments {
  std::vector<std::string> files, allow;
  CompileOptions compile;
} arguments;

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}
std::string kinds(const audit::Allowance& entry) { return entry.kinds.empty() ? "any" : joined(entry.kinds, ","); }

/// A warning of what the user allows for nothing. The runtime's own list is for all programs.
bool is_idle(const audit::Allowance& entry) {
  return entry.used == 0 && std::find(arguments.allow.begin(), arguments.allow.end(), entry.file) != arguments.allow.end();
}
constexpr const char* kIdle = "the allowance fits nothing in the program's hot loops";

std::string where(const Session& session, const audit::Finding& finding) {
  return finding.placed ? session.sources.where(finding.range) : session.path;
}

/// One that leads to the next a line, the innermost first.
std::vector<std::string> chain(const audit::Finding& finding) {
  std::vector<std::string> out;
  for (auto at = finding.chain.rbegin(); at != finding.chain.rend(); ++at) {
    out.push_back((out.empty() ? "in `" : "called by `") + at->function + '`');
    if (!at->file.empty()) out.back() += ", " + toolchain::base_of(at->file) + ':' + std::to_string(at->line);
  }
  return out;
}

std::string json_of(const Session& session, const audit::Finding& finding) {
  dsl::JsonWriter json;
  json.begin_object();
  json.key("severity").string("error");
  json.key("code").string(dsl::info(finding.code).id);
  json.key("name").string(dsl::info(finding.code).slug);
  json.key("message").string(finding.what + " in a hot loop");
  json.key("file");
  finding.placed ? json.string(dsl::to_valid_utf8(session.sources.file(finding.range.file).name())) : json.null();
  if (finding.placed) json.key("line").number(session.sources.position(finding.range).line);
  json.key("chain").begin_array();
  for (auto at = finding.chain.rbegin(); at != finding.chain.rend(); ++at) {
    json.begin_object();
    json.key("function").string(at->function);
    json.key("file").string(at->file);
    json.key("line").number(at->line);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  json.line();
  return json.take();
}

std::string json_of(const audit::Allowance& idle) {
  dsl::JsonWriter json;
  json.begin_object();
  json.key("severity").string("warning");
  json.key("code").string(dsl::info(dsl::Code::W0601).id);
  json.key("name").string(dsl::info(dsl::Code::W0601).slug);
  json.key("message").string(kIdle);
  json.key("file").string(idle.file);
  json.key("line").number(idle.line);
  json.end_object();
  json.line();
  return json.take();
}

std::string text_of(const Session& session, const audit::Finding& finding) {
  std::string text = where(session, finding) + ": error[" + std::string(dsl::info(finding.code).id) + "]: " + finding.what + " in a hot loop\n";
  if (session.settings.format() == dsl::MessageFormat::short_) return text;
  if (finding.placed) text += "    " + std::string(session.sources.text(finding.range)) + '\n';
  for (const std::string& line : chain(finding)) text += "  = " + line + '\n';
  return text + '\n';
}

std::string text_of(const audit::Allowance& idle) {
  return idle.file + ':' + std::to_string(idle.line) + ": warning[" + std::string(dsl::info(dsl::Code::W0601).id) + "]: " + kIdle + ": `" + joined(idle.patterns, " ") + "`\n";
}

/// What was found, to standard error.
void say(const Session& session, const audit::Result& result) {
  const bool json = session.settings.format() == dsl::MessageFormat::json;
  std::string text;
  for (const audit::Finding& finding : result.findings) text += json ? json_of(session, finding) : text_of(session, finding);
  for (const audit::Allowance& entry : result.allowances)
    if (is_idle(entry)) text += json ? json_of(entry) : text_of(entry);
  std::fputs(text.c_str(), stderr);
}

void print_json(const Session& session, const audit::Result& result) {
  dsl::JsonWriter json;
  json.begin_object();
  json.key("program").string(dsl::to_valid_utf8(session.path));
  json.key("functions").number(static_cast<std::int64_t>(result.functions));
  json.key("findings").number(static_cast<std::int64_t>(result.findings.size()));
  json.key("cold").begin_array();
  for (const std::string& name : result.cold) json.string(name);
  json.end_array();
  json.key("allowances").begin_array();
  for (const audit::Allowance& entry : result.allowances) {
    json.begin_object();
    json.key("file").string(entry.file);
    json.key("line").number(entry.line);
    json.key("allows").string(kinds(entry));
    json.key("functions").string(joined(entry.patterns, " "));
    json.key("reason").string(entry.reason);
    json.key("used").number(static_cast<std::int64_t>(entry.used));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  json.line();
  print(json.take());
}

void print_text(const Session& session, const audit::Result& result) {
  const auto needed = std::count_if(result.allowances.begin(), result.allowances.end(), [](const auto& entry) { return entry.used != 0; });
  const std::size_t found = result.findings.size();
  std::string text = session.path + ": " + (found == 0 ? "nothing" : std::to_string(found) + (found == 1 ? " place" : " places")) +
                     " found in the " + std::to_string(result.functions) + " functions of hot loops, " + std::to_string(needed) +
                     " allowances used\n";
  if (session.settings.verbose) {
    for (const audit::Allowance& entry : result.allowances)
      if (entry.used != 0) text += "  " + kinds(entry) + ' ' + joined(entry.patterns, " ") + "\n      " + entry.reason + '\n';
    for (const std::string& name : result.cold) text += "  cold " + name + '\n';
  }
  print(text);
}

int run_audit(const Settings& settings) {
  int code = toolchain::exit_ok;
  for (const std::string& file : arguments.files) {
    Session session(settings, file);
    compile_for(session, arguments.compile);
    if (!front_end(session)) {
      code = toolchain::exit_program;
      continue;
    }
    require_sink(session);
    plan_phase(session);
    emit_phase(session, {});
    const audit::Result result = session.phase("audit", [&] {
      return audit::audit(session.cpp.text, session.plan, build_options(session, arguments.compile), arguments.allow, session.sources);
    });
    if (!result.findings.empty()) code = toolchain::exit_program;
    say(session, result);
    settings.format() == dsl::MessageFormat::json ? print_json(session, result) : print_text(session, result);
  }
  return code;
}

}  // namespace

Command make_audit() {
  std::vector<Option> options = {
      {"FILE", "", "programs to look through; `-` is standard input", &arguments.files, {}, true, true},
      {"--allow", "FILE", "what may stand in hot loops after all, with reasons", &arguments.allow},
      {"--cpu", "NAME", "CPU to compile for, as for `build`", &arguments.compile.cpu},
      {"--cxx", "PATH", "C++ compiler to use (or GRESS_CXX), a Clang", &arguments.compile.cxx}};
  for (Option& option : header_options(arguments.compile.own)) options.push_back(std::move(option));
  return {.name = "audit",
          .summary = "Look for what slows hot loops down: indirect calls, allocation, locks",
          .details = "Programs are compiled as `gressc build` does. What runs for every row or block is then followed through the optimised\n"
                     "code, the program's own, that of its C++ headers, and that of Gress: none of it may call indirectly, ask for memory,\n"
                     "lock, or catch exceptions. What Gress itself does rarely is allowed, each with a reason: `--verbose` shows them.",
          .examples = {{"gressc audit flights.gress", "whether its hot loops are clean"},
                       {"gressc audit --allow rare.allow flights.gress", "with allowances of your own"},
                       {"gressc audit --verbose flights.gress", "and what is allowed, and why"}},
          .options = std::move(options),
          .run = run_audit};
}

}  // namespace gress::driver
