// gress-headers: what a C++ header declares of the names that a program wants, as JSON. gressc runs it:
//
//   gress-headers HEADER OUTPUT [KIND:NAME …] -- FLAGS…
//
// A program of its own, so that gressc stays small: it is started only for headers that have changed. The answer:
//
//   {"files": [paths that places speak of], "depends": [files that the header includes, itself too, without system
//   headers],
//    "errors": [{"message", "place"}],                     the header does not compile
//    "wanted": [{"kind", "name",
//                "missing": true, "names": [near ones]     or "scopes": [several], or "another": place of the name's
//                other kind "problems": […],                          why it cannot be used "functions": […] | "named":
//                {…} | "aggregate": {…}}]}
#include <clang/AST/ASTConsumer.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/raw_ostream.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "compiler/foreign/reader/declarations.h"
#include "compiler/foreign/reader/types.h"

namespace gress::headers {

namespace {

struct Wanted {
  std::string kind, name;
};

struct Answer {
  Json json;
  llvm::json::Array errors;
  std::vector<std::string> files;
  bool finished = false;
};

/// Errors of the compiler, at the place in the user's own text that leads to them.
class Errors : public clang::DiagnosticConsumer {
 public:
  explicit Errors(Answer& answer) : answer_(answer) {}
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) override {
    DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
    if (level < clang::DiagnosticsEngine::Error || answer_.errors.size() == 5) return;
    llvm::SmallString<128> message;
    diagnostic.FormatDiagnostic(message);
    Json error{{"message", message.str().str()}};
    if (diagnostic.hasSourceManager() && diagnostic.getLocation().isValid()) {
      const clang::SourceManager& sources = diagnostic.getSourceManager();
      clang::SourceLocation at = sources.getFileLoc(diagnostic.getLocation());
      while (at.isValid() && sources.isInSystemHeader(at)) at = sources.getIncludeLoc(sources.getFileID(at));
      const auto entry = at.isValid() ? sources.getFileEntryRefForID(sources.getFileID(at)) : std::nullopt;
      if (entry) {
        const auto offset = static_cast<std::int64_t>(sources.getFileOffset(at));
        error["file"] = std::string(entry->getName());
        error["at"] = offset;
      }
    }
    answer_.errors.push_back(std::move(error));
  }

 private:
  Answer& answer_;
};

Json describe(Reading& r, const Wanted& wanted) {
  Json out{{"kind", wanted.kind}, {"name", wanted.name}};
  Hits hits = look_up(r, wanted.kind, wanted.name);
  if (hits.found.empty()) {
    out["missing"] = true;
    out["names"] = llvm::json::Array(hits.names);
    out["scopes"] = llvm::json::Array(hits.scopes);
    if (!hits.others.empty()) out["another"] = r.place(hits.others.front());
    return out;
  }
  Problems problems(r);
  if (wanted.kind == "type") {
    out["named"] = describe_named(r, hits.found.front(), problems);
  } else if (wanted.kind == "aggregate") {
    out["aggregate"] = describe_aggregate(r, hits.found.front(), problems);
  } else {
    // Overloads that cannot be called are left out as long as one can.
    llvm::json::Array functions;
    std::vector<const clang::FunctionDecl*> seen;
    for (const clang::NamedDecl* decl : hits.found) {
      const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
      if (function == nullptr) continue;
      if (std::find(seen.begin(), seen.end(), function->getCanonicalDecl()) != seen.end()) continue;
      seen.push_back(function->getCanonicalDecl());
      Problems own(r);
      const std::string what = "`" + wanted.name + "`";
      Json described = describe_function(r, function, what, own);
      Json result = describe_type(r, function->getReturnType(), Way::out);
      own.type(function, "what " + what + " gives", function->getReturnType(), result);
      described["result"] = std::move(result);
      if (own.empty())
        functions.push_back(std::move(described));
      else
        for (llvm::json::Value& problem : own.take()) {
          Json* one = problem.getAsObject();
          out["problems"].getAsArray() != nullptr ? void() : void(out["problems"] = llvm::json::Array());
          out["problems"].getAsArray()->push_back(std::move(*one));
        }
    }
    if (seen.empty())
      problems.contract(hits.found.front(), "`" + wanted.name + "` is a template", "is no function by itself",
                        "declare a function that calls the instance that the program needs");
    if (!functions.empty()) out.erase("problems");
    out["functions"] = std::move(functions);
  }
  if (!problems.empty()) out["problems"] = problems.take();
  return out;
}

class Consumer : public clang::ASTConsumer {
 public:
  Consumer(clang::CompilerInstance& compiler, const std::vector<Wanted>& wanted, Answer& answer)
      : compiler_(compiler), wanted_(wanted), answer_(answer) {}
  void HandleTranslationUnit(clang::ASTContext& context) override {
    if (!answer_.errors.empty()) return;
    Reading reading{compiler_, context, compiler_.getSourceManager(), {}};
    llvm::json::Array all;
    for (const Wanted& one : wanted_) all.push_back(describe(reading, one));
    answer_.json["wanted"] = std::move(all);
    answer_.files = std::move(reading.files);
    answer_.finished = true;
  }

