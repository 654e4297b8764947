#include "compiler/toolchain/build.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "compiler/codegen/as_read.h"
#include "compiler/toolchain/bitcode.h"
#include "compiler/toolchain/linker_errors.h"
#include "compiler/toolchain/precompile.h"
#include "compiler/toolchain/process.h"
#include "compiler/toolchain/runtime_identity.h"
#include "compiler/toolchain/sha256.h"

namespace gress::toolchain {

namespace {

using Strings = std::vector<std::string>;

void append(Strings& to, const Strings& from) { to.insert(to.end(), from.begin(), from.end()); }

struct Job {
  const std::string& text;
  const BuildOptions& options;
  Config config;
  Compiler compiler;
  Cache cache;
  std::string name;  // of the generated file, without `.cpp`
  Strings compile, own, link;
  std::string key;
};

std::string key_of(const Job& job) {
  Sha256 hash;
  hash.part("gress program 1");
  hash.part(job.text);
  hash.part(job.name);
  hash.part(job.options.source_hash);
  hash.part(job.options.headers_hash);
  hash.part(job.options.plan_hash);
  hash.part(job.compiler.identity);
  for (const Strings& flags : {job.compile, job.own, job.link}) {
    hash.part(std::to_string(flags.size()));
    for (const std::string& flag : flags) hash.part(flag);
  }
  if (job.options.library) hash.part("library");
  if (job.options.cpu == "native") hash.part(native_cpu());
  hash.part(headers_identity(job.config));
  hash.part(libraries_identity(job.config));
  hash.part(links_identity(job.compiler, job.options.own));
  return hash.hex();
}

std::string read_output(const std::string& path) {
  std::string text;
  try_read_file(path, text);
  return text;
}

/// An unknown CPU is the user's mistake, found out only when a compilation failed: nothing is asked in good times.
void check_cpu(const Job& job) {
  const std::string name = march(job.options.cpu);
  if (job.options.cpu == "native" || name.empty()) return;
  const ScratchFolder scratch(job.cache.work_folder());
  const Ended ended = run({{job.compiler.path, "-march=" + name, "-x", "c++", "-fsyntax-only", "/dev/null"},
                           scratch.path(),
                           scratch.path() + "/output"});
  if (ended.status == 0) return;
  throw Failure(exit_usage, "`" + job.compiler.path + "` knows no CPU `" + job.options.cpu + "`",
                {"say `--cpu native`, `--cpu baseline` or a name such as `x86-64-v3` or `znver4`"});
}

/// Of what generated code asks of headers, `the type `geo::Point``: what has failed.
Strings read_otherwise(const Job& job, const std::string& output) {
  Strings lines, found;
  for (std::size_t at = 0; at < job.text.size();) {
    const std::size_t end = std::min(job.text.find('\n', at), job.text.size());
    lines.push_back(job.text.substr(at, end - at));
    at = end + 1;
  }
  const std::string file = job.name + ".cpp:";
  for (std::size_t at = output.find(file); at != std::string::npos; at = output.find(file, at + 1)) {
    const std::size_t line = std::strtoull(output.c_str() + at + file.size(), nullptr, 10);
    if (line == 0 || line > lines.size()) continue;
    const std::size_t mark = lines[line - 1].find(codegen::kAsRead);
    if (mark == std::string::npos) continue;
    const std::string what = lines[line - 1].substr(mark + codegen::kAsRead.size());
    if (std::find(found.begin(), found.end(), what) == found.end()) found.push_back(what);
  }
  return found;
}

void report_read_otherwise(const Job& job, const std::string& output) {
  const Strings found = read_otherwise(job, output);
  if (found.empty()) return;
  Failure failure(exit_program, found.front() + " of a C++ header means something else to `" + job.compiler.path + "`, which builds, than to Clang, which read it");
  for (std::size_t i = 1; i < found.size(); ++i) failure.notes.push_back("so does " + found[i]);
  failure.helps.push_back("let it be the same for all compilers: it may hang on a macro such as `__clang__` or `__GNUC__`");
  if (!job.compiler.clang) failure.helps.push_back("or build with Clang: leave `--cxx` out");
  throw failure;
}

/// The program's own headers were read before, all but what stands in templates: what does not compile now is theirs, as
/// far as can be known.
[[noreturn]] void report_headers(const std::string& folder, const std::string& output, const std::string& kept) {
  Failure failure(exit_program, "the C++ compiler refuses the program together with its C++ headers");
  const std::string expanded = "note: expanded from macro '";  // as Clang says it; of a header's own, it stands behind its path
  std::string macro;
  for (std::size_t at = 0; at < output.size() && failure.notes.size() != 3;) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    // What was asked for in the header may be wrong far from it.
    if (line.find("error: ") != std::string::npos || line.starts_with(folder + '/')) failure.notes.push_back(line);
    if (const std::size_t found = line.find(expanded); macro.empty() && found != std::string::npos && line.starts_with(folder + '/'))
      macro = line.substr(found + expanded.size(), line.rfind('\'') - found - expanded.size());
    at = end + 1;
  }
  failure.notes.push_back("the generated code and all that the compiler said are in " + kept);
  if (!macro.empty())
    failure.helps.push_back("the macro `" + macro + "` changes code that is not its header's: say `#undef " + macro + "` at the header's end");
  failure.helps.push_back("if the header has no part in it, this is a bug of gressc: please report it with these files and the program");
  throw failure;
}

/// What the program's own C++ and libraries do not fit together by.
void report_linker(const std::string& output) {
  const LinkerErrors errors = linker_errors(output);
  if (errors.empty()) return;
  const auto all = [](const Strings& names) {
    std::string text;
    for (std::size_t i = 0; i != std::min<std::size_t>(names.size(), 5); ++i) text += (i == 0 ? "`" : ", `") + names[i] + '`';
    return names.size() > 5 ? text + ", …" : text;
  };
  Failure failure(exit_program, "the program does not link with its C++");
  if (!errors.missing.empty()) {
    failure.notes.push_back("there is no library " + all(errors.missing) + " where the linker looks");
    failure.helps.push_back("name its file: `--link PATH`");
  }
  if (!errors.undefined.empty()) {
    failure.notes.push_back("declared and called, but defined nowhere: " + all(errors.undefined));
    failure.helps.push_back("define it in the header, as `inline`, or name what has it: `--link PATH` of a library or object");
  }
  if (!errors.duplicate.empty()) {
    failure.notes.push_back("defined more than once: " + all(errors.duplicate));
    failure.helps.push_back("a header is compiled with each part of the program: say `inline` before what it defines");
  }
  throw failure;
}

[[noreturn]] void report_bug(const Job& job, const std::string& folder, const char* what, const Ended& ended) {
  check_cpu(job);
  const std::string output = read_output(folder + "/output");
  if (ended.signal != 0 || output.find("No space left on device") != std::string::npos) {
    Failure failure(exit_io, std::string("the C++ compiler was stopped ") +
                                 (ended.signal != 0 ? "by signal " + std::to_string(ended.signal) : "by a full disk"));
    if (ended.signal == 9) failure.helps.push_back("the machine may have run out of memory");
    throw failure;
  }
  std::string kept = job.cache.usable() ? job.cache.path("failed", job.name + '-' + job.key.substr(0, 12))
                                        : "/tmp/gressc-failed-" + job.key.substr(0, 12);
  remove_tree(kept);
  if (make_folders(kept, 0700)) {
    write_file(kept + '/' + job.name + ".cpp", job.text);
    write_file(kept + "/compiler_output.txt", output);
  } else {
    kept = "(no place to keep it)";
  }
  report_read_otherwise(job, output);
  if (!job.options.own.folder.empty() || !job.options.own.links.empty()) report_linker(output);
  if (!job.options.own.folder.empty()) report_headers(job.options.own.folder, output, kept);
  Failure failure(exit_internal,
                  std::string("internal error: the generated C++ did not ") + what + "; this is a bug of gressc");
  failure.notes.push_back("the generated code and what the compiler said are in " + kept);
  failure.notes.push_back("the C++ compiler was " + job.compiler.path);
  if (headers_are_newer(job.config))
    failure.helps.push_back("the headers in `" + job.config.include + "` are newer than the libraries: build Gress again, then see if it stays");
  failure.helps.push_back("please report it with these files and the program");
  throw failure;
}

/// Folder of the precompiled header, made now if need be; empty when there is none to be had.
std::string precompiled(Job& job, std::vector<Step>& steps) {
  if (job.config.precompile.empty()) return "";
  const std::string key = precompiled_key(job.config, job.compiler, job.compile);
  std::string found = find_precompiled(job.config, job.cache, key);
  if (!found.empty() || !job.cache.usable()) return found;
  const ScratchFolder scratch(job.cache.work_folder());
  const std::string folder = scratch.path() + "/made";
  if (!make_folders(folder, 0700)) return "";
  const Ended ended = make_precompiled(job.config, job.compiler, job.compile, folder);
  steps.push_back({"precompile", ended.seconds, ended.peak_memory});
  return ended.status == 0 ? job.cache.store("pch", key, folder) : "";
}

/// What is compiled to: objects to link, or IR with the lines that it came from.
enum class To { object, bitcode };

std::string object_name(int part, To to = To::object) {
  return "program_" + std::to_string(part) + (to == To::object ? ".o" : ".bc");
}

/// All parts at once; the first that failed, else the longest and the largest of all. What compilers said is in `output`
/// of the one that failed.
Ended compile(const Job& job, const std::string& folder, const std::string& header, To to = To::object) {
  std::vector<Process> processes;
  for (int part = 1; part <= job.options.parts; ++part) {
    Process process{{job.compiler.path}, folder, folder + "/output_" + std::to_string(part)};
    append(process.argv, job.compile);
    if (!header.empty()) append(process.argv, use_precompiled(job.compiler, header));
    append(process.argv, job.own);
    if (job.options.parts > 1) process.argv.push_back("-DGRESS_PART=" + std::to_string(part));
    append(process.argv, {"-DGRESS_SOURCE_HASH=\"" + job.options.source_hash + '"',
                          "-DGRESS_PLAN_HASH=\"" + job.options.plan_hash + '"', "-c", job.name + ".cpp", "-o", object_name(part, to)});
    if (to == To::bitcode) append(process.argv, {"-emit-llvm", "-gline-tables-only", "-fdebug-info-for-profiling"});
    processes.push_back(std::move(process));
  }
  const std::vector<Ended> ended = run_all(processes);
  Ended all;
  for (std::size_t i = 0; i != ended.size(); ++i) {
    if (ended[i].status != 0) {
      write_file(folder + "/output", read_output(processes[i].output));
      return ended[i];
    }
    all.seconds = std::max(all.seconds, ended[i].seconds);
    all.peak_memory = std::max(all.peak_memory, ended[i].peak_memory);
  }
  return all;
}

void compile_text(Job& job, const std::string& folder, std::vector<Step>& steps, To to = To::object) {
  write_file(folder + '/' + job.name + ".cpp", job.text);
  const std::string header = precompiled(job, steps);
  Ended compiled = compile(job, folder, header, to);
  // A precompiled header can be deleted or damaged under us; what compiles without it is no bug.
  if (compiled.status != 0 && !header.empty()) compiled = compile(job, folder, "", to);
  steps.push_back({"compile", compiled.seconds, compiled.peak_memory});
  if (compiled.status != 0) report_bug(job, folder, "compile", compiled);
}

Built make(Job& job) {
  Built built;
  built.scratch.emplace(job.cache.work_folder());
  const std::string folder = built.scratch->path();
  compile_text(job, folder, built.steps);

  Process process{{}, folder, folder + "/output"};
  if (job.options.library) process.argv = {archiver(job.compiler), "rcsD", "program"};
  else process.argv = {job.compiler.path, "-o", "program"};
  for (int part = 1; part <= job.options.parts; ++part) process.argv.push_back(object_name(part));
  if (!job.options.library) append(process.argv, job.link);
  const Ended linked = run(process);
  built.steps.push_back({"link", linked.seconds, linked.peak_memory});
  if (linked.status != 0) report_bug(job, folder, "link", linked);

  built.path = folder + "/program";
  if (const std::string stored = job.cache.store("bin", job.key, built.path); !stored.empty()) {
    built.path = stored;
    built.scratch.reset();
    job.cache.trim();
  }
  return built;
}

/// The program's name as the name of a file that needs no quoting anywhere.
std::string file_name(const std::string& name) {
  std::string out;
  for (char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += plain ? c : '_';
  }
  return out.empty() || out.size() > 100 ? "program" : out;
}

Job prepare(const std::string& text, const BuildOptions& options) {
  Job job{text, options, load_config(), {}, Cache::open(), file_name(options.name), {}, {}, {}, {}};
  job.compiler = find_compiler(options.cxx, job.config);
  const FlagOptions flags{options.debug, options.cpu, options.is_static, options.pages, options.library};
  job.compile = compile_flags(job.config, flags);
  job.own = own_compile_flags(job.config, options.own);
  job.link = own_link_flags(options.own);  // before Gress's, which they may need
  append(job.link, link_flags(job.compiler, job.config, flags));
  return job;
}

}  // namespace

