// SPDX-License-Identifier: Apache-2.0
//
// Documents that every format has to cope with: ordinary ones, hostile ones, huge ones.
#pragma once
#include <cmath>
#include <ktstr/sdk.hpp>
#include <limits>
#include <string>
#include <vector>

namespace ktstr::reporters::fakes {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct FakeTest {
  std::string name, message, dump;
  std::uint32_t outcome = KTSTR_TEST_PASSED;
  std::string topology = "1n1l2c1t", scheduler = "scx_mine";
  std::uint64_t duration_ns = 4'100'000'000;
  std::string facts = "{}";
};

struct FakeChange {
  std::string test, metric, unit;
  std::uint32_t outcome = KTSTR_UNCHANGED, polarity = KTSTR_LOWER_IS_BETTER;
  std::vector<double> baseline, head;
  double relative = 0, q = kNan;
  std::string text, facts = "{}";
  std::string topology = "1n2l4c1t", scheduler = "scx_mine";
  double p = kNan, ci_low = 1 + relative * 0.9, ci_high = 1 + relative * 1.1;
};

struct FakeDocument {
  std::uint32_t document = KTSTR_DOCUMENT_TEST_RUN;
  std::string begin = R"({"project": "demo", "kernel": "6.18.2", "run": "6.18.2-abc1234"})", end = "{}";
  std::vector<std::string> planned;  ///< beyond those that have a result
  std::vector<FakeTest> tests;
  std::vector<FakeChange> changes;
  int exit_code = 0;
  std::uint32_t status = KTSTR_REPORT_COMPLETE;
  std::string body_json, body_text;    ///< of documents without rows
  std::uint32_t flags = 0, width = 0;  ///< KTSTR_REPORT_COLOUR …; columns of the terminal, 0: none
};

/// Every outcome a test can have.
FakeDocument ordinary_tests();
/// The same, interrupted: two tests never started.
FakeDocument interrupted_tests();
/// Regressed, suspect, better, unchanged, undecided and informational metrics, and something missing.
FakeDocument ordinary_delta(const std::string& verdict = "fail");
/// Run again: one passed in the end, one never did.
FakeDocument retried_tests();
/// Names and messages that want to be markup, commands and terminals.
FakeDocument hostile_tests();
FakeDocument hostile_delta();
/// Documents without rows: tables of text.
FakeDocument ordinary_body();
FakeDocument hostile_body();
/// 10,000 tests, every other one failed with 5 KB of message.
FakeDocument many_tests();
FakeDocument many_changes();

/// What `reporter` writes of it.
std::string written(sdk::Reporter& reporter, const FakeDocument& document);
/// Of a reporter made with these options; /src/demo is the project.
template <typename Reporter>
std::string report(const FakeDocument& document, const char* options = "{}") {
  sdk::Creation creation;
  creation.options = options;
  creation.project_dir = "/src/demo";
  Reporter reporter(sdk::Host(nullptr), creation);
  return written(reporter, document);
}

/// Keeps it for the validators, which are programs of others.
void keep(const std::string& name, const std::string& text);

}  // namespace ktstr::reporters::fakes
