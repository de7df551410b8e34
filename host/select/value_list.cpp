// SPDX-License-Identifier: Apache-2.0
#include "select/value_list.hpp"

#include <array>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

struct TextDimension {
  const char* name;
  std::string SidecarHead::*field;
};

constexpr auto kTexts = std::to_array<TextDimension>({
    {"kernel", &SidecarHead::kernel},
    {"commit", &SidecarHead::project_commit},
    {"kernel_commit", &SidecarHead::kernel_commit},
    {"source", &SidecarHead::run_source},
    {"scheduler", &SidecarHead::scheduler},
    {"topology", &SidecarHead::topology},
    {"work_type", &SidecarHead::work_type},
    {"cpu_budget", nullptr},
    {"resolve_source", &SidecarHead::resolve_source},
});

}  // namespace

ValueList::ValueList() {
  for (const TextDimension& dimension : kTexts)
    dimensions_.push_back({dimension.name, {}, {}, dimension.field == nullptr});
}

void ValueList::add(const SidecarHead& sidecar) {
  empty_ = false;
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    Dimension& dimension = dimensions_[i];
    if (dimension.numeric) {
      dimension.numbers.insert(sidecar.cpu_budget);
      continue;
    }
    const std::string& value = sidecar.*kTexts[i].field;
    dimension.texts.insert(value.empty() ? std::nullopt : std::optional(value));
  }
}

std::string ValueList::text() const {
  if (empty_) return "(no sidecars in pool)\n";
  std::string out;
  for (const Dimension& dimension : dimensions_) {
    out += (out.empty() ? "" : "\n") + std::string(dimension.name) + ":\n";
    for (const auto& value : dimension.texts) out += "  " + (value ? printable(*value) : "unknown") + "\n";
    for (const auto& value : dimension.numbers)
      out += "  " + (value ? std::to_string(*value) : "unknown") + "\n";
  }
  return out;
}

json::value ValueList::to_json() const {
  json::object out;
  for (const Dimension& dimension : dimensions_) {
    json::array values;
    for (const auto& value : dimension.texts)
      values.push_back(value ? json::value(*value) : json::value(nullptr));
    for (const auto& value : dimension.numbers)
      values.push_back(value ? json::value(*value) : json::value(nullptr));
    out[dimension.name] = std::move(values);
  }
  return out;
}

}  // namespace ktstr
