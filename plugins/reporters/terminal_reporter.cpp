// SPDX-License-Identifier: Apache-2.0
#include "terminal_reporter.hpp"

#include <algorithm>
#include <cmath>

#include "display.hpp"

namespace ktstr::reporters {
namespace {

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? safe(value->get_string()) : std::string();
}

std::uint64_t count_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  boost::system::error_code error;
  const std::uint64_t count = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
  return error ? 0 : count;
}

bool flag_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> texts_in(const json::object& object, const char* key) {
  std::vector<std::string> texts;
  if (const json::value* value = object.if_contains(key); value != nullptr && value->is_array()) {
    for (const json::value& element : value->get_array()) {
      if (element.is_string()) texts.push_back(safe(element.get_string()));
    }
  }
  return texts;
}

json::object object_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(safe(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : separator) + part;
  }
  return out;
}

/// " ±3 %": half the spread of a side's values over its mean.
std::string spread_of(const ktstr_samples& samples, double estimate) {
  if (samples.count < 2 || estimate == 0) return {};
  const auto [least, most] = std::minmax_element(samples.values, samples.values + samples.count);
  const double half = (*most - *least) / 2 / std::fabs(estimate) * 100;
  return std::isfinite(half) ? " ±" + (half < 9.5 ? number(std::round(half * 10) / 10) : number(std::round(half))) + "%" : std::string();
}

}  // namespace

TerminalReporter::TerminalReporter(sdk::Host, std::string_view options) {
  if (options.find_first_not_of(" \t\r\n{}") != std::string_view::npos) throw sdk::Error(KTSTR_INVALID_ARGUMENT, "reporter terminal: it has no options");
}

void TerminalReporter::begin(const sdk::Writer& out, const ktstr_report_begin& begin) {
  paint_ = Paint((begin.flags & KTSTR_REPORT_COLOUR) != 0);
  document_ = begin.document;
  flags_ = begin.flags;
  width_ = begin.width;
  begin_ = parse_object(sdk::view(begin.extra_json));
  if (document_ == KTSTR_DOCUMENT_TEST_RUN) {
    const std::uint64_t others = count_in(begin_, "not_selected");
    out.write("Running " + count_of(count_in(begin_, "tests"), "test", "tests") + " of " + text_of(begin_, "project") +
              (text_of(begin_, "kernel").empty() ? "" : " on kernel " + text_of(begin_, "kernel")) +
              (others > 0 ? " (" + count_of(others, "test", "tests") + " not selected)" : "") + "\n");
    return;
  }
  const json::object baseline = object_in(begin_, "baseline"), head = object_in(begin_, "head");
  const bool repeated = text_of(begin_, "mode") == "repeated";
  const std::uint64_t repeats = count_in(begin_, "repeats");
  std::string line = "Baseline " + paint_.bold(text_of(baseline, "label")) + " (" + text_of(baseline, "how") + "), HEAD " + paint_.bold(text_of(head, "label")) + "\n";
  line += paint_.dim((repeated ? count_of(repeats, "run", "runs") + " a side" : std::string("stored sidecars")) + (flag_in(begin_, "deterministic") ? ", deterministic" : "") +
                     ", judged by " + joined(texts_in(begin_, "gates"), " and ")) + "\n";
  for (const std::string& warning : texts_in(begin_, "warnings")) line += paint_.yellow("warning: ") + wrapped(warning, 9, width_) + "\n";
  out.write(line + "\n");
}

void TerminalReporter::row(const sdk::Writer& out, const ktstr_report_row& row) {
  if (row.test != nullptr) test_row(out, row);
  if (row.comparison != nullptr) comparison_row(row);
}

