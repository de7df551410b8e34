// SPDX-License-Identifier: Apache-2.0
#include "gitlab/gitlab_reporter.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <set>

#include "document/shown_text.hpp"
#include "json_reporter.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kDescription = 500, kMostFindings = 5000;
constexpr const char* kNoFile = "ktstr.json";  // a place is demanded; of a metric nobody knows a better one

const kit::OptionTable<kit::NoOptions> kGitlabOptions("reporter gitlab");

class Findings {
 public:
  /// `identity`: what makes it the same finding again.
  void add(const char* severity, const std::string& check, const std::string& identity,
           const std::string& description, const std::string& file) {
    const std::string fingerprint = kit::sha256_of(check + "\n" + identity).substr(0, 32);
    if (!known_.insert(fingerprint).second) return;  // GitLab would show one of them only
    if (list_.size() >= kMostFindings) {
      ++left_out_;
      return;
    }
    const bool usable = !file.empty() && !file.starts_with('/');
    list_.push_back(json::object{
        {"description", shown_line(description, kDescription)},
        {"check_name", "ktstr/" + check},
        {"fingerprint", fingerprint},
        {"severity", severity},
        {"location", {{"path", usable ? shown_line(file) : kNoFile}, {"lines", {{"begin", 1}}}}}});
  }
  json::array list() {
    if (left_out_ > 0) {
      const std::string more = std::to_string(left_out_) + " more findings are left out";
      left_out_ = 0;
      KTSTR_ASSERT(list_.size() == kMostFindings);
      list_.pop_back();
      known_.clear();
      add("info", "left-out", "", more, "");
    }
    return std::move(list_);
  }

 private:
  json::array list_;
  std::set<std::string> known_;
  std::size_t left_out_ = 0;
};

const char* severity_of(std::uint32_t outcome, bool flaky_fails) {
  if (outcome == KTSTR_TEST_FLAKY) return flaky_fails ? "major" : "minor";
  return outcome == KTSTR_TEST_FAILED ? "critical" : outcome == KTSTR_TEST_ERROR ? "major" : "info";
}

void add_findings(const Collected& all, Findings& findings) {
  for (const std::uint32_t outcome :
       {KTSTR_TEST_FAILED, KTSTR_TEST_ERROR, KTSTR_TEST_FLAKY, KTSTR_TEST_INCONCLUSIVE, KTSTR_TEST_SKIPPED}) {
    const std::string word(test_outcome_name(outcome));
    for (const TestResult& test : all.tests) {
      if (test.outcome == outcome)
        findings.add(severity_of(outcome, all.flaky_fails()), "test-" + word, test.name,
                     test.name + " " + word + ": " + test.message.substr(0, test.message.find('\n')),
                     test.manifest);
    }
  }
  for (const std::string& name : all.not_run)
    findings.add("major", "test-not-run", name, name + " was not started", "");
  const bool failed = all.verdict() == Verdict::kFail;
  for (const Change& change : all.changes) {
    const std::string identity = change.scenario() + "\n" + change.metric;
    const std::string said = change.metric + " of " + change.scenario() + " " + change.sentence();
    if (change.standing == Standing::kFinding || change.standing == Standing::kSuspect)
      findings.add(failed ? "major" : "minor", "regression", identity, said, "");
  }
  for (const std::string& line : hindrances(all)) findings.add("minor", "missing", line, line, "");
}

}  // namespace

const std::string kGitlabOptionsSchema = kGitlabOptions.schema();

GitlabReporter::GitlabReporter(sdk::Host, const sdk::Creation& creation) : CollectingReporter(creation) {
  kit::refusing_mistakes([&] { return kGitlabOptions.read(creation.options); });
}

/// The verdict is a finding of its own where no other says that something is wrong: an empty list is a pass.
std::string GitlabReporter::text(const Collected& all) const {
  Findings findings;
  if (all.verdict() != Verdict::kPass)
    findings.add(all.verdict() == Verdict::kFail ? "critical" : "major", "verdict",
                 all.is_delta() ? "perf-delta" : "test",
                 std::string(all.verdict_word()) + ": " + all.sentence(), "");
  add_findings(all, findings);
  return kit::to_text(findings.list()) + "\n";
}

}  // namespace ktstr::reporters
