// `PROGRAM state scan [OPERATOR]`: the keyed state in a checkpoint, a line a key, without the program running. How entries
// are read the program's own operators say (runtime/core/state_show.h), what is in them its description.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>

#include "runtime/checkpoint/evolution.h"
#include "runtime/checkpoint/folder.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/store.h"
#include "runtime/core/print_json.h"
#include "runtime/core/state_show.h"
#include "runtime/engine/checkpoint.h"

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
using engine::Exit;
using engine::Failure;

constexpr const char kUsage[] =
    "Examples:\n"
    "  PROGRAM state scan                          which operators have state, and of what\n"
    "  PROGRAM state scan daily_aggregate          a line a key, of the newest checkpoint\n"
    "  PROGRAM state scan daily_aggregate --prefix nor     keys whose first column begins so\n"
    "  PROGRAM state scan daily_aggregate --json   a JSON object a line\n"
    "  PROGRAM state scan daily_aggregate --checkpoint-dir PATH    of another folder, a savepoint or a manifest\n";

struct Asked {
  std::string stage, prefix, from;
  bool json = false;
};

/// Nothing: that is no way to ask.
std::optional<Asked> read(std::span<const char* const> args) {
  Asked asked;
  for (std::size_t i = 0; i != args.size(); ++i) {
    const std::string_view arg = args[i];
    std::string* const to = arg == "--prefix" ? &asked.prefix : arg == "--checkpoint-dir" ? &asked.from : nullptr;
    if (arg == "--json") asked.json = true;
    else if (to != nullptr && i + 1 != args.size()) *to = args[++i];
    else if (!arg.starts_with('-') && asked.stage.empty()) asked.stage = arg;
    else return std::nullopt;
  }
  return asked;
}

/// A saved value as JSON.
void print(const Form& form, StateIn& in, Out& out) {
  switch (form.kind) {
    case Form::Kind::boolean: return fn::json(out, in.get<bool>());
    case Form::Kind::i32: return fn::json(out, in.get<std::int32_t>());
    case Form::Kind::i64: return fn::json(out, in.get<std::int64_t>());
    case Form::Kind::timestamp: return fn::json_timestamp(out, in.get<std::int64_t>());
    case Form::Kind::duration: return fn::json_duration(out, in.get<std::int64_t>());
    case Form::Kind::f32: return fn::json(out, in.get<float>());
    case Form::Kind::f64: return fn::json(out, in.get<double>());
    case Form::Kind::decimal: return fn::json(out, in.get<Decimal>());
    case Form::Kind::uuid: return fn::json(out, in.get<Uuid>());
    case Form::Kind::string: return fn::json_text(out, in.get<std::string>());
    case Form::Kind::bytes: {
      const auto bytes = in.get<std::string>();
      return fn::json(out, Bytes{Text(bytes.data(), bytes.size())});
    }
    case Form::Kind::enumeration: {
      const std::size_t n = form.names.size() > 256 ? in.get<std::uint16_t>() : in.get<std::uint8_t>();
      if (n >= form.names.size()) throw StateDamaged();
      return fn::json_text(out, form.names[n]);
    }
    case Form::Kind::optional:
      if (in.get<bool>()) return print(form.parts[0], in, out);
      return out.write("null");
    case Form::Kind::list:
      out.put('[');
      for (std::uint64_t n = in.count(), i = 0; i != n; ++i) {
        if (i != 0) out.put(',');
        print(form.parts[0], in, out);
      }
      return out.put(']');
    case Form::Kind::map:
      out.put('{');
      for (std::uint64_t n = in.count(), i = 0; i != n; ++i) {
        if (i != 0) out.put(',');
        Out key;
        print(form.parts[0], in, key);
        if (key.view().starts_with('"')) out.write(key.view());
        else fn::json_text(out, key.view());
        out.put(':');
        print(form.parts[1], in, out);
      }
      return out.put('}');
    case Form::Kind::record:
      out.put('{');
      for (std::size_t i = 0; i != form.parts.size(); ++i) {
        if (i != 0) out.put(',');
        fn::json_text(out, form.names[i]);
        out.put(':');
        print(form.parts[i], in, out);
      }
      return out.put('}');
  }
}

std::string text_of(const Form& form, StateIn& in) {
  Out out;
  print(form, in, out);
  return std::string(out.view());
}
std::string text_of(const Form& form, std::string_view bytes) {
  StateIn in(bytes);
  std::string text = text_of(form, in);
  in.end();
  return text;
}

