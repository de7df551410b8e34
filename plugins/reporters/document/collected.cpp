// SPDX-License-Identifier: Apache-2.0
#include "document/collected.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "display.hpp"
#include "json_reporter.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

std::string owned(ktstr_str text) { return std::string(sdk::view(text)); }

/// As it is, unlike text_of().
std::string raw_text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Standing standing_of(const ktstr_report_row& row, const json::object& facts) {
  if ((row.flags & KTSTR_ROW_INFORMATIONAL) != 0 || row.comparison->polarity == KTSTR_INFORMATIONAL ||
      (flag_in(facts, "overcommitted") && !flag_in(facts, "declared")))
    return Standing::kInformational;
  if (row.outcome == KTSTR_REGRESSED)
    return flag_in(facts, "suspect") ? Standing::kSuspect : Standing::kFinding;
  return row.outcome == KTSTR_INCONCLUSIVE ? Standing::kUndecided : Standing::kFine;
}

Change change_of(const ktstr_report_row& row) {
  const ktstr_comparison& c = *row.comparison;
  const json::object facts = kit::object_or_empty(sdk::view(row.extra_json));
  Change change;
  change.test = owned(c.scenario->test);
  change.topology = owned(c.scenario->topology);
  change.scheduler = owned(c.scenario->scheduler);
  change.work_type = owned(c.scenario->work_type);
  change.kernel = owned(c.scenario->kernel);
  change.plain_metric = change.metric = owned(c.metric);
  if (const std::string phase = raw_text(facts, "phase"); !phase.empty()) change.metric += " in " + phase;
  change.unit = owned(c.unit);
  change.text = row.verdict->text;
  change.standing = standing_of(row, facts);
  change.outcome = outcome_name(
      row.outcome, change.standing == Standing::kInformational ? KTSTR_INFORMATIONAL : c.polarity);
  change.polarity = c.polarity;
  change.alone_fails = (row.flags & (KTSTR_ROW_DECLARED | KTSTR_ROW_MUST_FAIL)) != 0;
  change.before = c.baseline->count == 0 ? kit::kNaN : c.baseline_estimate;
  change.after = c.head->count == 0 ? kit::kNaN : c.head_estimate;
  change.relative = row.verdict->effect_rel;
  change.ci_low = row.verdict->ci_low;
  change.ci_high = row.verdict->ci_high;
  change.p = row.verdict->p_value;
  change.q = row.verdict->q_value;
  change.baseline.assign(c.baseline->values, c.baseline->values + c.baseline->count);
  change.head.assign(c.head->values, c.head->values + c.head->count);
  for (const json::object& point : objects_in(facts, "history")) {
    change.history.push_back({raw_text(point, "commit"), raw_text(point, "when"), number_in(point, "mean"),
                              number_in(point, "min"), number_in(point, "max"), number_in(point, "runs")});
  }
  return change;
}

/// "4 tests of demo on kernel 6.18.2: 3 passed, 1 failed"
std::string test_sentence(const Collected& all) {
  const auto part = [&](std::uint32_t outcome, const char* word) {
    const std::size_t count = all.count(outcome);
    return count == 0 && outcome != KTSTR_TEST_PASSED ? std::string() : std::to_string(count) + " " + word;
  };
  const std::vector<std::string> kernels = texts_in(all.begin, "kernels");
  const std::string kernel = kernels.empty() ? text_of(all.begin, "kernel") : joined(kernels, ", ");
  return count_of(all.tests.size(), "test", "tests") +
         (all.project().empty() ? "" : " of " + printable(all.project())) +
         (kernel.empty() ? "" : " on kernel " + kernel) + ": " +
         joined({part(KTSTR_TEST_PASSED, "passed"), part(KTSTR_TEST_FAILED, "failed"),
                 part(KTSTR_TEST_FLAKY, "flaky"), part(KTSTR_TEST_ERROR, "could not run"),
                 part(KTSTR_TEST_INCONCLUSIVE, "inconclusive"), part(KTSTR_TEST_SKIPPED, "skipped"),
                 all.not_run.empty() ? "" : std::to_string(all.not_run.size()) + " not started"},
                ", ");
}

