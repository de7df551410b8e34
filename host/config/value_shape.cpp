// SPDX-License-Identifier: Apache-2.0
#include "config/value_shape.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <vector>

namespace ktstr {
namespace {

using Kind = ValueShape::Kind;

void insist_on_text(const ValueShape& shape, const Located& value, std::string_view hint) {
  const std::string text = value.text();
  if (shape.filled && text.empty()) refuse(value.place, "the name is empty", std::string(hint));
  if (shape.form != nullptr && !shape.form->fits(text)) {
    refuse(value.place, '"' + printable(text) + "\" " + std::string(shape.form->problem),
           std::string(shape.form->hint));
  }
}

void insist_on_number(const ValueShape& shape, const Located& value) {
  KTSTR_ASSERT(shape.lowest < shape.highest);
  if (shape.highest == std::numeric_limits<double>::infinity()) {
    KTSTR_ASSERT(shape.lowest == 0);
    value.not_negative();
  } else {
    value.number(shape.lowest, shape.highest);
  }
}

void insist_on_object(const ValueShape& shape, const Located& value) {
  KTSTR_ASSERT(shape.object != nullptr);
  const std::string_view or_text = shape.object->or_text;
  KTSTR_ASSERT(or_text.empty() || !shape.object->members.empty());
  if (!or_text.empty() && value.value->is_string()) {
    insist_on_text({.filled = true}, value, {});
  } else if (!or_text.empty() && !value.value->is_object()) {
    wrong(value.place,
          std::string(or_text) + " or an object with \"" + std::string(shape.object->members.front().name) +
              '"',
          *value.value);
  } else {
    read_members(value, *shape.object);
  }
}

void insist_on_one(const ValueShape& shape, const Located& value, std::string_view what,
                   std::string_view hint) {
  switch (shape.kind) {
    case Kind::kText: return insist_on_text(shape, value, hint);
    case Kind::kFlag: return static_cast<void>(value.boolean());
    case Kind::kNumber: return insist_on_number(shape, value);
    case Kind::kChoice: return static_cast<void>(value.index_in(shape.names, what));
    case Kind::kOptions:
      if (!value.value->is_object()) wrong(value.place, "an object", *value.value);
      return;
    case Kind::kObject: return insist_on_object(shape, value);
  }
}

void insist_on_named_shape(const ValueShape& shape, const Located& value, std::string_view what,
                           std::string_view hint) {
  if (shape.by_name != nullptr) {
    ValueShape of_member = shape;
    of_member.by_name = nullptr;
    for (const auto& [name, member] : value.members()) {
      if (!shape.by_name->fits(name)) {
        refuse(value.place, '"' + printable(name) + "\" " + std::string(shape.by_name->problem),
               std::string(shape.by_name->hint));
      }
      insist_on_named_shape(of_member, member, name, {});
    }
    return;
  }
  if (!shape.list) return insist_on_one(shape, value, what, hint);
  if (shape.kind == Kind::kText && !value.value->is_array())
    wrong(value.place, "an array of strings", *value.value);
  const std::vector<Located> items = value.items();
  if (shape.filled && items.empty()) refuse(value.place, "the array is empty", std::string(hint));
  ValueShape of_item = shape;
  of_item.list = of_item.filled = false;
  for (const Located& item : items) insist_on_one(of_item, item, what, {});
}

/// Parts between slashes.
bool climbs(std::string_view path) {
  const std::vector<std::string> parts = split(std::string(path), '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

}  // namespace

bool stays_inside(std::string_view path) { return !path.starts_with('/') && !climbs(path); }

const TextForm kAbsolutePath = {"^/", [](std::string_view text) { return text.starts_with('/'); },
                                "is not an absolute path"};
const TextForm kInsidePath = {R"(^(?!/)(?!(.*/)?\.\.(/|$)).)",
                              [](std::string_view text) { return !text.empty() && stays_inside(text); },
                              kOutside};

void insist_on_shape(const ValueShape& shape, const Located& value, std::string_view hint) {
  insist_on_named_shape(shape, value, {}, hint);
}

OpenObject read_members(const Located& value, const ObjectShape& shape) {
  KTSTR_ASSERT(!shape.members.empty());
  std::vector<std::string_view> names;
  for (const ConfigMember& member : shape.members) names.push_back(member.name);
  const StrictObject object(value, names);
  for (const ConfigMember& member : shape.members) {
    const Located* found = object.find(member.name);
    if (found != nullptr) {
      insist_on_named_shape(member.shape, *found, member.name, {});
    } else if (member.needed) {
      refuse(value.place, '"' + std::string(member.name) + "\" is missing: " + std::string(member.meaning));
    }
  }
  return OpenObject(value);
}

}  // namespace ktstr
