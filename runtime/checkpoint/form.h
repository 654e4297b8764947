// What a saved value looks like, as text and as a tree: `i64`, `string?`, `list<f64>`, `map<string, i64>`,
// `enum{open, closed}`, `{id: i64, paid: decimal?}`. By two forms of one value, as it was saved and as it is now, its
// bytes (runtime/core/state_io.h) are made again; that happens at start, not while rows come.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace gress {
class Out;
}

namespace gress::checkpoint {

struct Form {
  enum class Kind {
    boolean, i32, i64, timestamp, duration, f32, f64, decimal, string, bytes, uuid, enumeration, record, list, map, optional
  };
  Kind kind = Kind::boolean;
  std::string text;                // as it was read
  std::vector<std::string> names;  // variants of an enum, fields of a record
  std::vector<Form> parts;         // fields of a record; of a list, a map, an optional: what it holds
};

/// Throws StateDamaged for what is no form.
Form read_form(std::string_view text);

/// Whether each value of `was` is one of `now`: numbers widen, what was always there may be absent, an enum may have more
/// variants behind, a record more optional fields, and fewer fields.
bool converts(const Form& was, const Form& now);
/// Why a record does not, a sentence a field: "`fare` was i64 and is string". Empty if it does.
std::vector<std::string> why_not(const Form& was, const Form& now);
/// What is different in one that does: "`note` is new: string?".
std::vector<std::string> differences(const Form& was, const Form& now);

/// The bytes of a value of `was`, from `at` on, as those of `now`. Throws StateDamaged.
void convert(const Form& was, const Form& now, const char*& at, const char* end, Out& out);

}  // namespace gress::checkpoint
