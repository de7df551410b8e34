// SPDX-License-Identifier: Apache-2.0
#include "sidecar/field.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <vector>

namespace ktstr {

std::span<const SidecarField* const> explained_fields() {
  static const std::vector<const SidecarField*> kFields = [] {
    std::vector<const SidecarField*> fields;
    for (const SidecarField& field : sidecar_fields()) {
      if (field.null.place > 0) fields.push_back(&field);
    }
    std::sort(fields.begin(), fields.end(),
              [](const SidecarField* a, const SidecarField* b) { return a->null.place < b->null.place; });
    KTSTR_ASSERT(std::adjacent_find(fields.begin(), fields.end(), [](const auto* a, const auto* b) {
                   return a->null.place == b->null.place;
                 }) == fields.end());  // each has a place of its own
    return fields;
  }();
  return kFields;
}

FieldKeys keys_of(const SidecarField& field) {
  const std::size_t dot = field.path.find('.');
  return dot == std::string_view::npos ? FieldKeys{field.path, {}}
                                       : FieldKeys{field.path.substr(0, dot), field.path.substr(dot + 1)};
}

std::uint32_t head_format() {
  std::uint32_t sum = 2166136261;  // FNV-1a
  for (const SidecarField& field : sidecar_fields()) {
    if (field.target.index() < 1 || field.target.index() > 3) continue;
    for (const char c : std::string(field.path) + static_cast<char>('0' + field.target.index()))
      sum = (sum ^ static_cast<unsigned char>(c)) * 16777619;
  }
  return sum;
}

}  // namespace ktstr