Built build(const std::string& text, const BuildOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  Job job = prepare(text, options);
  job.key = key_of(job);
  Step look{"cache", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 0};
  if (std::string found = job.cache.find("bin", job.key); !found.empty()) {
    Built built;
    built.path = std::move(found);
    built.from_cache = true;
    built.steps.push_back(std::move(look));
    return built;
  }
  Built built = make(job);
  built.steps.insert(built.steps.begin(), std::move(look));
  return built;
}

Bitcode build_bitcode(const std::string& text, const BuildOptions& options) {
  Job job = prepare(text, options);
  if (!job.compiler.clang)
    throw Failure(exit_unavailable, "`" + job.compiler.path + "` does not make LLVM's IR", {"say `--cxx clang++-19`"});
  job.key = key_of(job);
  Bitcode bitcode;
  std::string folder = job.cache.find("ir", job.key);
  if (folder.empty()) {
    bitcode.scratch.emplace(job.cache.work_folder());
    folder = bitcode.scratch->path() + "/ir";
    if (!make_folders(folder, 0700)) throw Failure(exit_cannot_create, "cannot create `" + folder + "`");
    std::vector<Step> steps;
    compile_text(job, folder, steps, To::bitcode);
    if (const std::string stored = job.cache.store("ir", job.key, folder); !stored.empty()) {
      folder = stored;
      bitcode.scratch.reset();
      job.cache.trim();
    }
  }
  for (int part = 1; part <= options.parts; ++part) bitcode.files.push_back(folder + '/' + object_name(part, To::bitcode));
  return bitcode;
}

std::vector<std::string> runtime_files() {
  const Config config = load_config();
  std::vector<std::string> files = {own_path(), config.path};
  if (!config.headers.empty()) files.push_back(config.headers);
  append(files, config.libraries);
  append(files, runtime_headers(config));
  return files;
}

void precompile(const BuildOptions& options) {
  const std::string none;
  const Job job = prepare(none, options);
  install_precompiled(job.config, job.compiler, job.compile);
}

}  // namespace gress::toolchain
