// SPDX-License-Identifier: Apache-2.0
#include "compare/metric_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "compare/lost_cgroups.hpp"
#include "compare/sample_counts.hpp"
#include "compare/starvation.hpp"
#include "select/metric_names.hpp"
#include "sidecar/cgroup_table.hpp"

namespace ktstr {
namespace {

using Names = std::vector<std::string>;

constexpr double kNothing = 1e-9;  // both sides below it: there is nothing to compare

MetricRule with_declared(MetricRule rule, const DeclaredGate& gate) {
  if (gate.direction) rule.polarity = *gate.direction;
  if (gate.rel_gate) rule.rel_gate = *gate.rel_gate;
  if (gate.abs_gate) rule.abs_gate = *gate.abs_gate;
  return rule;
}

std::optional<double> value_of(const SidecarRecord& record, std::string_view metric) {
  const auto found = record.values.find(metric);
  return found == record.values.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> value_of(const CgroupRecord* record, std::size_t index) {
  KTSTR_ASSERT(record == nullptr || index < record->values.size());
  return record == nullptr || std::isnan(record->values[index]) ? std::nullopt
                                                                : std::optional(record->values[index]);
}

/// Place of the cgroups' own figure behind a metric of the whole run; their number: it has none.
std::size_t index_of_whole(std::string_view metric) {
  const auto rows = cgroup_metrics();
  return static_cast<std::size_t>(
      std::find_if(rows.begin(), rows.end(), [&](const CgroupMetric& row) { return row.whole == metric; }) -
      rows.begin());
}

/// The comparisons of one scenario.
class MetricRows {
 public:
  MetricRows(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set)
      : pair_(pair),
        options_(options),
        set_(set),
        cgroups_(pair.before, pair.after),
        absences_(absences(cgroups_)),
        thinnings_(thinnings(cgroups_)) {
    const auto planned = [](const Records& runs) {
      return std::all_of(runs.begin(), runs.end(), [](const auto* r) { return r->block.has_value(); });
    };
    paired_ = !options.cached && options.alternating && planned(pair.before) && planned(pair.after);
  }

  void add_all(std::set<std::string>& unpooled) {
    for (const Absence& absence : absences_) {
      if (absence.entire()) add_absence(absence);
    }
    for (const Metric& metric : pair_.metrics.rows()) {
      if (metric.compares(!options_.cached)) add_whole(metric, unpooled);
    }
    if (cgroups_.series().size() > 1) {
      for (const CgroupSeries& series : cgroups_.series()) add_cgroup(series);
    }
    list_lost();
    list_starved(pair_.key, cgroups_, set_.starved);
  }

 private:
  struct Have {
    std::size_t sides[2] = {0, 0};
    bool something = false;
    bool both() const { return sides[0] > 0 && sides[1] > 0; }
  };

  const Records& runs(bool head) const { return head ? pair_.after : pair_.before; }

  std::unique_ptr<MetricComparison> make(const Metric& metric, const Names& names) const {
    MetricRule rule = options_.policy.rule(metric, pair_.key.subject(), names);
    bool declared = false;
    for (const DeclaredGate& gate : pair_.gates) {
      if (!gate.phase.empty() || std::find(names.begin(), names.end(), gate.metric) == names.end()) continue;
      rule = with_declared(rule, gate);
      declared = true;
    }
    auto comparison = std::make_unique<MetricComparison>(pair_.key, metric, rule);
    if (declared) comparison->set_declared();
    return comparison;
  }

  /// `value(head, run)`: of the run at that place of its side, if it has one.
  template <typename Value>
  Have fill(MetricComparison& comparison, Value value) const {
    Have have;
    KTSTR_ASSERT(!runs(false).empty() && !runs(true).empty());  // else there is no pair
    for (const bool head : {false, true}) {
      for (std::size_t run = 0; run < runs(head).size(); ++run) {
        const std::optional<double> found = value(head, run);
        if (!found) continue;
        ++have.sides[head ? 1 : 0];
        have.something = have.something || std::fabs(*found) >= kNothing;
        const SidecarRecord& record = *runs(head)[run];
        comparison.add(head, *found, record.block.value_or(0), record.seed.value_or(0), record.host_speed());
      }
    }
    return have;
  }

  void keep(std::unique_ptr<MetricComparison> comparison) {
    comparison->finish(paired_, pair_.key.time_source == "virtual", options_.cached || !options_.alternating);
    set_.metrics.push_back(std::move(comparison));
  }

  bool entirely_absent(Happening what) const {
    return std::any_of(absences_.begin(), absences_.end(),
                       [&](const Absence& a) { return a.entire() && a.takes(what); });
  }

  /// What the values of a row cannot tell: of those that did not happen there are none. `series`: of one
  /// cgroup; null: of the whole run.
  Caution caution_for(Happening needs, const CgroupSeries* series) const {
    Caution caution;
    for (const Absence& absence : absences_) {
      if (series != nullptr && absence.cgroup != series) continue;
      const bool starved = absence.entire() && absence.what == Happening::kIterations;
      if (absence.takes(needs)) return {false, absence.caution()};
      if (starved) caution = {true, absence.caution()};
    }
    for (const Thinning& thinning : thinnings_) {
      const bool concerned = thinning.what == needs && (series == nullptr || thinning.cgroup == series);
      if (concerned) return {false, thinning.caution()};
    }
    return caution;
  }

  /// Cgroups whose own figure is the whole run's in every run of both sides: one fact.
  Names same_fact(const Metric& metric, std::size_t index) const {
    Names names;
    if (index == cgroup_metrics().size()) return names;
    for (const CgroupSeries& series : cgroups_.series()) {
      if (series.name.empty() || !is_whole(metric, index, series)) continue;
      names.push_back(path_of(series.name, cgroup_metrics()[index].name));
    }
    return names;
  }

  bool is_whole(const Metric& metric, std::size_t index, const CgroupSeries& series) const {
    if (cgroups_.series().size() == 1) return true;
    bool some = false;
    for (const bool head : {false, true}) {
      KTSTR_ASSERT(series.side(head).size() == runs(head).size());  // a place for each run
      for (std::size_t run = 0; run < runs(head).size(); ++run) {
        const auto whole = value_of(*runs(head)[run], metric.name),
                   own = value_of(series.side(head)[run], index);
        if (whole != own) return false;
        some = some || own.has_value();
      }
    }
    return some;
  }

  void add_absence(const Absence& absence) {
    const CgroupSeries& series = *absence.cgroup;
    const std::size_t leading = leading_metric(absence.what);
    const bool of_whole = series.name.empty();
    KTSTR_ASSERT(absence.entire() && series.after.size() == pair_.after.size());
    const auto table = cgroup_metrics();
    KTSTR_ASSERT(leading < table.size() && table.size() == pair_.metrics.cgroup_rows().size());
    KTSTR_ASSERT(pair_.metrics.find(table[leading].whole) != nullptr);  // each figure has a whole run's
    const Metric& metric =
        of_whole ? *pair_.metrics.find(table[leading].whole) : pair_.metrics.cgroup_rows()[leading];
    Names names, also;
    for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
      if (table[i].needs != absence.what &&
          (absence.what != Happening::kIterations || table[i].needs == Happening::kAlways))
        continue;
      const bool had = std::any_of(series.before.begin(), series.before.end(),
                                   [&](const CgroupRecord* r) { return value_of(r, i).has_value(); });
      if (!had) continue;
      (i == leading && of_whole ? names : also).push_back(std::string(table[i].whole));
      if (!of_whole) (i == leading ? names : also).push_back(path_of(series.name, table[i].name));
    }
    names.insert(names.begin(), also.begin(), also.end());  // the most special one last
    auto comparison = make(metric, names);
    comparison->set_cgroup(series.name);
    for (const std::string& name : also) comparison->stands_for(name);
    fill(*comparison, [&](bool head, std::size_t run) { return value_of(series.side(head)[run], leading); });
    comparison->settle(
        {absence.clearly_worse() ? std::uint32_t{KTSTR_REGRESSED} : std::uint32_t{KTSTR_INCONCLUSIVE},
         absence.text()});
    keep(std::move(comparison));
  }

  void add_whole(const Metric& metric, std::set<std::string>& unpooled) {
    const std::size_t index = index_of_whole(metric.name);
    const Happening needs =
        index < cgroup_metrics().size() ? cgroup_metrics()[index].needs : Happening::kAlways;
    const Names same = same_fact(metric, index);
    KTSTR_ASSERT(index <= cgroup_metrics().size());
    Names names{std::string(metric.name)};
    names.insert(names.end(), same.begin(), same.end());
    auto comparison = make(metric, names);
    bool head_is_zero = true;
    const Have have = fill(*comparison, [&](bool head, std::size_t run) {
      const SidecarRecord& record = *runs(head)[run];
      const auto value = value_of(record, metric.name);
      head_is_zero = head_is_zero && (!head || value.value_or(0) == 0);
      return value;
    });
    add_parts(*comparison);
    KTSTR_ASSERT(have.sides[0] <= pair_.before.size() && have.sides[1] <= pair_.after.size());
    if (have.sides[1] > 0) set_.head_metrics.insert(names.begin(), names.end());
    if (!have.something) return;
    const bool absent = entirely_absent(needs);
    if (absent && (have.sides[1] == 0 || (needs == Happening::kIterations && head_is_zero)))
      return;  // the absence has a row
    if (!have.both()) return note_one_sided(metric, needs, have.sides[0] == 0);
    if (comparison->lacks_parts()) {
      unpooled.insert(
          std::string(metric.name) + ": mean of the runs' rates, because not every run recorded " +
          (metric.is_rate() ? std::string(metric.numerator) + " and " + std::string(metric.denominator)
                            : std::string("what it divides")));
    }
    for (const std::string& name : same) comparison->stands_for(name);
    comparison->set_caution(caution_for(needs, nullptr));
    keep(std::move(comparison));
  }

  void add_parts(MetricComparison& comparison) const {
    const Metric& metric = comparison.metric();
    if (!metric.is_rate()) return;
    for (const bool head : {false, true}) {
      for (const SidecarRecord* record : runs(head)) {
        const auto numerator = value_of(*record, metric.numerator),
                   denominator = value_of(*record, metric.denominator);
        if (value_of(*record, metric.name) && numerator && denominator)
          comparison.add_parts(head, *numerator, *denominator);
      }
    }
  }

  void note_one_sided(const Metric& metric, Happening needs, bool head_only) {
    const std::string start = shown(pair_.key) + ": " + std::string(metric.name);
    if (head_only && needs != Happening::kAlways && only_on_head(cgroups_, needs)) {
      set_.notes.push_back(start + " has values on HEAD only: on the baseline there was no " +
                           std::string(happening_name(needs)));
      return;
    }
    ++set_.uncovered;
    set_.shortfalls.push_back(
        {ShortfallKind::kNoValue, !head_only, shown(pair_.key), std::string(metric.name), true});
    set_.notes.push_back(start + " was reported by " + (head_only ? "HEAD" : "the baseline") + " only");
  }

  void list_lost() {
    for (Shortfall& lost : lost_cgroups(pair_.key, pair_.before, pair_.after)) {
      ++set_.uncovered;
      set_.notes.push_back(lost.scenario + ": the cgroup " + lost.reason + " is not in the results of " +
                           (lost.head ? "HEAD" : "the baseline") + ", so its figures are not compared");
      set_.shortfalls.push_back(std::move(lost));
    }
  }

  void add_cgroup(const CgroupSeries& series) {
    if (!series.named) return;  // by its place alone it may be another one
    const auto has = [&](bool head) {
      return std::any_of(series.side(head).begin(), series.side(head).end(),
                         [](const CgroupRecord* r) { return r != nullptr; });
    };
    if (!has(false) || !has(true)) return;  // told by list_lost()
    for (std::size_t index = 0; index < cgroup_metrics().size(); ++index) {
      const CgroupMetric& figure = cgroup_metrics()[index];
      const Metric* whole = pair_.metrics.find(figure.whole);
      KTSTR_ASSERT(whole != nullptr);
      const bool gone = std::any_of(absences_.begin(), absences_.end(), [&](const Absence& a) {
        return a.cgroup == &series && a.entire() && a.takes(figure.needs);
      });
      if (gone || is_whole(*whole, index, series)) continue;
      const Metric& metric = pair_.metrics.cgroup_rows()[index];
      const std::string path = path_of(series.name, metric.name);
      auto comparison = make(metric, {std::string(figure.whole), path});
      comparison->set_cgroup(series.name);
      const Have have = fill(
          *comparison, [&](bool head, std::size_t run) { return value_of(series.side(head)[run], index); });
      if (have.sides[1] > 0) set_.head_metrics.insert(path);
      if (!have.something || !have.both()) continue;
      comparison->set_caution(caution_for(figure.needs, &series));
      keep(std::move(comparison));
    }
  }

  const ScenarioPair& pair_;
  const ComparisonOptions& options_;
  ComparisonSet& set_;
  CgroupTable cgroups_;
  std::vector<Absence> absences_;
  std::vector<Thinning> thinnings_;
  bool paired_ = false;
};

/// A gate on something that no run has judges nothing.
void warn_of_idle_gate(const ScenarioPair& pair, const DeclaredGate& gate, ComparisonSet& set) {
  Records all = pair.before;
  all.insert(all.end(), pair.after.begin(), pair.after.end());
  if (std::any_of(all.begin(), all.end(),
                  [&](const SidecarRecord* record) { return tells(*record, gate.metric); }))
    return;
  set.warnings.push_back(shown(pair.key) + ": declares a gate on \"" + printable(gate.metric) +
                         "\", which no run has" + suggestion_of_told(gate.metric, all));
}

}  // namespace

void compare_metrics(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set,
                     std::set<std::string>& unpooled) {
  MetricRows(pair, options, set).add_all(unpooled);
}

void compare_phases(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set) {
  auto rows = phase_rows(pair.key, pair.before, pair.after, pair.metrics, options.policy);
  set.phases.insert(set.phases.end(), std::make_move_iterator(rows.begin()),
                    std::make_move_iterator(rows.end()));
  for (const DeclaredGate& gate : pair.gates) {
    const Metric* metric = pair.metrics.find_path(gate.metric);
    if (metric == nullptr) {
      set.warnings.push_back(shown(pair.key) + ": declares a gate on \"" + printable(gate.metric) +
                             "\", which is no metric" + pair.metrics.path_suggestion(gate.metric));
    } else if (gate.phase.empty()) {
      warn_of_idle_gate(pair, gate, set);
    } else {
      auto comparison = phase_comparison(
          pair.key, gate, *metric, with_declared(options.policy.rule(*metric, pair.key.subject()), gate),
          pair.before, pair.after);
      if (comparison == nullptr) {
        set.warnings.push_back(shown(pair.key) + ": declares a gate on " + printable(gate.metric) +
                               " in the phase \"" + printable(gate.phase) +
                               "\", which no run of both sides has");
      } else {
        set.metrics.push_back(std::move(comparison));
      }
    }
  }
}

}  // namespace ktstr
