// gress-audit: what a program's hot loops reach that does not belong there, as JSON. gressc runs it:
//
//   gress-audit OUTPUT [--allow FILE …] [--library ARCHIVE …] --program BITCODE …
//
// A program of its own, as gress-headers is: it is linked with LLVM. The answer:
//
//   {"error": "…",                                      what was given cannot be read; or
//    "functions": looked at, "cold": [not looked at: marked so],
//    "findings": [{"kind", "what", "chain": [{"function", "file", "line"}, …]}],
//    "allowances": [{"file", "line", "kinds", "patterns", "reason", "used"}]}
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <cstdio>
#include <string>
#include <vector>

#include "compiler/audit/reader/library.h"
#include "compiler/audit/reader/program.h"
#include "compiler/audit/reader/walk.h"

namespace gress::audit {

namespace {

using llvm::json::Array;
using llvm::json::Object;

/// By the contract of runtime/engine/run.h: some work, about a block of rows, from the sources to the outputs.
constexpr const char* kRoot = "_ZN5gress7program8Pipeline4stepEv";

/// Paths and names from outside need not be UTF-8.
std::string text(const std::string& bytes) { return llvm::json::isUTF8(bytes) ? bytes : llvm::json::fixUTF8(bytes); }

Object answer(const std::vector<std::string>& allowed, const std::vector<std::string>& libraries, const std::vector<std::string>& programs) {
  std::string error;
  std::vector<Allowance> allowances;
  Program program;
  Library library;
  for (const std::string& path : allowed)
    if (!read_allowances(path, allowances, error)) return Object{{"error", text(error)}};
  for (const std::string& path : programs)
    if (!read_program(path, kRoot, program, error)) return Object{{"error", text(error)}};
  for (const std::string& path : libraries)
    if (!library.add(path, error)) return Object{{"error", text(error)}};
  if (program.roots.empty()) return Object{{"error", "no hot loop: the program has no `gress::program::Pipeline::step()`"}};

  const Walked walked = walk(program.roots, [&](const std::string& name) -> const Function* {
    const auto own = program.functions.find(name);
    return own != program.functions.end() ? &own->second : library.find(name);
  }, allowances);

  Array findings, cold, entries;
  for (const Finding& finding : walked.findings) {
    Array chain;
    for (const Place& place : finding.chain)
      chain.push_back(Object{{"function", text(place.function)}, {"file", text(place.file)}, {"line", place.line}});
    findings.push_back(Object{{"kind", word(finding.kind)}, {"what", text(finding.what)}, {"chain", std::move(chain)}});
  }
  for (const std::string& name : walked.cold) cold.push_back(text(name));
  for (const Allowance& entry : allowances) {
    Array kinds, patterns;
    for (const Kind kind : entry.kinds) kinds.push_back(word(kind));
    for (const std::string& pattern : entry.patterns) patterns.push_back(text(pattern));
    entries.push_back(Object{{"file", text(entry.file)}, {"line", entry.line}, {"kinds", std::move(kinds)},
                             {"patterns", std::move(patterns)}, {"reason", text(entry.reason)}, {"used", entry.used}});
  }
  return Object{{"functions", static_cast<std::int64_t>(walked.functions)}, {"cold", std::move(cold)},
          {"findings", std::move(findings)}, {"allowances", std::move(entries)}};
}

int run(int argc, char** argv) {
  std::vector<std::string> allowed, libraries, programs;
  std::vector<std::string>* to = nullptr;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--allow") to = &allowed;
    else if (word == "--library") to = &libraries;
    else if (word == "--program") to = &programs;
    else if (to != nullptr) to->push_back(word);
  }
  if (programs.empty()) {
    std::fprintf(stderr, "gress-audit: looks through programs for gressc, which starts it\n");
    return 64;
  }
  std::error_code error;
  llvm::raw_fd_ostream out(argv[1], error);
  if (error) {
    std::fprintf(stderr, "gress-audit: cannot write `%s`: %s\n", argv[1], error.message().c_str());
    return 73;
  }
  out << llvm::json::Value(answer(allowed, libraries, programs)) << '\n';
  return 0;
}

}  // namespace

}  // namespace gress::audit

int main(int argc, char** argv) { return gress::audit::run(argc, argv); }
