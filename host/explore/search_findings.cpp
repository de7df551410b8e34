// SPDX-License-Identifier: Apache-2.0
//
// What a search does with what it found.
#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "explore/invariants.hpp"
#include "explore/moment.hpp"
#include "explore/search.hpp"

namespace ktstr {
namespace {

std::string file_word(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 60)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "test" : out;
}

/// Of a project's own directory below it, as everything that is typed there.
std::string shown_path(const std::filesystem::path& file, const std::filesystem::path& project) {
  const std::filesystem::path below = file.lexically_relative(project);
  return below.empty() || *below.begin() == ".." ? file.string() : below.string();
}

}  // namespace

Status Search::finish_findings() {
  for (Discovery& finding : state_.findings) {
    const auto subject = std::find_if(subjects_.begin(), subjects_.end(),
                                      [&](const Subject& one) { return one.entry.name == finding.test; });
    const bool small = finding.minimal || finding.tried >= kMostTried;
    if ((small && finding.moment.state != "open") || subject == subjects_.end()) continue;
    std::string why;
    const Corpus::Entry* parent =
        finding.from ? state_.corpus.find(subject->entry.name, *finding.from) : nullptr;
    const auto scenario = scenario_of(*subject, finding.seed, parent, why);
    if (!scenario) return scenario.error();
    if (!*scenario) continue;
    if (const Status made = make_small(finding, **scenario); !made) return made;
  }
  return Ok{};
}

Result<std::optional<std::string>> Search::own_invariant(Discovery& finding, const Scenario& scenario) {
  const auto& known = scenario.subject->bounds.invariants;
  if (std::none_of(known.begin(), known.end(),
                   [&](const Invariant& one) { return one.name == finding.kind; }))
    return std::optional<std::string>();
  const auto alone = shown_by(finding, *scenario.subject,
                              {with_invariants(scenario.test, scenario.subject->bounds, finding.kind)});
  if (!alone) return alone.error();
  return alone->front().empty() ? std::optional<std::string>() : std::optional(finding.kind);
}

Status Search::make_small(Discovery& finding, const Scenario& scenario) {
  const Subject& subject = *scenario.subject;
  progress_.around([&] {
    context_.inform(printable(finding.test) + ", seed " + std::to_string(finding.seed) + ": " + finding.kind +
                    ": " + finding.message);
  });
  if (request_.as_they_are()) {  // somebody has seen to it before
    finding.minimal = true;
    finding.moment.state = "no_takeover";
    return save_state(directory_, state_);
  }
  const auto only = own_invariant(finding, scenario);
  if (!only) return only.error();
  std::string message = finding.message;
  const auto still_fails = [&](std::vector<json::object> tests) -> Result<std::optional<std::size_t>> {
    for (json::object& test : tests) test = with_invariants(std::move(test), subject.bounds, *only);
    const auto shown = shown_by(finding, subject, tests);
    if (!shown) return shown.error();
    const auto first =
        std::find_if(shown->begin(), shown->end(), [](const std::string& one) { return !one.empty(); });
    if (first == shown->end()) return std::optional<std::size_t>();
    message = *first;
    return std::optional(static_cast<std::size_t>(first - shown->begin()));
  };
  auto shrunk = shrink(scenario.test, subject.bounds, cores_, still_fails, [this] { return out_of_time(); });
  if (!shrunk) return shrunk.error();
  if (!finding.worse_metrics.empty() && shrunk->test != scenario.test) {
    const auto worse = confirmed(subject, shrunk->test, 1);
    if (!worse) return worse.error();
    // One run a side led here: where more do not agree, the scenario stays as it was found.
    if (worse->empty()) {
      shrunk->test = scenario.test;
      message = finding.message;
    }
  }
  finding.message = message;
  finding.tried = shrunk->tried;
  finding.minimal = shrunk->minimal;
  if (const Status written = write(finding, subject, shrunk->test, *only); !written) return written;
  if (const Status found = find_moment_of(finding, subject, shrunk->test, *only); !found) return found;
  // The smallest form fails by a hair, and the steps that a takeover takes may be enough to avert it.
  if (finding.moment.state == "no_takeover" && shrunk->test != scenario.test) {
    if (const Status found = find_moment_of(finding, subject, scenario.test, *only); !found) return found;
    finding.moment.as_found = finding.moment.state != "no_takeover";
  }
  return save_state(directory_, state_);
}

