// SPDX-License-Identifier: Apache-2.0
#include "judge/expectations.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "judge/phases.hpp"

namespace ktstr::kvm {
namespace {

std::string shortest_text(double value) { return kit::significant(value, 6); }

std::string in_quotes(const std::string& text) { return '"' + printable_start(text, 100) + '"'; }

std::string limits_text(const Expectation& wanted) {
  KTSTR_ASSERT(wanted.min || wanted.max);
  if (wanted.min && wanted.max)
    return "expected from " + shortest_text(*wanted.min) + " to " + shortest_text(*wanted.max);
  return wanted.min ? "expected at least " + shortest_text(*wanted.min)
                    : "expected at most " + shortest_text(*wanted.max);
}

bool within_limits(const Expectation& wanted, double value) {
  return (!wanted.min || value >= *wanted.min) && (!wanted.max || value <= *wanted.max);
}

/// A phase or a snapshot, by what its figures are called.
struct NamedFigures {
  std::string name;
  Metrics figures;
};

NamedFigures figures_of(const Phase& phase) {
  NamedFigures place{phase.label, phase.metrics};
  for (const auto& [cgroup, metrics] : phase.cgroups) {
    for (const auto& [metric, value] : metrics) place.figures[cgroup + "/" + metric] = value;
  }
  return place;
}

/// What came of a scenario, as expectations look at it.
struct Course {
  const ScenarioReport& scenario;
  const MonitorReport& monitor;
  std::vector<Phase> phases;
  std::vector<NamedFigures> of_phases, of_snapshots;  ///< each in order

  const NamedFigures* find(const std::string& name) const {
    for (const auto* list : {&of_phases, &of_snapshots}) {
      for (const NamedFigures& place : *list) {
        if (place.name == name) return &place;
      }
    }
    return nullptr;
  }
};

/// One expectation in the making of its findings.
struct Question {
  const Expectation& wanted;
  const Course& course;
  Findings& findings;

  void fail(const std::string& what) const {
    findings.fail(what + " (expect: " + std::string(wanted.type->name) + ")");
  }
  void doubt(const std::string& why) const {
    findings.doubt("what is expected of " + in_quotes(wanted.value.empty() ? wanted.series : wanted.value) +
                   " (" + std::string(wanted.type->name) + ") cannot be judged: " + why);
  }
  std::optional<double> figure(const std::string& at) const {
    const NamedFigures* place = course.find(at);
    if (place == nullptr) {
      doubt(in_quotes(at) + " was not reached");
      return std::nullopt;
    }
    const auto found = place->figures.find(wanted.value);
    if (found != place->figures.end() && std::isfinite(found->second)) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, value] : place->figures) names.push_back(name);
    doubt(in_quotes(at) + " has no such figure" + sdk::did_you_mean(wanted.value, names));
    return std::nullopt;
  }
};

void judge_between(const Question& question) {
  const Expectation& wanted = question.wanted;
  const std::optional<double> value = question.figure(wanted.at);
  if (value && !within_limits(wanted, *value))
    question.fail(in_quotes(wanted.value) + " of " + in_quotes(wanted.at) + " is " + shortest_text(*value) +
                  ", " + limits_text(wanted));
}

void judge_ratio(const Question& question) {
  const Expectation& wanted = question.wanted;
  const std::optional<double> value = question.figure(wanted.at), base = question.figure(wanted.than);
  if (!value || !base) return;
  if (*base == 0) return question.doubt("it is 0 in " + in_quotes(wanted.than));
  if (const double ratio = *value / *base; !within_limits(wanted, ratio))
    question.fail(in_quotes(wanted.value) + " of " + in_quotes(wanted.at) + " is " + shortest_text(*value) +
                  ", " + shortest_text(ratio) + " times the " + shortest_text(*base) + " of " +
                  in_quotes(wanted.than) + ", " + limits_text(wanted));
}

void judge_growth(const Question& question) {
  const std::string& name = question.wanted.value;
  for (const auto* places : {&question.course.of_snapshots, &question.course.of_phases}) {
    const NamedFigures* last = nullptr;
    std::size_t known = 0;
    for (const NamedFigures& place : *places) {
      const auto found = place.figures.find(name);
      if (found == place.figures.end()) continue;
      ++known;
      if (last != nullptr && found->second < last->figures.at(name))
        return question.fail(in_quotes(name) + " falls from " + shortest_text(last->figures.at(name)) +
                             " in " + in_quotes(last->name) + " to " + shortest_text(found->second) + " in " +
                             in_quotes(place.name));
      last = &place;
    }
    if (known >= 2) return;
  }
  question.doubt("fewer than two phases or snapshots have it");
}

struct Point {
  std::uint64_t at_ns = 0;
  double value = 0;
};

std::optional<double> value_in(const MonitorSample& sample, std::string_view series) {
  if (series == "nr_running") return static_cast<double>(sample.running);
  if (series == "idle_cpus") return sample.idle;
  if (series == "imbalance") return sample.imbalance;
  if (series == "rq_clock_ns") return static_cast<double>(sample.slowest_clock);
  KTSTR_ASSERT(series == "local_dsq_depth");
  return sample.queued ? std::optional<double>(sample.deepest) : std::nullopt;
}

