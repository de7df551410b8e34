// SPDX-License-Identifier: Apache-2.0
#include "core/value_list.hpp"

#include <array>

#include "support/text.hpp"

namespace ktstr {
namespace {

struct TextDimension {
  const char* name;
  std::string SidecarRecord::*field;
};

constexpr auto kTexts = std::to_array<TextDimension>({
    {"kernel", &SidecarRecord::kernel},
    {"commit", &SidecarRecord::project_commit},
    {"kernel_commit", &SidecarRecord::kernel_commit},
    {"source", &SidecarRecord::run_source},
    {"scheduler", &SidecarRecord::scheduler},
    {"topology", &SidecarRecord::topology},
    {"work_type", &SidecarRecord::work_type},
    {"cpu_budget", nullptr},
    {"resolve_source", &SidecarRecord::resolve_source},
});

}  // namespace

ValueList::ValueList(bool archive) : archive_(archive) {
  for (const TextDimension& dimension : kTexts) dimensions_.push_back({dimension.name, {}, {}, dimension.field == nullptr});
}

void ValueList::add(const SidecarRecord& record) {
  empty_ = false;
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    Dimension& dimension = dimensions_[i];
    if (dimension.numeric) {
      dimension.numbers.insert(record.cpu_budget);
      continue;
    }
    const bool from_elsewhere = archive_ && kTexts[i].field == &SidecarRecord::run_source;
    const std::string value = from_elsewhere ? "archive" : record.*kTexts[i].field;
    dimension.texts.insert(value.empty() ? std::nullopt : std::optional(value));
  }
}

std::string ValueList::text() const {
  if (empty_) return "(no sidecars in pool)\n";
  std::string out;
  for (const Dimension& dimension : dimensions_) {
    out += (out.empty() ? "" : "\n") + std::string(dimension.name) + ":\n";
    for (const auto& value : dimension.texts) out += "  " + (value ? printable(*value) : "unknown") + "\n";
    for (const auto& value : dimension.numbers) out += "  " + (value ? std::to_string(*value) : "unknown") + "\n";
  }
  return out;
}

json::value ValueList::to_json() const {
  json::object out;
  for (const Dimension& dimension : dimensions_) {
    json::array values;
    for (const auto& value : dimension.texts) values.push_back(value ? json::value(*value) : json::value(nullptr));
    for (const auto& value : dimension.numbers) values.push_back(value ? json::value(*value) : json::value(nullptr));
    out[dimension.name] = std::move(values);
  }
  return out;
}

}  // namespace ktstr