/// The host says what a document without rows is; one that ended early has none.
std::string body_name_of(std::uint32_t document, ktstr_str body_json) {
  const std::string name = raw_text(kit::object_or_empty(sdk::view(body_json)), "document");
  if (!name.empty()) return name;
  return document == KTSTR_DOCUMENT_CALIBRATE ? "calibrate"
         : document == KTSTR_DOCUMENT_BISECT  ? "bisect"
                                              : "stats";
}

}  // namespace

std::string Change::scenario() const { return joined({test, topology, scheduler, work_type, kernel}, " "); }

std::string Change::sentence() const {
  const std::string shown = printable(text);
  if (standing == Standing::kUndecided) return shown.empty() ? "cannot be judged" : shown;
  const bool adjusted = std::isfinite(q);
  const double chance = adjusted ? q : p;
  const std::string sure = std::isfinite(chance) ? std::string(adjusted ? "q" : "p") +
                                                       (chance < 0.001 ? "" : "=") + probability(chance)
                                                 : std::string();
  const std::string verb = after > before ? "rose" : after < before ? "fell" : "went";
  return verb + " from " + quantity(before, unit) + " to " + quantity(after, unit) + " (" +
         joined({relative_change(relative), sure, shown}, ", ") + ")";
}

std::string Collected::title() const {
  if (!is_body()) return is_delta() ? "ktstr perf-delta" : "ktstr test";
  return "ktstr " + body_name + (exit_code != 0 || is_partial() ? ": INCONCLUSIVE" : "");
}

bool Collected::is_partial() const {
  return status != KTSTR_REPORT_COMPLETE || !not_run.empty() || flag_in(end, "interrupted");
}

std::size_t Collected::count(std::uint32_t outcome) const {
  return static_cast<std::size_t>(std::count_if(
      tests.begin(), tests.end(), [&](const TestResult& test) { return test.outcome == outcome; }));
}

bool Collected::flaky_fails() const {
  constexpr int kTestsFailed = 1;  // the command's exit code
  return exit_code == kTestsFailed && count(KTSTR_TEST_FLAKY) > 0 &&
         count(KTSTR_TEST_FAILED) + count(KTSTR_TEST_ERROR) == 0;
}

std::string Collected::project() const { return raw_text(begin, "project"); }

Verdict Collected::verdict() const {
  if (is_delta()) {
    const std::string word = text_of(end, "verdict");
    if (word == "fail") return Verdict::kFail;
    return word == "pass" && exit_code == 0 && !is_partial() ? Verdict::kPass : Verdict::kUndecided;
  }
  if (count(KTSTR_TEST_FAILED) + count(KTSTR_TEST_ERROR) > 0 || flaky_fails()) return Verdict::kFail;
  const bool any = count(KTSTR_TEST_PASSED) + count(KTSTR_TEST_FLAKY) > 0;
  return exit_code == 0 && !is_partial() && any ? Verdict::kPass : Verdict::kUndecided;
}

std::string_view Collected::verdict_word() const {
  const Verdict is = verdict();
  return is == Verdict::kPass ? "PASS" : is == Verdict::kFail ? "FAIL" : "INCONCLUSIVE";
}

std::string Collected::sentence() const {
  std::string said = is_delta() ? text_of(end, "headline") : test_sentence(*this);
  if (said.empty()) said = "nothing was compared";
  if (status == KTSTR_REPORT_CANCELLED || flag_in(end, "interrupted")) {
    said += "; interrupted: this result is partial";
  } else if (is_partial()) {
    said += "; this result is partial";
  } else if (exit_code != 0 && verdict() == Verdict::kUndecided) {
    said += "; the command ended with " + std::to_string(exit_code);
  }
  return said;
}

