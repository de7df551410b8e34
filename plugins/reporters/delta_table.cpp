// SPDX-License-Identifier: Apache-2.0
#include "delta_table.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/width.hpp>
#include <map>

#include "display.hpp"
#include "json_reporter.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kValue =
    10;  // columns of a side's value; longer ones stick out, so that they do not widen every row
constexpr std::size_t kIndent = 4;  // of what belongs to the row above
constexpr std::size_t kLeastStrip = 11, kMostStrip = 24;
constexpr std::size_t kNamed = 4;  // metrics that an undecided group names
constexpr const char* kStripHeader = "○ old ● new";

std::string safe_text(ktstr_str text) { return printable(sdk::view(text)); }

/// "4.96 ms to 5.4 ms", empty when the values do not differ.
std::string range_of(const ktstr_samples& samples, std::string_view unit) {
  if (samples.count < 2) return {};
  const auto [low, high] = std::minmax_element(samples.values, samples.values + samples.count);
  return *low == *high ? std::string() : unbroken(quantity(*low, unit) + " to " + quantity(*high, unit));
}

/// "+55 to +66 %". An interval made of differences may reach below nothing left, which no value can.
std::string interval_of(const ktstr_verdict& verdict) {
  if (!std::isfinite(verdict.ci_low) || !std::isfinite(verdict.ci_high)) return {};
  std::string low = relative_change(std::max(verdict.ci_low, 0.0) - 1);
  const std::string high = relative_change(verdict.ci_high - 1);
  if (low.ends_with(" %") && high.ends_with(" %")) low.resize(low.size() - 2);
  return unbroken(low + " to " + high);
}

std::string chance_of(const ktstr_verdict& verdict) {
  const bool adjusted = std::isfinite(verdict.q_value);
  const double p = adjusted ? verdict.q_value : verdict.p_value;
  return std::isfinite(p) ? std::string(adjusted ? "q" : "p") + (p < 0.001 ? "" : "=") + probability(p)
                          : std::string();
}

std::string runs_of(const ktstr_comparison& c) {
  return c.baseline->count == c.head->count
             ? std::to_string(c.head->count)
             : std::to_string(c.baseline->count) + "+" + std::to_string(c.head->count);
}

std::vector<double> values_of(const ktstr_samples& samples) {
  return {samples.values, samples.values + samples.count};
}

/// The word of the first column: with one run a side nobody knows.
std::string outcome_word(const ktstr_report_row& row, const json::object& facts) {
  const std::string name(
      outcome_name(row.outcome, flag_in(facts, "overcommitted") && !flag_in(facts, "declared")
                                    ? KTSTR_INFORMATIONAL
                                    : row.comparison->polarity));
  const bool suspect = flag_in(facts, "suspect");
  if (name == "regressed") return suspect ? "suspect" : "REGRESSED";
  return name == "improved" && suspect ? "better?" : name;
}

/// "total_migrations +60 % (8.1x its noise), avg_nr_running +12 %".
std::string companions_of(const json::object& facts) {
  std::vector<std::string> parts;
  for (const json::object& one : objects_in(facts, "companions")) {
    const double deviations = number_in(one, "deviations"), relative = number_in(one, "relative");
    std::string part = text_of(one, "metric") + " " +
                       (std::isfinite(relative) ? relative_change(relative)
                                                : quantity(number_in(one, "baseline"), "") + " -> " +
                                                      quantity(number_in(one, "head"), text_of(one, "unit")));
    if (std::isfinite(deviations)) part += " (" + significant(deviations, 2) + "x its noise)";
    parts.push_back(unbroken(part));
  }
  return parts.empty() ? std::string() : "with it: " + joined(parts, ", ");
}

/// A column is made only where some row has something in it.
std::size_t widest(const std::vector<const Finding*>& rows, std::string Finding::*part) {
  std::size_t width = 0;
  for (const Finding* row : rows) width = std::max(width, display_width(row->*part));
  return width;
}

}  // namespace

