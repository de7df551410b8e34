// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cgroup_table.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

using Records = std::vector<const SidecarRecord*>;

bool tells_cgroups(const SidecarRecord* record) { return !record->cgroups.empty(); }
bool has_names(const SidecarRecord* record) {
  return tells_cgroups(record) && std::none_of(record->cgroups.begin(), record->cgroups.end(),
                                               [](const CgroupRecord& c) { return c.name.empty(); });
}

}  // namespace

CgroupTable::CgroupTable(const Records& before, const Records& after) : runs_{before.size(), after.size()} {
  const auto all = [&](auto holds) {
    return std::all_of(before.begin(), before.end(), holds) && std::all_of(after.begin(), after.end(), holds);
  };
  if (!all(tells_cgroups)) {
    stand_in(before, false);
    stand_in(after, true);
    return;
  }
  for (const Records* side : {&before, &after}) {
    const auto first = std::find_if(side->begin(), side->end(), has_names);
    if (!names_.empty() || first == side->end()) continue;
    for (const CgroupRecord& cgroup : (*first)->cgroups) names_.push_back(cgroup.name);
  }
  match(before, false);
  match(after, true);
}

CgroupSeries& CgroupTable::at(const std::string& name, bool named) {
  auto found =
      std::find_if(series_.begin(), series_.end(), [&](const CgroupSeries& one) { return one.name == name; });
  if (found == series_.end()) {
    using Slots = std::vector<const CgroupRecord*>;
    found = series_.insert(series_.end(), CgroupSeries{name, false, Slots(runs_[0]), Slots(runs_[1])});
  }
  KTSTR_ASSERT(found->before.size() == runs_[0] && found->after.size() == runs_[1]);
  found->named = found->named || named;
  return *found;
}

/// A run without names has its cgroups in the order of the manifest, as every run does.
void CgroupTable::match(const Records& runs, bool head) {
  KTSTR_ASSERT(runs.size() == runs_[head ? 1 : 0]);
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::vector<CgroupRecord>& cgroups = runs[run]->cgroups;
    for (std::size_t place = 0; place < cgroups.size(); ++place) {
      const bool own = !cgroups[place].name.empty(), borrowed = names_.size() == cgroups.size();
      CgroupSeries& series = at(printable(own        ? cgroups[place].name
                                          : borrowed ? names_[place]
                                                     : "cgroup" + std::to_string(place)),
                                own || borrowed);
      const CgroupRecord*& slot = (head ? series.after : series.before)[run];
      if (slot == nullptr) slot = &cgroups[place];
    }
  }
}

/// One series for the whole run, from the metrics that take the worst cgroup's value.
void CgroupTable::stand_in(const Records& runs, bool head) {
  static const std::size_t kPerWorker = cgroup_metric_index("iterations_per_worker");
  for (std::size_t run = 0; run < runs.size(); ++run) {
    CgroupRecord& record = stand_ins_.emplace_back();
    KTSTR_ASSERT(record.values.size() == cgroup_metrics().size() && kPerWorker < record.values.size());
    const auto& values = runs[run]->values;
    for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
      if (const auto value = values.find(cgroup_metrics()[i].whole); value != values.end())
        record.values[i] = value->second;
    }
    // One cgroup's nothing is not everybody's: the total decides.
    if (const auto total = values.find("total_iterations"); total != values.end())
      record.values[kPerWorker] = total->second;
    record.workers = runs[run]->workers.value_or(0);
    record.counts_workers = runs[run]->workers.has_value();
    record.wakeups = runs[run]->wakeups;
    record.timers = runs[run]->timers;
    record.idle_workers =
        record.happened(Happening::kIterations) || !values.contains("total_iterations") ? 0 : record.workers;
    CgroupSeries& series = at({}, false);
    (head ? series.after : series.before)[run] = &record;
  }
}

}  // namespace ktstr