 private:
  clang::CompilerInstance& compiler_;
  const std::vector<Wanted>& wanted_;
  Answer& answer_;
};

class Action : public clang::ASTFrontendAction {
 public:
  Action(const std::vector<Wanted>& wanted, Answer& answer) : wanted_(wanted), answer_(answer) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override {
    files_ = std::make_shared<clang::DependencyCollector>();
    files_->attachToPreprocessor(compiler.getPreprocessor());
    return std::make_unique<Consumer>(compiler, wanted_, answer_);
  }
  void EndSourceFileAction() override {
    llvm::json::Array depends;
    for (const std::string& file : files_->getDependencies())
      if (file != kMain) depends.push_back(file);
    answer_.json["depends"] = std::move(depends);
  }
  static constexpr const char* kMain = "/gress_header_reader.cpp";

 private:
  const std::vector<Wanted>& wanted_;
  Answer& answer_;
  std::shared_ptr<clang::DependencyCollector> files_;
};

int run(int argc, char** argv) {
  std::vector<Wanted> wanted;
  int i = 3;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string text = argv[i];
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) break;
    wanted.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  if (argc < 4 || i >= argc || std::string_view(argv[i]) != "--") {
    std::fprintf(stderr, "gress-headers: reads C++ headers for gressc, which starts it\n");
    return 64;
  }
  // The folder in which this compiler was installed: its own headers are found from there.
  std::vector<std::string> command = {GRESS_CLANG};
  for (++i; i < argc; ++i) command.push_back(argv[i]);
  command.insert(command.end(), {"-fsyntax-only", "-include", argv[1], Action::kMain});

  Answer answer;
  Errors errors(answer);
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(Action::kMain, 0, llvm::MemoryBuffer::getMemBuffer("\n"));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  overlay->pushOverlay(memory);
  auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions(), overlay);
  clang::tooling::ToolInvocation invocation(command, std::make_unique<Action>(wanted, answer), files.get());
  invocation.setDiagnosticConsumer(&errors);
  invocation.run();
  if (!answer.finished && answer.errors.empty())
    answer.errors.push_back(Json{{"message", "the header could not be read"}});
  answer.json["errors"] = std::move(answer.errors);
  answer.json["files"] = llvm::json::Array(answer.files);

  std::error_code error;
  llvm::raw_fd_ostream out(argv[2], error);
  if (error) {
    std::fprintf(stderr, "gress-headers: cannot write `%s`: %s\n", argv[2], error.message().c_str());
    return 73;
  }
  out << llvm::json::Value(std::move(answer.json)) << '\n';
  return 0;
}

}  // namespace

}  // namespace gress::headers

int main(int argc, char** argv) { return gress::headers::run(argc, argv); }
