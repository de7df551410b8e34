// SPDX-License-Identifier: Apache-2.0
#include "delta/baseline_reuse.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "measure/host_context.hpp"
#include "measure/variants.hpp"

namespace ktstr {
namespace {

Error refused(const std::string& why) {
  return environment_error("--reuse-baseline: " + why, "measure both sides: leave --reuse-baseline out");
}

}  // namespace

Result<std::vector<SidecarRecord>> reusable_baseline(const ReuseWish& wish,
                                                     const std::vector<SidecarRecord>& stored,
                                                     const NoiseHistory& history) {
  std::vector<SidecarRecord> found;
  std::size_t of_commit = 0, of_boot = 0, of_host = 0;
  const json::object host = host_context();
  const HostIdentity here = host_identity(host);
  const json::value* boot_id = host.if_contains("boot_id");
  const std::string boot =
      boot_id != nullptr && boot_id->is_string() ? std::string(boot_id->get_string()) : std::string();
  for (const SidecarRecord& record : stored) {
    if (record.project_commit_full != wish.baseline.spec.commit ||
        record.project_commit != wish.baseline.spec.label)
      continue;
    ++of_commit;
    if (boot.empty() || record.boot_id != boot) continue;
    ++of_boot;
    if (!host_delta(record.host_identity, here).empty()) continue;
    ++of_host;
    if (record.kernel != wish.kernel.id() || (record.time_source == "virtual") != wish.deterministic)
      continue;
    found.push_back(record);
  }
  const std::string commit = wish.baseline.spec.label;
  KTSTR_ASSERT(found.size() <= of_host && of_host <= of_boot && of_boot <= of_commit);
  if (of_commit == 0) return refused("there are no earlier measurements of " + commit);
  if (of_boot == 0)
    return refused("the measurements of " + commit + " are from before this machine's last boot");
  if (of_host == 0) return refused("the measurements of " + commit + " are from another host");
  if (found.empty()) return refused("the measurements of " + commit + " are of another kernel or mode");

  std::map<std::string, std::uint64_t> passing;
  bool spread_known = false;
  for (const SidecarRecord& record : found) {
    if (!record.counts()) continue;
    for (const TestEntry& test : wish.baseline.tests) passing[test.name] += is_of(record, test) ? 1 : 0;
    for (const auto& [metric, value] : record.values) {
      const ScenarioKey key{record.test,   record.topology,    record.scheduler,  record.work_type,
                            record.kernel, record.accelerator, record.time_source};
      spread_known = spread_known || history.between_sessions(key, metric).df >= 1;
    }
  }
  for (const TestEntry& test : wish.baseline.tests) {
    if (passing[test.name] >= wish.runs) continue;
    return refused(printable(test.name) + " has " + std::to_string(passing[test.name]) + " passing runs of " +
                   commit + ", " + std::to_string(wish.runs) + " are needed");
  }
  if (!spread_known && !wish.deterministic)
    return refused("how much sessions differ is not known yet: it takes two sessions of one clean commit");
  if (wish.deterministic) {
    // Virtual time: a run is decided by its seed, so only runs of the same seeds are partners, and one of
    // each is enough.
    std::map<std::pair<std::string, std::uint64_t>, SidecarRecord> by_seed;  // by variant and seed
    for (SidecarRecord& record : found) {
      const std::uint64_t seed = record.seed.value_or(0);
      if (seed >= wish.seed && seed < wish.seed + wish.runs)
        by_seed.emplace(std::pair{record.test + "/" + record.topology + "/" + record.scheduler, seed},
                        std::move(record));
    }
    found.clear();
    for (auto& [key, record] : by_seed) {
      record.block = key.second - wish.seed;
      found.push_back(std::move(record));
    }
    if (found.size() < wish.runs * wish.baseline.tests.size())
      return refused("the measurements of " + commit + " have other seeds");
  }
  return found;
}

}  // namespace ktstr