void TerminalReporter::test_row(const sdk::Writer& out, const ktstr_report_row& row) {
  std::string word, name = safe(sdk::view(row.test->name));
  switch (row.outcome) {
    case KTSTR_TEST_PASSED: word = paint_.green(pad_left("PASS", 12)); break;
    case KTSTR_TEST_FAILED: word = paint_.bold_red(pad_left("FAIL", 12)); break;
    case KTSTR_TEST_SKIPPED: word = paint_.yellow(pad_left("SKIP", 12)); break;
    case KTSTR_TEST_INCONCLUSIVE: word = paint_.yellow(pad_left("INCONCLUSIVE", 12)); break;
    default: word = paint_.bold_red(pad_left("ERROR", 12)); break;
  }
  const std::vector<std::string> lines = lines_of(sdk::view(row.message));
  const std::string status = word + " [" + pad_left(seconds(row.duration_ns), 9) + "] " + paint_.bold(name) + paint_.dim(" " + safe(sdk::view(row.test->topology)) + " " + safe(sdk::view(row.test->scheduler)));
  std::string reason;
  if (row.outcome != KTSTR_TEST_PASSED && !lines.empty()) reason = ": " + lines.front();
  out.write(status + reason + "\n");
  if (row.outcome == KTSTR_TEST_PASSED) return;
  std::string again = status + "\n";
  for (const std::string& line : lines) again += "    " + wrapped(line, 4, width_) + "\n";
  if (row.location.len > 0) again += "    dump: " + safe(sdk::view(row.location)) + "\n";
  failures_.push_back(std::move(again));
}

void TerminalReporter::comparison_row(const ktstr_report_row& row) {
  const ktstr_comparison& c = *row.comparison;
  const bool informational = c.polarity == KTSTR_INFORMATIONAL;
  std::string outcome;
  switch (row.outcome) {
    case KTSTR_REGRESSED: outcome = informational ? "informational" : "REGRESSED"; break;
    case KTSTR_IMPROVED: outcome = informational ? "informational" : "improved"; break;
    case KTSTR_INCONCLUSIVE: outcome = "inconclusive"; break;
    case KTSTR_EQUIVALENT: outcome = "equivalent"; break;
    default: outcome = "unchanged"; break;
  }
  const bool quiet = row.outcome == KTSTR_UNCHANGED || row.outcome == KTSTR_EQUIVALENT;
  if (quiet && (flags_ & KTSTR_REPORT_ALL) == 0) return;
  const auto s = [](ktstr_str text) { return safe(sdk::view(text)); };
  const std::string title = joined({s(c.scenario->test), s(c.scenario->topology), s(c.scenario->scheduler), s(c.scenario->work_type), s(c.scenario->kernel)}, "  ");
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const TableGroup& g) { return g.title == title; });
  if (group == groups_.end()) group = groups_.insert(groups_.end(), TableGroup{title, {}});
  const std::string_view unit = sdk::view(c.unit);
  const bool wide = width_ == 0 || width_ >= 100;
  group->rows.push_back({s(c.metric), quantity(c.baseline_estimate, unit) + (wide ? spread_of(c.baseline, c.baseline_estimate) : ""),
                         quantity(c.head_estimate, unit) + (wide ? spread_of(c.head, c.head_estimate) : ""), relative_change(row.verdict->effect_rel),
                         probability(row.verdict->p_value), outcome, quiet ? "" : safe(row.verdict->text)});
}