Finding finding_of(const ktstr_report_row& row) {
  const ktstr_comparison& c = *row.comparison;
  const json::object facts = kit::object_or_empty(sdk::view(row.extra_json));
  const std::string_view unit = sdk::view(c.unit);
  Finding finding;
  finding.scenario = {safe_text(c.scenario->test), safe_text(c.scenario->topology),
                      safe_text(c.scenario->scheduler), safe_text(c.scenario->work_type),
                      safe_text(c.scenario->kernel)};
  finding.metric = safe_text(c.metric);
  if (!text_of(facts, "phase").empty()) finding.metric += " in " + text_of(facts, "phase");
  finding.change = relative_change(row.verdict->effect_rel);
  finding.before = c.baseline->count == 0 ? "-" : quantity(c.baseline_estimate, unit);
  finding.after = c.head->count == 0 ? "-" : quantity(c.head_estimate, unit);
  const bool two_numbers = c.baseline->count > 0 && c.head->count > 0;
  if (two_numbers && !unit.empty() && finding.after.ends_with(unit) &&
      finding.before.ends_with(" " + std::string(unit)))
    finding.before.resize(finding.before.size() - unit.size() - 1);
  finding.outcome = outcome_word(row, facts);
  finding.n = runs_of(c);
  finding.interval = interval_of(*row.verdict);
  finding.chance = chance_of(*row.verdict);
  finding.baseline = values_of(*c.baseline);
  finding.head = values_of(*c.head);
  const std::string before = range_of(*c.baseline, unit), after = range_of(*c.head, unit);
  if (!before.empty() || !after.empty())
    finding.ranges =
        (before.empty() ? finding.before : before) + " -> " + (after.empty() ? finding.after : after);
  finding.remarks = joined({flag_in(facts, "declared") ? "declared gate" : "",
                            flag_in(facts, "noisy") ? "noisy" : "", printable(row.verdict->text)},
                           "; ");
  if (finding.outcome == "REGRESSED" || finding.outcome == "suspect")
    finding.companions = companions_of(facts);
  // What lacks only power is summed up under "sight": a row each would bury the findings.
  const bool underpowered =
      row.outcome == KTSTR_INCONCLUSIVE && (row.verdict->flags & KTSTR_VERDICT_UNDERPOWERED) != 0;
  finding.quiet = row.outcome == KTSTR_UNCHANGED || row.outcome == KTSTR_EQUIVALENT || underpowered;
  if (row.outcome == KTSTR_INCONCLUSIVE && !underpowered) finding.undecided = printable(row.verdict->text);
  return finding;
}

std::string strip_of(const std::vector<double>& baseline, const std::vector<double>& head,
                     std::size_t width) {
  std::vector<double> all = baseline;
  all.insert(all.end(), head.begin(), head.end());
  if (all.size() < 3 || width < 2) return {};
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  if (!(*least < *most)) return {};
  // Far apart, the noise of the smaller side would vanish on a plain scale.
  const bool logarithmic = *least > 0 && *most > 3 * *least;
  const auto scaled = [&](double value) { return logarithmic ? std::log(value) : value; };
  const double low = scaled(*least), high = scaled(*most);
  std::vector<unsigned> cells(width, 0);
  const auto mark = [&](const std::vector<double>& side, unsigned bit) {
    for (const double value : side) {
      const double place = (scaled(value) - low) / (high - low) * static_cast<double>(width - 1);
      if (place >= 0) cells[std::min(width - 1, static_cast<std::size_t>(std::lround(place)))] |= bit;
    }
  };
  mark(baseline, 1);
  mark(head, 2);
  static constexpr const char* kMarks[] = {"·", "○", "●", "◐"};
  std::string out;
  for (const unsigned cell : cells) out += kMarks[cell];
  return out;
}

