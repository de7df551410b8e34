// SPDX-License-Identifier: Apache-2.0
#include "noise/noise_history.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <set>

namespace ktstr {
namespace {

/// Sum of squared deviations and its degrees of freedom.
struct Squares {
  double sum = 0, df = 0, mean = 0;
};

Squares squares_of(const std::vector<double>& values) {
  Squares s;
  if (values.empty()) return s;
  s.mean = kit::mean(values);
  for (const double v : values) s.sum += (v - s.mean) * (v - s.mean);
  s.df = static_cast<double>(values.size() - 1);
  KTSTR_ASSERT(s.sum >= 0 && s.df >= 0);
  return s;
}

ScenarioKey key_of(const SidecarRecord& r) {
  return {r.test, r.topology, r.scheduler, r.work_type, {}, r.accelerator, r.time_source};
}

std::vector<double> values_of(const std::map<std::uint64_t, double>& side) {
  std::vector<double> values;
  for (const auto& [block, value] : side) values.push_back(value);
  return values;
}

}  // namespace

/// Logarithms of one session's runs of one metric, by block.
struct NoiseHistory::Session {
  std::map<std::uint64_t, double> baseline, head;
  std::string baseline_commit, head_commit;
  bool usable = true;

  void add(const SidecarRecord& record, double value) {
    KTSTR_ASSERT(record.block.has_value());
    (record.head_side ? head_commit : baseline_commit) = record.project_commit;
    if (!(value > 0)) usable = false;
    if (usable) (record.head_side ? head : baseline)[*record.block] = std::log(value);
  }
};

void NoiseHistory::add_run(const SidecarRecord& record, ByMetric& by_metric) {
  const std::string& session = record.session.empty() ? record.plan : record.session;
  for (const auto& [metric, value] : record.values) by_metric[metric][session].add(record, value);
  for (const CgroupRecord& cgroup : record.cgroups) {
    if (cgroup.name.empty() || record.cgroups.size() < 2) continue;
    for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
      if (!std::isnan(cgroup.values[i]))
        by_metric[path_of(printable(cgroup.name), cgroup_metrics()[i].name)][session].add(record,
                                                                                          cgroup.values[i]);
    }
  }
}

NoiseHistory::NoiseHistory(const std::vector<SidecarRecord>& records) {
  std::map<ScenarioKey, ByMetric> sessions;
  for (const SidecarRecord& record : records) {
    if (!record.block || record.plan.empty() || !record.counts()) continue;
    add_run(record, sessions[key_of(record)]);
  }
  for (const auto& [scenario, by_metric] : sessions) {
    for (const auto& [metric, by_plan] : by_metric) noise_[{scenario, metric}] = noise_of(by_plan);
  }
}

NoiseHistory::Noise NoiseHistory::noise_of(const std::map<std::string, Session>& by_plan) {
  Noise noise;
  double within_sum = 0, paired_sum = 0;
  std::map<std::string, std::vector<Squares>> means;           // by commit: one entry a session
  std::map<std::string, std::vector<double>> runs_of_session;  // runs behind each mean
  for (const auto& [plan, session] : by_plan) {
    if (!session.usable) continue;
    ++noise.sessions;
    for (const auto& [side, commit] :
         {std::pair{&session.baseline, &session.baseline_commit}, {&session.head, &session.head_commit}}) {
      if (side->empty()) continue;
      const Squares squares = squares_of(values_of(*side));
      within_sum += squares.sum;
      noise.within_df += squares.df;
      if (commit->empty() || commit->ends_with("-dirty")) continue;  // such a label does not say what ran
      if (side == &session.head && session.head_commit == session.baseline_commit)
        continue;  // two sides of one session are no two sessions
      means[*commit].push_back(squares);
      runs_of_session[*commit].push_back(static_cast<double>(side->size()));
    }
    std::vector<double> ratios;
    for (const auto& [block, value] : session.head) {
      if (const auto partner = session.baseline.find(block); partner != session.baseline.end())
        ratios.push_back(value - partner->second);
    }
    const Squares squares = squares_of(ratios);
    paired_sum += squares.sum;
    noise.paired_df += squares.df;
  }
  if (noise.within_df > 0) noise.within = within_sum / noise.within_df;
  if (noise.paired_df > 0) noise.paired = paired_sum / noise.paired_df;
  double between_sum = 0;
  for (const auto& [commit, list] : means) {
    if (list.size() < 2) continue;
    std::vector<double> centres;
    for (const Squares& one : list) centres.push_back(one.mean);
    const Squares spread = squares_of(centres);
    KTSTR_ASSERT(centres.size() == runs_of_session[commit].size());
    double explained = 0;
    for (const double runs : runs_of_session[commit])
      explained += noise.within / runs / static_cast<double>(list.size());
    between_sum += spread.sum - explained * spread.df;
    noise.between.df += spread.df;
  }
  if (noise.between.df > 0) noise.between.log_variance = std::max(0.0, between_sum / noise.between.df);
  KTSTR_ASSERT(noise.within >= 0 && noise.paired >= 0 && noise.between.log_variance >= 0);
  return noise;
}

ktstr_history NoiseHistory::of(const ScenarioKey& scenario, std::string_view metric) const {
  ktstr_history history = unknown_history();
  ScenarioKey key = scenario;
  key.kernel.clear();
  const auto found = noise_.find({key, std::string(metric)});
  if (found == noise_.end()) return history;
  const Noise& noise = found->second;
  if (noise.within_df > 0) {
    history.log_variance = noise.within;
    history.log_variance_df = noise.within_df;
  }
  if (noise.paired_df > 0) {
    history.paired_log_variance = noise.paired;
    history.paired_log_variance_df = noise.paired_df;
  }
  history.sessions = noise.sessions;
  return history;
}

SessionSpread NoiseHistory::between_sessions(const ScenarioKey& scenario, std::string_view metric) const {
  ScenarioKey key = scenario;
  key.kernel.clear();
  const auto found = noise_.find({key, std::string(metric)});
  return found == noise_.end() ? SessionSpread{} : found->second.between;
}

bool explained_by_sessions(const ktstr_comparison& comparison, const SessionSpread& spread) {
  if (!(spread.df >= 1)) return true;
  double error = 2 * spread.log_variance, mean[2] = {0, 0};
  for (const bool head : {false, true}) {
    const ktstr_samples& side = *(head ? comparison.head : comparison.baseline);
    std::vector<double> logs;
    for (std::uint64_t i = 0; i < side.count; ++i) {
      if (!(side.values[i] > 0)) return true;
      logs.push_back(std::log(side.values[i]));
    }
    if (logs.empty()) return true;
    const Squares squares = squares_of(logs);
    mean[head ? 1 : 0] = squares.mean;
    if (squares.df > 0) error += squares.sum / squares.df / static_cast<double>(logs.size());
  }
  KTSTR_ASSERT(error >= 0);
  const double t = kit::t_critical(spread.df, 0.025);
  return std::fabs(mean[1] - mean[0]) <= t * std::sqrt(error);
}

}  // namespace ktstr
