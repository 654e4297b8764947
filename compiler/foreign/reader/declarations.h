// Declarations of a header as descriptions, and what is wrong with them.
#pragma once
#include <set>
#include <string>
#include <utility>

#include "compiler/foreign/reader/names.h"

namespace gress::headers {

/// What keeps a declaration from being used: {"code": "type" or "contract", "message", "label", "help", "place"}.
class Problems {
 public:
  explicit Problems(Reading& reading) : reading_(reading) {}
  void add(const char* code, const clang::NamedDecl* at, std::string message, std::string label, std::string help);
  void type(const clang::NamedDecl* at, const std::string& what, clang::QualType, const Json& described);
  void contract(const clang::NamedDecl* at, std::string message, std::string label, std::string help) {
    add("contract", at, std::move(message), std::move(label), std::move(help));
  }
  bool empty() const { return list_.empty(); }
  void add(Problems others) {
    for (llvm::json::Value& problem : others.list_) list_.push_back(std::move(problem));
  }
  llvm::json::Array take() { return std::exchange(list_, {}); }

 private:
  Reading& reading_;
  llvm::json::Array list_;
};

bool is_noexcept(const clang::FunctionDecl*);

/// Whether it can be called where rows are: it has a body in the header that may stand in each part of the program.
/// `what` names it in messages: "`distance`", "`add` of `Mean`".
void check_body(Reading&, const clang::FunctionDecl*, const std::string& what, Problems&);

/// {"cpp", "doc", "place", "noexcept", "params": [{"name", "type", "optional"}]}, unless there are problems of its
/// parameters.
Json describe_function(Reading&, const clang::FunctionDecl*, const std::string& what, Problems&);

/// {"cpp", "doc", "place", "fields": [{"name", "doc", "type", "place"}]} or "variants": [{"name", "doc"}].
Json describe_named(Reading&, const clang::NamedDecl*, Problems&);

/// {"cpp", "doc", "place", "add": function, "result": function, "merge": {"noexcept"}, "retract": function if there is
/// one, "saved": "archive", "bytes" or "no", "form": saved_form()}.
Json describe_aggregate(Reading&, const clang::NamedDecl*, Problems&);
/// `{long total; long n}, 16 bytes`: another one where saved state could mean something else.
std::string saved_form(Reading&, const clang::CXXRecordDecl*, bool archived);

/// Of a "source" or "sink": {"cpp", "doc", "place", "row": type, "row_place", "options_cpp" if it has options, "options":
/// [{"name", "doc", "type", "required", "place"}], "partitions": true and "commits": true if it has them}.
Json describe_connector(Reading&, const std::string& kind, const clang::NamedDecl*, Problems&);

/// What must not stand in a header, whoever asks for it: what would be defined once in each part of the program, and what has the
/// name of Gress's namespace. Functions of the names `asked` are left out.
llvm::json::Array check_globals(Reading&, const std::set<std::string>& asked);
/// Macros that are there behind the header, of which code of other names' forms would hear: not the system's, not those in capitals.
llvm::json::Array left_macros(Reading&);
/// What else may not be called so: all that stands outside of namespaces, the system's too, and what stands in those of headers that
/// are not the system's, as `geo::Point`. Names with `_` before them are left out: they are reserved.
llvm::json::Array taken_names(Reading&);

/// The public member function of that name, of the class or else of its bases, if it is the only one; `what` is the class in
/// messages, `form` how the function is declared, in backticks.
const clang::CXXMethodDecl* only_method(const clang::CXXRecordDecl*, llvm::StringRef name, bool is_static, bool required,
                                        const std::string& what, const std::string& form, Problems&);

/// The class behind an alias; null if it is none. An instance of a template is made whole.
const clang::CXXRecordDecl* class_of(Reading&, const clang::NamedDecl*);
/// Its name in C++, `::geo::Mean`; of an instance of a template that of the alias by which it was asked for.
std::string name_of_class(const clang::NamedDecl* asked, const clang::CXXRecordDecl*);

}  // namespace gress::headers