std::string TerminalReporter::test_summary(const json::object& last) const {
  std::string out;
  if (!failures_.empty()) {
    out += "\n";
    for (const std::string& failure : failures_) out += failure;
  }
  const std::uint64_t passed = count_in(last, "passed"), failed = count_in(last, "failed"), errors = count_in(last, "errors"), skipped = count_in(last, "skipped"),
                      inconclusive = count_in(last, "inconclusive"), not_run = count_in(last, "not_run");
  const std::uint64_t ended = passed + failed + errors + skipped + inconclusive;
  const bool partial = flag_in(last, "interrupted"), bad = failed + errors > 0;
  std::vector<std::string> parts = {paint_.green(std::to_string(passed) + " passed")};
  if (failed > 0) parts.push_back(paint_.bold_red(std::to_string(failed) + " failed"));
  if (errors > 0) parts.push_back(paint_.bold_red(std::to_string(errors) + " could not run"));
  if (inconclusive > 0) parts.push_back(paint_.yellow(std::to_string(inconclusive) + " inconclusive"));
  if (skipped > 0) parts.push_back(paint_.yellow(std::to_string(skipped) + " skipped"));
  if (not_run > 0) parts.push_back(paint_.yellow(std::to_string(not_run) + " not started"));
  const std::string word = pad_left("Summary", 12);
  out += (bad ? paint_.bold_red(word) : partial || passed == 0 ? paint_.yellow(word) : paint_.green(word)) + " [" + pad_left(seconds(count_in(last, "duration_ns")), 9) + "] " +
         count_of(ended, "test", "tests") + " run: " + joined(parts, ", ") + "\n";
  if (partial) out += paint_.yellow("interrupted: this result is partial") + "\n";
  if (count_in(last, "sidecars") > 0) out += paint_.dim(count_of(count_in(last, "sidecars"), "sidecar", "sidecars") + " in " + text_of(last, "location")) + "\n";
  return out;
}

std::string TerminalReporter::comparison_summary(const json::object& last) const {
  std::string out = comparison_table(groups_, width_, paint_);
  if (!groups_.empty()) out += "\n";
  const json::object counts = object_in(last, "counts");
  const std::uint64_t regressed = count_in(counts, "regressed"), threshold = count_in(last, "fail_threshold");
  const auto part = [&](const char* key, const char* word) { return count_in(counts, key) > 0 ? std::to_string(count_in(counts, key)) + " " + word : std::string(); };
  const std::string verdict = text_of(last, "verdict");
  if (count_in(last, "scenarios") > 0) {
    out += count_of(count_in(last, "scenarios"), "scenario", "scenarios") + ": " +
           joined({std::to_string(regressed) + " regressed", part("improved", "improved"), part("unchanged", "unchanged"), part("inconclusive", "inconclusive"),
                   part("informational", "informational"), part("excluded", "left out"), part("new", "new"), part("removed", "removed")},
                  ", ") + "\n";
  }
  for (const std::string& note : texts_in(last, "notes")) out += "note: " + wrapped(note, 6, width_) + "\n";
  if (verdict == "fail") {
    const std::vector<std::string> tripped = texts_in(last, "must_fail");
    out += paint_.bold_red("FAIL") + ": " + count_of(regressed, "metric", "metrics") + " got worse" +
           (!tripped.empty() ? ", among them " + joined(tripped, ", ") + " (--must-fail)" : " (the build fails from " + std::to_string(threshold) + " on)") + "\n";
  } else if (verdict == "inconclusive") {
    out += paint_.yellow("INCONCLUSIVE") + ": not everything could be judged" + (regressed > 0 ? "; " + count_of(regressed, "metric", "metrics") + " got worse" : "") + "\n";
  } else if (verdict == "empty") {
    out += paint_.yellow("NOTHING TO COMPARE") + "\n";
  } else {
    const std::string below = threshold == 0 ? "counting is off" : "below the " + std::to_string(threshold) + " that fail the build";
    out += paint_.green("PASS") + ": " + (regressed == 0 ? "no metric got worse" : count_of(regressed, "metric", "metrics") + " got worse, " + below) + "\n";
  }
  for (const std::string& next : texts_in(last, "next")) out += paint_.dim("next: ") + wrapped(next, 6, width_) + "\n";
  return out;
}

void TerminalReporter::end(const sdk::Writer& out, const ktstr_report_end& end) {
  const json::object last = parse_object(sdk::view(end.extra_json));
  out.write(document_ == KTSTR_DOCUMENT_TEST_RUN ? test_summary(last) : comparison_summary(last));
}

}  // namespace ktstr::reporters