std::vector<std::string> hindrances(const Collected& all) {
  std::vector<std::string> out;
  for (const json::object& row : objects_in(all.end, "missing")) {
    if (flag_in(row, "minor")) continue;
    std::string kind = text_of(row, "kind");
    std::replace(kind.begin(), kind.end(), '_', ' ');
    const std::string scenario = text_of(row, "scenario"), reason = text_of(row, "reason");
    out.push_back((text_of(row, "side") == "head" ? "HEAD, " : "baseline, ") + kind +
                  (reason.empty() ? "" : ": " + reason) + (scenario.empty() ? "" : " (" + scenario + ")"));
  }
  return out;
}

std::string repository_root(std::string_view project_dir) {
  namespace fs = std::filesystem;
  const fs::path project(project_dir);
  for (fs::path at = project; !at.empty(); at = at.parent_path()) {
    std::error_code error;
    if (fs::exists(at / ".git", error)) return at.string();
    if (at == at.parent_path()) break;
  }
  return project.string();
}

std::string relative_inside(std::string_view path, std::string_view directory) {
  if (!directory.empty() && path.starts_with(directory) && path.size() > directory.size() + 1 &&
      path[directory.size()] == '/')
    path.remove_prefix(directory.size() + 1);
  return std::string(path);
}

CollectingReporter::CollectingReporter(const sdk::Creation& creation)
    : root_(repository_root(creation.project_dir)) {}

void CollectingReporter::begin(const sdk::Writer& out, const ktstr_report_begin& begin) {
  all_.document = begin.document;
  all_.begin = kit::object_or_empty(sdk::view(begin.extra_json));
  for (std::uint64_t i = 0; i < begin.test_count; ++i) planned_.push_back(owned(begin.tests[i]->name));
  all_.planned = planned_.size();
  started(out, all_);
}

void CollectingReporter::row(const sdk::Writer& out, const ktstr_report_row& row) {
  if (row.comparison != nullptr) all_.changes.push_back(change_of(row));
  if (row.test == nullptr) return;
  const json::object facts = kit::object_or_empty(sdk::view(row.extra_json));
  TestResult result{owned(row.test->name),
                    owned(row.test->topology),
                    owned(row.test->scheduler),
                    raw_text(facts, "kernel"),
                    relative_inside(sdk::view(row.test->manifest), root_),
                    owned(row.message),
                    relative_inside(sdk::view(row.location), root_),
                    row.outcome,
                    row.duration_ns,
                    {},
                    {}};
  for (const json::object& attempt : objects_in(facts, "earlier_attempts"))
    result.earlier.push_back({raw_text(attempt, "outcome"), raw_text(attempt, "reason")});
  for (const json::object& span : objects_in(facts, "timeline"))
    result.timeline.push_back(
        {raw_text(span, "label"), number_in(span, "begin_ms"), number_in(span, "end_ms")});
  if (result.kernel.empty()) result.kernel = raw_text(all_.begin, "kernel");
  all_.tests.push_back(std::move(result));
  added(out, all_);
}

void CollectingReporter::end(const sdk::Writer& out, const ktstr_report_end& end) {
  all_.end = kit::object_or_empty(sdk::view(end.extra_json));
  all_.status = end.status;
  all_.exit_code = end.exit_code;
  if (all_.is_body()) {
    all_.body = owned(end.body_text);
    all_.body_name = body_name_of(all_.document, end.body_json);
  }
  std::set<std::string_view> ended;
  for (const TestResult& test : all_.tests) ended.insert(test.name);
  for (std::string& name : planned_) {
    if (!ended.contains(name)) all_.not_run.push_back(std::move(name));
  }
  KTSTR_ASSERT(all_.not_run.size() <= all_.planned);
  out.write(text(all_));
}

}  // namespace ktstr::reporters
