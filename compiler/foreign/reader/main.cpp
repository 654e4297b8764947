// gress-headers: what a C++ header declares of the names that a program wants, as JSON. gressc runs it:
//
//   gress-headers HEADER OUTPUT [KIND:NAME …] -- FLAGS…
//
// A program of its own, so that gressc stays small: it is started only for headers that have changed. The answer:
//
//   {"files": [paths that places speak of],
//    "depends": [files that were read, the header too, without those of system and compiler],
//    "watched": [other files that the answer rests on: system headers that come neither with the system nor with the
//                compiler, and files that are not there and would be found first],
//    "errors": [{"message", "file", "at": byte of it}],    the header does not compile; its place may be unknown
//    "problems": […],                                      what stands in no header of a program, asked for or not
//    "macros": [names],                                    left_macros()
//    "taken": [names],                                     what code with the header in it may not call otherwise: taken_names()
//    "wanted": [{"kind", "name",
//                "missing": true, "names": [of its kind], "scopes": [several], "another": place of the name's other kind,
//                "problems": […],                          why it cannot be used; else one of
//                "functions": […], "others": whether C++ knows more of the name,
//                "named": {…}, "aggregate": {…}, "connector": {…}}]}
//
// Paths are percent-encoded: their bytes need not be UTF-8.
#include <clang/AST/ASTConsumer.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/foreign/reader/declarations.h"
#include "compiler/foreign/reader/types.h"

namespace gress::headers {

namespace {

/// What is compiled: nothing but an `-include` of the header.
constexpr const char* kMain = "/gress_header_reader.cpp";

struct Wanted {
  std::string kind, name;
};

struct Answer {
  Json json;
  llvm::json::Array errors;
  std::vector<std::string> files;
  std::set<std::string> depends, watched;
  bool finished = false;
};

/// JSON is UTF-8, names of files are bytes.
std::string path_text(llvm::StringRef path) {
  std::string out;
  for (const char byte : path)
    if (byte == '%' || static_cast<unsigned char>(byte) >= 0x80)
      out += '%' + llvm::toHex(llvm::StringRef(&byte, 1));
    else
      out += byte;
  return out;
}
template <class Paths>
llvm::json::Array paths_text(const Paths& paths) {
  llvm::json::Array out;
  for (const std::string& path : paths) out.push_back(path_text(path));
  return out;
}

/// Errors of the compiler, at the place in the user's own text that leads to them.
class Errors : public clang::DiagnosticConsumer {
 public:
  Errors(Answer& answer, llvm::StringRef header) : answer_(answer), header_(header) {}
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
        // What is missing at the end is missing in the header, which nothing follows.
        const bool behind = entry->getName() == kMain;
        error["file"] = path_text(behind ? header_ : entry->getName());
        error["at"] = behind ? std::int64_t{UINT32_MAX} : offset;
      }
    }
    answer_.errors.push_back(std::move(error));
  }

 private:
  Answer& answer_;
  llvm::StringRef header_;
};

/// Overloads that cannot be called are left out as long as one can. Deleted ones are among them: where one fits best, C++
/// refuses the call, and so does the checker.
void describe_overloads(Reading& r, const std::string& name, const std::vector<const clang::NamedDecl*>& found, Json& out,
                        Problems& problems) {
  const std::string what = "`" + name + "`";
  llvm::json::Array functions;
  std::vector<const clang::FunctionDecl*> seen;
  bool others = false, usable = false;
  for (const clang::NamedDecl* decl : found) {
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
    if (function == nullptr) {
      others = true;
      continue;
    }
    if (std::find(seen.begin(), seen.end(), function->getCanonicalDecl()) != seen.end()) continue;
    seen.push_back(function->getCanonicalDecl());
    const bool deleted = function->isDeleted();
    Problems own(r);
    if (!deleted) check_body(r, function, what, own);
    Json described = describe_function(r, function, what, own);
    Json result = describe_type(r, deleted ? r.context.BoolTy : function->getReturnType(), Way::out);
    own.type(function, "what " + what + " gives", function->getReturnType(), result);
    described["result"] = std::move(result);
    described["pointer"] = pointer_to(r, function);
    described["deleted"] = deleted;
    const bool known = own.empty();
    if (deleted) check_body(r, function, what, own);
    if (!known || deleted) problems.add(std::move(own));
    if (known) functions.push_back(std::move(described));
    others = others || !known;
    usable = usable || (known && !deleted);
  }
  if (seen.empty())
    problems.contract(found.front(), what + " is a template", "is no function by itself",
                      "declare a function that calls the instance that the program needs");
  if (usable) problems.take();
  out["functions"] = std::move(functions);
  out["others"] = others;
}

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
  } else if (wanted.kind == "source" || wanted.kind == "sink") {
    out["connector"] = describe_connector(r, wanted.kind, hits.found.front(), problems);
  } else {
    describe_overloads(r, wanted.name, hits.found, out, problems);
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
    answer_.json["problems"] = check_globals(reading, wanted_names());
    answer_.json["macros"] = left_macros(reading);
    answer_.json["taken"] = taken_names(reading);
    answer_.files = std::move(reading.files);
    answer_.finished = true;
  }

 private:
  /// Of functions: problems of these are told where they are asked for.
  std::set<std::string> wanted_names() const {
    std::set<std::string> names;
    for (const Wanted& one : wanted_)
      if (one.kind == "fn") names.insert(one.name);
    return names;
  }

  clang::CompilerInstance& compiler_;
  const std::vector<Wanted>& wanted_;
  Answer& answer_;
};

