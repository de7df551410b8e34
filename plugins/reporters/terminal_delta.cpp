// SPDX-License-Identifier: Apache-2.0
#include "terminal_delta.hpp"

#include <algorithm>
#include <cmath>

#include "display.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kScreen = 24;   // lines; what is longer ends with the verdict once more
constexpr std::size_t kListed = 6;    // scenarios that are missing for one reason
constexpr std::size_t kOutcome = 13;  // columns of a failure rate's outcome

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

std::vector<std::string> scenario_in(const json::object& row) {
  return {text_of(row, "test"), text_of(row, "topology"), text_of(row, "scheduler"),
          text_of(row, "work_type"), text_of(row, "kernel")};
}

}  // namespace

std::string TerminalDelta::labelled(const std::string& label, const std::string& text,
                                    const std::string& painted_label) const {
  return (painted_label.empty() ? label : painted_label) + ": " + wrapped(text, label.size() + 2, width_) +
         "\n";
}

std::string TerminalDelta::heading() const {
  const json::object baseline = object_in(begin_, "baseline"), head = object_in(begin_, "head");
  std::string out = wrapped("Baseline " + paint_.bold(text_of(baseline, "label")) + " (" +
                                text_of(baseline, "how") + "), HEAD " + paint_.bold(text_of(head, "label")),
                            2, width_) +
                    "\n";
  std::string how = text_of(begin_, "mode") == "repeated"
                        ? count_of(count_in(begin_, "repeats"), "run", "runs") + " a side"
                        : std::string("stored sidecars");
  if (flag_in(begin_, "deterministic")) how += ", deterministic";
  if (!text_of(begin_, "order").empty())
    how += ", order " + text_of(begin_, "order") + ", seed " + std::to_string(count_in(begin_, "seed"));
  out += paint_.dim(wrapped(how + ", judged by " + joined(texts_in(begin_, "gates"), " and "), 2, width_)) +
         "\n";
  for (const std::string& warning : texts_in(begin_, "warnings"))
    out += labelled("warning", warning, paint_.yellow("warning"));
  return out + "\n";
}

std::string TerminalDelta::failure_rates(const json::object& last) const {
  std::string out;
  for (const json::object& row : objects_in(last, "failure_rates")) {
    const auto side = [&](const char* key) {
      const json::object counts = object_in(row, key);
      return std::to_string(count_in(counts, "failed")) + " of " +
             std::to_string(count_in(counts, "failed") + count_in(counts, "passed")) + " failed";
    };
    const std::string outcome =
        text_of(row, "outcome") == "regressed" ? "REGRESSED" : text_of(row, "outcome");
    const double p = number_in(row, "p_value");
    const std::string sure = flag_in(row, "certain")
                                 ? "; certain in virtual time"
                                 : "; p" + std::string(p < 0.001 ? "" : "=") + probability(p);
    out += painted_outcome(paint_, outcome, kOutcome) +
           wrapped(table_.told_apart(scenario_in(row)) + "  " + paint_.bold("failure rate") + "  " +
                       side("baseline") + " -> " + side("head") + sure,
                   kOutcome, width_) +
           "\n";
  }
  return out;
}

std::string TerminalDelta::pass_counts(const json::object& last) const {
  std::string rows;
  for (const json::object& row : objects_in(last, "pass_counts")) {
    const json::object before = object_in(row, "baseline"), after = object_in(row, "head");
    const auto shown = [](const json::object& counts) {
      return count_in(counts, "total") == 0 ? std::string("-")
                                            : std::to_string(count_in(counts, "passed")) + "/" +
                                                  std::to_string(count_in(counts, "total"));
    };
    const bool whole = count_in(before, "passed") == count_in(before, "total") &&
                       count_in(after, "passed") == count_in(after, "total") &&
                       count_in(before, "total") > 0 && count_in(after, "total") > 0;
    if (whole && !all_) continue;
    rows += "  " + joined({text_of(row, "test"), text_of(row, "topology"), text_of(row, "work_type")}, "/") +
            ": baseline=" + shown(before) + " HEAD=" + shown(after) + "\n";
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
      return with_range(number_in(values, "mean"), number_in(values, "min"), number_in(values, "max"),
                        count_in(values, "n"), unit);
    };
    const double relative =
        row.contains("relative") && row.at("relative").is_null() ? HUGE_VAL : number_in(row, "relative");
    out += "  " +
           wrapped(text_of(row, "metric") + "  " + unbroken(relative_change(relative)) + "  " +
                       side("baseline") + " -> " + side("head"),
                   4, width_) +
           "\n";
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
    const std::string side = text_of(row, "side") == "head" ? "HEAD" : "baseline",
                      reason = text_of(row, "reason"), scenario = text_of(row, "scenario");
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
    out += labelled("missing", title + (scenarios.empty() ? "" : " (" + joined(scenarios, ", ") + ")"),
                    paint_.yellow("missing"));
  }
  return out;
}

/// "2 scenarios, 26 metrics: 3 regressed in 2 families, 23 unchanged"
std::string TerminalDelta::counts(const json::object& last) const {
  if (count_in(last, "scenarios") == 0) return {};
  const json::object counts = object_in(last, "counts");
  const std::uint64_t families = count_in(counts, "regressed_families"),
                      regressed = count_in(counts, "regressed");
  const auto part = [&](const char* key, const char* word) {
    return count_in(counts, key) > 0 ? unbroken(std::to_string(count_in(counts, key)) + " " + word)
                                     : std::string();
  };
  const std::string worse =
      std::to_string(regressed) + " regressed" +
      (families > 0 && regressed > 1 ? " in " + count_of(families, "family", "families") : "");
  return wrapped(count_of(count_in(last, "scenarios"), "scenario", "scenarios") + ", " +
                     count_of(table_.size(), "metric", "metrics") + ": " +
                     joined({worse, part("improved", "improved"), part("equivalent", "equivalent"),
                             part("unchanged", "unchanged"), part("inconclusive", "inconclusive"),
                             part("informational", "informational"), part("excluded", "left out"),
                             part("new", "new"), part("removed", "removed")},
                            ", "),
                 2, width_) +
         "\n";
}

std::string TerminalDelta::document(const json::object& last) const {
  const std::string judged = verdict(last);
  std::string out = judged + heading(), rows = missing(last) + failure_rates(last);
  if (!flag_in(begin_, "phases_only")) rows += table_.text();
  if (!rows.empty()) out += rows + "\n";
  for (const std::string& block : {phases(last), pass_counts(last)}) {
    if (!block.empty()) out += block + "\n";
  }
  out += counts(last);
  for (const char* key : {"luck", "sight"}) {
    if (const std::string text = text_of(object_in(last, key), "text"); !text.empty())
      out += labelled(key, text);
  }
  for (const std::string& note : texts_in(last, "notes")) out += labelled("note", note);
  if (static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n')) > kScreen) out += judged;
  for (const std::string& next : texts_in(last, "next")) out += paint_.dim(labelled("next", next));
  return out;
}

}  // namespace ktstr::reporters
