// SPDX-License-Identifier: Apache-2.0
#include "terminal_delta.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "display.hpp"
#include "json_reporter.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kOutcome = 13;  // columns of the verdict
constexpr std::size_t kListed = 6;    // scenarios that are missing for one reason
constexpr std::size_t kValue = 10;    // columns of a side's value; longer ones stick out, so that they do not widen every row

std::string safe_text(ktstr_str text) { return safe(sdk::view(text)); }

/// "198.8 µs (196.1 to 201.3)": the range repeats a unit only where it is another one.
std::string with_range(double mean, double low, double high, std::uint64_t n, std::string_view unit) {
  const std::string shown = quantity(mean, unit);
  if (n < 2 || low == high) return unbroken(shown);
  const std::string suffix = unit.empty() ? "" : shown.substr(std::min(shown.rfind(' '), shown.size()));
  const auto end = [&](double value) {
    std::string text = quantity(value, unit);
    if (!suffix.empty() && text.ends_with(suffix)) text.erase(text.size() - suffix.size());
    return text;
  };
  return unbroken(shown) + " " + unbroken("(" + end(low) + " to " + end(high) + ")");
}

/// "4.96 ms to 5.4 ms", empty when the values do not differ.
std::string range_of(const ktstr_samples& samples, std::string_view unit) {
  if (samples.count < 2) return {};
  const auto [low, high] = std::minmax_element(samples.values, samples.values + samples.count);
  return *low == *high ? std::string() : unbroken(quantity(*low, unit) + " to " + quantity(*high, unit));
}

/// "95 %: +55 % to +66 %". An interval made of differences may reach below nothing left, which no value can.
std::string interval_of(const ktstr_verdict& verdict) {
  if (!std::isfinite(verdict.ci_low) || !std::isfinite(verdict.ci_high)) return {};
  return unbroken("95 %: " + relative_change(std::max(verdict.ci_low, 0.0) - 1) + " to " + relative_change(verdict.ci_high - 1));
}

std::string chances_of(const ktstr_verdict& verdict) {
  const auto one = [](const char* name, double p) { return std::isfinite(p) ? std::string(name) + (p < 0.001 ? "" : "=") + probability(p) : std::string(); };
  return joined({one("p", verdict.p_value), one("q", verdict.q_value)}, ", ");
}

std::string capital(std::uint32_t outcome, std::uint32_t polarity) {
  const std::string name(outcome_name(outcome, polarity));
  return name == "regressed" ? "REGRESSED" : name;
}

std::vector<std::string> scenario_in(const json::object& row) {
  return {text_of(row, "test"), text_of(row, "topology"), text_of(row, "scheduler"), text_of(row, "work_type"), text_of(row, "kernel")};
}

}  // namespace

std::string TerminalDelta::labelled(const std::string& label, const std::string& text, const std::string& painted_label) const {
  return (painted_label.empty() ? label : painted_label) + ": " + wrapped(text, label.size() + 2, width_) + "\n";
}

std::string TerminalDelta::heading() const {
  const json::object baseline = object_in(begin_, "baseline"), head = object_in(begin_, "head");
  std::string out = wrapped("Baseline " + paint_.bold(text_of(baseline, "label")) + " (" + text_of(baseline, "how") + "), HEAD " + paint_.bold(text_of(head, "label")), 2, width_) + "\n";
  std::string how = text_of(begin_, "mode") == "repeated" ? count_of(count_in(begin_, "repeats"), "run", "runs") + " a side" : std::string("stored sidecars");
  if (flag_in(begin_, "deterministic")) how += ", deterministic";
  if (!text_of(begin_, "order").empty()) how += ", order " + text_of(begin_, "order") + ", seed " + std::to_string(count_in(begin_, "seed"));
  out += paint_.dim(wrapped(how + ", judged by " + joined(texts_in(begin_, "gates"), " and "), 2, width_)) + "\n";
  for (const std::string& warning : texts_in(begin_, "warnings")) out += labelled("warning", warning, paint_.yellow("warning"));
  return out + "\n";
}

