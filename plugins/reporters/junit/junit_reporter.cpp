// SPDX-License-Identifier: Apache-2.0
#include "junit/junit_reporter.hpp"

#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "junit/junit_suites.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kSuiteName = 200;

const auto kJunitOptions =
    kit::OptionTable<JunitReporter::Options>("reporter junit")
        .choice("dialect", &JunitReporter::Options::strict, "dialect", {{"common", false}, {"strict", true}},
                "common: with file and line; strict: what Jenkins' xUnit plugin validates")
        .integer("output_limit", &JunitReporter::Options::output_limit, 256, 1 << 20,
                 "bytes of one test's message that are kept, of its beginning and its end")
        .integer("size_limit", &JunitReporter::Options::size_limit, 4096, 1 << 30,
                 "bytes of the file: beyond it messages are left out, then results that are fine");

std::string reason_or_none(std::string_view reason) {
  return std::string(reason.empty() ? "no reason given" : reason);
}

std::vector<JunitAttempt> attempts_of(const TestResult& test) {
  std::vector<JunitAttempt> out;
  for (const Attempt& attempt : test.earlier)
    out.push_back({attempt.outcome != "failed", reason_or_none(attempt.reason)});
  if (out.empty()) out.push_back({false, reason_or_none(test.message)});
  return out;
}

/// Of the attempt that the result is of. The lines about those before it follow in its message, or begin it
/// where it gave no reason.
std::string last_reason(const TestResult& test) {
  KTSTR_ASSERT(!test.earlier.empty());
  const std::string_view first = kit::first_line_of(test.message);
  const std::string of_others =
      "attempt 1 of " + std::to_string(test.earlier.size() + 1) + " failed: " + test.earlier.front().reason;
  return reason_or_none(first == of_others ? std::string_view() : first);
}

/// The failure is the first attempt's, as Surefire has it; each that followed has an element of its own, and
/// the failure's text, which is all that some readers show, tells of all.
void tell_reruns(const TestResult& test, JunitCase& out) {
  if (test.earlier.empty()) return;
  out.attempts = attempts_of(test);
  out.message = out.attempts.front().reason;
  out.attempts.erase(out.attempts.begin());
  out.attempts.push_back({false, last_reason(test)});
  KTSTR_ASSERT(out.attempts.size() == test.earlier.size());
}

/// The result of one test.
JunitCase case_of(const TestResult& test, const std::string& project, bool flaky_fails) {
  JunitCase out;
  out.classname = "ktstr." + project;
  out.name = test.name;
  out.file = test.manifest;
  out.seconds = static_cast<double>(test.duration_ns) / 1e9;
  out.text = test.message + (test.dump.empty() ? "" : "\nfailure dump: " + test.dump);
  switch (test.outcome) {
    case KTSTR_TEST_PASSED: out.text.clear(); break;
    case KTSTR_TEST_SKIPPED: out.kind = JunitCase::kSkipped; break;
    case KTSTR_TEST_FLAKY:  // skipped, too: most readers know no flaky tests and would see a clean pass
      out.kind = flaky_fails ? JunitCase::kFailure : JunitCase::kSkipped;
      out.type = "ktstr.flaky";
      out.flaky = true;
      out.attempts = attempts_of(test);
      out.text.insert(0, "flaky: ");
      break;
    case KTSTR_TEST_FAILED:
      out.kind = JunitCase::kFailure;
      out.type = "ktstr.failed";
      tell_reruns(test, out);
      break;
    default:
      out.kind = JunitCase::kError;
      out.type = test.outcome == KTSTR_TEST_INCONCLUSIVE ? "ktstr.inconclusive" : "ktstr.error";
  }
  return out;
}

/// What is no row and yet must not be overlooked.
JunitCase trouble(std::string classname, std::string name, std::string type, std::string text) {
  JunitCase out;
  out.kind = JunitCase::kError;
  out.classname = std::move(classname);
  out.name = std::move(name);
  out.type = std::move(type);
  out.text = std::move(text);
  return out;
}

void add_tests(const Collected& all, JunitSuites& suites) {
  const std::string project = all.project().empty() ? "project" : all.project();
  for (const TestResult& test : all.tests)
    suites.suite(test.kernel.empty() ? project : project + " on " + test.kernel, test.kernel)
        .cases.push_back(case_of(test, project, all.flaky_fails()));
  JunitSuite* run = nullptr;
  const auto of_run = [&]() -> JunitSuite& {
    if (run == nullptr) run = &suites.suite(project + " run", "");
    return *run;
  };
  for (const std::string& name : all.not_run)
    of_run().cases.push_back(trouble("ktstr." + project, name, "ktstr.not-run", "not started"));
  if (all.is_partial() || (all.exit_code != 0 && all.verdict() == Verdict::kUndecided))
    of_run().cases.push_back(trouble("ktstr.run", "the run", "ktstr.incomplete", all.sentence()));
}

JunitCase case_of(const Change& change, bool failed) {
  JunitCase out;
  out.classname = "ktstr." + joined({change.test, change.topology}, ".");
  out.name = change.metric;
  out.text = change.metric + " " + change.sentence();
  const bool counts = change.standing == Standing::kFinding || change.standing == Standing::kSuspect;
  if (counts && failed) {
    out.kind = JunitCase::kFailure;
    out.type = "ktstr.regression";
  } else if (counts) {
    out.kind = JunitCase::kSkipped;
    out.text = "worse, below what fails the build: " + out.text;
  } else if (change.standing == Standing::kUndecided) {
    out.kind = JunitCase::kSkipped;
    out.text = "inconclusive: " + change.sentence();
  } else {
    out.text.clear();
  }
  return out;
}

/// Metrics that do not gate are no tests: they are in other formats.
void add_changes(const Collected& all, JunitSuites& suites) {
  JunitCase verdict = trouble("ktstr.perf-delta", "verdict", "ktstr.inconclusive", all.sentence());
  if (all.verdict() == Verdict::kPass) {
    verdict.kind = JunitCase::kPassed;
  } else if (all.verdict() == Verdict::kFail) {
    verdict.kind = JunitCase::kFailure;
    verdict.type = "ktstr.regression";
  }
  JunitSuite& whole = suites.suite("perf-delta", "");
  whole.cases.push_back(std::move(verdict));
  for (const std::string& line : hindrances(all))
    whole.cases.push_back(trouble("ktstr.perf-delta", "missing", "ktstr.missing", line));
  for (const Change& change : all.changes) {
    if (change.standing != Standing::kInformational)
      suites.suite(change.scenario(), change.kernel)
          .cases.push_back(case_of(change, all.verdict() == Verdict::kFail));
  }
}

}  // namespace

const std::string kJunitOptionsSchema = kJunitOptions.schema();

JunitReporter::JunitReporter(sdk::Host, const sdk::Creation& creation)
    : CollectingReporter(creation),
      options_(kit::refusing_mistakes([&] { return kJunitOptions.read(creation.options); })) {}

std::string JunitReporter::text(const Collected& all) const {
  JunitSuites suites(options_);
  if (all.is_delta()) {
    add_changes(all, suites);
  } else {
    add_tests(all, suites);
  }
  return suites.text(shown_line(all.project().empty() ? "ktstr" : all.project(), kSuiteName));
}

}  // namespace ktstr::reporters
