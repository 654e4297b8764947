#include "compiler/foreign/reader/types.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/QualTypeNames.h>

#include "compiler/foreign/reader/declarations.h"

namespace gress::headers {

namespace {

Json other(const std::string& help) { return Json{{"form", "other"}, {"help", help}}; }
Json scalar(const char* form, const char* cpp) { return Json{{"form", form}, {"cpp", cpp}}; }

std::string cpp_of(const Json& type) { return type.getString("cpp").value_or("").str(); }

Json builtin(const clang::BuiltinType* type) {
  using Kind = clang::BuiltinType::Kind;
  switch (type->getKind()) {
    case Kind::Bool:
      return scalar("boolean", "bool");
    case Kind::Int:
      return scalar("i32", "int");
    case Kind::Long:
      return scalar("i64", "long");
    case Kind::LongLong:
      return scalar("i64", "long long");
    case Kind::Float:
      return scalar("f32", "float");
    case Kind::Double:
      return scalar("f64", "double");
    case Kind::LongDouble:
      return other("use `double`");
    default:
      break;
  }
  if (type->isUnsignedInteger()) return other("numbers here have a sign: use `std::int32_t` or `std::int64_t`");
  if (type->isInteger()) return other("use `std::int32_t` or `std::int64_t`");
  return other("");
}

/// The element of `std::optional` and lists: what can stand in a list may stand in an optional.
Json of_element(Reading& r, const char* form, const char* cpp, clang::QualType element, Way way, bool is_const) {
  if (element.isConstQualified() && !is_const) return other("leave out the `const` of what it holds");
  Json inner = describe_type(r, element.getUnqualifiedType(), way);
  if (inner.getString("form") == "other") return inner;
  if (inner.getString("form") == "optional" && std::string_view(form) == "optional") return other("there is no `T??`");
  if (std::string_view(form) == "list" && inner.getString("form") == "boolean" &&
      std::string_view(cpp) == "std::vector")
    return other("`std::vector<bool>` holds no `bool`s: use `std::vector<std::int32_t>`");
  std::string name = std::string(cpp) + "<" + (is_const ? "const " : "") + cpp_of(inner) + ">";
  return Json{{"form", form}, {"cpp", std::move(name)}, {"of", std::move(inner)}};
}

/// A struct or enum of the header.
Json name_of(const clang::TagDecl* decl) {
  const std::string name = qualified(decl);
  if (name.empty()) return other("");
  return Json{{"form", "named"}, {"cpp", name}, {"nested", decl->getDeclContext()->isRecord()}};
}

constexpr std::int64_t kMicrosecond = 1000;

/// `duration` is a std::chrono::duration. Nanoseconds of its unit, 0 if that is no whole number.
std::int64_t period(const clang::ClassTemplateSpecializationDecl* duration) {
  const auto* ratio = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
      duration->getTemplateArgs()[1].getAsType()->getAsCXXRecordDecl());
  if (ratio == nullptr) return 0;
  const std::int64_t numerator = ratio->getTemplateArgs()[0].getAsIntegral().getExtValue();
  const std::int64_t denominator = ratio->getTemplateArgs()[1].getAsIntegral().getExtValue();
  if (numerator > 1'000'000'000 || 1'000'000'000 % denominator != 0) return 0;
  return numerator * (1'000'000'000 / denominator);
}

Json time(Reading& r, const char* form, const clang::ClassTemplateSpecializationDecl* duration, Way way) {
  const auto* rep = duration->getTemplateArgs()[0].getAsType()->getAs<clang::BuiltinType>();
  if (rep == nullptr || !rep->isSignedInteger())
    return other("a duration counts in whole numbers here: use `std::chrono::microseconds`");
  const std::int64_t unit = period(duration);
  // What would be cut off in silence is refused.
  if (unit == 0 || (way != Way::out && kMicrosecond % unit != 0))
    return other(std::string(form) == "time"
                     ? "times are microseconds: use `std::chrono::sys_time<std::chrono::microseconds>`"
                     : "durations are microseconds: use `std::chrono::microseconds`");
  const auto* ratio = llvm::cast<clang::ClassTemplateSpecializationDecl>(
      duration->getTemplateArgs()[1].getAsType()->getAsCXXRecordDecl());
  const auto number = [&](unsigned i) {
    return std::to_string(ratio->getTemplateArgs()[i].getAsIntegral().getExtValue());
  };
  std::string cpp = "std::chrono::duration<" + rep->getName(clang::PrintingPolicy(clang::LangOptions())).str() +
                    ", std::ratio<" + number(0) + ", " + number(1) + ">>";
  if (std::string_view(form) == "time") cpp = "std::chrono::time_point<std::chrono::system_clock, " + cpp + ">";
  const bool exact = unit == kMicrosecond && r.context.getTypeSize(rep) == 64;
  return Json{{"form", form}, {"cpp", std::move(cpp)}, {"exact", exact}};
}

bool is_char(clang::QualType type) {
  return type->isSpecificBuiltinType(clang::BuiltinType::Char_S) ||
         type->isSpecificBuiltinType(clang::BuiltinType::Char_U);
}

Json of_std(Reading& r, const clang::ClassTemplateSpecializationDecl* type, const std::string& name, Way way) {
  const clang::TemplateArgumentList& args = type->getTemplateArgs();
  const auto argument = [&](unsigned i) { return args[i].getAsType(); };
  const auto is_usual = [&](unsigned i, const char* usual) {
    const clang::CXXRecordDecl* given = argument(i)->getAsCXXRecordDecl();
    return given != nullptr && qualified(given) == usual;
  };
  if (name == "::std::basic_string_view" && is_char(argument(0)) && is_usual(1, "::std::char_traits"))
    return scalar("text", "std::string_view");
  if (name == "::std::basic_string" && is_char(argument(0)) && is_usual(1, "::std::char_traits") &&
      is_usual(2, "::std::allocator"))
    return scalar("text", "std::string");
  if (name == "::std::vector" && !is_usual(1, "::std::allocator")) return other("use a `std::vector` with its own allocator");
  if (name == "::std::array" || name == "::std::list" || name == "::std::set") return other("use a `std::vector`");
  if (name == "::std::map" || name == "::std::unordered_map") return other("use a `std::vector` of a struct with key and value");
  if (name == "::std::optional") return of_element(r, "optional", "std::optional", argument(0), way, false);
  if (name == "::std::vector") return of_element(r, "list", "std::vector", argument(0), way, false);
  if (name == "::std::span") {
    if (way != Way::in) return other("a span owns nothing: give a `std::vector`");
    if (!argument(0).isConstQualified()) return other("rows are not changed: use a span of const elements");
    if (!args[1].getAsIntegral().isAllOnes())
      return other("the length of a list is not known: use a span without a fixed length");
    return of_element(r, "list", "std::span", argument(0), way, true);
  }
  const auto* second =
      args.size() > 1 && args[1].getKind() == clang::TemplateArgument::Type
          ? llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(argument(1)->getAsCXXRecordDecl())
          : nullptr;
  if (name == "::std::chrono::duration") return time(r, "duration", type, way);
  if (name == "::std::chrono::time_point" && second != nullptr) {
    const clang::CXXRecordDecl* clock = argument(0)->getAsCXXRecordDecl();
    if (clock == nullptr || clock->getName() != "system_clock")
      return other("timestamps are those of `std::chrono::system_clock`");
    return time(r, "time", second, way);
  }
  return other("");
}

}  // namespace

Json describe_type(Reading& r, clang::QualType type, Way way) {
  type = type.getCanonicalType();
  if (type->isLValueReferenceType() && type.getNonReferenceType().isConstQualified() && way != Way::both)
    type = type.getNonReferenceType();
  if (type->isReferenceType()) return other("functions of rows take values: use a value or a reference to const");
  if (type->isPointerType()) {
    if (is_char(type->getPointeeType())) return other("use `std::string_view`");
    return other("functions of rows take values, no pointers");
  }
  type = type.getUnqualifiedType();
  if (type->isVoidType()) return other("a function of rows gives a value");
  if (const auto* simple = type->getAs<clang::BuiltinType>()) return builtin(simple);
  if (const auto* enumeration = type->getAs<clang::EnumType>()) {
    return name_of(enumeration->getDecl());
  }
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (type->isArrayType()) return other("use a `std::vector`");
  if (record == nullptr) return other("");
  const std::string name = qualified(record);
  if (const auto* instance = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(record))
    return name.starts_with("::std::") ? of_std(r, instance, name, way)
                                       : other("instances of templates are not known here");
  return name.starts_with("::std::") ? other("") : name_of(record);
}

const Json* unmapped(const Json& type) {
  if (type.getString("form") == "other") return &type;
  const Json* inner = type.getObject("of");
  return inner != nullptr ? unmapped(*inner) : nullptr;
}

bool refers(clang::QualType type) {
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (record == nullptr) return false;
  const std::string name = qualified(record);
  if (name == "::std::basic_string_view" || name == "::std::span") return true;
  if (const auto* instance = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(record); instance != nullptr && name.starts_with("::std::")) {
    for (const clang::TemplateArgument& argument : instance->getTemplateArgs().asArray())
      if (argument.getKind() == clang::TemplateArgument::Type && refers(argument.getAsType())) return true;
    return false;
  }
  return record->isCompleteDefinition() &&
         std::any_of(record->field_begin(), record->field_end(), [](const clang::FieldDecl* field) { return refers(field->getType()); });
}

std::string pointer_to(Reading& r, const clang::FunctionDecl* function) {
  clang::PrintingPolicy policy(r.context.getLangOpts());
  policy.SuppressTagKeyword = true;
  policy.SuppressUnwrittenScope = true;
  policy.AlwaysIncludeTypeForTemplateArgument = true;  // numbers beyond those of `long`
  const auto name = [&](clang::QualType type) {
    return clang::TypeName::getFullyQualifiedName(type.getCanonicalType(), r.context, policy, true);
  };
  std::string params;
  for (const clang::ParmVarDecl* param : function->parameters())
    params += (params.empty() ? "" : ", ") + name(param->getType());
  const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function);
  const bool of_object = method != nullptr && !method->isStatic();
  const std::string owner = !of_object ? "" : name(r.context.getRecordType(method->getParent()));
  return "static_cast<" + name(function->getReturnType()) + " (" + (of_object ? owner + "::" : "") + "*)(" + params + ")" +
         (of_object && method->isConst() ? " const" : "") +
         (of_object && method->getRefQualifier() == clang::RQ_LValue ? " &" : "") + (is_noexcept(function) ? " noexcept" : "") + ">(&" + (of_object ? owner + "::" + function->getNameAsString() : qualified(function)) + ")";
}

std::string written(Reading& r, clang::QualType type) {
  clang::PrintingPolicy policy(r.context.getLangOpts());
  policy.SuppressTagKeyword = true;
  return type.getAsString(policy);
}

}  // namespace gress::headers