void TerminalDelta::add(const ktstr_report_row& row) {
  const ktstr_comparison& c = *row.comparison;
  const json::object facts = parse_object(sdk::view(row.extra_json));
  const std::string_view unit = sdk::view(c.unit);
  Finding finding;
  finding.scenario = {safe_text(c.scenario->test), safe_text(c.scenario->topology), safe_text(c.scenario->scheduler), safe_text(c.scenario->work_type), safe_text(c.scenario->kernel)};
  finding.metric = safe_text(c.metric);
  if (!text_of(facts, "phase").empty()) finding.metric += " in " + text_of(facts, "phase");
  finding.change = relative_change(row.verdict->effect_rel);
  finding.before = c.baseline.count == 0 ? "-" : quantity(c.baseline_estimate, unit);
  finding.after = c.head.count == 0 ? "-" : quantity(c.head_estimate, unit);
  if (!unit.empty() && finding.after.ends_with(unit) && finding.before.ends_with(unit)) finding.before.resize(finding.before.size() - unit.size() - 1);
  finding.outcome = capital(row.outcome, c.polarity);
  const std::string before = range_of(c.baseline, unit), after = range_of(c.head, unit);
  const std::string ranges = before.empty() && after.empty() ? "" : (before.empty() ? finding.before : before) + " -> " + (after.empty() ? finding.after : after);
  finding.detail = joined({interval_of(*row.verdict), chances_of(*row.verdict), ranges, flag_in(facts, "declared") ? "declared gate" : "",
                           flag_in(facts, "noisy") ? "noisy" : "", safe(row.verdict->text)}, "; ");
  // What lacks only power is summed up under "sight": a row each would bury the findings.
  const bool underpowered = row.outcome == KTSTR_INCONCLUSIVE && (row.verdict->flags & KTSTR_VERDICT_UNDERPOWERED) != 0;
  finding.quiet = row.outcome == KTSTR_UNCHANGED || row.outcome == KTSTR_EQUIVALENT || underpowered;
  findings_.push_back(std::move(finding));
  const Scenario &first = findings_.front().scenario, &last = findings_.back().scenario;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] != last[i]) differing_.insert(i);
  }
}

std::string TerminalDelta::told_apart(const Scenario& scenario) const {
  std::vector<std::string> parts = {scenario.front()};
  for (const std::size_t i : differing_) {
    if (i > 0) parts.push_back(scenario[i]);
  }
  return joined(parts, " ");
}

std::string TerminalDelta::painted(const std::string& outcome) const {
  const std::string word = pad_right(outcome, kOutcome);
  return outcome == "REGRESSED" ? paint_.bold_red(word) : outcome == "improved" ? paint_.green(word) : outcome == "inconclusive" ? paint_.yellow(word) : word;
}

std::string TerminalDelta::line(const Finding& finding, const Columns& widest) const {
  const std::string values = pad_left(finding.before, widest.before) + " -> " + pad_left(finding.after, widest.after);
  const std::string change = "  " + pad_left(finding.change, widest.change);
  const bool fits = width_ == 0 || 2 + kOutcome + widest.metric + columns(change) + 2 + columns(values) <= width_;
  std::string out = "  " + painted(finding.outcome) + paint_.bold(pad_right(finding.metric, widest.metric)) + change;
  out += (fits ? "  " : "\n" + std::string(kOutcome + 4, ' ')) + values + "\n";
  if (!finding.detail.empty()) out += std::string(kOutcome + 4, ' ') + paint_.dim(wrapped(finding.detail, kOutcome + 4, width_)) + "\n";
  return out;
}

/// Grouped by scenario, the one with the worst finding first; the host hands the findings over worst first.
std::string TerminalDelta::table() const {
  std::string out;
  if (flag_in(begin_, "phases_only")) return out;
  std::vector<const Finding*> shown;
  Columns widest;
  for (const Finding& finding : findings_) {
    if (finding.quiet && !all_) continue;
    shown.push_back(&finding);
    widest.metric = std::max(widest.metric, columns(finding.metric));
    widest.change = std::max(widest.change, columns(finding.change));
    widest.before = std::max(widest.before, std::min(kValue, columns(finding.before)));
    widest.after = std::max(widest.after, std::min(kValue, columns(finding.after)));
  }
  std::map<Scenario, std::vector<const Finding*>> groups;
  std::vector<const Scenario*> order;
  for (const Finding* finding : shown) {
    std::vector<const Finding*>& group = groups[finding->scenario];
    if (group.empty()) order.push_back(&finding->scenario);
    group.push_back(finding);
  }
  for (const Scenario* scenario : order) {
    out += wrapped(paint_.bold(told_apart(*scenario)), 2, width_) + "\n";
    for (const Finding* finding : groups[*scenario]) out += line(*finding, widest);
  }
  return out;
}

std::string TerminalDelta::failure_rates(const json::object& last) const {
  std::string out;
  for (const json::object& row : objects_in(last, "failure_rates")) {
    const auto side = [&](const char* key) {
      const json::object counts = object_in(row, key);
      return std::to_string(count_in(counts, "failed")) + " of " + std::to_string(count_in(counts, "failed") + count_in(counts, "passed")) + " failed";
    };
    const std::string outcome = text_of(row, "outcome") == "regressed" ? "REGRESSED" : text_of(row, "outcome");
    const double p = number_in(row, "p_value");
    out += painted(outcome) + wrapped(told_apart(scenario_in(row)) + "  " + paint_.bold("failure rate") + "  " + side("baseline") + " -> " + side("head") + "; p" + (p < 0.001 ? "" : "=") + probability(p), kOutcome, width_) + "\n";
  }
  return out;
}