std::string painted_outcome(const Paint& paint, const std::string& outcome, std::size_t width) {
  const std::string word = pad_right(outcome, width);
  if (outcome == "REGRESSED") return paint.bold_red(word);
  if (outcome == "suspect") return paint.red(word);
  if (outcome == "improved" || outcome == "better?") return paint.green(word);
  return outcome == "inconclusive" ? paint.yellow(word) : word;
}

void DeltaTable::add(Finding finding) {
  findings_.push_back(std::move(finding));
  const Scenario &first = findings_.front().scenario, &last = findings_.back().scenario;
  KTSTR_ASSERT(first.size() == last.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] != last[i]) differing_.insert(i);
  }
}

std::string DeltaTable::told_apart(const Scenario& scenario) const {
  KTSTR_ASSERT(!scenario.empty() && (differing_.empty() || *differing_.rbegin() < scenario.size()));
  std::vector<std::string> parts = {scenario.front()};
  for (const std::size_t i : differing_) {
    if (i > 0) parts.push_back(scenario[i]);
  }
  return joined(parts, " ");
}

bool DeltaTable::is_grouped(const Finding& finding) const {
  if (all_ || finding.undecided.empty()) return false;
  return std::count_if(findings_.begin(), findings_.end(),
                       [&](const Finding& other) { return other.undecided == finding.undecided; }) > 1;
}

std::vector<const Finding*> DeltaTable::shown() const {
  std::vector<const Finding*> rows;
  for (const Finding& finding : findings_) {
    if (all_ || (!finding.quiet && !is_grouped(finding))) rows.push_back(&finding);
  }
  return rows;
}

std::size_t DeltaTable::Layout::base() const {
  return 2 + outcome + metric + 2 + change + 2 + before + 4 + after;
}

DeltaTable::Layout DeltaTable::layout_of(const std::vector<const Finding*>& rows) const {
  Layout layout;
  layout.outcome = widest(rows, &Finding::outcome) + 2;
  layout.metric = widest(rows, &Finding::metric);
  layout.change = widest(rows, &Finding::change);
  layout.before = std::min(kValue, widest(rows, &Finding::before));
  layout.after = std::min(kValue, widest(rows, &Finding::after));
  const bool repeated = std::any_of(rows.begin(), rows.end(), [](const Finding* row) {
    return row->baseline.size() > 1 || row->head.size() > 1;
  });
  const bool strips = std::any_of(rows.begin(), rows.end(), [](const Finding* row) {
    return !strip_of(row->baseline, row->head, kLeastStrip).empty();
  });
  std::size_t used = layout.base();
  const auto give = [&](std::size_t& column, std::size_t wanted) {
    if (wanted == 0 || (width_ > 0 && used + 2 + wanted > width_)) return;
    column = wanted;
    used += 2 + wanted;
  };
  if (!repeated) return layout;
  give(layout.n, std::max<std::size_t>(1, widest(rows, &Finding::n)));
  give(layout.interval, widest(rows, &Finding::interval));
  if (strips) give(layout.strip, kLeastStrip);
  give(layout.chance, widest(rows, &Finding::chance));
  KTSTR_ASSERT(layout.strip == 0 || width_ == 0 || used <= width_);
  if (layout.strip > 0)
    layout.strip = std::min(kMostStrip, width_ == 0 ? kMostStrip : layout.strip + width_ - used);
  return layout;
}

std::string DeltaTable::header(const Layout& layout) const {
  if (!layout.wide()) return {};
  std::string out = std::string(2 + layout.outcome, ' ') + pad_right("metric", layout.metric) + "  " +
                    pad_left("change", layout.change) + "  " + pad_left("old", layout.before) + " -> " +
                    pad_left("new", layout.after);
  if (layout.n > 0) out += "  " + pad_left("n", layout.n);
  if (layout.interval > 0) out += "  " + pad_left("95 %", layout.interval);
  if (layout.chance > 0) out += "  " + pad_right("chance", layout.chance);
  if (layout.strip > 0) out += std::string("  ") + kStripHeader;
  return paint_.dim(out.substr(0, out.find_last_not_of(' ') + 1)) + "\n";
}