/// The stretch that is looked at, and its samples; too few of them are a doubt.
struct Stretch {
  std::uint64_t from_ns = 0, to_ns = 0;
  std::vector<Point> points;
};

std::optional<Stretch> stretch_of(const Question& question) {
  constexpr std::size_t kFewest = 3;
  const ScenarioReport& scenario = question.course.scenario;
  Stretch stretch{scenario.start_ns, scenario.end_ns, {}};
  for (const Phase& phase : question.course.phases) {
    if (phase.label == question.wanted.at && !question.wanted.at.empty())
      stretch = {scenario.start_ns + phase.start_ns, scenario.start_ns + phase.end_ns, {}};
  }
  for (const MonitorSample& sample : question.course.monitor.samples) {
    if (!sample.valid || sample.at_ns < stretch.from_ns || sample.at_ns > stretch.to_ns) continue;
    if (const std::optional<double> value = value_in(sample, question.wanted.series))
      stretch.points.push_back({sample.at_ns, *value});
  }
  if (stretch.points.size() >= kFewest) return stretch;
  question.doubt(question.course.monitor.reason.empty()
                     ? std::to_string(stretch.points.size()) + " samples have it, and " +
                           std::to_string(kFewest) + " are needed"
                     : printable_start(question.course.monitor.reason, 300));
  return std::nullopt;
}

std::string moment_text(const Stretch& stretch, std::uint64_t at_ns) {
  KTSTR_ASSERT(at_ns >= stretch.from_ns && at_ns <= stretch.to_ns);
  return "+" + std::to_string((at_ns - stretch.from_ns) / kNsPerMs) + " ms";
}

void judge_non_decreasing(const Question& question) {
  const std::optional<Stretch> stretch = stretch_of(question);
  if (!stretch) return;
  for (std::size_t i = 1; i < stretch->points.size(); ++i) {
    const Point &before = stretch->points[i - 1], &now = stretch->points[i];
    if (now.value < before.value)
      return question.fail(in_quotes(question.wanted.series) + " falls from " + shortest_text(before.value) +
                           " to " + shortest_text(now.value) + " at " + moment_text(*stretch, now.at_ns));
  }
}

void judge_settles(const Question& question) {
  const std::optional<Stretch> stretch = stretch_of(question);
  if (!stretch) return;
  const Expectation& wanted = question.wanted;
  const auto outside = [&](const Point& point) { return !within_limits(wanted, point.value); };
  const auto last = std::find_if(stretch->points.rbegin(), stretch->points.rend(), outside);
  if (last == stretch->points.rend()) return;
  const std::string what = in_quotes(wanted.series) + " is " + shortest_text(last->value) + " at " +
                           moment_text(*stretch, last->at_ns) + ", " + limits_text(wanted);
  if (last == stretch->points.rbegin())
    question.fail(what + ": it has not settled");
  else if (last->at_ns - stretch->from_ns > wanted.within_ms * kNsPerMs)
    question.fail(what + " from +" + std::to_string(wanted.within_ms) + " ms on");
}

void judge_never_above(const Question& question) {
  const std::optional<Stretch> stretch = stretch_of(question);
  if (!stretch) return;
  const Expectation& wanted = question.wanted;
  KTSTR_ASSERT(wanted.max.has_value());  // the table of expectations requires it
  std::optional<Point> first;
  double highest = 0;
  for (const Point& point : stretch->points) {
    if (point.value <= *wanted.max) {
      first.reset();
      continue;
    }
    highest = first ? std::max(highest, point.value) : point.value;
    if (!first) first = point;
    const std::uint64_t lasted_ns = point.at_ns - first->at_ns;
    KTSTR_ASSERT(point.at_ns >= first->at_ns);
    if (wanted.for_ms == 0 || lasted_ns > wanted.for_ms * kNsPerMs)
      return question.fail(in_quotes(wanted.series) + " is above " + shortest_text(*wanted.max) + " from " +
                           moment_text(*stretch, first->at_ns) + " on for at least " +
                           std::to_string(lasted_ns / kNsPerMs) + " ms, up to " + shortest_text(highest) +
                           ", at most " + std::to_string(wanted.for_ms) + " ms are expected");
  }
}

constexpr std::pair<std::string_view, void (*)(const Question&)> kExpectationJudges[] = {
    {"between", judge_between}, {"ratio", judge_ratio},
    {"grows", judge_growth},    {"non_decreasing", judge_non_decreasing},
    {"settles", judge_settles}, {"never_above", judge_never_above},
};
static_assert(std::size(kExpectationJudges) == kExpectationTypes.size(),
              "every expectation has one function");

}  // namespace

void judge_expectations(const TestSpec& test, const ScenarioReport& scenario, const MonitorReport& monitor,
                        Findings& findings) {
  if (test.expectations.empty()) return;
  Course course{scenario, monitor, phases_of(test, scenario, monitor), {}, {}};
  for (const Phase& phase : course.phases) course.of_phases.push_back(figures_of(phase));
  for (const Snapshot& snapshot : scenario.snapshots)
    course.of_snapshots.push_back({snapshot.name, snapshot.values});
  for (const Expectation& wanted : test.expectations) {
    for (const auto& [name, function] : kExpectationJudges) {
      if (name == wanted.type->name) function({wanted, course, findings});
    }
  }
}

}  // namespace ktstr::kvm
