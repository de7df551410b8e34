// SPDX-License-Identifier: Apache-2.0
#include "analysis/explanation.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <tuple>

#include "support/table.hpp"

namespace ktstr {
namespace {

bool is_null(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value == nullptr || value->is_null();
}

/// Since files name their cgroups and count samples, starvation can be told from silence.
bool counts_samples(const json::object& object) {
  const json::value* stats = object.if_contains("stats");
  return stats != nullptr && stats->is_object() && !is_null(stats->get_object(), "wake_latency_samples");
}

/// "timers: 1 of 2 workers"
std::vector<std::string> starved_of(const SidecarRecord& record) {
  std::vector<std::string> out;
  for (std::size_t place = 0; place < record.cgroups.size(); ++place) {
    const CgroupRecord& cgroup = record.cgroups[place];
    if (cgroup.idle_workers == 0) continue;
    out.push_back((cgroup.name.empty() ? "cgroup" + std::to_string(place) : printable(cgroup.name)) + ": " +
                  std::to_string(cgroup.idle_workers) + " of " + std::to_string(cgroup.workers) + " workers");
  }
  return out;
}

}  // namespace

void explain(const std::vector<RunDocument>& documents, Explanation& explanation) {
  for (const RunDocument& document : documents) {
    const SidecarRecord& record = document.record;
    ExplainedSidecar sidecar{
        record.test, record.topology, record.scheduler, record.run_id, record.arch, {}, {}, false, {}};
    const bool own = !is_null(document.object(), "schema_version");
    sidecar.uncounted = own && !record.skipped && !counts_samples(document.object());
    sidecar.starved = starved_of(record);
    for (const SidecarField* field : explained_fields()) {
      if (field->null.own && !own) continue;
      (is_null(document.object(), field->path) ? sidecar.none : sidecar.populated).push_back(field);
    }
    KTSTR_ASSERT(!own || sidecar.none.size() + sidecar.populated.size() == explained_fields().size());
    explanation.sidecars.push_back(std::move(sidecar));
  }
  std::stable_sort(explanation.sidecars.begin(), explanation.sidecars.end(),
                   [](const ExplainedSidecar& a, const ExplainedSidecar& b) {
                     return std::tie(a.test, a.run_id) < std::tie(b.test, b.run_id);
                   });
}

}  // namespace ktstr
