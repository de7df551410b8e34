// SPDX-License-Identifier: Apache-2.0
//
// What a search does with what it found.
#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "explore/invariants.hpp"
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
  for (Finding& finding : state_.findings) {
    const auto subject = std::find_if(subjects_.begin(), subjects_.end(),
                                      [&](const Subject& one) { return one.entry.name == finding.test; });
    if (finding.minimal || finding.tried >= kMostTried || subject == subjects_.end()) continue;
    std::string why;
    const auto scenario = scenario_of(*subject, finding.seed, why);
    if (!scenario) return scenario.error();
    if (!*scenario) continue;
    if (const Status made = make_small(finding, **scenario); !made) return made;
  }
  return Ok{};
}

Status Search::make_small(Finding& finding, const Scenario& scenario) {
  const Subject& subject = *scenario.subject;
  progress_.around([&] {
    context_.inform(printable(finding.test) + ", seed " + std::to_string(finding.seed) + ": " + finding.kind +
                    ": " + finding.message);
  });
  // Judged by its own invariant alone, where that shows it.
  std::optional<std::string> only;
  const auto& known = subject.bounds.invariants;
  if (std::any_of(known.begin(), known.end(),
                  [&](const Invariant& one) { return one.name == finding.kind; })) {
    const auto alone = still_fails(finding, subject, {scenario.test}, finding.kind);
    if (!alone) return alone.error();
    if (*alone) only = finding.kind;
  }
  const auto shrunk = shrink(
      scenario.test, subject.bounds, cores_,
      [&](const std::vector<json::object>& tests) { return still_fails(finding, subject, tests, only); },
      [this] { return out_of_time(); });
  if (!shrunk) return shrunk.error();
  finding.tried = shrunk->tried;
  finding.minimal = shrunk->minimal;
  if (const Status written = write(finding, subject, shrunk->test, only); !written) return written;
  return save_state(directory_, state_);
}

Result<std::optional<std::size_t>> Search::still_fails(Finding& finding, const Subject& subject,
                                                       const std::vector<json::object>& tests,
                                                       const std::optional<std::string>& only) {
  tell_phase(finding.seed, ", making " + printable(finding.test) + " smaller");
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < tests.size(); ++i)
    trials.push_back(
        subject.trial(with_invariants(tests[i], subject.bounds, only), "try" + std::to_string(i)));
  const auto ends = trials_.run(trials, progress_);
  if (!ends) return ends.error();
  shrinking_ += static_cast<std::uint64_t>(
      std::count_if(ends->begin(), ends->end(), [](const TrialEnd& end) { return end.outcome.has_value(); }));
  for (std::size_t i = 0; i < ends->size(); ++i) {
    const TrialEnd& end = (*ends)[i];
    if (end.outcome != TestOutcome::kFailed) continue;
    if (printable(failure_kind(end.message, tests[i], bounds_)) != finding.kind) continue;
    finding.message = printable(kit::first_line_of(end.message));
    return std::optional(i);
  }
  return std::optional<std::size_t>();
}

Status Search::write(Finding& finding, const Subject& subject, const json::object& test,
                     const std::optional<std::string>& only) {
  const std::string words = file_word(finding.test) + "-" + file_word(finding.kind);
  const auto shown = [&](const std::string& name) {
    return shown_path(directory_ / (name + ".json"), context_.config.project_dir);
  };
  const bool taken = std::any_of(state_.findings.begin(), state_.findings.end(), [&](const Finding& other) {
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
