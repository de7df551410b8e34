// SPDX-License-Identifier: Apache-2.0
#include "compare/sameness.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

using Records = std::vector<const SidecarRecord*>;

bool all_equal(const Records& baseline, const Records& head, std::string SidecarRecord::*field) {
  KTSTR_ASSERT(!baseline.empty() && !head.empty());
  const std::string& first = baseline.front()->*field;
  const auto same = [&](const SidecarRecord* record) { return record->*field == first; };
  return std::all_of(baseline.begin(), baseline.end(), same) && std::all_of(head.begin(), head.end(), same);
}

}  // namespace

bool same_manifest(const Records& baseline, const Records& head) {
  if (baseline.empty() || head.empty() || baseline.front()->manifest_sha256.empty()) return false;
  return all_equal(baseline, head, &SidecarRecord::manifest_sha256);
}

Sameness sameness_of(const Records& baseline, const Records& head) {
  if (baseline.empty() || head.empty()) return {};
  const bool one_scheduler = all_equal(baseline, head, &SidecarRecord::scheduler_sha256);
  const bool one_kernel = all_equal(baseline, head, &SidecarRecord::kernel) &&
                          all_equal(baseline, head, &SidecarRecord::kernel_commit);
  const bool program = one_scheduler && same_manifest(baseline, head) && one_kernel;
  return {one_scheduler && !baseline.front()->scheduler_sha256.empty(), program,
          program && baseline.front()->time_source == "virtual" &&
              !all_equal(baseline, head, &SidecarRecord::template_id)};
}

bool any_overcommitted(const Records& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const SidecarRecord* r) {
    return r->time_source != "virtual" && r->vcpus && r->cpu_budget && *r->cpu_budget < *r->vcpus;
  });
}

}  // namespace ktstr
