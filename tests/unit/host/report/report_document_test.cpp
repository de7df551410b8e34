// SPDX-License-Identifier: Apache-2.0
#include "report/report_document.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "framework/comparisons.hpp"

namespace ktstr {
namespace {

ktstr_str text(std::string_view view) { return {view.data(), view.size()}; }

/// A row with everything in it, the odd numbers included.
std::string full_row() {
  const double before[] = {1.5, 2, 1e300}, after[] = {0.1, std::numeric_limits<double>::infinity(), 3};
  const std::uint64_t blocks[] = {0, 1, 18446744073709551615ULL};
  const ktstr_scenario scenario{
      sizeof scenario, 0, text("test"), text("1n1l2c1t"), text("eevdf"), text("SpinWait"), text("6.18.2")};
  ktstr_comparison comparison{};
  comparison.size = sizeof comparison;
  comparison.polarity = KTSTR_HIGHER_IS_BETTER;
  comparison.metric_class = KTSTR_CLASS_COUNT;
  comparison.flags = KTSTR_COMPARISON_PAIRED;
  comparison.scenario = &scenario;
  comparison.metric = text("worst_gap_ms");
  comparison.unit = text("ms");
  comparison.abs_gate = 0.3;
  comparison.rel_gate = 0.1;
  comparison.baseline = testing::samples(before, blocks, nullptr, 3);
  comparison.head = testing::samples(after, nullptr, blocks, 3);
  comparison.baseline_estimate = 1;
  comparison.head_estimate = std::numeric_limits<double>::quiet_NaN();
  comparison.history =
      testing::history({sizeof(ktstr_history), 0, 0.01, 5, std::numeric_limits<double>::quiet_NaN(), 0, 7});
  comparison.extra_json = text("{}");
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.outcome = KTSTR_REGRESSED;
  verdict.flags = KTSTR_VERDICT_MATERIAL_ABS;
  verdict.p_value = 0.049999999999999996;
  verdict.ci_high = -std::numeric_limits<double>::infinity();
  std::strcpy(verdict.text, "worse \x1b[31m");
  const ktstr_gate_opinion opinion{sizeof opinion, 0, text("welch"), &verdict};
  const ktstr_gate_opinion* opinions[] = {&opinion};
  ktstr_report_row row{};
  row.size = sizeof row;
  row.outcome = KTSTR_REGRESSED;
  row.comparison = &comparison;
  row.verdict = &verdict;
  row.opinions = opinions;
  row.opinion_count = 1;
  row.extra_json = text(R"({"noisy": true})");
  return report_row_text(row);
}

TEST(ReportDocument, NumbersKeepTheirLastDigit) {
  ReportDocument document;
  document.begin_json = R"({"a":474.59380568556355})";  // Boost's own parser reads its neighbour
  document.end_json = R"({"b":14.025674508164565})";
  const auto again = parse_report_document(report_document_text(document), "f");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->begin_json, document.begin_json);
  EXPECT_EQ(again->end_json, document.end_json);
}

TEST(ReportDocument, ARowComesBackAsItWas) {
  const std::string before = full_row();
  const auto row = StoredRow::parse(before, "row");
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(report_row_text((*row)->row()), before);
  const ktstr_comparison& comparison = *(*row)->row().comparison;
  EXPECT_EQ(comparison.baseline->blocks[2], 18446744073709551615ULL);
  EXPECT_EQ(comparison.baseline->seeds, nullptr);
  EXPECT_TRUE(std::isinf(comparison.head->values[1]));
  EXPECT_TRUE(std::isnan(comparison.head_estimate));
}

TEST(ReportDocument, ComesBackAsItWas) {
  ReportDocument document;
  document.begin_json = R"({"mode":"cached"})";
  document.end_json = R"({"verdict":"fail"})";
  document.flags = KTSTR_REPORT_ALL;
  document.exit_code = 1;
  document.rows = {full_row(), full_row()};
  const std::string text = report_document_text(document);
  const auto again = parse_report_document(text, "file");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(report_document_text(*again), text);
  const auto problem = [](const char* damaged) {
    const auto parsed = parse_report_document(damaged, "file");
    return parsed ? std::string("none") : parsed.error().message;
  };
  EXPECT_EQ(problem("[]"), "file: expected an object, found an array of 0");
  EXPECT_EQ(problem(R"({"schema_version": 2})"), "file: schema_version: it is of another ktstr");
  EXPECT_EQ(problem(R"({"schema_version": 1, "begin": 3})"), "file: begin: expected an object, found 3");
  EXPECT_EQ(problem(R"({"schema_version": 1, "begin": {}, "end": {}, "rows": [], "exit_code": 4000})"),
            "file: exit_code: expected an integer from 0 to 255, found 4000");
}

TEST(ReportDocument, ADamagedRowIsAnErrorOrCanBeShown) {
  const std::string good = full_row();
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = good;
    for (unsigned hits = 1 + random() % 3; hits > 0; --hits)
      damaged[random() % damaged.size()] = "0-9{}[]\",:xn"[random() % 12];
    const auto row = StoredRow::parse(damaged, "row");
    if (row) {
      EXPECT_FALSE(report_row_text((*row)->row()).empty());
    } else
      EXPECT_TRUE(row.error().message.starts_with("row:")) << row.error().message;
  }
}

}  // namespace
}  // namespace ktstr