/// Whether it belongs to the system or to a compiler: it changes when they do.
bool comes_with_the_system(llvm::StringRef path) {
  llvm::SmallString<256> plain(path);
  llvm::sys::path::remove_dots(plain, true);
  return plain.starts_with("/usr/include/") || plain.starts_with("/usr/lib/");
}

/// The files that the answer rests on.
class Files : public clang::DependencyCollector {
 public:
  explicit Files(Answer& answer) : answer_(answer) {}
  bool needSystemDependencies() override { return true; }
  bool sawDependency(llvm::StringRef path, bool, bool is_system, bool, bool is_missing) override {
    if (is_missing || path == kMain || path.starts_with("<") || (is_system && comes_with_the_system(path))) return false;
    (is_system ? answer_.watched : answer_.depends).insert(path.str());
    return true;
  }

 private:
  Answer& answer_;
};

/// Where a file would be found instead, if it were there: one that `__has_include` did not find, and one that was found further
/// behind on the search path.
class Absent : public clang::PPCallbacks {
 public:
  Absent(clang::CompilerInstance& compiler, Answer& answer) : compiler_(compiler), answer_(answer) {}
  void HasInclude(clang::SourceLocation at, llvm::StringRef name, bool angled, clang::OptionalFileEntryRef found,
                  clang::SrcMgr::CharacteristicKind) override {
    const clang::SourceManager& sources = compiler_.getSourceManager();
    const auto asking = sources.getFileEntryRefForID(sources.getFileID(sources.getFileLoc(at)));
    if (found || !asking || comes_with_the_system(asking->getName())) return;
    if (!angled) watch(llvm::sys::path::parent_path(asking->getName()), name);
    watch_until("", name);
  }
  void InclusionDirective(clang::SourceLocation at, const clang::Token&, llvm::StringRef name, bool angled, clang::CharSourceRange,
                          clang::OptionalFileEntryRef found, llvm::StringRef folder, llvm::StringRef, const clang::Module*, bool,
                          clang::SrcMgr::CharacteristicKind) override {
    const clang::SourceManager& sources = compiler_.getSourceManager();
    const auto asking = sources.getFileEntryRefForID(sources.getFileID(sources.getFileLoc(at)));
    if (!found || !asking || comes_with_the_system(asking->getName()) || llvm::sys::path::is_absolute(name)) return;
    if (!angled) {
      const llvm::StringRef beside = llvm::sys::path::parent_path(asking->getName());
      if (folder == beside) return;
      watch(beside, name);
    }
    watch_until(folder, name);
  }

 private:
  void watch_until(llvm::StringRef last, llvm::StringRef name) {
    for (const clang::DirectoryLookup& folder : compiler_.getPreprocessor().getHeaderSearchInfo().search_dir_range()) {
      if (!last.empty() && folder.getName() == last) return;
      watch(folder.getName(), name);
    }
  }
  void watch(llvm::StringRef folder, llvm::StringRef name) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, name);
    answer_.watched.insert(path.str().str());
  }

  clang::CompilerInstance& compiler_;
  Answer& answer_;
};

class Action : public clang::ASTFrontendAction {
 public:
  Action(const std::vector<Wanted>& wanted, Answer& answer) : wanted_(wanted), answer_(answer) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override {
    files_ = std::make_shared<Files>(answer_);
    files_->attachToPreprocessor(compiler.getPreprocessor());
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<Absent>(compiler, answer_));
    return std::make_unique<Consumer>(compiler, wanted_, answer_);
  }

 private:
  const std::vector<Wanted>& wanted_;
  Answer& answer_;
  std::shared_ptr<Files> files_;
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
  command.insert(command.end(), {"-fsyntax-only", "-include", argv[1], kMain});

  Answer answer;
  Errors errors(answer, argv[1]);
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(kMain, 0, llvm::MemoryBuffer::getMemBuffer("\n"));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  overlay->pushOverlay(memory);
  auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions(), overlay);
  clang::tooling::ToolInvocation invocation(command, std::make_unique<Action>(wanted, answer), files.get());
  invocation.setDiagnosticConsumer(&errors);
  invocation.run();
  if (!answer.finished && answer.errors.empty())
    answer.errors.push_back(Json{{"message", "the header could not be read"}});
  answer.json["errors"] = std::move(answer.errors);
  answer.json["files"] = paths_text(answer.files);
  answer.json["depends"] = paths_text(answer.depends);
  answer.json["watched"] = paths_text(answer.watched);

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