std::string DeltaTable::line(const Finding& finding, const Layout& layout) const {
  const std::string values =
      pad_left(finding.before, layout.before) + " -> " + pad_left(finding.after, layout.after);
  const std::string change = "  " + pad_left(finding.change, layout.change);
  KTSTR_ASSERT(layout.base() >= 4 + layout.before + layout.after);
  const std::size_t narrow = layout.base() - 4 - layout.before - layout.after + display_width(values);
  const bool fits = width_ == 0 || narrow <= width_;
  std::string more;
  if (layout.n > 0) more += "  " + pad_left(finding.n, layout.n);
  if (layout.interval > 0) more += "  " + pad_left(finding.interval, layout.interval);
  if (layout.chance > 0) more += "  " + pad_right(finding.chance, layout.chance);
  if (layout.strip > 0) more += "  " + strip_of(finding.baseline, finding.head, layout.strip);
  more.resize(more.find_last_not_of(' ') + 1);
  std::replace(more.begin(), more.end(), '\x1f', ' ');
  const bool wide = layout.wide() && (width_ == 0 || narrow + display_width(more) <= width_);
  std::string out = "  " + painted_outcome(paint_, finding.outcome, layout.outcome) +
                    paint_.bold(pad_right(finding.metric, layout.metric)) + change;
  if (fits) out += "  " + values + (wide ? more : "");
  const std::string below = joined(
      {fits ? "" : unbroken(finding.before + " -> " + finding.after),
       (wide && layout.interval > 0) || finding.interval.empty() ? "" : unbroken("95 %: ") + finding.interval,
       wide && layout.chance > 0 ? "" : finding.chance, wide && layout.strip > 0 ? "" : finding.ranges,
       finding.remarks},
      "; ");
  out += "\n";
  for (const std::string& text : {below, finding.companions}) {
    if (text.empty()) continue;
    out += std::string(2 + kIndent, ' ') + paint_.dim(wrapped(text, 2 + kIndent, width_)) + "\n";
  }
  return out;
}

/// One line for each reason that several rows share.
std::string DeltaTable::undecided() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Finding& finding : findings_) {
    if (!is_grouped(finding)) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& one) { return one.first == finding.undecided; });
    if (group == groups.end()) group = groups.insert(groups.end(), {finding.undecided, {}});
    group->second.push_back(finding.metric);
  }
  std::string out;
  for (const auto& [reason, metrics] : groups) {
    KTSTR_ASSERT(metrics.size() > 1);  // is_grouped
    const std::string names = metrics.size() <= kNamed ? " (" + joined(metrics, ", ") + ")" : "";
    const std::string label = "inconclusive: ";
    out +=
        paint_.yellow("inconclusive") + ": " +
        wrapped(count_of(metrics.size(), "metric", "metrics") + names + ": " + reason, label.size(), width_) +
        "\n";
  }
  return out;
}

/// Grouped by scenario, the one with the worst finding first; the host hands the findings over worst first.
std::string DeltaTable::text() const {
  const std::vector<const Finding*> rows = shown();
  const Layout layout = layout_of(rows);
  std::map<Scenario, std::vector<const Finding*>> groups;
  std::vector<const Scenario*> order;
  for (const Finding* finding : rows) {
    std::vector<const Finding*>& group = groups[finding->scenario];
    if (group.empty()) order.push_back(&finding->scenario);
    group.push_back(finding);
  }
  KTSTR_ASSERT(order.size() == groups.size());
  std::string out = rows.empty() ? std::string() : header(layout);
  for (const Scenario* scenario : order) {
    out += wrapped(paint_.bold(told_apart(*scenario)), 2, width_) + "\n";
    for (const Finding* finding : groups[*scenario]) out += line(*finding, layout);
  }
  return out + undecided();
}

}  // namespace ktstr::reporters