std::string TerminalDelta::pass_counts(const json::object& last) const {
  std::string rows;
  for (const json::object& row : objects_in(last, "pass_counts")) {
    const json::object before = object_in(row, "baseline"), after = object_in(row, "head");
    const auto shown = [](const json::object& counts) { return count_in(counts, "total") == 0 ? std::string("-") : std::to_string(count_in(counts, "passed")) + "/" + std::to_string(count_in(counts, "total")); };
    const bool whole = count_in(before, "passed") == count_in(before, "total") && count_in(after, "passed") == count_in(after, "total") && count_in(before, "total") > 0 && count_in(after, "total") > 0;
    if (whole && !all_) continue;
    rows += "  " + joined({text_of(row, "test"), text_of(row, "topology"), text_of(row, "work_type")}, "/") + ": baseline=" + shown(before) + " HEAD=" + shown(after) + "\n";
  }
  return rows.empty() ? rows : "per-group pass counts\n" + rows;
}

std::string TerminalDelta::phases(const json::object& last) const {
  std::string out, group;
  for (const json::object& row : objects_in(last, "phases")) {
    const std::string title = joined(scenario_in(row), " ") + "  " + text_of(row, "label");
    if (title != group) out += paint_.bold(wrapped(title, 2, width_)) + "\n";
    group = title;
    const std::string unit = text_of(row, "unit");
    const auto side = [&](const char* key) {
      const json::object values = object_in(row, key);
      return with_range(number_in(values, "mean"), number_in(values, "min"), number_in(values, "max"), count_in(values, "n"), unit);
    };
    const double relative = row.contains("relative") && row.at("relative").is_null() ? HUGE_VAL : number_in(row, "relative");
    out += "  " + wrapped(text_of(row, "metric") + "  " + unbroken(relative_change(relative)) + "  " + side("baseline") + " -> " + side("head"), 4, width_) + "\n";
  }
  return out.empty() ? out : "phases, which judge nothing\n" + out;
}

std::string TerminalDelta::verdict(const json::object& last) const {
  const std::string verdict = text_of(last, "verdict"), headline = text_of(last, "headline");
  if (verdict == "fail") return labelled("FAIL", headline, paint_.bold_red("FAIL"));
  if (verdict == "pass") return labelled("PASS", headline, paint_.green("PASS"));
  const std::string word = verdict == "empty" ? "NOTHING TO COMPARE" : "INCONCLUSIVE";
  return labelled(word, headline, paint_.yellow(word));
}

/// What should be there and is not: one line a kind of reason, however many scenarios share it.
std::string TerminalDelta::missing(const json::object& last) const {
  std::vector<std::pair<std::string, std::vector<std::string>>> kinds;
  for (const json::object& row : objects_in(last, "missing")) {
    if (flag_in(row, "minor") && !all_) continue;
    const std::string side = text_of(row, "side") == "head" ? "HEAD" : "baseline", reason = text_of(row, "reason"), scenario = text_of(row, "scenario");
    std::string kind = text_of(row, "kind");
    std::replace(kind.begin(), kind.end(), '_', ' ');
    const std::string title = side + ", " + kind + (reason.empty() ? "" : ": " + reason);
    if (kinds.empty() || kinds.back().first != title) kinds.emplace_back(title, std::vector<std::string>{});
    if (!scenario.empty()) kinds.back().second.push_back(scenario);
  }
  std::string out;
  for (auto& [title, scenarios] : kinds) {
    const std::size_t more = scenarios.size() > kListed ? scenarios.size() - kListed : 0;
    scenarios.resize(scenarios.size() - more);
    if (more > 0) scenarios.push_back(std::to_string(more) + " more");
    out += labelled("missing", title + (scenarios.empty() ? "" : " (" + joined(scenarios, ", ") + ")"), paint_.yellow("missing"));
  }
  return out;
}

std::string TerminalDelta::summary(const json::object& last) const {
  std::string out = missing(last) + failure_rates(last) + table();
  if (!out.empty()) out += "\n";
  for (const std::string& block : {phases(last), pass_counts(last)}) {
    if (!block.empty()) out += block + "\n";
  }
  const json::object counts = object_in(last, "counts");
  const auto part = [&](const char* key, const char* word) { return count_in(counts, key) > 0 ? unbroken(std::to_string(count_in(counts, key)) + " " + word) : std::string(); };
  if (count_in(last, "scenarios") > 0) {
    out += wrapped(count_of(count_in(last, "scenarios"), "scenario", "scenarios") + ", " + count_of(findings_.size(), "metric", "metrics") + ": " +
                       joined({std::to_string(count_in(counts, "regressed")) + " regressed", part("improved", "improved"), part("equivalent", "equivalent"), part("unchanged", "unchanged"),
                               part("inconclusive", "inconclusive"), part("informational", "informational"), part("excluded", "left out"), part("new", "new"), part("removed", "removed")},
                              ", "), 2, width_) + "\n";
  }
  for (const char* key : {"luck", "sight"}) {
    if (const std::string text = text_of(object_in(last, key), "text"); !text.empty()) out += labelled(key, text);
  }
  for (const std::string& note : texts_in(last, "notes")) out += labelled("note", note);
  out += verdict(last);
  for (const std::string& next : texts_in(last, "next")) out += paint_.dim(labelled("next", next));
  return out;
}

}  // namespace ktstr::reporters
