// SPDX-License-Identifier: Apache-2.0
#include "sidecar/sidecar_head.hpp"

#include <simdjson.h>

#include <ktstr/kit/assert.hpp>

#include "sidecar/field.hpp"

namespace ktstr {
namespace dom = simdjson::dom;
namespace {

static_assert(SidecarHeadReader::kRoom >= simdjson::SIMDJSON_PADDING);
constexpr std::size_t kMaxDepth = 64;  // as JsonOptions has it

/// A row of the table of fields that heads need: for a member, or to know that it is a sidecar.
struct HeadField {
  FieldKeys keys;
  FieldKind kind;
  FieldTarget target;
  std::uint64_t needed;  ///< a bit of its own; 0: may be missing
};

struct HeadFields {
  std::vector<HeadField> rows;
  std::uint64_t all_needed = 0;
};

bool is_of_head(const FieldTarget& target) {
  return std::holds_alternative<std::string SidecarHead::*>(target) ||
         std::holds_alternative<std::optional<std::uint64_t> SidecarHead::*>(target) ||
         std::holds_alternative<std::optional<std::int64_t> SidecarHead::*>(target);
}

const HeadFields& head_fields() {
  static const HeadFields kOfHead = [] {
    HeadFields fields;
    for (const SidecarField& field : sidecar_fields()) {
      if (!field.needed && !is_of_head(field.target)) continue;
      KTSTR_ASSERT(fields.rows.size() < 64);  // a bit for each
      const std::uint64_t bit = field.needed ? std::uint64_t{1} << fields.rows.size() : 0;
      fields.rows.push_back({keys_of(field), field.kind, field.target, bit});
      fields.all_needed |= bit;
    }
    return fields;
  }();
  return kOfHead;
}

std::string text_or_empty(const dom::element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<std::uint64_t> whole_number_of(const dom::element& value) {
  std::uint64_t number = 0;
  return value.is_uint64() && value.get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

/// Of CPUs.
std::optional<std::int64_t> count_of(const dom::element& value) {
  const auto number = whole_number_of(value);
  return number && *number <= 1'000'000 ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

/// `read` of the last member of that name of an object, or its empty result.
template <typename Read>
auto member(const dom::element& value, std::string_view key, Read read) {
  decltype(read(value)) found{};
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return found;
  for (const dom::key_value_pair field : object) {
    if (field.key == key) found = read(field.value);
  }
  return found;
}

bool is_as_needed(const dom::element& value, FieldKind kind) {
  return kind == FieldKind::kText   ? value.is_string()
         : kind == FieldKind::kFlag ? value.is_bool()
                                    : value.is_object();
}

void fill(const dom::element& value, const HeadField& field, SidecarHead& head) {
  const auto read = [&](auto take) {
    return field.keys.inner.empty() ? take(value) : member(value, field.keys.inner, take);
  };
  if (const auto* text = std::get_if<std::string SidecarHead::*>(&field.target))
    head.** text = read(text_or_empty);
  if (const auto* whole = std::get_if<std::optional<std::uint64_t> SidecarHead::*>(&field.target))
    head.** whole = read(whole_number_of);
  if (const auto* count = std::get_if<std::optional<std::int64_t> SidecarHead::*>(&field.target))
    head.** count = read(count_of);
}

/// False when anything is not as this version writes it.
bool take(const dom::object& object, SidecarHead& head) {
  const HeadFields& fields = head_fields();
  std::uint64_t have = 0;
  for (const dom::key_value_pair entry : object) {
    const std::string_view key = entry.key;
    if (key == "schema_version" && whole_number_of(entry.value) != std::optional<std::uint64_t>(1))
      return false;
    for (const HeadField& field : fields.rows) {
      if (key != field.keys.top) continue;
      fill(entry.value, field, head);
      if (field.needed != 0)
        have = is_as_needed(entry.value, field.kind) ? have | field.needed : have & ~field.needed;
    }
  }
  head.kernel = kernel_id(head.kernel_version, head.kernel_label);
  return have == fields.all_needed;
}

}  // namespace

std::string kernel_id(const std::string& version, const std::string& label) {
  return label.empty() ? version : version + "-" + label;
}

struct SidecarHeadReader::Parser {
  dom::parser parser;
};

SidecarHeadReader::SidecarHeadReader() : parser_(std::make_unique<Parser>()) {}
SidecarHeadReader::~SidecarHeadReader() = default;

Result<SidecarHead> SidecarHeadReader::read(std::string& text, const std::function<std::string()>& file) {
  text.reserve(text.size() + kRoom);
  dom::parser& parser = parser_->parser;
  SidecarHead head;
  dom::object object;
  const bool room = parser.capacity() >= text.size() ||
                    parser.allocate(text.size() + text.size() / 2, kMaxDepth) == simdjson::SUCCESS;
  if (room && parser.parse(text.data(), text.size(), false).get(object) == simdjson::SUCCESS &&
      take(object, head))
    return head;
  static const MetricRegistry kNoOthers;  // heads have no metrics
  const auto record = read_sidecar(text, file(), kNoOthers);
  if (!record) return record.error();
  return SidecarHead(*record);
}

}  // namespace ktstr
