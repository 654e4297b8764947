#include "runtime/core/lookup_texts.h"

#include "runtime/core/hash.h"
#include "runtime/core/key_table.h"

namespace gress {

namespace {

struct TextKey {
  Text text;
  static constexpr auto members = Members<&TextKey::text>{};
  static constexpr std::uint32_t kDense = 0;
  friend bool operator==(const TextKey&, const TextKey&) = default;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::key_hash(text); }
};
struct Nothing {
  void clear() {}
};

}  // namespace

struct LookupTexts::Numbers : KeyTable<TextKey, Nothing> {};

LookupTexts::LookupTexts() : texts_(new Numbers) {}
LookupTexts::~LookupTexts() { delete texts_; }

std::uint32_t LookupTexts::number_of(const Text& text) { return texts_->find_or_add(TextKey{text}); }
Text LookupTexts::text(std::int32_t number) const { return (*texts_)[static_cast<std::uint32_t>(number)].key.text; }

}  // namespace gress
