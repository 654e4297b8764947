#include "runtime/checkpoint/form.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "runtime/core/decimal.h"
#include "runtime/core/out.h"
#include "runtime/core/state_io.h"

namespace gress::checkpoint {
namespace {

using Kind = Form::Kind;

constexpr std::pair<std::string_view, Kind> kPlain[] = {
    {"bool", Kind::boolean},      {"i32", Kind::i32},     {"i64", Kind::i64},  {"timestamp", Kind::timestamp},
    {"duration", Kind::duration}, {"f32", Kind::f32},     {"f64", Kind::f64},  {"decimal", Kind::decimal},
    {"string", Kind::string},     {"bytes", Kind::bytes}, {"uuid", Kind::uuid}};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Form form() {
    const std::size_t begin = at_;
    Form f;
    if (takes("{")) {
      f.kind = Kind::record;
      while (!takes("}")) {
        f.names.push_back(word());
        expect(": ");
        f.parts.push_back(form());
        takes(", ");
      }
    } else if (takes("list<")) {
      f.kind = Kind::list;
      f.parts.push_back(form());
      expect(">");
    } else if (takes("map<")) {
      f.kind = Kind::map;
      f.parts.push_back(form());
      expect(", ");
      f.parts.push_back(form());
      expect(">");
    } else if (takes("enum{")) {
      f.kind = Kind::enumeration;
      while (!takes("}")) {
        f.names.push_back(word());
        takes(", ");
      }
    } else {
      const std::string name = word();
      const auto* const found = std::ranges::find(kPlain, std::string_view(name), &std::pair<std::string_view, Kind>::first);
      if (found == std::end(kPlain)) throw StateDamaged();
      f.kind = found->second;
    }
    f.text = text_.substr(begin, at_ - begin);
    if (!takes("?")) return f;
    Form optional{Kind::optional, f.text + "?", {}, {}};
    optional.parts.push_back(std::move(f));
    return optional;
  }
  void end() const {
    if (at_ != text_.size()) throw StateDamaged();
  }