/// The lines of one operator.
class Lines {
 public:
  using Columns = std::vector<std::pair<std::string, std::string>>;  // name and value

  Lines(const Descriptor& stage, const Asked& asked) : stage_(stage), json_(asked.json) {
    for (const auto& [name, form] : stage.shown.key) key_.emplace_back(name, read_form(form));
    for (const std::string& form : stage.shown.values)
      values_.push_back(form.empty() ? std::nullopt : std::optional(read_form(form)));
    Out quoted;
    fn::json_text(quoted, asked.prefix);
    prefix_ = asked.prefix;
    quoted_prefix_ = quoted.view().substr(0, quoted.view().size() - 1);
  }

  /// Empty: the key does not begin as asked.
  std::string line(const ShownState& entry) const {
    Columns key, window, state;
    StateIn in(entry.key);
    for (const auto& [name, form] : key_) key.emplace_back(name, text_of(form, in));
    in.end();
    if (!key.empty() && !key[0].second.starts_with(key[0].second.starts_with('"') ? quoted_prefix_ : prefix_)) return "";
    if (entry.windowed) window = {{"window_start", time(entry.start)}, {"window_end", time(entry.end)}};
    for (std::size_t i = 0; i != entry.aggregates.size(); ++i)
      if (!entry.aggregates[i].empty() && i < values_.size() && values_[i])
        state.emplace_back(stage_.aggregates[i].name, text_of(*values_[i], entry.aggregates[i]));
    rows(entry, state);
    if (json_)
      return "{\"key\":" + object(key) + (window.empty() ? "" : ",\"window\":" + object(window)) + ",\"state\":" + object(state) +
             "}\n";
    key.insert(key.end(), window.begin(), window.end());
    return listed(key) + (key.empty() || state.empty() ? "" : "  ") + listed(state) + '\n';
  }

 private:
  static std::string time(std::int64_t t) {
    Out out;
    fn::json_timestamp(out, t);
    return std::string(out.view());
  }
  /// One of a role stands for itself, as do its columns if there is nothing else.
  void rows(const ShownState& entry, Columns& state) const {
    if (!entry.aggregates.empty()) return;  // then they are what was given of these
    for (const Descriptor::Record& r : stage_.records) {
      std::vector<std::string_view> of_role;
      for (const auto& [in_code, bytes] : entry.rows)
        if (in_code == r.in_code) of_role.push_back(bytes);
      const bool many = stage_.kind.find("top") != std::string::npos;
      if (of_role.size() == 1 && !many && r.form.kind == Form::Kind::record) {
        StateIn in(of_role[0]);
        for (std::size_t i = 0; i != r.form.parts.size(); ++i)
          state.emplace_back(r.form.names[i], text_of(r.form.parts[i], in));
        in.end();
      } else if (!of_role.empty()) {
        std::string all;
        for (const std::string_view bytes : of_role) all += (all.empty() ? "[" : ",") + text_of(r.form, bytes);
        state.emplace_back("rows", all + "]");
      }
    }
  }
  static std::string listed(const Columns& columns) {
    std::string text;
    for (const auto& [name, value] : columns) text += (text.empty() ? "" : " ") + name + '=' + value;
    return text;
  }
  static std::string object(const Columns& columns) {
    std::string text;
    for (const auto& [name, value] : columns) {
      Out quoted;
      fn::json_text(quoted, name);
      text += (text.empty() ? "{" : ",") + std::string(quoted.view()) + ':' + value;
    }
    return text.empty() ? "{}" : text + '}';
  }

  const Descriptor& stage_;
  bool json_;
  std::vector<std::pair<std::string, Form>> key_;
  std::vector<std::optional<Form>> values_;
  std::string prefix_, quoted_prefix_;
};

Manifest read_sound(const fs::path& path, const engine::ProgramInfo& program) {
  Manifest m = read_manifest(path);
  if (m.program != program.name)
    throw Failure(Exit::usage, "checkpoint_refused",
                  "the checkpoint `" + path.string() + "` is of the program `" + m.program + "`, this is `" + program.name + "`");
  expect_sound(m, path, state_of(path));
  return m;
}

const Descriptor* named(const std::vector<Descriptor>& all, std::string_view name) {
  const auto at = std::ranges::find(all, name, &Descriptor::name);
  return at == all.end() ? nullptr : &*at;
}

