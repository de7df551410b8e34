// SPDX-License-Identifier: Apache-2.0
#include "explore/against_base.hpp"

#include "compare/pairing.hpp"
#include "delta/judged_facts.hpp"

namespace ktstr {
namespace {

/// A comparison is asked for here, so every scenario takes part in it.
Result<SidecarRecord> record_of(const std::string& sidecar, bool head, std::uint64_t block,
                                const MetricRegistry& metrics) {
  HostStamp stamp;
  stamp.place = PlanPlace{head, block, head ? 1U : 0U, "explore"};
  const auto completed = complete_sidecar(sidecar, stamp);
  if (!completed) return completed.error();
  auto record = read_sidecar(completed->text, head ? "HEAD" : "baseline", metrics);
  if (record) record->performance_mode = true;
  return record;
}

WorseMetric worse_of(const JudgedRow& row) { return {row.comparison->name(), sentence_of(finding_of(row))}; }

}  // namespace

Result<AgainstBase> AgainstBase::make(const AppContext& context) {
  auto sized = Gates::make(context.plugins, context.config.cached_gates);
  if (!sized) return sized.error();
  auto repeated = Gates::make(context.plugins, context.config.gates);
  if (!repeated) return repeated.error();
  return AgainstBase(context, std::move(*sized), std::move(*repeated));
}

Result<std::vector<WorseMetric>> AgainstBase::worse_in(Gates& gates, const std::vector<SidePair>& pairs) {
  std::vector<SidecarRecord> base, head;
  for (std::size_t block = 0; block < pairs.size(); ++block) {
    for (const bool of_head : {false, true}) {
      auto record =
          record_of(of_head ? pairs[block].head : pairs[block].base, of_head, block, context_.config.metrics);
      if (!record) return record.error();
      (of_head ? head : base).push_back(std::move(*record));
    }
  }
  ComparisonOptions options;
  options.cached = false;
  options.metrics = &context_.config.metrics;
  options.declared = true;
  const ComparisonSet set = compare_sides(base, head, options);
  const auto judgement = judge(gates, set);
  if (!judgement) return judgement.error();
  std::vector<WorseMetric> worse;
  for (const JudgedRow& row : judgement->rows) {
    const bool counts = row.comparison->gates() && !row.comparison->settled();
    if (counts && row.combined.outcome == KTSTR_REGRESSED) worse.push_back(worse_of(row));
  }
  return worse;
}

}  // namespace ktstr