 private:
  bool takes(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  void expect(std::string_view what) {
    if (!takes(what)) throw StateDamaged();
  }
  std::string word() {
    const std::size_t begin = at_;
    while (at_ != text_.size() && std::string_view("{}<>,:? ").find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == begin) throw StateDamaged();
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

const Form* field(const Form& record, const std::string& name) {
  const auto at = std::ranges::find(record.names, name);
  return at == record.names.end() ? nullptr : &record.parts[static_cast<std::size_t>(at - record.names.begin())];
}

bool is_wide(const Form& enumeration) { return enumeration.names.size() > 256; }

bool widens(Kind was, Kind now) {
  switch (was) {
    case Kind::i32: return now == Kind::i64 || now == Kind::f64 || now == Kind::decimal;
    case Kind::i64: return now == Kind::f64 || now == Kind::decimal;
    case Kind::f32: return now == Kind::f64;
    default: return false;
  }
}

/// Of bytes that a value of the form takes.
class Converter {
 public:
  Converter(const char*& at, const char* end, Out& out) : at_(at), end_(end), out_(out) {}

  void convert(const Form& was, const Form& now) {
    if (was.text == now.text) return copy(was, true);
    if (now.kind == Kind::optional) {
      if (was.kind != Kind::optional) {
        out_.put(1);
        return convert(was, now.parts[0]);
      }
      const char has = *take(1);
      out_.put(has);
      if (has != 0) convert(was.parts[0], now.parts[0]);
      return;
    }
    switch (now.kind) {
      case Kind::enumeration: return copy(was, true);
      case Kind::list:
      case Kind::map:
        for (std::uint64_t left = count(true); left != 0; --left)
          for (std::size_t i = 0; i != now.parts.size(); ++i) convert(was.parts[i], now.parts[i]);
        return;
      case Kind::record: return convert_record(was, now);
      case Kind::i64: return put(std::int64_t{get<std::int32_t>()});
      case Kind::decimal: return put(decimal_literal(was.kind == Kind::i32 ? get<std::int32_t>() : get<std::int64_t>(), 0));
      default: break;
    }
    put(was.kind == Kind::f32 ? static_cast<double>(get<float>())
                              : static_cast<double>(was.kind == Kind::i32 ? get<std::int32_t>() : get<std::int64_t>()));
  }

 private:
  const char* take(std::uint64_t n) {
    if (static_cast<std::uint64_t>(end_ - at_) < n) throw StateDamaged();
    return std::exchange(at_, at_ + n);
  }
  template <class T>
  T get() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  template <class T>
  void put(const T& value) {
    out_.write({reinterpret_cast<const char*>(&value), sizeof value});
  }
  std::uint64_t count(bool writes) {
    const char* const begin = at_;
    StateIn in({at_, static_cast<std::size_t>(end_ - at_)});
    const std::uint64_t n = in.count();
    take(static_cast<std::uint64_t>(end_ - at_) - in.left());
    if (writes) out_.write({begin, static_cast<std::size_t>(at_ - begin)});
    if (n > in.left()) throw StateDamaged();  // each takes a byte at least
    return n;
  }
  /// Passes over a value.
  void copy(const Form& f, bool writes) {
    const char* const begin = at_;
    skip(f);
    if (writes) out_.write({begin, static_cast<std::size_t>(at_ - begin)});
  }
  void skip(const Form& f) {
    switch (f.kind) {
      case Kind::boolean: take(1); return;
      case Kind::i32:
      case Kind::f32: take(4); return;
      case Kind::i64:
      case Kind::timestamp:
      case Kind::duration:
      case Kind::f64: take(8); return;
      case Kind::decimal: take(sizeof(Decimal)); return;
      case Kind::uuid: take(16); return;
      case Kind::string:
      case Kind::bytes: take(count(false)); return;
      case Kind::enumeration: take(is_wide(f) ? 2 : 1); return;
      case Kind::record:
        for (const Form& part : f.parts) skip(part);
        return;
      case Kind::list:
      case Kind::map:
        for (std::uint64_t left = count(false); left != 0; --left)
          for (const Form& part : f.parts) skip(part);
        return;
      case Kind::optional:
        if (*take(1) != 0) skip(f.parts[0]);
        return;
    }
  }
  void convert_record(const Form& was, const Form& now) {
    std::vector<const char*> begins;
    for (const Form& part : was.parts) {
      begins.push_back(at_);
      skip(part);
    }
    for (std::size_t i = 0; i != now.names.size(); ++i) {
      const Form* const from = field(was, now.names[i]);
      if (from == nullptr) {
        out_.put(0);  // absent
        continue;
      }
      const char* at = begins[static_cast<std::size_t>(from - was.parts.data())];
      Converter(at, end_, out_).convert(*from, now.parts[i]);
    }
  }

  const char*& at_;
  const char* end_;
  Out& out_;
};

/// f(name, was or null, now or null) of the fields that differ.
template <class F>
void each_difference(const Form& was, const Form& now, F f) {
  for (std::size_t i = 0; i != now.names.size(); ++i) {
    const Form* const from = field(was, now.names[i]);
    if (from == nullptr || from->text != now.parts[i].text) f("`" + now.names[i] + "`", from, &now.parts[i]);
  }
  for (std::size_t i = 0; i != was.names.size(); ++i)
    if (field(now, was.names[i]) == nullptr) f("`" + was.names[i] + "`", &was.parts[i], nullptr);
}

}  // namespace

Form read_form(std::string_view text) {
  Reader reader(text);
  Form form = reader.form();
  reader.end();
  return form;
}

bool converts(const Form& was, const Form& now) {
  if (was.text == now.text) return true;
  if (now.kind == Kind::optional) return converts(was.kind == Kind::optional ? was.parts[0] : was, now.parts[0]);
  if (was.kind != now.kind) return widens(was.kind, now.kind);
  switch (now.kind) {
    case Kind::enumeration:
      return was.names.size() <= now.names.size() && is_wide(was) == is_wide(now) &&
             std::equal(was.names.begin(), was.names.end(), now.names.begin());
    case Kind::list: return converts(was.parts[0], now.parts[0]);
    case Kind::map: return was.parts[0].text == now.parts[0].text && converts(was.parts[1], now.parts[1]);
    case Kind::record: return why_not(was, now).empty();
    default: return false;
  }
}

std::vector<std::string> why_not(const Form& was, const Form& now) {
  std::vector<std::string> out;
  each_difference(was, now, [&](const std::string& name, const Form* from, const Form* to) {
    if (to == nullptr) return;
    if (from == nullptr && to->kind != Kind::optional)
      out.push_back(name + " is new, and what was kept has none: it is " + to->text + ", and would have to be optional");
    if (from != nullptr && !converts(*from, *to)) out.push_back(name + " was " + from->text + " and is " + to->text);
  });
  return out;
}

std::vector<std::string> differences(const Form& was, const Form& now) {
  std::vector<std::string> out;
  each_difference(was, now, [&](const std::string& name, const Form* from, const Form* to) {
    if (from == nullptr) out.push_back(name + " is new: absent in what was kept");
    else if (to == nullptr) out.push_back(name + " is no longer kept");
    else out.push_back(name + " changes from " + from->text + " to " + to->text);
  });
  if (out.empty() && was.text != now.text) out.push_back("the order of its fields");
  return out;
}

void convert(const Form& was, const Form& now, const char*& at, const char* end, Out& out) {
  Converter(at, end, out).convert(was, now);
}

}  // namespace gress::checkpoint
