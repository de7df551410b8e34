// SPDX-License-Identifier: Apache-2.0
#include "compare/starvation.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

struct Count {
  std::uint64_t runs = 0, with_workers = 0, happened = 0, workers = 0;
};

Count count(const std::vector<const CgroupRecord*>& side, Happening what) {
  Count count;
  for (const CgroupRecord* record : side) {
    if (record == nullptr || (record->workers == 0 && !record->counts_workers)) continue;
    ++count.runs;
    count.with_workers += record->workers > 0 ? 1 : 0;
    count.happened += record->happened(what) ? 1 : 0;
    count.workers = std::max(count.workers, record->workers);
  }
  KTSTR_ASSERT(count.happened <= count.runs && count.with_workers <= count.runs);
  return count;
}

std::string counted(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string of_cgroup(const std::string& name) { return name.empty() ? "" : name + ": "; }

}  // namespace

bool Absence::takes(Happening needs) const {
  if (needs == Happening::kAlways) return false;
  return what == needs ||
         (entire() && what == Happening::kIterations && count(cgroup->before, needs).happened > 0);
}

std::string Absence::text() const {
  const std::string nothing =
      workers == 0 ? "no worker"
                   : "no " + std::string(happening_name(what)) + " of " + counted(workers, "worker");
  std::string text = "did not happen on HEAD: " + nothing + " in " + counted(after_runs, "run");
  if (before_happened < before_runs)
    text += "; on the baseline in " + std::to_string(before_happened) + " of " + std::to_string(before_runs);
  if (what != Happening::kIterations) text += "; whether that is worse is not clear";
  return text;
}

std::string Absence::caution() const {
  const std::string name = cgroup->name.empty() ? "" : cgroup->name + " had ";
  return name + "no " + (workers == 0 ? "worker" : std::string(happening_name(what))) + " on HEAD" +
         (entire()
              ? ""
              : " in " + std::to_string(after_runs - after_happened) + " of " + counted(after_runs, "run"));
}

std::vector<Absence> absences(const CgroupTable& cgroups) {
  std::vector<Absence> out;
  for (const CgroupSeries& series : cgroups.series()) {
    for (const Happening what : {Happening::kIterations, Happening::kWakeups, Happening::kTimers}) {
      const Count before = count(series.before, what), after = count(series.after, what);
      if (before.happened == 0 || after.runs == after.happened) continue;
      KTSTR_ASSERT(before.runs > 0 && after.happened < after.runs);
      if (after.happened > 0 && before.happened < before.runs) continue;  // now and then on both sides
      out.push_back({&series, what, before.runs, before.happened, after.runs, after.happened, after.workers});
      if (what == Happening::kIterations && after.happened == 0) break;
    }
  }
  return out;
}

bool only_on_head(const CgroupTable& cgroups, Happening what) {
  bool there = false, here = false, workers = false;
  for (const CgroupSeries& series : cgroups.series()) {
    const Count before = count(series.before, what), after = count(series.after, what);
    there = there || before.happened > 0;
    here = here || after.happened > 0;
    workers = workers || before.with_workers > 0;
  }
  return here && !there && workers;
}

std::string shown(const StarvedCgroup& s) {
  return shown(s.scenario) + ": " + of_cgroup(s.cgroup) + std::to_string(s.idle) + " of " +
         counted(s.workers, "worker") + " completed nothing in " + std::to_string(s.runs) + " of " +
         counted(s.of_runs, s.head ? "HEAD run" : "baseline run");
}

void list_starved(const ScenarioKey& scenario, const CgroupTable& cgroups,
                  std::vector<StarvedCgroup>& starved) {
  for (const bool head : {false, true}) {
    for (const CgroupSeries& series : cgroups.series()) {
      StarvedCgroup one{scenario, head, series.name, 0, 0, 0, 0};
      for (const CgroupRecord* record : series.side(head)) {
        if (record == nullptr || record->workers == 0) continue;
        ++one.of_runs;
        one.runs += record->idle_workers > 0 ? 1 : 0;
        if (record->idle_workers >= one.idle) one.idle = record->idle_workers, one.workers = record->workers;
      }
      KTSTR_ASSERT(one.runs <= one.of_runs);
      if (one.runs > 0) starved.push_back(std::move(one));
    }
  }
}

}  // namespace ktstr