/// Whatever values its params had.
Descriptor without_values(Descriptor d) {
  std::erase_if(d.fixed, [](const auto& fixed) { return fixed.first.starts_with("value of `"); });
  return d;
}

class Scan {
 public:
  Scan(const engine::ProgramInfo& program, const ShownSections& sections, Asked asked)
      : sections_(sections), asked_(std::move(asked)), own_(read_program_state(program.state, {}).sections) {
    const std::string dir = *program.checkpoint_dir ? program.checkpoint_dir : std::string(program.name) + ".checkpoints";
    with_manifest(asked_.from.empty() ? dir : asked_.from, [&](const fs::path& path) {
      path_ = path;
      manifest_ = read_sound(path, program);
      reader_.emplace(state_of(path));
    });
    saved_ = descriptors_of(manifest_);
  }

  void list() const {
    for (const Descriptor& d : saved_)
      if (entry_of(d.name) != nullptr) say(d.name + "  " + summary(d) + '\n');
    for (const Descriptor& d : saved_)
      if (entry_of(d.name) == nullptr) say(d.name + "  " + d.kind + ", not by key\n");
  }

  void scan() const {
    const Descriptor* const was = named(saved_, asked_.stage);
    if (was == nullptr)
      refuse("there is no state of `" + asked_.stage + "` in the checkpoint `" + path_.string() + "`; there is that of " + names());
    const Descriptor* const now = named(own_, asked_.stage);
    const auto is_read_alike = [&] {
      const Verdict verdict = compare(without_values(*was), without_values(*now));
      return verdict.problems.empty() && verdict.changes.empty();
    };
    if (now == nullptr || !is_read_alike())
      refuse("the state of `" + asked_.stage + "` is that of another version of this program: ask the one that took it");
    const ShowEntry show = entry_of(asked_.stage);
    if (show == nullptr)
      refuse("the state of `" + asked_.stage + "` (" + was->kind +
             ") is not kept as values by key: `checkpoint inspect` says how much it is; by key is that of " + names());
    const Lines lines(*now, asked_);
    for (const SectionAt& s : manifest_.sections)
      if (s.name == asked_.stage)
        reader_->entries(s.id)->each([&](StateOwner, StateIn& key, StateIn& value) {
          ShownState entry;
          if (show(key, value, entry)) say(lines.line(entry));
        });
  }

 private:
  static void say(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }
  [[noreturn]] static void refuse(const std::string& why) { throw Failure(Exit::usage, "state_refused", why); }
  ShowEntry entry_of(std::string_view name) const {
    const auto at = sections_.all().find(name);
    return at == sections_.all().end() ? nullptr : at->second;
  }
  std::string names() const {
    std::string text;
    for (const Descriptor& d : saved_)
      if (entry_of(d.name) != nullptr) text += (text.empty() ? "`" : ", `") + d.name + "`";
    return text.empty() ? "none" : text;
  }

  const ShownSections& sections_;
  Asked asked_;
  std::vector<Descriptor> own_, saved_;
  fs::path path_;
  Manifest manifest_;
  std::optional<SnapshotReader> reader_;
};

}  // namespace
}  // namespace gress::checkpoint

namespace gress::engine {

int state_command(const ProgramInfo& program, const ShownSections& sections, int argc, const char* const* argv) {
  const std::span<const char* const> args(argv, static_cast<std::size_t>(argc));
  const std::string_view what = args.size() > 2 ? args[2] : "";
  const std::optional<checkpoint::Asked> asked = what == "scan" ? checkpoint::read(args.subspan(3)) : std::nullopt;
  if (!asked) {
    const bool help = what == "--help" || what == "-h";
    std::fputs(checkpoint::kUsage, help ? stdout : stderr);
    return static_cast<int>(help ? Exit::ok : Exit::usage);
  }
  try {
    const checkpoint::Scan scan(program, sections, *asked);
    try {
      if (asked->stage.empty()) scan.list();
      else scan.scan();
    } catch (const StateDamaged& e) {
      unreadable(asked->stage, e.what());
    }
    return static_cast<int>(std::fflush(stdout) == 0 ? Exit::ok : Exit::io);
  } catch (const Failure& f) {
    log::write(log::Level::error, f.event, f.message, f.fields);
    return static_cast<int>(f.exit);
  }
}

}  // namespace gress::engine
