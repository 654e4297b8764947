// One compilation: what each phase made, and the wrapper that phases run through (time, verbose log, crash context).
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/codegen/emit.h"
#include "compiler/driver/crash.h"
#include "compiler/driver/settings.h"
#include "compiler/foreign/read_headers.h"
#include "compiler/plan/plan.h"
#include "compiler/toolchain/build.h"
#include "dsl/check/checked.h"
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/source/source.h"
#include "dsl/syntax/ast.h"

namespace gress::driver {

class Session {
 public:
  Session(const Settings& settings, std::string path) : settings(settings), path(std::move(path)) {}

  /// Runs a phase. Whatever `body` gives is given back.
  template <class Body>
  auto phase(const char* name, Body&& body) {
    const Running running(*this, name);
    return body();
  }

  /// Prints the diagnostics that came since the last call, sorted by place; after an error a line that counts them.
  /// True if there were no errors.
  bool report();
  /// Prints what was found, with the line that counts it: for commands that are done.
  int finish();

  const Settings& settings;
  std::string path;  // of the program as the user wrote it; `-` for standard input
  dsl::SourceManager sources;
  dsl::Diagnostics diagnostics;
  std::vector<std::unique_ptr<dsl::ast::File>> files;
  toolchain::FlagOptions target;  // for which C++ is compiled, as far as the command says
  std::string cxx;                // by which compiler, if the command says
  toolchain::OwnCpp own;          // what its own C++ needs
  foreign::ReadHeaders headers;
  dsl::checked::Program program;
  plan::Plan plan;
  codegen::Emitted cpp;
  std::vector<toolchain::Step> steps;  // phases that ran, in order

 private:
  class Running {
   public:
    Running(Session& session, const char* name);
    ~Running();

   private:
    Session& session_;
    const char* name_;
    std::chrono::steady_clock::time_point begin_;
  };
};

}  // namespace gress::driver
