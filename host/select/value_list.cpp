// SPDX-License-Identifier: Apache-2.0
#include "select/value_list.hpp"

#include <array>
#include <ktstr/kit/assert.hpp>

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
  KTSTR_ASSERT(dimensions_.size() == kTexts.size());
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

}  // namespace ktstr