Status Search::find_moment_of(Discovery& finding, const Subject& subject, const json::object& test,
                              const std::optional<std::string>& only) {
  if (!finding.worse_metrics.empty()) {
    finding.moment.state = "no_takeover";
    return Ok{};
  }
  const auto fail_alike = [&](const std::vector<json::object>& tests) -> Result<std::vector<bool>> {
    const auto shown = shown_by(finding, subject, tests, true);
    if (!shown) return shown.error();
    std::vector<bool> fails;
    for (const std::string& one : *shown) fails.push_back(!one.empty());
    return fails;
  };
  // A few scenarios, for which there is time when all of it is over.
  // The limits are those of the test itself: what a takeover adds is nobody who wants to run.
  const auto moment = find_moment(with_invariants(test, subject.bounds, only), subject.bounds.takeover,
                                  cores_, fail_alike, [] { return false; });
  if (!moment) return moment.error();
  finding.moment = *moment;
  return Ok{};
}

Result<std::vector<std::string>> Search::shown_by(const Discovery& finding, const Subject& subject,
                                                  const std::vector<json::object>& tests, bool on_head) {
  tell_phase(finding.seed, ", making " + printable(finding.test) + " smaller");
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < tests.size(); ++i)
    trials.push_back(subject.trial(tests[i], "try" + std::to_string(i)));
  const auto ends = trials_.run(trials, progress_);
  if (!ends) return ends.error();
  Result<std::vector<TrialEnd>> base = std::vector<TrialEnd>();
  const bool compared = against_ != nullptr && !on_head;
  if (compared) base = trials_.run(trials, progress_, {.base = true});
  if (!base) return base.error();
  shrinking_ += static_cast<std::uint64_t>(
      std::count_if(ends->begin(), ends->end(), [](const TrialEnd& end) { return end.outcome.has_value(); }));
  std::vector<std::string> shown(tests.size());
  const bool by_size = !finding.worse_metrics.empty();
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const TrialEnd& end = (*ends)[i];
    if (end.outcome != (by_size ? TestOutcome::kPassed : TestOutcome::kFailed)) continue;
    if (compared && (*base)[i].outcome != TestOutcome::kPassed) continue;
    if (by_size) {
      KTSTR_ASSERT(compared);
      const auto worse = against_->suspects({(*base)[i].sidecar, end.sidecar});
      if (!worse) return worse.error();
      for (const WorseMetric& metric : *worse) {
        if (metric.name == finding.worse_metrics.front()) shown[i] = metric.sentence;
      }
    } else if (printable(failure_kind(end.message, tests[i], bounds_)) == finding.kind) {
      shown[i] = printable(kit::first_line_of(end.message));
    }
  }
  return shown;
}

Status Search::write(Discovery& finding, const Subject& subject, const json::object& test,
                     const std::optional<std::string>& only) {
  const std::string words = file_word(finding.test) + "-" + file_word(finding.kind);
  const auto shown = [&](const std::string& name) {
    return shown_path(directory_ / (name + ".json"), context_.config.project_dir);
  };
  const bool taken = std::any_of(state_.findings.begin(), state_.findings.end(), [&](const Discovery& other) {
    return &other != &finding && other.file == shown(words);
  });
  const std::filesystem::path file =
      directory_ / (words + (taken ? "-s" + std::to_string(finding.seed) : std::string()) + ".json");
  const Trial trial =
      subject.trial(with_invariants(test, subject.bounds, only), "s" + std::to_string(finding.seed));
  finding.bytes = to_text(test, 0).size();
  finding.file = shown_path(file, context_.config.project_dir);
  return write_file_atomically(file, to_text(trial.manifest) + "\n");
}

}  // namespace ktstr
