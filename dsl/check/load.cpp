#include <filesystem>
#include <fstream>
#include <set>
#include <optional>

#include "dsl/check/check.h"
#include "dsl/syntax/parser.h"

namespace gress::dsl {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_text(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return std::nullopt;
  return text;
}

/// The same file by whatever path it is named; the path itself when it does not exist.
std::string identity(const std::string& path) {
  std::error_code error;
  auto real = fs::weakly_canonical(path, error);
  return error ? path : real.string();
}

class Loader {
 public:
  Loader(SourceManager& sources, Diagnostics& diagnostics) : sources_(sources), diagnostics_(diagnostics) {}

  std::vector<std::unique_ptr<ast::File>> run(std::string name, std::string text) {
    known_.insert(identity(name));
    add(std::move(name), std::move(text));
    // `files_` grows while it is walked: used files are walked for their own uses.
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const ast::File& file = *files_[i];
      for (const auto& item : file.items)
        if (const auto* use = item.as<ast::UseDecl>()) follow(*use, file);
    }
    return std::move(files_);
  }

 private:
  void add(std::string name, std::string text) {
    FileId id = sources_.add(std::move(name), std::move(text));
    files_.push_back(std::make_unique<ast::File>(parse(sources_, id, diagnostics_)));
  }

  void follow(const ast::UseDecl& use, const ast::File& from) {
    std::string path = used_path(sources_, from.id, use.path);
    if (fs::path(path).extension() != ".gress") return;  // other kinds are refused by the checker
    if (!known_.insert(identity(path)).second) return;
    auto text = read_text(path);
    if (!text) {
      diagnostics_.report(Code::E0212, use.path_range, "cannot read `" + use.path + "`")
          .under("no such file, or not readable")
          .note("looked for `" + path + "`; paths are relative to the using file");
      return;
    }
    add(std::move(path), std::move(*text));
  }

  SourceManager& sources_;
  Diagnostics& diagnostics_;
  std::vector<std::unique_ptr<ast::File>> files_;
  std::set<std::string> known_;
};

}  // namespace

std::string used_path(const SourceManager& sources, FileId from, const std::string& path) {
  fs::path base = fs::path(sources.file(from).name()).parent_path();
  return (base / path).lexically_normal().string();
}

std::vector<std::unique_ptr<ast::File>> load_text(SourceManager& sources, std::string name, std::string text,
                                                  Diagnostics& diagnostics) {
  return Loader(sources, diagnostics).run(std::move(name), std::move(text));
}

std::vector<std::unique_ptr<ast::File>> load(SourceManager& sources, const std::string& path,
                                             Diagnostics& diagnostics) {
  auto text = read_text(path);
  if (!text) {
    FileId id = sources.add(path, "");
    diagnostics.report(Code::E0212, Range{id, 0, 0}, "cannot read `" + path + "`");
    return {};
  }
  return load_text(sources, path, std::move(*text), diagnostics);
}

}  // namespace gress::dsl
