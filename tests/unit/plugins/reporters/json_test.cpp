// SPDX-License-Identifier: Apache-2.0
//
// What tests/schema/report_schemas.py holds against the installed schemas.
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "json_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::keep;
using fakes::report;
using ::ktstr::testing::matches_golden;

TEST(JsonReporter, TestRuns) {
  const std::string text = report<JsonReporter>(fakes::retried_tests());
  EXPECT_TRUE(matches_golden("reporters/tests.json", text));
  keep("json/tests.json", report<JsonReporter>(fakes::ordinary_tests(), R"({"compact": true})"));
  keep("json/interrupted.json", report<JsonReporter>(fakes::interrupted_tests()));
}

TEST(JsonReporter, SeveralKernels) {
  fakes::FakeDocument document = fakes::ordinary_tests();
  document.begin = R"({"project": "demo", "tests": 5, "not_selected": 0, "kernel": null, "run": null,
    "kernels": ["6.12.3", "6.18.2"], "plugins": [{"kind": "runner", "name": "kvm", "id": "org.ktstr.kvm",
      "version": "0.1.0", "sha256": "00"}]})";
  document.end = R"({"passed": 1, "flaky": 0, "failed": 1, "skipped": 1, "inconclusive": 1, "errors": 1,
    "not_run": 0, "interrupted": false, "duration_ns": 7, "run": null, "location": null, "sidecars": 5,
    "left_out": 0, "runs": [{"kernel": "6.12.3", "run": "6.12.3-abc1234", "exit_code": 1, "location": null,
      "sidecars": 5, "passed": 1, "flaky": 0, "failed": 1, "skipped": 1, "inconclusive": 1, "errors": 1,
      "not_run": 0, "interrupted": false}]})";
  for (fakes::FakeTest& test : document.tests)
    test.facts = R"({"kernel": "6.12.3", "run": "6.12.3-abc1234"})";
  const std::string text = report<JsonReporter>(document);
  EXPECT_NE(text.find("\"run\": \"6.12.3-abc1234\""), std::string::npos) << text;
  keep("json/kernels.json", text);
}

TEST(JsonReporter, WhatHasNoAnswerSaysSo) {
  fakes::FakeDocument failed;  // a gate did
  failed.document = KTSTR_DOCUMENT_PERF_DELTA;
  failed.begin = "{}";
  failed.status = KTSTR_REPORT_FAILED;
  failed.exit_code = 4;
  failed.end = R"({"verdict": "inconclusive", "headline": "nothing was judged: the gate broke",
    "error": {"message": "the gate broke", "hint": ""}})";
  const std::string text = report<JsonReporter>(failed);
  EXPECT_NE(text.find("\"mode\": null"), std::string::npos) << text;
  keep("json/no-answer.json", text);
}

TEST(JsonReporter, HostileTextStaysText) {
  for (fakes::FakeDocument document :
       {fakes::hostile_tests(), fakes::hostile_delta(), fakes::ordinary_delta()}) {
    for (fakes::FakeTest& test : document.tests) test.facts = "{}";  // which are the host's own
    const std::string text = report<JsonReporter>(document);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    const std::string name = document.changes.empty() ? "tests" : std::to_string(document.changes.size());
    keep("json/hostile-" + name + ".json", text);
  }
}

}  // namespace
}  // namespace ktstr::reporters
